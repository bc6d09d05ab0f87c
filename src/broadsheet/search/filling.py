"""Bringing an index up to the store: all papers by id the first time, then the outbox in order.

An index commits how far it came together with its content, and its place on the shelf remembers a first filling, so
work that was cut short goes on from there. To apply a paper twice is harmless.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec.structs import replace

from broadsheet.search.shelf import Place
from broadsheet.types import Change, Paper, Progress

Changes = Sequence[tuple[Change, Paper | None]]

_CHUNK = 1_000  # papers read from the store at once: some 5 MB


class Feed(Protocol):
    """What indexing reads of the store."""

    def head(self) -> int:
        """The last sequence number of the outbox."""

    def floor(self) -> int:
        """The last sequence number that the outbox does not hold any more; 0 where it holds all."""

    def epoch(self) -> str:
        """The name of the store's past; sequence numbers of another past mean nothing."""

    def count(self) -> int:
        """How many papers are stored."""

    def changes(self, after: int, limit: int) -> Changes:
        """The changes after a sequence number, in order, with the paper as it is now (None: it is gone)."""

    def papers(self, after: int, limit: int) -> Sequence[tuple[int, Paper]]:
        """The papers with an id above `after`, by id."""


class Target(Protocol):
    """An index that is written. Nothing counts before `commit`."""

    @property
    def name(self) -> str:
        """Which index it is, for progress."""

    @property
    def seq(self) -> int:
        """The outbox number up to which it is complete, as last committed."""

    @property
    def step(self) -> int:
        """How many papers are worth a commit."""

    def apply(self, changes: Changes) -> None:
        """Put and delete papers, by id."""

    def commit(self, seq: int) -> None:
        """Make it durable and visible, complete up to `seq`."""


def must_be_anew(place: Place, seq: int, feed: Feed) -> bool:
    """Whether an index cannot catch up: the store has another past, or has forgotten changes it has not seen."""
    known = place.head if place.head is not None else seq
    return place.epoch != feed.epoch() or known < feed.floor() or seq > feed.head()


def bring_up(target: Target, place: Place, feed: Feed, note: Callable[[Place], None], progress: Progress) -> None:
    """Apply everything up to the newest change, in commits of `target.step` papers; `note` keeps the place."""
    if place.head is not None:
        _fill(target, place, place.head, feed, note, progress)
    _follow(target, feed, progress)
    if place.head is not None:
        note(replace(place, head=None, after=0))


def _fill(
    target: Target, place: Place, head: int, feed: Feed, note: Callable[[Place], None], progress: Progress
) -> None:
    after, total, done, waiting = place.after, feed.count(), 0, 0
    while batch := feed.papers(after, _CHUNK):
        target.apply([(Change(0, paper_id, "put"), paper) for paper_id, paper in batch])
        after, done, waiting = batch[-1][0], done + len(batch), waiting + len(batch)
        if waiting >= target.step:
            target.commit(0)
            note(replace(place, after=after))
            waiting = 0
        progress(target.name, done, total)
    target.commit(head)
    note(replace(place, after=after))


def _follow(target: Target, feed: Feed, progress: Progress) -> None:
    start = seq = target.seq
    waiting = 0
    while batch := feed.changes(seq, _CHUNK):
        target.apply(batch)
        seq, waiting = batch[-1][0].seq, waiting + len(batch)
        if waiting >= target.step:
            target.commit(seq)
            waiting = 0
        progress(target.name, seq - start, max(feed.head(), seq) - start)
    if seq > target.seq:
        target.commit(seq)
