"""A mail as bytes: text and HTML, the headers of a list that can be left with one click, signed if there is a key.

The rules are RFC 5322, RFC 2369 and RFC 8058. Pure: time, ids and key come in as arguments.
"""

import re
from binascii import b2a_qp
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import blake2b
from typing import Final

from broadsheet.errors import BroadsheetError, MissingExtra

# A token of fifty characters makes the default policy write a link as an encoded word, which mail programs need not
# read in a header. 998 is the longest line that RFC 5322 allows.
_WIRE: Final = SMTP.clone(max_line_length=998)

_ADDRESS: Final = re.compile(r"([^\s@<>,;:\"()\[\]\\]{1,64})@((?:[^\W_][\w-]*\.)*[^\W_][\w-]*)")
"""Addresses as people have them; quoted local parts and address literals are not taken."""

_SIGNED: Final = (
    b"from to subject date message-id mime-version content-type list-id list-unsubscribe list-unsubscribe-post"
).split()


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to one person. `unsubscribe` is the one https (or http, at home) address that ends the list by a POST.

    `list_id` and `unsubscribe` are empty for mails that no list sent, such as a link to sign in.
    """

    sender: str
    sender_name: str
    to: str
    subject: str
    text: str
    html: str
    message_id: str
    list_id: str = ""
    unsubscribe: str = ""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A DKIM key: RSA in PEM, and where its public half is in the DNS."""

    domain: str
    selector: str
    pem: bytes


def to_bytes(letter: Letter, date: datetime, key: SigningKey | None = None) -> bytes:
    """The mail as it goes over the wire. Raises BroadsheetError where an address or a subject cannot be in a header."""
    message = EmailMessage(policy=_WIRE)
    try:
        message["From"] = _address(letter.sender, letter.sender_name)
        message["To"] = _address(letter.to)
        message["Subject"] = letter.subject
        message["Message-ID"] = letter.message_id
        message["Date"] = format_datetime(date)
        message["Auto-Submitted"] = "auto-generated"
        if letter.list_id:
            message["List-Id"] = letter.list_id
            message["Precedence"] = "list"
        if letter.unsubscribe:
            message["List-Unsubscribe"] = f"<{letter.unsubscribe}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    except ValueError as e:
        raise BroadsheetError(f"mail to {letter.to!r}", f"cannot be written ({e})", "correct the address") from e
    boundary = f"=_{blake2b(letter.message_id.encode(), digest_size=12).hexdigest()}"
    message["MIME-Version"] = "1.0"
    message["Content-Type"] = f'multipart/alternative; boundary="{boundary}"'
    head = b"".join(_WIRE.fold_binary(name, value) for name, value in message.items())
    wire = head + _body(boundary, (("plain", letter.text), ("html", letter.html)))
    return _signed(wire, key) if key else wire


def _body(boundary: str, parts: Iterable[tuple[str, str]]) -> bytes:
    """The parts as quoted-printable, in which `=_`, and so the boundary, cannot stand.

    Written here and not by the `email` package, which takes ten times as long as handing the mail over.
    """
    wire = b""
    for kind, text in parts:
        lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")
        head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable"
        wire += f"\r\n--{boundary}\r\n{head}\r\n\r\n".encode() + b2a_qp(lines.encode("utf-8", "replace"), istext=True)
    return wire + f"\r\n--{boundary}--\r\n".encode()


def is_address(text: str) -> bool:
    """Whether mail can be sent to this address, as far as it can be seen."""
    return _ADDRESS.fullmatch(text) is not None


def _address(spec: str, name: str = "") -> Address:
    found = _ADDRESS.fullmatch(spec)
    if not found:
        raise ValueError(f"{spec!r} is no mail address")
    return Address(display_name=name, username=found[1], domain=found[2])


def _signed(wire: bytes, key: SigningKey) -> bytes:
    try:
        import dkim
    except ModuleNotFoundError as e:
        raise MissingExtra("DKIM", "dkimpy is not installed", "`pip install 'broadsheet[dkim]'`") from e
    try:
        header: bytes = dkim.sign(
            wire,
            key.selector.encode(),
            key.domain.encode(),
            key.pem,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=_SIGNED,
        )
    except (dkim.DKIMException, ValueError) as e:
        raise BroadsheetError("DKIM", f"the mail cannot be signed ({e})", "look at smtp.dkim_key") from e
    return header + wire
