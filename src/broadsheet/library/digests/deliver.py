"""Delivering: every digest that is due is made, and every mail that is due is sent; by any number of processes."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce
from threading import Event
from typing import Final

from broadsheet.digest import schedule
from broadsheet.errors import BroadsheetError, SettingError, StoreBusy
from broadsheet.library.digests.freeze import freeze, ready
from broadsheet.library.digests.make import Waiting, make
from broadsheet.library.digests.offers import Newsstand
from broadsheet.library.digests.readership import known
from broadsheet.library.handle import Library, Progress, no_progress
from broadsheet.library.mails.post import InHand, PostReport, in_hand, is_any_due, is_set_up
from broadsheet.library.mails.sending import Sending
from broadsheet.library.outlets.send import Dispatched
from broadsheet.library.readers import zone_of
from broadsheet.types import Digest

AT_ONCE: Final = 100
"""Digests that are made before their mails go out: the first reader does not wait for the last."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What was done. `made`: digests that go out; `empty`: those that had nothing; `failures`: whose were not made;
    `elsewhere`: mails that other processes are sending. `outlets`: what became of messages to outlets.
    `waiting`: mails that were tried before and are not due again, and when the first of them is.
    """

    made: int = 0
    empty: int = 0
    failures: tuple[str, ...] = ()
    post: PostReport = field(default_factory=PostReport)
    elsewhere: InHand | None = None
    outlets: Dispatched = field(default_factory=Dispatched)
    waiting: tuple[int, datetime | None] = (0, None)


def deliver(
    lib: Library,
    reader: str | None = None,
    progress: Progress = no_progress,
    *,
    stop: Event | None = None,
    apart: bool = False,
) -> Delivered:
    """Make what is due, for one reader or for all, and send what is queued. Raises SettingError without a mail server.

    A digest that cannot be made holds up no other. What is left once `stop` is set is for the next run.
    `apart`: whether a second process may send meanwhile, by the clock of the system.
    """
    stop = stop or Event()
    ready = waiting(lib, reader)
    if not ready and not is_any_due(lib):
        return _with_rest(lib, Delivered())
    mails = is_set_up(lib)
    able = [one for one in ready if mails or not one.wanted.gets_mail]
    done, stand = Delivered(), Newsstand(lib)
    many = len(able) > AT_ONCE
    with Sending(lib, stop, apart=apart and mails and many) as sending, _kept_for_long() as keep:
        for at, some in _pieces(able):
            if stop.is_set():
                break
            if some:
                done = _make(stand, some, done)
            progress("digests", at + len(some), len(able))
            if mails:
                done = replace(done, post=done.post.plus(sending.queued()))
            lib.store.rest()  # so that memory does not grow with the number of readers
            if many and at == 0:
                keep()
        done = replace(done, post=done.post.plus(sending.rest()))
    if not mails and (len(able) < len(ready) or is_any_due(lib)):
        raise SettingError("digest", "there is no mail server to send by", "set smtp.url and smtp.sender")
    return _with_rest(lib, done)


def _with_rest(lib: Library, done: Delivered) -> Delivered:
    """What was done, with the mails that were left to others, or to later."""
    from broadsheet.store import mails

    with lib.store.reading() as conn:
        held, waiting = in_hand(lib, conn), mails.put_off_until(conn, lib.now())
    return replace(done, elsewhere=held if held.many else None, waiting=waiting)


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
        due = schedule.due(one, zone_of(lib, who), last, now)
        if due is not None and reader in (None, who.name):
            found.append(Waiting(who, one, due, last))
    return sorted(found, key=lambda w: (w.due.at, w.who.id))


def made_together(stand: Newsstand, some: Sequence[Waiting]) -> list[Digest]:
    """Compose digests and freeze them; returns those that nobody else has made meanwhile."""
    readers = known(stand.lib, [one.who for one in some])
    found = zip(some, make(stand, readers, some), strict=True)
    return freeze(stand.lib, [ready(stand.lib, readers[one.who.id], one.wanted, made) for one, made in found])


@contextmanager
def _kept_for_long() -> Iterator[Callable[[], None]]:
    """Lends what has Python take all that is there for needed, until the end of the block.

    To look through what all digests share, again and again, took a sixth of the time of making them.
    """
    try:
        yield gc.freeze
    finally:
        gc.unfreeze()


def _make(stand: Newsstand, some: Sequence[Waiting], done: Delivered) -> Delivered:
    """Make digests together; where something is wrong with one, each by itself."""
    try:
        states = [digest.state for digest in made_together(stand, some)]
    except StoreBusy:
        raise  # no digest is at fault
    except Exception as e:
        if len(some) > 1:
            return reduce(lambda done, one: _make(stand, [one], done), some, done)
        told = str(e) if isinstance(e, BroadsheetError) else f"a fault of Broadsheet ({e!r})"
        failed = f"digest {some[0].due.edition} of {some[0].who.name}: {told}"
        return replace(done, failures=(*done.failures, failed))
    return replace(done, made=done.made + states.count("mailed"), empty=done.empty + states.count("empty"))


def _pieces(ready: Sequence[Waiting]) -> Iterator[tuple[int, Sequence[Waiting]]]:
    """At least one, as there may be mails without a digest."""
    return ((at, ready[at : at + AT_ONCE]) for at in range(0, max(len(ready), 1), AT_ONCE))
