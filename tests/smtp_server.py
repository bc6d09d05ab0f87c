"""A real mail server on loopback: it keeps what it takes, and refuses, delays or breaks where a test wants it to."""

import asyncio
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass
class Mailbox:
    """What the server took, and from whom, and how it shall answer.

    `answers` by recipient, before or (`after`) behind the data; `of_sender` to whoever sends, where it refuses all.
    """

    answers: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    drops_after_data: set[str] = field(default_factory=set)
    taken: list[tuple[str, bytes]] = field(default_factory=list)
    senders: set[str] = field(default_factory=set)
    connections: int = 0
    hangs_up_after: int = 0
    of_sender: str = ""

    async def handle_EHLO(  # noqa: N802 - the server's own names
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.of_sender:
            return self.of_sender
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.hangs_up_after and len(self.taken) >= self.hangs_up_after * self.connections:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        to = envelope.rcpt_tos[0]
        self.senders.add(str(envelope.mail_from))
        assert isinstance(envelope.content, bytes)
        if to in self.drops_after_data:
            self.taken.append((to, envelope.content))
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        elif to not in self.after:
            self.taken.append((to, envelope.content))
        return self.after.get(to, "250 taken")


@dataclass(frozen=True)
class MailServer:
    """A running server. `trust` makes clients that know its authority."""

    port: int
    box: Mailbox
    authority: trustme.CA

    def trust(self) -> ssl.SSLContext:
        """A context that trusts this server."""
        context = ssl.create_default_context()
        self.authority.configure_trust(context)
        return context


@contextmanager
def mail_server(*, tls: bool = False, login: tuple[str, str] | None = None) -> Iterator[MailServer]:
    """Serve on a free port; with STARTTLS, and only to who knows the login, where asked to."""
    authority, box = trustme.CA(), Mailbox()
    context = None
    if tls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("localhost").configure_cert(context)

    def allow(_server: object, _session: object, _envelope: object, _mechanism: str, data: object) -> AuthResult:
        assert isinstance(data, LoginPassword)
        return AuthResult(success=login == (data.login.decode(), data.password.decode()), handled=False)

    controller = Controller(
        box,
        hostname="localhost",
        port=_free_port(),
        tls_context=context,
        authenticator=allow if login else None,
        auth_required=login is not None,
        auth_require_tls=tls,
    )
    controller.start()
    try:
        yield MailServer(controller.port, box, authority)
    finally:
        controller.stop()


def _free_port() -> int:
    """The controller greets its own server at the port that it was given, so 0 cannot be one."""
    with socket.create_server(("localhost", 0)) as found:
        port: int = found.getsockname()[1]
    return port
