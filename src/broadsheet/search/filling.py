"""Bringing an index up to the store: all papers by id the first time, then the outbox in order.

An index commits how far it came together with its content. The first filling is remembered in a file beside the
indexes after each commit, so work that was cut short goes on from there; to apply a paper twice is harmless.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from broadsheet.search.files import replace_file
from broadsheet.types import Change, Paper

Progress = Callable[[str, int, int | None], None]
"""Called with the name of a stage, how much is done, and of how much (None: unknown)."""

Changes = Sequence[tuple[Change, Paper | None]]

_CHUNK = 1_000  # papers read from the store at once: some 5 MB


class Feed(Protocol):
    """What indexing reads of the store."""

    def head(self) -> int:
        """The last sequence number of the outbox."""

    def floor(self) -> int:
        """The last sequence number that the outbox does not hold any more; 0 where it holds all."""

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
        """Which index it is, for progress and state."""

    @property
    def seq(self) -> int:
        """The outbox number up to which it is complete; 0 while it is filled for the first time."""

    @property
    def step(self) -> int:
        """How many papers are worth a commit."""

    def apply(self, changes: Changes) -> None:
        """Put and delete papers, by id."""

    def commit(self, seq: int) -> None:
        """Make it durable and visible, complete up to `seq`."""


@dataclass(frozen=True, slots=True)
class _Filling:
    """A first filling: the head of the outbox when it began, and the last paper that is committed."""

    head: int
    after: int = 0


class Fillings:
    """The file that remembers first fillings."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, name: str) -> _Filling | None:
        """Where a filling stands; None where none was begun (or the file is lost: it begins anew)."""
        found = self._read().get(name)
        return _Filling(*found) if found else None

    def put(self, name: str, filling: _Filling | None) -> None:
        """Remember it, or forget it with None."""
        rows = self._read()
        rows.pop(name, None)
        if filling:
            rows[name] = (filling.head, filling.after)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(self._path, json.dumps(rows).encode())

    def _read(self) -> dict[str, tuple[int, int]]:
        try:
            return {
                str(name): (int(head), int(after))
                for name, (head, after) in json.loads(self._path.read_bytes()).items()
            }
        except (OSError, ValueError, TypeError, AttributeError):
            return {}


def is_stale(seq: int, feed: Feed) -> bool:
    """Whether the outbox has forgotten changes that an index at `seq` has not seen: it must be built anew."""
    return 0 < seq < feed.floor()


def bring_up(target: Target, feed: Feed, fillings: Fillings, progress: Progress) -> None:
    """Apply everything up to the newest change, in commits of `target.step` papers."""
    if target.seq == 0:
        _fill(target, feed, fillings, progress)
    _follow(target, feed, progress)


def _fill(target: Target, feed: Feed, fillings: Fillings, progress: Progress) -> None:
    filling = fillings.get(target.name) or _Filling(feed.head())
    fillings.put(target.name, filling)
    after, total, done, waiting = filling.after, feed.count(), 0, 0
    while batch := feed.papers(after, _CHUNK):
        target.apply([(Change(0, paper_id, "put"), paper) for paper_id, paper in batch])
        after, done, waiting = batch[-1][0], done + len(batch), waiting + len(batch)
        if waiting >= target.step:
            target.commit(0)
            fillings.put(target.name, _Filling(filling.head, after))
            waiting = 0
        progress(target.name, done, total)
    target.commit(filling.head)
    fillings.put(target.name, None)


def _follow(target: Target, feed: Feed, progress: Progress) -> None:
    start = seq = target.seq
    waiting = 0
    while batch := feed.changes(seq, _CHUNK):
        target.apply(batch)
        seq, waiting = batch[-1][0].seq, waiting + len(batch)
        if waiting >= target.step:
            target.commit(seq)
            waiting = 0
        progress(target.name, seq - start, feed.head() - start)
    if seq > target.seq:
        target.commit(seq)
