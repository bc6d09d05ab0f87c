"""Sending what is queued: batches of mails over one connection, noted before and after, so that none goes out twice."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import reduce
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Final, Literal, cast

from msgspec import structs

from broadsheet.digest.letter import Letter, SigningKey, is_address, to_bytes, wire_address
from broadsheet.digest.mail import Fate, Handover, Post, Server, Tls, server_of
from broadsheet.errors import BroadsheetError, MailError, SettingError
from broadsheet.library.handle import Library
from broadsheet.library.mails import journal
from broadsheet.library.mails.journal import Journal
from broadsheet.types import Mail

if TYPE_CHECKING:
    from broadsheet.store import Connection

WORTH_A_CONNECTION: Final = 25
"""Mails; for fewer another connection, with its greeting and encryption, takes longer than it saves."""

AT_ONCE: Final = 200
"""Mails of a batch: enough that waiting for the disk, some ten milliseconds, is a small part of what it takes."""

BATCH_LASTS: Final = timedelta(seconds=5)
"""After that the rest of a batch is free again: who unsubscribes does not wait for a slow server."""

LEASE: Final = timedelta(minutes=10)
"""Longer than any server keeps us waiting for one answer (RFC 5321 asks for ten minutes at the most)."""

WAITS: Final = tuple(timedelta(minutes=m) for m in (5, 15, 60, 240, 480, 720, 1440))
"""Before the second try, the third, … A server that is down for a day delays a mail and loses none."""

SUSPENDED_AFTER: Final = 3
"""Mails in a row that an address refused, at once or by a report that came back later.

One may be the server's fault; who goes on is taken for a spammer.
"""

_JOURNALS: Final = "post"
"""The folder of the home with the journals of batches that are being sent."""


@dataclass(frozen=True, slots=True)
class PostReport:
    """What became of the mails that were due. `trouble`: why none could be handed over, where the server is gone."""

    sent: int = 0
    later: int = 0
    failed: int = 0
    uncertain: int = 0
    trouble: str | None = None

    def plus(self, other: "PostReport") -> "PostReport":
        """Both together; the later trouble counts."""
        return PostReport(
            self.sent + other.sent,
            self.later + other.later,
            self.failed + other.failed,
            self.uncertain + other.uncertain,
            other.trouble or self.trouble,
        )


@dataclass(frozen=True, slots=True)
class Batch:
    """Mails that this process has, the journal about them, and what became of those that a server was given."""

    name: str
    mails: Sequence[Mail]
    notes: Journal
    handed: dict[int, Handover] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InHand:
    """How many mails processes are handing over, `until` when these must say so again, and the names under which others
    were `lost`, in all `left` mails, by processes that ended.
    """

    many: int
    until: datetime | None
    left: int
    lost: tuple[str, ...]


def in_hand(lib: Library, conn: "Connection") -> InHand:
    """What was taken out of the queue and has not ended."""
    from broadsheet.store import mails

    now, folder, start = lib.now(), lib.home / _JOURNALS, journal.this_start()
    taken = mails.taken(conn)
    lost = [one for one in taken if one.lease <= now or journal.is_left(folder, one.holder, start)]
    held = [one for one in taken if one not in lost]
    until = max((one.lease for one in held), default=None)
    return InHand(sum(t.many for t in held), until, sum(t.many for t in lost), tuple(t.holder for t in lost))


def is_any_due(lib: Library) -> bool:
    """Whether there is a mail to send, or one to settle."""
    from broadsheet.store import mails

    with lib.store.reading() as conn:
        return bool(mails.count_due(conn, lib.now()) or in_hand(lib, conn).lost)


def is_set_up(lib: Library) -> bool:
    """Whether there is a mail server to send by."""
    return bool(lib.settings.smtp.url and lib.settings.smtp.sender)


def send_due(
    lib: Library,
    *,
    connect: Callable[[Server], Post] = Post,
    stop: Event | None = None,
    wait: Callable[[float], object] | None = None,
) -> PostReport:
    """Send every mail that is due, over several connections where there are many; none is begun once `stop` is set.

    `wait` keeps to the rate; by default it ends with `stop`. Raises SettingError for a mail server or sender that
    cannot be.
    """
    from broadsheet.store import mails

    stop, broken = stop or Event(), Event()
    wait = wait or stop.wait

    def is_over() -> bool:
        return stop.is_set() or broken.is_set()

    first = _Sender(lib, wait, is_over)
    first.settle()
    with lib.store.reading() as conn:
        due = mails.count_due(conn, lib.now())
    many = max(1, min(lib.settings.smtp.connections, due // WORTH_A_CONNECTION))
    senders = [first, *(_Sender(lib, wait, is_over) for _ in range(many - 1))]
    for sender in senders:
        sender.share(many, due)
    with ThreadPoolExecutor(many) as pool:
        others = [pool.submit(sender.run, connect) for sender in senders[1:]]
        try:
            first.run(connect)
        except BaseException:
            broken.set()
            raise
    for other in others:
        other.result()
    return reduce(PostReport.plus, (sender.report for sender in senders))


class _Sender:
    """One connection after the other that is sent over, under a name of its own. `report`: what was done so far."""

    def __init__(self, lib: Library, wait: Callable[[float], object], is_over: Callable[[], bool]) -> None:
        self.report = PostReport()
        self._lib, self._wait, self._is_over = lib, wait, is_over
        self._name, self._batches, self._lease = secrets.token_hex(8), 0, lib.now()
        smtp = lib.settings.smtp
        self.server = server_of(smtp.url, cast(Tls, smtp.tls), smtp.timeout)
        self._path = smtp.returns or smtp.sender
        for name, value in (("sender", smtp.sender), ("returns", self._path)):
            if not is_address(value):
                raise SettingError(f"setting smtp.{name}", f"is no address ({value!r})", "write name@host")
        self._key = signing_key(lib)
        self._pause = 60.0 / smtp.per_minute if smtp.per_minute else 0.0
        self._most = AT_ONCE
        self._folder, self._start = lib.home / _JOURNALS, journal.this_start()

    def share(self, many: int, due: int) -> None:
        """Be one of so many, who have the rate and the mails that are due among them."""
        self._pause *= many
        in_time = int(BATCH_LASTS.total_seconds() / self._pause) if self._pause else AT_ONCE
        self._most = max(1, min(AT_ONCE, in_time, -(-due // many)))

    def run(self, connect: Callable[[Server], Post]) -> None:
        """Send until nothing is due that nobody else has, or the server is gone."""
        batch = self._turn(None)
        try:
            while batch:
                with connect(self.server) as post:
                    batch = self.send_all(post, batch)
        except MailError as e:  # no connection could be opened for this batch
            assert batch is not None
            self.put_off(batch, str(e))

    def settle(self) -> None:
        """Find out what became of the mails of processes that died, and end them or queue them anew."""
        from broadsheet.store import mails

        with self._lib.store.reading() as conn:
            lost = in_hand(self._lib, conn).lost
        for name in lost:
            told = journal.read(self._folder, name, self._start)
            with self._lib.store.writing(durable=True) as conn:
                left = mails.taken_by(conn, name)  # looked at anew: whoever has them may be storing what became of them
                self._record(conn, name, left, {m.id: journal.UNKNOWN for m in left} if told is None else told)
            journal.remove(self._folder, name)
        journal.sweep(self._folder)

    def send_all(self, post: Post, first: Batch) -> Batch | None:
        """Send batch after batch for as long as the connection lasts; returns the one to go on with over another."""
        batch: Batch | None = first
        while batch and post.is_open:
            try:
                self._send(post, batch)
            except MailError as e:  # the server takes nothing of ours
                self.put_off(batch, str(e))
                return None
            except BaseException:
                self._finish(batch)
                raise
            if not post.is_open and not _any_sent(batch):
                said = next(reversed(batch.handed.values())).said
                self.put_off(batch, str(MailError(str(self.server), said, "it is tried again later")))
                return None
            batch = self._turn(batch)
        return batch

    def put_off(self, batch: Batch, said: str) -> None:
        """No server, or none for us: what it was not given waits, and has used up no try."""
        due = self._lib.now() + WAITS[0]
        waiting = [m if m.id in batch.handed else structs.replace(m, due=due, said=said) for m in batch.mails]
        self._finish(replace(batch, mails=waiting))
        self.report = self.report.plus(PostReport(later=len(waiting) - len(batch.handed), trouble=said))

    def _finish(self, batch: Batch) -> None:
        """Store what became of a batch, and take no other."""
        with self._lib.store.writing(durable=True) as conn:
            self._record(conn, batch.name, batch.mails, batch.handed)
        batch.notes.forget()

    def _turn(self, batch: Batch | None) -> Batch | None:
        """Store what became of a batch and take the next, in one transaction."""
        from broadsheet.store import mails

        now = self._lib.now()
        self._batches, self._lease = self._batches + 1, now + LEASE
        name = f"{self._name}-{self._batches}"
        # Before there is a batch, which would else be in doubt as a whole.
        notes = Journal(self._folder, name, self._start)
        with self._lib.store.writing(durable=True) as conn:
            if batch:
                self._record(conn, batch.name, batch.mails, batch.handed)
            taken = [] if self._is_over() else mails.take(conn, name, now, self._lease, self._most)
        if batch:
            batch.notes.forget()
        if not taken:
            notes.forget()
            return None
        return Batch(name, taken, notes)

    def _send(self, post: Post, batch: Batch) -> None:
        """Hand mails over, one after the other, while time and connection last."""
        began = self._lib.now()
        for mail in batch.mails:
            if self._lib.now() - began > BATCH_LASTS or self._is_over():
                break
            if not post.is_open or not self._is_still_ours(batch):
                break
            self._hand_over(post, mail, batch)
            if self._pause:
                self._wait(self._pause)

    def _is_still_ours(self, batch: Batch) -> bool:
        """Whether nobody else has settled the batch meanwhile, as if this process, which may have slept, were dead."""
        from broadsheet.store import mails

        if self._lease - self._lib.now() > LEASE * 3 / 4:
            return True
        self._lease = self._lib.now() + LEASE
        with self._lib.store.writing() as conn:
            return mails.renew(conn, batch.name, self._lease)

    def _hand_over(self, post: Post, mail: Mail, batch: Batch) -> None:
        smtp = self._lib.settings.smtp
        try:
            wire = to_bytes(letter_of(mail, smtp.sender, smtp.sender_name), self._lib.now(), self._key)
        except BroadsheetError as e:
            batch.handed[mail.id] = Handover("never", str(e))
            return
        batch.notes.begin(mail.id)
        batch.handed[mail.id] = journal.BROKEN_OFF
        try:
            handed = post.hand_over(wire_address(self._path), wire_address(mail.recipient), wire)
        except MailError:
            del batch.handed[mail.id]
            batch.notes.not_given(mail.id)
            raise
        batch.handed[mail.id] = handed
        batch.notes.end(mail.id, handed)
        if not post.is_open and handed.fate == "later" and _any_sent(batch):
            del batch.handed[mail.id]  # servers hang up after so many mails: this one goes over the next connection

    def _record(self, conn: "Connection", name: str, batch: Sequence[Mail], told: Mapping[int, Handover]) -> None:
        """Store what became of a batch; what a server was not given is queued as it was."""
        from broadsheet.store import deliveries, mails

        now, ended, waiting, later = self._lib.now(), [], [], 0
        early = mails.returned_early(conn, name)
        told = {**told, **{mail_id: Handover("never", said) for mail_id, said in early.items()}}
        for mail in batch:
            handed = told.get(mail.id)
            if handed is None:
                waiting.append(mails.PutOff(mail.id, mail.due, mail.said, mail.tries))
            elif (fate := self._fate(handed.fate, mail)) == "later":
                waiting.append(mails.PutOff(mail.id, now + WAITS[mail.tries], handed.said, mail.tries + 1))
                later += 1
            else:
                ended.append(mails.Ended(mail.id, _ENDS[fate], handed.said, mail.tries + 1))
        mails.end(conn, ended, name, now)
        mails.put_off(conn, waiting, name)
        of = {mail.id: mail for mail in batch}
        deliveries.reached(conn, [of[e.mail_id].recipient for e in ended if e.state == "sent"])
        for e in ended:
            if e.state == "failed":
                deliveries.refused(conn, of[e.mail_id], e.said, now, SUSPENDED_AFTER)
        sent, failed, uncertain = (sum(e.state == s for e in ended) for s in ("sent", "failed", "uncertain"))
        self.report = self.report.plus(PostReport(sent, later, failed, uncertain))

    def _fate(self, fate: Fate, mail: Mail) -> Fate:
        """What an answer means in the end: a doubt as the setting says, and a mail is not tried for ever."""
        if fate == "unknown" and self._lib.settings.smtp.after_crash == "again":
            fate = "later"
        return "never" if fate == "later" and mail.tries >= len(WAITS) else fate


_ENDS: Final[Mapping[Fate, Literal["sent", "uncertain", "failed"]]] = {
    "sent": "sent", "unknown": "uncertain", "never": "failed",
}  # fmt: skip


def _any_sent(batch: Batch) -> bool:
    return any(handed.fate == "sent" for handed in batch.handed.values())


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


def message_id(lib: Library, now: datetime) -> str:
    """A Message-ID that nobody can guess, as whoever knows it is believed that the mail came back.

    It is queued with its mail, so that a copy is known for one by mail programs.
    """
    domain = lib.settings.smtp.sender.rpartition("@")[2] or "localhost"
    return f"<{now:%Y%m%d}.{secrets.token_hex(16)}@{domain}>"


def signing_key(lib: Library) -> SigningKey | None:
    """What signs mails, tried once. Raises BroadsheetError where its file cannot be read or cannot sign."""
    smtp = lib.settings.smtp
    if not smtp.dkim_key:
        return None
    try:
        pem = Path(smtp.dkim_key).expanduser().read_bytes()
    except OSError as e:
        raise SettingError("setting smtp.dkim_key", f"cannot be read ({e.strerror})", "name a file in PEM") from e
    key = SigningKey(smtp.dkim_domain or smtp.sender.rpartition("@")[2], smtp.dkim_selector, pem)
    to_bytes(Letter(smtp.sender, "", smtp.sender, "", "", "", "<>"), lib.now(), key)  # a key that signs nothing is told
    return key
