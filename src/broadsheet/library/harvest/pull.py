"""Harvesting: every source that is due, side by side where their hosts differ, each run recorded."""

import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future, wait
from contextvars import copy_context
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from broadsheet.errors import BroadsheetError, Interrupted, UsageError
from broadsheet.library.handle import Library, Progress, no_progress
from broadsheet.library.harvest.due import ASKED_FOR, all_sources, is_due, known_sources, standing, wanted
from broadsheet.library.harvest.ingest import Counts, ingest
from broadsheet.library.harvest.polling import PollTally, poll
from broadsheet.library.index import catch_up
from broadsheet.types import Batch, Drop
from broadsheet.words.failure import told
from broadsheet.words.said import in_a_row, said

if TYPE_CHECKING:
    from broadsheet.library.harvest.due import AnySource
    from broadsheet.net import Asked, Client
    from broadsheet.sources import Source
    from broadsheet.sources.signals import SignalSource
    from broadsheet.store import Connection
    from broadsheet.store.runs import Outcome, State


GRACE = 2.0
"""Seconds that a stopped harvest has to end its runs."""

LOOK = 0.5
"""Seconds between two looks at whether a harvest is to be stopped; its end is seen at once."""


@dataclass(frozen=True, slots=True)
class RunReport:
    """One harvest of one source. `state`: ok, unchanged, holiday, empty, partial or failed.

    `polled`: of a source of counts, how many papers it was asked about and what came of it.
    """

    source: str
    state: "State"
    counts: Counts
    dropped: tuple[Drop, ...]
    seconds: float
    asked: "tuple[Asked, ...]"
    announced: int | None = None
    note: str | None = None
    error: str | None = None
    polled: Mapping[str, int] | None = None

    @property
    def dropped_total(self) -> int:
        """How many things were dropped."""
        return len(self.dropped)

    @property
    def failed(self) -> bool:
        """Whether the source did not give all that it has."""
        return self.state in ("failed", "partial")


@dataclass(frozen=True, slots=True)
class PullReport:
    """What a pull did: a run for each source that was asked."""

    runs: tuple[RunReport, ...]
    seconds: float

    @property
    def any_failed(self) -> bool:
        """Whether a source did not give all that it has."""
        return any(run.failed for run in self.runs)

    @property
    def all_failed(self) -> bool:
        """Whether papers were asked for and no source gave any."""
        harvests = [run for run in self.runs if run.polled is None]
        return bool(harvests) and all(run.state == "failed" for run in harvests)


@dataclass(slots=True)
class _Tally:
    """What a run has brought so far."""

    counts: Counts = field(default_factory=Counts)
    dropped: list[Drop] = field(default_factory=list)
    received: int = 0
    announced: int | None = None
    notes: list[str] = field(default_factory=list)
    state: "State" = "ok"
    polled: PollTally | None = None

    def add(self, batch: Batch, counts: Counts) -> None:
        self.counts = self.counts + counts
        self.dropped += batch.drops
        self.received += len(batch.records) + len(batch.drops)
        if batch.announced is not None:
            self.announced = (self.announced or 0) + batch.announced
        if batch.note and batch.note not in self.notes:
            self.notes.append(batch.note)
        self.state = batch.state

    def look(self, polled: PollTally) -> None:
        self.polled, self.received = polled, polled.due - polled.left
        self.state, self.notes = "empty" if polled.due else "unchanged", [polled.sentence()]

    def final_state(self) -> "State":
        """The state of a run that came to its end; `partial` where less came than the source announced."""
        if self.announced is not None and self.received < self.announced:
            self.notes.append(
                said("%(came)s of %(announced)s announced papers came", came=self.received, announced=self.announced)
            )
            return "partial"
        return "ok" if self.received else self.state


def pull(
    lib: Library,
    names: Sequence[str] = (),
    *,
    since: date | None = None,
    force: bool = False,
    counting: bool = True,
    progress: Progress = no_progress,
    stop: threading.Event | None = None,
) -> PullReport:
    """Harvest the named sources, or all that are due, index, then count. Raises StoreBusy while another one harvests,
    Interrupted once `stop` is set.

    A source that fails leaves the others untouched: its run says why, and its next run goes on from its last good page.
    Sources of counts come last, unless `counting` is off: the day's papers are due by then, and no reader waits.
    """
    from broadsheet.store import writer_lock

    if since is not None and since > lib.now().date():
        raise UsageError(f"day {since.isoformat()}", "has not come yet", "--from takes a day of the past")
    started = time.monotonic()
    lib.make_home()
    lib.refresh()
    with writer_lock(lib.home, "broadsheet pull"):
        papers, counts = _chosen(lib, names)
        _close_dead_runs(lib)
        due = _due(lib, papers, force=force or bool(names) or since is not None)
        harvest = _Harvest(lib, since, threading.Lock(), stop or threading.Event(), progress)
        runs = _ask_all(harvest, due)
        catch_up(lib, progress, learn=False)
        if counting:
            runs += _ask_all(harvest, _due(lib, counts, force=force or bool(names)))
    return PullReport(tuple(runs), time.monotonic() - started)


def _chosen(lib: Library, names: Sequence[str]) -> "tuple[list[AnySource], list[AnySource]]":
    """Sources of papers and of counts: the named ones, also those that are switched off, or all that are on."""
    from broadsheet.sources.signals import SIGNAL_SOURCES

    known = all_sources()
    for name in names:
        if name not in known:
            raise UsageError(f"source {name}", "is not known", f"known are {', '.join(known)}")
    chosen = dict.fromkeys(names or known_sources(lib))
    papers, counts = ([known[n] for n in chosen if (n in SIGNAL_SOURCES) == counts] for counts in (False, True))
    return papers, counts


def _close_dead_runs(lib: Library) -> None:
    from broadsheet.store import runs

    lib.store.write(lambda conn: runs.mark_interrupted(conn, lib.now()))


def _due(lib: Library, sources: "Sequence[AnySource]", *, force: bool) -> "list[AnySource]":
    stands = lib.store.read(lambda conn: {source.name: standing(conn, source.name) for source in sources})
    return [source for source in sources if force or is_due(lib, source, stands[source.name])]


def _ask_all(harvest: "_Harvest", sources: "Iterable[AnySource]") -> list[RunReport]:
    """Sources of one rate group one after the other, groups side by side; the store takes one batch at a time."""
    groups: dict[str, list[AnySource]] = defaultdict(list)
    for source in sources:
        groups[source.group].append(source)
    work = [_begin(harvest, members) for members in groups.values()]
    try:
        while (looked := wait(work, timeout=LOOK)).not_done:
            for future in looked.done:
                future.result()  # raises what keeps the store from being written
            _go_on(harvest)
        return [run for future in work for run in future.result()]
    except BaseException:
        # Stopped, or a store that cannot be written: the others end between two requests. One that hangs in a request
        # is left behind, its last page stored; a person who stops a harvest shall not wait for a dead server.
        harvest.stop.set()
        wait(work, timeout=GRACE)
        raise


def _go_on(harvest: "_Harvest") -> None:
    if harvest.stop.is_set():
        raise Interrupted("harvest", "was stopped", "the next one goes on where it ended")


def _begin(harvest: "_Harvest", sources: "Sequence[AnySource]") -> Future[list[RunReport]]:
    """Harvest in a thread that does not keep the process alive."""
    future: Future[list[RunReport]] = Future()

    def work() -> None:
        try:
            future.set_result(_harvest_group(harvest, sources))
        except BaseException as e:
            future.set_exception(e)

    # In a copy of this context, so that a database that is away is waited for where it is here.
    threading.Thread(target=copy_context().run, args=(work,), daemon=True).start()
    return future


@dataclass(frozen=True, slots=True)
class _Harvest:
    lib: Library
    since: date | None
    storing: threading.Lock
    stop: threading.Event
    progress: Progress


def _harvest_group(harvest: _Harvest, sources: "Sequence[AnySource]") -> list[RunReport]:
    from broadsheet.net import Client

    # The folder keeps arXiv's pace across processes and across commands that follow each other.
    with Client(harvest.lib.settings, stop=harvest.stop, folder=harvest.lib.home) as client:
        return [_harvest_one(harvest, client, source) for source in sources]


def _harvest_one(harvest: _Harvest, client: "Client", source: "AnySource") -> RunReport:
    """One run from start to its recorded end, whatever happens between."""
    from broadsheet.sources.signals import SignalSource
    from broadsheet.store import cursors, runs

    lib, began, before = harvest.lib, time.monotonic(), len(client.asked)
    with harvest.storing:
        run_id = lib.store.write(lambda conn: runs.start(conn, source.name, lib.now()))
    tally, error = _Tally(), None
    harvest.progress(source.name, 0, None)  # the first answer may take its time
    try:
        if isinstance(source, SignalSource):
            _take_counts(harvest, client, source, tally)
        else:
            _take_batches(harvest, client, source, tally)
        state = tally.final_state()
    except BroadsheetError as e:
        error = told(e)
        state = "interrupted" if isinstance(e, Interrupted) else "partial" if tally.received else "failed"
    report = RunReport(
        source=source.name,
        state=state,
        counts=tally.counts,
        dropped=tuple(tally.dropped),
        seconds=time.monotonic() - began,
        asked=tuple(client.asked[before:]),
        announced=tally.announced,
        note=in_a_row(tally.notes) if tally.notes else None,
        error=error,
        polled=tally.polled.counts() if tally.polled else None,
    )

    def finish(conn: "Connection") -> None:
        runs.finish(conn, run_id, outcome(report), lib.now())
        if not report.failed:
            cursors.put(conn, source.name, {ASKED_FOR: wanted(lib)})

    with harvest.storing:
        lib.store.write(finish)
    return report


def outcome(report: RunReport) -> "Outcome":
    """What the store keeps of a run."""
    from broadsheet.store.runs import Outcome

    counts = asdict(report.counts) | {"requests": len(report.asked), **(report.polled or {})}
    if report.announced is not None:
        counts["announced"] = report.announced
    return Outcome(
        state=report.state,
        counts=counts,
        drops=report.dropped,
        asked={"requests": [asdict(request) for request in report.asked]},
        note=report.note,
        error=report.error,
    )


def _take_batches(harvest: _Harvest, client: "Client", source: "Source", tally: _Tally) -> None:
    """Store each batch and its cursor in one transaction, so that a run cut short goes on behind it."""
    from broadsheet.sources import Ask
    from broadsheet.store import cursors

    lib = harvest.lib
    cursor = lib.store.read(lambda conn: cursors.get(conn, source.name))
    ask = Ask(settings=lib.settings, now=lib.now(), cursor=cursor, since=harvest.since)
    for batch in source.fetch(client.get, ask):

        def store(conn: "Connection", batch: Batch = batch) -> Counts:
            counts = ingest(conn, batch.records, lib.now())
            cursors.put(conn, source.name, batch.cursor)
            return counts

        with harvest.storing:
            counts = lib.store.write(store)
        tally.add(batch, counts)
        harvest.progress(source.name, tally.received, tally.announced)


def _take_counts(harvest: _Harvest, client: "Client", source: "SignalSource", tally: _Tally) -> None:
    """Count the papers that are due, each answer in a transaction of its own."""
    for polled in poll(harvest.lib, client, source, harvest.storing):
        tally.look(polled)
        harvest.progress(source.name, tally.received, polled.due)
