"""Handing mails to a server: the only SMTP of the program.

A server's answer tells what became of a mail: taken, later (4xx, or no connection), never (5xx), and, where the
connection broke after the last byte and before the answer, unknown: it may have been taken, and only a person or a
setting can say whether a second copy is better than none.
"""

import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Self
from urllib.parse import unquote, urlsplit

from broadsheet.errors import MailError, SettingError

Fate = Literal["sent", "later", "never", "unknown"]
Tls = Literal["required", "optional", "off"]

_PORTS: Final = {"smtp": 587, "smtps": 465}
_GO_ON, _LOG_IN = 354, 530  # RFC 5321 and RFC 4954


@dataclass(frozen=True, slots=True)
class Handover:
    """What became of a mail; `said` is the server's answer or what broke, in one line.

    `gone`: whoever was to get it wants nothing any more.
    """

    fate: Fate
    said: str
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Server:
    """Where mails go. `encrypted`: the connection begins as TLS; else STARTTLS is used as `tls` says."""

    host: str
    port: int
    user: str
    password: str
    encrypted: bool
    tls: Tls
    timeout: float

    def __str__(self) -> str:
        return f"mail server {self.host}:{self.port}"


def server_of(url: str, tls: Tls, timeout: float) -> Server:
    """The server of `smtp://user:password@host:port` or `smtps://…`. Raises SettingError, without the password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise SettingError("setting smtp.url", "names no mail server", "write smtp://user:password@host:587")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return Server(parts.hostname, port or _PORTS[parts.scheme], user, password, parts.scheme == "smtps", tls, timeout)


class Post:
    """One connection that several mails go over; opened by `with`. Raises MailError where it cannot be opened."""

    def __init__(self, server: Server, context: Callable[[], ssl.SSLContext] = ssl.create_default_context) -> None:
        self._server, self._context = server, context
        self._smtp: smtplib.SMTP | None = None

    @property
    def is_open(self) -> bool:
        """Whether more mails can go over it; a server may hang up after any of them."""
        return self._smtp is not None and self._smtp.sock is not None

    def __enter__(self) -> Self:
        try:
            self._smtp = self._open()
        except smtplib.SMTPAuthenticationError as e:
            raise MailError(
                str(self._server), f"refuses the password ({_line(e.smtp_error)})", "look at smtp.url", permanent=True
            ) from e
        except (smtplib.SMTPException, OSError) as e:
            raise MailError(str(self._server), _reason(e), "it is tried again later") from e
        return self

    def __exit__(self, *_: object) -> None:
        if self._smtp is not None:
            try:
                self._smtp.quit()
            except (smtplib.SMTPException, OSError):
                self._smtp.close()  # it went away by itself
            self._smtp = None

    def hand_over(self, sender: str, to: str, wire: bytes) -> Handover:
        """Give one mail to the server. Raises MailError where it takes none of ours, whoever they are for."""
        smtp = self._smtp
        assert smtp is not None, "the connection is not open"
        try:
            refused = self._envelope(smtp, sender, to)
            if refused is not None:
                if refused.said.startswith("421"):
                    smtp.close()  # RFC 5321: the server hangs up
                return refused
            handed = _data(smtp, wire)
        except (smtplib.SMTPException, OSError) as e:
            smtp.close()
            return Handover("later", _reason(e))
        except UnicodeError as e:
            return Handover("never", _reason(e))
        if handed.fate == "unknown" or handed.said.startswith("421"):
            smtp.close()
        return handed

    def _envelope(self, smtp: smtplib.SMTP, sender: str, to: str) -> Handover | None:
        """Sender and recipient; what the server said where it did not take the recipient."""
        refused, open_, is_ours = None, False, False
        commands = (f"MAIL FROM:<{sender}>", f"RCPT TO:<{to}>", "DATA")
        for command, (code, said) in zip(commands, _answers(smtp, commands), strict=False):
            open_ = code == _GO_ON
            if refused is None and not 200 <= code < 400:
                refused = Handover(_fate(code), f"{code} {_line(said)}")
                is_ours = command is commands[0] or code == _LOG_IN
        if refused is None or smtp.sock is None or refused.said.startswith("421"):
            return refused
        if open_:  # asked for data before it was known that there is no recipient, so it gets none
            smtp.send(".\r\n")
            smtp.getreply()
        smtp.rset()
        if is_ours:  # no recipient can do anything about it
            cause = f"takes no mails from {sender} ({refused.said})"
            way = "look at smtp.sender and smtp.url" if refused.fate == "never" else "it is tried again later"
            raise MailError(str(self._server), cause, way)
        return refused

    def _open(self) -> smtplib.SMTP:
        s = self._server
        if s.encrypted:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(s.host, s.port, timeout=s.timeout, context=self._context())
        else:
            smtp = smtplib.SMTP(s.host, s.port, timeout=s.timeout)
        try:
            if smtp.sock is not None:
                # The end of a mail is sent by itself; without this it waits 40 ms for the answer to what went before.
                smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            smtp.ehlo_or_helo_if_needed()
            if not s.encrypted and s.tls != "off":
                self._encrypt(smtp)
            if s.user:
                smtp.login(s.user, s.password)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _encrypt(self, smtp: smtplib.SMTP) -> None:
        if smtp.has_extn("starttls"):
            smtp.starttls(context=self._context())
            smtp.ehlo()
        elif self._server.tls == "required":
            raise MailError(
                str(self._server),
                "offers no encryption",
                "set smtp.tls to optional if it may go without",
                permanent=True,
            )


def _answers(smtp: smtplib.SMTP, commands: Sequence[str]) -> Iterator[tuple[int, bytes]]:
    """What the server answers to each, up to the first refusal; all in one go where it can take that (RFC 2920)."""
    if smtp.has_extn("pipelining"):
        smtp.send("".join(f"{command}\r\n" for command in commands).encode("ascii"))
        yield from (smtp.getreply() for _ in commands)
        return
    for command in commands:
        code, said = smtp.docmd(command)
        yield code, said
        if not 200 <= code < 400:
            return


def _data(smtp: smtplib.SMTP, wire: bytes) -> Handover:
    # Where this breaks it is tried again: without the last line no server takes a mail.
    smtp.send(wire.replace(b"\r\n.", b"\r\n.."))
    try:
        smtp.send(b".\r\n")
        code, said = smtp.getreply()
    except (smtplib.SMTPException, OSError) as e:
        return Handover("unknown", f"the connection broke before the answer ({_reason(e)})")
    return Handover("sent" if code == 250 else _fate(code), f"{code} {_line(said)}")


def _fate(code: int) -> Fate:
    """4xx asks to come again; what is neither 2xx nor 5xx is no answer to rely on."""
    return "never" if 500 <= code < 600 else "later"


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_line(error.smtp_error)}"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed ({error.reason or error})"
    if isinstance(error, TimeoutError):
        return "it does not answer"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _line(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(text.split())[:300]
