"""A mail as bytes: text and HTML, the headers of a list that can be left with one click, signed if there is a key.

The rules are RFC 5322, RFC 2369 and RFC 8058. Pure: time, ids and key come in as arguments.
"""

import re
from binascii import b2a_qp
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr
from hashlib import blake2b
from typing import Final

from broadsheet.errors import BroadsheetError, MissingExtra

LONGEST_LINE: Final = 998
"""Letters that RFC 5322 allows in a line. A header is not folded before: what looks through the bytes for
`List-Unsubscribe` need not know of folding, or of the encoded words that the `email` package makes of long links."""

OWN_ID: Final = "X-Broadsheet-Mail"
"""Repeats the Message-ID, as some relays write another in its place: so a mail that comes back is known."""

_NO_TEXT: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What becomes a blank in a header: some reader of mails would begin a new line there."""

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
    """The mail as it goes over the wire, lines ending in CRLF.

    Raises BroadsheetError where an address or a subject cannot be in a header.
    """
    boundary = f"=_{blake2b(letter.message_id.encode(), digest_size=12).hexdigest()}"
    try:
        head = b"".join(_header(name, value) for name, value in _headers(letter, date, boundary))
    except ValueError as e:
        raise BroadsheetError(f"mail to {letter.to!r}", f"cannot be written ({e})", "correct the address") from e
    wire = head + _body(boundary, (("plain", letter.text), ("html", letter.html)))
    return _signed(wire, key) if key else wire


def _headers(letter: Letter, date: datetime, boundary: str) -> Iterable[tuple[str, str]]:
    yield "From", formataddr((letter.sender_name, wire_address(letter.sender)))
    yield "To", wire_address(letter.to)
    yield "Subject", letter.subject
    yield "Message-ID", letter.message_id
    yield OWN_ID, letter.message_id
    yield "Date", format_datetime(date)
    yield "Auto-Submitted", "auto-generated"
    if letter.list_id:
        yield "List-Id", letter.list_id
        yield "Precedence", "list"
    if letter.unsubscribe:
        yield "List-Unsubscribe", f"<{letter.unsubscribe}>"
        yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"
    yield "MIME-Version", "1.0"
    yield "Content-Type", f'multipart/alternative; boundary="{boundary}"'


def _header(name: str, value: str) -> bytes:
    """A header as a line; what is more than ASCII becomes encoded words (RFC 2047).

    Written here, as the body is: the `email` package parses each value by its grammar, which takes as long as two
    mails need to be handed over. What these values are is known, and none is longer than a line may be.
    """
    value = _NO_TEXT.sub(" ", value).encode("utf-8", "replace").decode().strip()
    if not value.isascii():
        value = Header(value, "utf-8", header_name=name).encode(linesep="\r\n")
    elif len(value) > LONGEST_LINE - len(name) - 2:
        raise ValueError(f"{name} has {len(value):,} letters")
    return f"{name}: {value}\r\n".encode("ascii")


def _body(boundary: str, parts: Iterable[tuple[str, str]]) -> bytes:
    """The parts, each as it is where mail can carry it so, else as quoted-printable.

    Written here and not by the `email` package, which takes ten times as long as handing the mail over.
    """
    wire = []
    for kind, text in parts:
        lines = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")
        coding = "7bit" if _is_plain(lines, boundary) else "quoted-printable"
        lines = lines.replace(b"\n", b"\r\n")
        head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: {coding}"
        wire += [f"\r\n--{boundary}\r\n{head}\r\n\r\n".encode()]
        wire += [lines if coding == "7bit" else b2a_qp(lines, istext=True)]
    return b"".join((*wire, f"\r\n--{boundary}--\r\n".encode()))


def _is_plain(lines: bytes, boundary: str) -> bool:
    """Whether a text can go as it is (RFC 5321 and 2046); `=_`, and so the boundary, stands in no quoted-printable."""
    return (
        lines.isascii()
        and b"\0" not in lines
        and max(map(len, lines.split(b"\n"))) <= LONGEST_LINE
        and boundary.encode() not in lines
    )


def is_address(text: str) -> bool:
    """Whether mail can be sent to this address, as far as it can be seen."""
    return _ADDRESS.fullmatch(text) is not None


def wire_address(spec: str) -> str:
    """An address as servers know it: in ASCII, its domain by IDNA. Raises ValueError for what cannot be one."""
    found = _ADDRESS.fullmatch(spec)
    if not found:
        raise ValueError(f"{spec!r} is no mail address")
    if not found[1].isascii():
        raise ValueError(f"{spec!r} has letters before the @ that not every mail server takes")
    return f"{found[1]}@{found[2].encode('idna').decode()}"


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
