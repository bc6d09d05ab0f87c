"""Sending what is queued: one connection for many mails, each noted before and after, so that none goes out twice."""

import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, get_args

from broadsheet.digest.letter import Letter, SigningKey, to_bytes
from broadsheet.digest.mail import Handover, MailError, Post, Server, Tls, server_of
from broadsheet.errors import BroadsheetError, SettingError
from broadsheet.library.handle import Library
from broadsheet.types import Mail

AT_ONCE: Final = 50
"""Mails that a process takes at a time; what it does not come to is free again when the lease ends."""

LEASE: Final = timedelta(minutes=10)
"""Longer than any server keeps us waiting for one answer (RFC 5321 asks for ten minutes at the most)."""

WAITS: Final = tuple(timedelta(minutes=m) for m in (5, 15, 60, 240, 480, 720, 1440))
"""Before the second try, the third, … A server that is down for a day delays a mail and loses none."""


SUSPENDED_AFTER: Final = 3
"""Mails in a row that an address refused. One may be the server's fault; who goes on is taken for a spammer."""


@dataclass(frozen=True, slots=True)
class PostReport:
    """What became of the mails that were due. `trouble`: why none could be handed over, where the server is gone."""

    sent: int = 0
    later: int = 0
    failed: int = 0
    uncertain: int = 0
    trouble: str | None = None


def is_set_up(lib: Library) -> bool:
    """Whether there is a mail server to send by."""
    return bool(lib.settings.smtp.url and lib.settings.smtp.sender)


def send_due(
    lib: Library, *, connect: Callable[[Server], Post] = Post, wait: Callable[[float], None] = time.sleep
) -> PostReport:
    """Send every mail that is due. Raises SettingError for a mail server or sender that cannot be."""
    from broadsheet.store import mails

    with lib.store.writing() as conn:
        lost = mails.settle(conn, lib.now(), again=lib.settings.smtp.after_crash == "again")
    report = PostReport(uncertain=0 if lib.settings.smtp.after_crash == "again" else lost)
    sender = _Sender(lib, secrets.token_hex(8), wait)
    while taken := sender.take():
        try:
            with connect(sender.server) as post:
                report = sender.send(post, taken, report)
        except MailError as e:
            sender.put_off(taken, str(e))
            return replace(report, later=report.later + len(taken), trouble=str(e))
    return report


class _Sender:
    """One process that sends, under a name of its own."""

    def __init__(self, lib: Library, name: str, wait: Callable[[float], None]) -> None:
        self._lib, self._name, self._wait = lib, name, wait
        smtp = lib.settings.smtp
        self.server = server_of(smtp.url, _tls(smtp.tls), smtp.timeout)
        if not smtp.sender:
            raise SettingError("setting smtp.sender", "is empty", "write the address that mails come from")
        self._key = _signing_key(lib)
        self._pause = 60.0 / smtp.per_minute if smtp.per_minute else 0.0

    def take(self) -> list[Mail]:
        """The next mails that are due."""
        from broadsheet.store import mails

        now = self._lib.now()
        with self._lib.store.writing() as conn:
            return mails.take(conn, self._name, now, now + LEASE, AT_ONCE)

    def send(self, post: Post, taken: Iterable[Mail], report: PostReport) -> PostReport:
        """Hand mails over, one after the other."""
        for mail in taken:
            if not self._begin(mail):
                continue
            handed = self._hand_over(post, mail)
            report = self._end(mail, handed, report)
            if self._pause:
                self._wait(self._pause)
        return report

    def put_off(self, taken: Iterable[Mail], said: str) -> None:
        """No server: all wait, and none has used up a try."""
        from broadsheet.store import mails

        with self._lib.store.writing() as conn:
            mails.put_off(conn, [m.id for m in taken], said, self._lib.now() + WAITS[0])

    def _begin(self, mail: Mail) -> bool:
        from broadsheet.store import mails

        with self._lib.store.writing() as conn:
            return mails.begin(conn, mail.id, self._name, self._lib.now() + LEASE)

    def _hand_over(self, post: Post, mail: Mail) -> Handover:
        smtp = self._lib.settings.smtp
        try:
            wire = to_bytes(letter_of(mail, smtp.sender, smtp.sender_name), self._lib.now(), self._key)
        except BroadsheetError as e:
            return Handover("never", str(e))
        return post.hand_over(smtp.sender, mail.recipient, wire)

    def _end(self, mail: Mail, handed: Handover, report: PostReport) -> PostReport:
        from broadsheet.store import deliveries, mails

        now, tries = self._lib.now(), mail.tries + 1
        fate = handed.fate
        if fate == "unknown" and self._lib.settings.smtp.after_crash == "again":
            fate = "later"
        with self._lib.store.writing() as conn:
            if fate == "sent":
                mails.end(conn, mail.id, "sent", handed.said, now)
                deliveries.reached(conn, mail.recipient)
                return replace(report, sent=report.sent + 1)
            if fate == "unknown":
                mails.end(conn, mail.id, "uncertain", handed.said, now)
                return replace(report, uncertain=report.uncertain + 1)
            if fate == "later" and tries <= len(WAITS):
                mails.put_off(conn, [mail.id], handed.said, now + WAITS[tries - 1])
                return replace(report, later=report.later + 1)
            mails.end(conn, mail.id, "failed", handed.said, now)
            deliveries.refused(conn, mail.recipient, handed.said, now, SUSPENDED_AFTER)
        return replace(report, failed=report.failed + 1)


def _tls(said: str) -> Tls:
    ways: tuple[Tls, ...] = get_args(Tls)
    for way in ways:
        if way == said:
            return way
    raise SettingError("setting smtp.tls", f"{said!r} is none", f"write one of {', '.join(ways)}")


def letter_of(mail: Mail, sender: str, sender_name: str) -> Letter:
    """A queued mail as it is written."""
    return Letter(
        sender=sender,
        sender_name=sender_name,
        to=mail.recipient,
        subject=mail.subject,
        text=mail.text,
        html=mail.html,
        message_id=mail.message_id,
        list_id=mail.list_id,
        unsubscribe=mail.unsubscribe,
    )


def message_id(lib: Library, key: str, now: datetime) -> str:
    """A Message-ID: the same for the same reason, so that a copy is known for one by mail programs."""
    from hashlib import blake2b

    domain = lib.settings.smtp.sender.rpartition("@")[2] or "localhost"
    return f"<{now:%Y%m%d}.{blake2b(key.encode(), digest_size=12).hexdigest()}@{domain}>"


def _signing_key(lib: Library) -> SigningKey | None:
    smtp = lib.settings.smtp
    if not smtp.dkim_key:
        return None
    try:
        pem = Path(smtp.dkim_key).expanduser().read_bytes()
    except OSError as e:
        raise SettingError("setting smtp.dkim_key", f"cannot be read ({e.strerror})", "name a file in PEM") from e
    return SigningKey(smtp.dkim_domain or smtp.sender.rpartition("@")[2], smtp.dkim_selector, pem)
