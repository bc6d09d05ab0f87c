"""Mails that come back: what a mail server's report says became of a mail (RFC 3464, RFC 6533). Pure.

Anybody can send such a report, so it is only taken at its word about mails whose Message-ID it names: those are made
by lot, and nobody knows one but who got the mail or carried it. A report in words alone is not understood, nor guessed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string
from email.message import Message
from typing import Final, Literal

from broadsheet.digest.letter import OWN_ID
from broadsheet.errors import NotUnderstood

Outcome = Literal["failed", "delayed", "arrived"]

_OUTCOMES: Final[dict[str, Outcome]] = {
    "failed": "failed", "delayed": "delayed", "delivered": "arrived", "relayed": "arrived", "expanded": "arrived",
}  # fmt: skip
_GRAVITY: Final[tuple[Outcome, ...]] = ("failed", "delayed", "arrived")

_STATUS: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_ID: Final = re.compile(r"<[^<>\s]+@[^<>\s]+>")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ORIGINALS: Final = ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global",
                     "message/global-headers")  # fmt: skip
_STATUSES: Final = ("message/delivery-status", "message/global-delivery-status")
_DAEMONS: Final = re.compile(r"\b(mailer-daemon|postmaster)\b", re.IGNORECASE)
_MOST: Final = 300
"""Letters of a server's words that are kept."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a mail. `said`: the server's words in a line; `mails`: Message-IDs that it may be about."""

    outcome: Outcome
    said: str
    mails: tuple[str, ...]


def read(wire: bytes) -> Report:
    """What a report says. Raises NotUnderstood, whatever the message is."""
    try:
        message = message_from_bytes(wire)
        parts = list(_parts(message))
        statuses = [part for part in parts if part.get_content_type() in _STATUSES]
        if not statuses:
            raise NotUnderstood(_why_not(message))
        outcome, said = _fate([fields for part in statuses for fields in _blocks(part)])
        return Report(outcome, said, _named(message, parts))
    except (RecursionError, LookupError, ValueError, TypeError, AssertionError) as e:  # what `email` stumbles over
        raise NotUnderstood("is no mail that can be read") from e


def _parts(message: Message) -> Iterator[Message]:
    """The parts of a report: those that it has itself, not those of mails within."""
    if message.get_content_maintype() == "multipart" and message.is_multipart():
        for part in message.get_payload():
            assert isinstance(part, Message)
            yield part


def _why_not(message: Message) -> str:
    if message.get_content_type() == "multipart/report":
        kind = message.get_param("report-type")
        return "has no part for machines" if kind in (None, "delivery-status") else "is a report about something else"
    empty_path = _line(message.get("Return-Path", "")) == "<>"
    daemon = _DAEMONS.search(_line(message.get("From", ""))) or "X-Failed-Recipients" in message
    return "has no part for machines" if empty_path or daemon else "is no report"


def _blocks(part: Message) -> Iterator[Message]:
    """The groups of fields in a delivery status: of the mail, then of each recipient."""
    for fields in part.get_payload() if part.is_multipart() else [message_from_string(_text(part))]:
        assert isinstance(fields, Message)
        yield fields
        rest = "" if fields.is_multipart() else str(fields.get_payload())
        while rest.strip():
            following = message_from_string(rest.lstrip())
            yield following
            rest = "" if following.is_multipart() or not following.keys() else str(following.get_payload())


def _fate(blocks: list[Message]) -> tuple[Outcome, str]:
    """The worst that is said for certain: by an action that is known, with a status that does not deny it."""
    found: dict[Outcome, str] = {}
    for fields in blocks:
        outcome = _OUTCOMES.get(_line(fields.get("Action", "")).partition(" ")[0].casefold())
        status = _STATUS.match(_line(fields.get("Status", "")))
        if outcome and status and (outcome != "failed" or status[0][0] != "2"):
            found.setdefault(outcome, _words(fields, status[0]))
    for outcome in _GRAVITY:
        if outcome in found:
            return outcome, found[outcome]
    raise NotUnderstood("does not say what became of the mail")


def _words(fields: Message, status: str) -> str:
    """`550 5.1.1 no such user` of `smtp; 550 5.1.1 no such user`."""
    kind, semicolon, said = _line(fields.get("Diagnostic-Code", "")).partition(";")
    said = (said if semicolon else kind).strip()
    return (said if status in said else f"{status} {said}".strip())[:_MOST]


def _named(message: Message, parts: list[Message]) -> tuple[str, ...]:
    """Message-IDs, those of the mail that is sent back first."""
    said: list[str] = []
    for part in parts:
        if part.get_content_type() in _ORIGINALS:
            original = _original(part)
            said += [_line(value) for name in (OWN_ID, "Message-ID") for value in original.get_all(name, [])]
    said += [_line(value) for name in ("In-Reply-To", "References") for value in message.get_all(name, [])]
    return tuple(dict.fromkeys(found for value in said for found in _ID.findall(value)))


def _original(part: Message) -> Message:
    inner = part.get_payload()
    if part.is_multipart() and isinstance(inner, list) and isinstance(inner[0], Message) and inner[0].keys():
        return inner[0]
    return message_from_string(_text(part))


def _text(part: Message) -> str:
    data = part.get_payload(decode=True)
    return data.decode("utf-8", "replace") if isinstance(data, bytes) else ""


def _line(value: object) -> str:
    """A header as one line, without what would move a terminal's cursor."""
    return " ".join(_CONTROL.sub(" ", str(value)).split())
