"""What a value of a setting has to be besides of its type: a form says so in words and tells whether a value is so."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from msgspec import Struct


class Form(Struct, frozen=True):
    """`wanted` ends the sentence "… is not"; `remedy` shows how it is written, and `example` is a value that has it."""

    wanted: str
    remedy: str
    example: str
    has: Callable[[str], bool]


def one_of(*values: str) -> Form:
    """One of a few words."""
    return Form(f"one of {', '.join(values)}", "", values[-1], frozenset(values).__contains__)


def _host_of(value: str, *schemes: str) -> str:
    """The host of an address with one of these schemes; empty where it is no such address."""
    try:
        parts = urlsplit(value)
        _ = parts.port  # which raises where it is no port
    except ValueError:
        return ""
    return (parts.hostname or "") if parts.scheme in schemes and not re.search(r"[\s\x00-\x1f]", value) else ""


def _is_public(value: str) -> bool:
    return bool(_host_of(value, "http", "https")) and not ("?" in value or "#" in value)


def _is_issuer(value: str) -> bool:
    if _host_of(value, "https"):
        return True
    host = _host_of(value, "http")
    return host == "localhost" or host.endswith(".localhost") or (_is_network(host) and _is_loopback(host))


def _is_loopback(host: str) -> bool:
    from ipaddress import ip_network

    return ip_network(host).is_loopback


def _is_network(value: str) -> bool:
    from ipaddress import ip_network  # most homes name none

    try:
        ip_network(value, strict=False)
    except ValueError:
        return False
    return True


def _is_zone(value: str) -> bool:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones, such as "Europe"
        return False
    return True


WEB = Form(
    "a web address",
    "write it with http:// or https://",
    "https://example.org/x",
    lambda value: bool(_host_of(value, "http", "https")),
)
PUBLIC = Form(
    "the address of a site", "write it as https://papers.example.org", "https://papers.example.org", _is_public
)
ISSUER = Form(
    "an encrypted web address",
    "write it with https://; http:// is for this machine alone",
    "https://login.example.org",
    _is_issuer,
)
ZONE = Form("a time zone", "write one such as Europe/Berlin, or UTC", "Europe/Berlin", _is_zone)
NETWORK = Form("an address or a network", "list such as 127.0.0.1 or 10.0.0.0/8", "10.0.0.0/8", _is_network)
HEADER = Form(
    "the name of a header",
    "write one such as X-Remote-User",
    "X-Remote-User",
    lambda value: bool(re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", value)),  # a token of RFC 9110
)
MAIL_ADDRESS = Form(
    "a mail address",
    "write one such as papers@example.org",
    "papers@example.org",
    lambda value: bool(re.fullmatch(r"[^\s<>@]+@[^\s<>@]+", value)),
)
MAIL_SERVER = Form(
    "the address of a mail server",
    "write smtp://user:password@host:587",
    "smtp://me:secret@mail.example.org:587",
    lambda value: bool(_host_of(value, "smtp", "smtps")),
)
DATABASE = Form(
    "the address of a database",
    "write sqlite:///FILE or postgresql://user:password@host/name, with %40 for an @ in the password",
    "sqlite:////srv/papers/library.db",
    lambda value: bool(re.fullmatch(r"sqlite:///.+|postgresql(\+\w+)?://([^@/?]*@)?[^@]*", value)),
)
SERVICE = Form(
    "the beginning of a service's address",
    "list such as slack for slack://…",
    "slack",
    lambda value: bool(re.fullmatch(r"[a-z0-9]+", value)),
)
