"""Delivering: every digest that is due is made, and every mail that is due is sent; by any number of processes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from broadsheet.digest import schedule
from broadsheet.digest.schedule import Due
from broadsheet.errors import BroadsheetError, SettingError
from broadsheet.library.digests.make import keep, make
from broadsheet.library.digests.offers import Newsstand
from broadsheet.library.digests.subscription import zone_of
from broadsheet.library.handle import Library, Progress, no_progress
from broadsheet.library.post import PostReport, is_set_up, send_due
from broadsheet.types import Delivery, Digest, Reader

AT_ONCE: Final = 50
"""Digests that are made before their mails go out: the first reader does not wait for the last."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A digest that is due."""

    who: Reader
    wanted: Delivery
    due: Due
    last: Digest | None


@dataclass(frozen=True, slots=True)
class Delivered:
    """What was done. `made`: digests that go out; `empty`: those that had nothing; `failures`: whose were not made."""

    made: int = 0
    empty: int = 0
    failures: tuple[str, ...] = ()
    post: PostReport = field(default_factory=PostReport)


def deliver(lib: Library, reader: str | None = None, progress: Progress = no_progress) -> Delivered:
    """Make what is due, for one reader or for all, and send what is queued. Raises SettingError without a mail server.

    The digest of one reader that cannot be made holds up no other.
    """
    ready = waiting(lib, reader)
    if not ready and not _is_mail_due(lib):
        return Delivered()
    mails = is_set_up(lib)
    able = [one for one in ready if mails or not one.wanted.gets_mail]
    done, stand = Delivered(), Newsstand(lib)
    for at, some in _pieces(able):
        for number, one in enumerate(some, at + 1):
            done = _make(stand, one, done)
            progress("digests", number, len(able))
        if mails:
            done = replace(done, post=done.post.plus(send_due(lib)))
        lib.store.rest()  # so that memory does not grow with the number of readers
    if not mails and (len(able) < len(ready) or _is_mail_due(lib)):
        raise SettingError("digest", "there is no mail server to send by", "set smtp.url and smtp.sender")
    return done


def waiting(lib: Library, reader: str | None = None) -> list[Waiting]:
    """The digests that are due now, the longest due first."""
    from broadsheet.store import deliveries, digests, readers

    now = lib.now()
    with lib.store.reading() as conn:
        wanted = deliveries.active(conn)
        if not wanted:
            return []
        latest = digests.latest(conn)
        there = {who.id: who for who in readers.every(conn)}
    found = []
    for one in wanted:
        who, last = there[one.reader_id], latest.get(one.reader_id)
        due = schedule.due(one, zone_of(lib, who), last.day if last else None, now)
        if due is not None and reader in (None, who.name):
            found.append(Waiting(who, one, due, last))
    return sorted(found, key=lambda w: (w.due.at, w.who.id))


def _make(stand: Newsstand, one: Waiting, done: Delivered) -> Delivered:
    try:
        kept = keep(stand.lib, one.who, one.wanted, make(stand, one.who, one.wanted, one.due, one.last))
    except (BroadsheetError, ArithmeticError, LookupError, TypeError, ValueError) as e:
        told = str(e) if isinstance(e, BroadsheetError) else f"a fault of Broadsheet ({e!r})"
        return replace(done, failures=(*done.failures, f"digest {one.due.edition} of {one.who.name}: {told}"))
    if kept is None:
        return done
    return replace(done, made=done.made + 1) if kept.state == "mailed" else replace(done, empty=done.empty + 1)


def _is_mail_due(lib: Library) -> bool:
    from broadsheet.store import mails

    with lib.store.reading() as conn:
        return mails.is_any_due(conn, lib.now())


def _pieces(ready: Sequence[Waiting]) -> Iterator[tuple[int, Sequence[Waiting]]]:
    """At least one, as there may be mails without a digest."""
    return ((at, ready[at : at + AT_ONCE]) for at in range(0, max(len(ready), 1), AT_ONCE))
