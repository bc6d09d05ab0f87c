"""Counting: the papers that a source of counts is to look at now, and what it found stored as signals.

When a paper is due follows from when it was news and from the looks so far (`sources/schedule.py`); each look says when
the next one is, by the settings of that moment. Each answer is stored in a transaction of its own, so a poll that is
cut short goes on with the papers that it has not looked at.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from threading import Lock
from typing import TYPE_CHECKING, Final

from broadsheet.errors import FetchError
from broadsheet.library.handle import Library
from broadsheet.types import Signal
from broadsheet.words.failure import told
from broadsheet.words.said import counted, in_a_row, said

if TYPE_CHECKING:
    from broadsheet.sources.schedule import Schedule
    from broadsheet.sources.signals import Look, Looks, SignalSource, Subject, Web
    from broadsheet.store import Connection
    from broadsheet.store.polls import Due, Looked

EVERY: Final = timedelta(hours=1)
"""The shortest time between two polls of one source, however they end: limits are counted by the hour."""

POLL_COUNTS: Final = ("asked", "moved", "unmoved", "unknown", "skipped", "waiting")
"""Names of the numbers of papers that a run of a source of counts keeps."""

CHUNK: Final = 500
"""Papers that are read from the store at once."""


@dataclass(slots=True)
class PollTally:
    """What a poll has found so far, in papers; `due` is how many there were to look at, `left` how many wait.

    `moved`: their count is new or another than before; `same`: it is not; `unknown`: the source does not know them;
    `skipped`: there was nothing to ask by. `reasons` counts why, of the last two.
    """

    due: int
    moved: int = 0
    same: int = 0
    unknown: int = 0
    skipped: int = 0
    reasons: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    notes: list[str] = field(default_factory=list)

    @property
    def asked(self) -> int:
        """How many papers the source was asked about."""
        return self.moved + self.same + self.unknown

    @property
    def left(self) -> int:
        """How many papers wait for the next run."""
        return self.due - self.asked - self.skipped

    def counts(self) -> dict[str, int]:
        """All of it as a run keeps it."""
        found = (self.asked, self.moved, self.same, self.unknown, self.skipped, self.left)
        return dict(zip(POLL_COUNTS, found, strict=True))

    def sentence(self) -> str:
        """What a person is told of the run."""
        return in_a_row([*(self._found() if self.due else [said("no paper is due")]), *self.notes])

    def _found(self) -> Iterator[str]:
        papers = counted("%(num)s paper", "%(num)s papers", self.asked)
        yield said("asked about %(papers)s: new %(new)s, same %(same)s", papers=papers, new=self.moved, same=self.same)
        if self.unknown:
            why = _listed(self.reasons["unknown"])
            yield said("unknown there %(many)s (%(why)s)", many=self.unknown, why=why)
        if self.skipped:
            why = _listed(self.reasons["skipped"])
            yield said("not asked about %(many)s (%(why)s)", many=self.skipped, why=why)
        if self.left:
            yield counted("%(num)s paper left for the next run", "%(num)s papers left for the next run", self.left)


def is_poll_due(lib: Library, source: "SignalSource", last: datetime | None) -> bool:
    """Whether a poll is to run by itself: it is switched on, the last one began long enough ago, and papers wait."""
    if not source.enabled(lib.settings) or (last is not None and lib.now() - last < EVERY):
        return False
    with lib.store.reading() as conn:
        return bool(due_papers(lib, conn, source))


def due_papers(lib: Library, conn: "Connection", source: "SignalSource") -> "list[Due]":
    """The papers that the source is to look at now, the youngest first."""
    from broadsheet.store import polls

    now, schedule = lib.now().astimezone(UTC), source.schedule(lib.settings)
    return polls.due(conn, source.name, now, (now - schedule.drop).date(), (now - schedule.first).date())


def poll(lib: Library, web: "Web", source: "SignalSource", storing: Lock) -> "Iterator[PollTally]":
    """Look at all papers that are due, as far as the source's limits go; yields the tally after each answer.

    A source that asks for a pause ends the poll, which is no failure. Raises SourceError where it cannot be asked.
    """
    from broadsheet.sources.signals import Poll

    with lib.store.reading() as conn:
        due = due_papers(lib, conn, source)
    tally, waiting = PollTally(len(due)), {paper.paper_id: paper for paper in due}
    yield tally
    try:
        for found in source.fetch(web, Poll(lib.settings, _subjects(lib, source, list(waiting)))):
            with storing, lib.store.writing() as conn:
                moved = _store(conn, source, found, waiting, lib)
            _count(tally, found, moved)
            yield tally
    except FetchError as e:
        if e.until is None:
            raise
        tally.notes.append(told(e))
        yield tally


def _subjects(lib: Library, source: "SignalSource", ids: Sequence[int]) -> "Iterator[Subject]":
    from broadsheet.sources.signals import Subject
    from broadsheet.store import papers, polls

    for at in range(0, len(ids), CHUNK):
        chunk = ids[at : at + CHUNK]
        with lib.store.reading() as conn:
            found = papers.by_ids(conn, chunk)
            memories = polls.memories(conn, source.name, chunk)
        for i, paper in found:
            yield Subject(i, paper.aliases, paper.links, memories.get(i, {}))


def _store(
    conn: "Connection", source: "SignalSource", found: "Looks", waiting: "Mapping[int, Due]", lib: Library
) -> set[int]:
    """Write what was found; returns the papers whose counts moved. One that is no more, as it was joined, is let go."""
    from broadsheet.store import papers, polls, signals

    now, schedule, ids = lib.now(), source.schedule(lib.settings), [look.id for look in found.looks]
    there = {i for i, _ in papers.by_ids(conn, ids)}
    before = signals.latest(conn, ids)
    looks = [look for look in found.looks if look.id in there]
    moved = {look.id for look in looks if _has_moved(look, source.name, before.get(look.id, {}))}
    for look in looks:
        signals.append(conn, look.id, [Signal(source.name, kind, now, value) for kind, value in look.counts.items()])
    polls.put(conn, source.name, [_looked(look, waiting[look.id], look.id in moved, schedule, now) for look in looks])
    return moved


def _looked(look: "Look", paper: "Due", moved: bool, schedule: "Schedule", now: datetime) -> "Looked":
    from broadsheet.sources.schedule import due_at
    from broadsheet.store.polls import Looked

    still = 0 if moved else paper.still + 1
    due = due_at(schedule, datetime.combine(paper.news, time(), UTC), now, still)
    return Looked(look.id, paper.news, still, due, look.memory)


def _has_moved(look: "Look", source: str, before: "dict[tuple[str, str], int]") -> bool:
    return any(before.get((source, kind)) != value for kind, value in look.counts.items())


def _count(tally: PollTally, found: "Looks", moved: set[int]) -> None:
    for look in found.looks:
        if look.state == "counted":
            tally.moved += look.id in moved
            tally.same += look.id not in moved
        else:
            tally.unknown += look.state == "unknown"
            tally.skipped += look.state == "skipped"
            tally.reasons[look.state][look.reason] += 1
    if found.note:
        tally.notes.append(found.note)


def _listed(reasons: Counter[str]) -> str:
    """The reasons, most frequent first, with their numbers where there are several."""
    if len(reasons) == 1:
        return next(iter(reasons))
    return in_a_row(said("%(reason)s %(many)s", reason=why, many=many) for why, many in reasons.most_common())
