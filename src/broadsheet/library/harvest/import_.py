"""Taking in files: streamed in chunks, each one transaction, so that a file of any length needs little memory.

A paper of arXiv that is named by its id or its address is asked for there.
"""

import gc
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from broadsheet.errors import BroadsheetError, FormatError, NotFound, StoreError, UsageError
from broadsheet.library.handle import Library, Progress, no_progress
from broadsheet.library.harvest.ingest import Counts, Prepared, ingest, take_in
from broadsheet.library.index import catch_up
from broadsheet.text import canonical_id
from broadsheet.types import Drop, Personal
from broadsheet.words.failure import told
from broadsheet.words.said import in_a_row, said

if TYPE_CHECKING:
    from broadsheet.library.harvest.reading import Item
    from broadsheet.store import Connection
    from broadsheet.store.runs import Outcome, State

    Begun = dict[str, Iterator[Item | Drop]]

# Large enough that a transaction's fixed costs vanish, small enough that the other process is not kept waiting.
CHUNK = 1000
MOST_DROPS_LISTED = 10_000

_BETWEEN_COLLECTIONS = 1_000_000  # objects, some chunks of records: these hold no cycles, and looks at them take time


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What came in. `failures`: a sentence for each file that could not be read at all or to its end, or for arXiv.

    `admins`: who was made one; of readers who were here before, roles stay.
    """

    counts: Counts
    dropped: tuple[Drop, ...]
    dropped_total: int
    seconds: float
    failures: tuple[str, ...]
    readers: int = 0
    admins: tuple[str, ...] = ()

    @property
    def nothing_came(self) -> bool:
        """Whether all that was there to read was dropped."""
        return self.dropped_total > 0 and self.counts == Counts() and not self.readers


@dataclass(slots=True)
class _Tally:
    """What came so far. `on_record`: the failures as the status tells them to all, without folders of this machine.

    `end`: why the file that is being read ended too early. `readers`: by name, whether they were made an admin.
    """

    counts: Counts = field(default_factory=Counts)
    dropped: list[Drop] = field(default_factory=list)
    dropped_total: int = 0
    read: int = 0
    end: str | None = None
    readers: dict[str, bool] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    on_record: list[str] = field(default_factory=list)

    def drop(self, drop: Drop) -> None:
        if drop.ends:
            self.end = drop.reason
            return
        self.dropped_total += 1
        if len(self.dropped) < MOST_DROPS_LISTED:
            self.dropped.append(drop)


def import_files(
    lib: Library, files: Sequence[str], *, format: str | None = None, progress: Progress = no_progress
) -> ImportReport:
    """Take in files and papers of arXiv by id or address, then index. What cannot be read leaves the others untouched.

    Killed half way, all whole chunks are stored; the same import again finds them and adds the rest.
    """
    from broadsheet.sources.formats import FORMATS
    from broadsheet.store import writer_lock

    if format is not None and format not in FORMATS:
        raise UsageError(f"format {format}", "is not known", f"known are {', '.join(FORMATS)}")
    started, tally = time.monotonic(), _Tally()
    ids = {file: id for file in files if (id := _arxiv_id(file))}
    lib.make_home()
    with writer_lock(lib.home, "broadsheet import"), _collecting_rarely():
        with _begun(lib, files, format) as begun, _recorded(lib, files, tally):
            for file in files:
                if file not in ids:
                    _import_unless_unreadable(lib, file, format, tally, progress, begun)
            if ids:
                _ask_arxiv(lib, list(ids.values()), tally, progress)
        catch_up(lib, progress, learn=False)
    seconds = time.monotonic() - started
    return ImportReport(
        counts=tally.counts,
        dropped=tuple(tally.dropped),
        dropped_total=tally.dropped_total,
        seconds=seconds,
        failures=tuple(tally.failures),
        readers=len(tally.readers),
        admins=tuple(name for name, is_made_admin in tally.readers.items() if is_made_admin),
    )


@contextmanager
def _collecting_rarely() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(_BETWEEN_COLLECTIONS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def _begun(lib: Library, files: Sequence[str], format: str | None) -> "Iterator[Begun]":
    """The first file: the process that reads it starts while the library is being opened, which takes as long."""
    from broadsheet.library.harvest import reading

    with ExitStack() as stack:
        yield {file: stack.enter_context(reading.opened(_path(file), format, lib.now())) for file in files[:1]}


@contextmanager
def _recorded(lib: Library, files: Sequence[str], tally: _Tally) -> Iterator[None]:
    """The run of an import, from its start to its end, whatever happens between."""
    from broadsheet.store import runs

    with lib.store.writing() as conn:
        runs.mark_interrupted(conn, lib.now())
        run_id = runs.start(conn, "import", lib.now())
    try:
        yield
    except BaseException as e:
        # A store that cannot be written keeps the run open; `status` then sees that nobody works on it.
        with suppress(StoreError), lib.store.writing() as conn:
            error = told(e) if isinstance(e, BroadsheetError) else said("stopped")
            runs.finish(conn, run_id, _outcome("interrupted", files, tally, error), lib.now())
        raise
    state: State = "ok" if not tally.failures else "partial" if tally.read else "failed"
    outcome = _outcome(state, files, tally, in_a_row(tally.on_record) if tally.on_record else None)
    with lib.store.writing() as conn:
        runs.finish(conn, run_id, outcome, lib.now())


def _outcome(state: "State", files: Sequence[str], tally: _Tally, error: str | None) -> "Outcome":
    from broadsheet.store.runs import Outcome

    names = ", ".join(file if _arxiv_id(file) else _name_of(file) for file in files)
    return Outcome(state=state, counts=asdict(tally.counts), drops=tally.dropped, note=names, error=error)


def _name_of(file: str) -> str:
    """A file without its folders: strangers may see the status, and need not know where things are on the server."""
    return Path(file).name or file


def _arxiv_id(name: str) -> str | None:
    """The canonical arXiv id that a name is, if it is no file's."""
    id = canonical_id(name)
    return id if id and id.startswith("arxiv:") and _is_missing(Path(name)) else None


def _is_missing(path: Path) -> bool:
    """Whether there is no such file for certain; what else keeps a file from being opened is told when it is."""
    try:
        path.stat()
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False
    return False


def _ask_arxiv(lib: Library, ids: Sequence[str], tally: _Tally, progress: Progress) -> None:
    """Take in what arXiv has under these ids. What it does not give is dropped; that it is not reached is a failure."""
    from broadsheet.net import Client
    from broadsheet.sources.arxiv_api import fetch_ids

    progress(said("asking arXiv"), 0, len(ids))
    with Client(lib.settings, folder=lib.home) as client:
        try:
            for batch in fetch_ids(client.get, lib.settings, ids, lib.now()):
                for drop in batch.drops:
                    tally.drop(drop)
                with lib.store.writing() as conn:
                    tally.counts += ingest(conn, batch.records, lib.now())
                tally.read += len(batch.records)
        except StoreError:
            raise
        except BroadsheetError as e:
            tally.failures.append(str(e))
            tally.on_record.append(told(e))


def _import_unless_unreadable(
    lib: Library, file: str, format: str | None, tally: _Tally, progress: Progress, begun: "Begun"
) -> None:
    """A fault of the file is noted and leaves the other files; one of the store ends the import."""
    try:
        _import_file(lib, file, format, tally, progress, begun)
    except StoreError:
        raise
    except BroadsheetError as e:
        tally.failures.append(told(e))
        tally.on_record.append(told(BroadsheetError(said("file %(name)s", name=_name_of(file)), e.cause, e.remedy)))


def _import_file(
    lib: Library, file: str, format: str | None, tally: _Tally, progress: Progress, begun: "Begun"
) -> None:
    from broadsheet.library.harvest import reading

    path = _path(file)
    if _is_missing(path):
        raise NotFound(file, said("there is no such file, and it is no arXiv id"))
    name = "import" if file == "-" else path.name
    before, tally.end = tally.read, None
    with nullcontext(begun.pop(file)) if file in begun else reading.opened(path, format, lib.now()) as items:
        for chunk in _chunks(_without_drops(items, tally)):
            _store(lib, chunk, tally)
            progress(f"import {name}", tally.read, None)
    if tally.end is not None:
        remedy = said("what came before is stored; get it whole and import it again")
        raise FormatError(f"file {file}", tally.end, remedy, permanent=True)
    if format is not None and tally.read == before:
        raise FormatError(f"file {file}", f"has nothing in the format {format}", "leave --format out", permanent=True)


def _path(file: str) -> Path:
    return Path("/dev/stdin") if file == "-" else Path(file).expanduser()


def _store(lib: Library, chunk: "Sequence[Item]", tally: _Tally) -> None:
    from broadsheet.sources.formats import Exported

    news = [item for item in chunk if isinstance(item, Prepared)]
    exported = [item for item in chunk if isinstance(item, Exported)]
    readers = [item for item in chunk if isinstance(item, Personal)]
    with lib.store.writing() as conn:
        if news:
            tally.counts += take_in(conn, news, lib.now())
        if exported:
            from broadsheet.library.harvest.reload import reload

            tally.counts += reload(conn, exported, lib.now())
        for personal in readers:
            _take_reader(conn, personal, tally)
    tally.read += len(chunk) + sum(item.again for item in news)


def _take_reader(conn: "Connection", personal: Personal, tally: _Tally) -> None:
    from broadsheet.library.harvest.readers import take_in

    taken = take_in(conn, personal)
    if taken.reader is not None:
        tally.readers.setdefault(taken.reader.name, taken.is_new and taken.reader.role == "admin")
    for drop in taken.drops:
        tally.drop(drop)


def _without_drops(items: "Iterable[Item | Drop]", tally: _Tally) -> "Iterator[Item]":
    for item in items:
        if isinstance(item, Drop):
            tally.drop(item)
        else:
            yield item


def _chunks(items: "Iterator[Item]") -> "Iterator[list[Item]]":
    while chunk := list(islice(items, CHUNK)):
        yield chunk
