"""Why there is no answer, or not the one that was asked for, in words."""

import json

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    DecodeError,
    HTTPError,
    LocationValueError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from broadsheet.errors import FetchError
from broadsheet.words.said import said

MOST_TOLD = 200  # letters of what a source says about a refusal

NO_CONNECTION = (NameResolutionError, NewConnectionError, ProxyError, SSLError, LocationValueError)
"""What no second attempt cures at once."""


def told_by(raw: urllib3.BaseHTTPResponse) -> str:
    """What a refusal says about itself, where it is JSON with an `error` or a `message`."""
    try:
        answer = json.loads(raw.read(1 << 12, decode_content=True))
    except (HTTPError, ValueError, RecursionError):
        return ""
    words = (answer.get(name) for name in ("message", "error")) if isinstance(answer, dict) else ()
    return next((" ".join(text.split())[:MOST_TOLD] for text in words if isinstance(text, str) and text), "")


def unreachable(subject: str, error: Exception) -> FetchError:
    """The error for one of NO_CONNECTION."""
    if isinstance(error, LocationValueError):
        return FetchError(subject, "this is no web address", "check it in the settings", permanent=True)
    if isinstance(error, NameResolutionError):
        return FetchError(subject, "its name cannot be resolved", "check the network connection")
    if isinstance(error, SSLError):
        return FetchError(subject, "its certificate cannot be verified", "check this machine's clock and certificates")
    if isinstance(error, ProxyError):
        return FetchError(subject, "the proxy cannot be reached", "check the proxy in the environment")
    return FetchError(subject, "it cannot be reached", "check the network connection and the address")


def cause_of(error: HTTPError, timeout: float) -> str:
    """What went wrong with a connection that was there; `timeout` is in seconds."""
    if isinstance(error, ConnectTimeoutError | ReadTimeoutError):
        return said("did not answer within %(seconds)s s", seconds=f"{timeout:g}")
    if isinstance(error, DecodeError):
        return said("sent a body that cannot be decompressed")
    if isinstance(error, ProtocolError):
        return said("broke off its answer")
    return said("failed (%(what)s)", what=type(error).__name__)
