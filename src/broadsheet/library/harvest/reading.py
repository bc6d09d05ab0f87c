"""Reading files for an import, on a core of its own where there is one to spare.

A long file is read, parsed and fingerprinted by a second process, which needs nothing of the library; this one decides
and stores meanwhile. The second is a filter: it writes what it read to a pipe, and ends with whoever reads the pipe.

    [[-2147483648, …], [signals], 0]    a record's blocking keys, signals and relistings; the next line is its paper
    {"drop": […]}    {"fault": [subject, cause, remedy]}    {}    what was left out; why it ends early; the end
"""

import gc
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import islice, takewhile
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import IO, Any

from msgspec import DecodeError, Struct, json

from broadsheet import identity
from broadsheet.codec import paper_from_json, paper_to_json
from broadsheet.errors import BroadsheetError, FormatError
from broadsheet.library import second_process
from broadsheet.library.harvest.ingest import Prepared, prepare
from broadsheet.library.harvest.relisted import Listed, united
from broadsheet.sources import formats
from broadsheet.sources.formats import Exported
from broadsheet.types import Drop, Personal, Signal
from broadsheet.words.kept import heard, kept

Item = Prepared | Exported | Personal
"""What a file can hold, records prepared."""

LEAST_SHARED = 4_000_000
"""Bytes of a file from which a second process, half a second of work to start, brings more than it costs."""

_AT_ONCE = 32  # items written together
_AHEAD = 64  # of these, how many wait for the other process: what it stores in one transaction
_AGAIN = "import it again: what was stored is whole"
_PIPE = 1 << 20

_WITHOUT_RECORDS = frozenset(("broadsheet",))  # an export has whole papers, which are stored as they are


class _Told(Struct, frozen=True, omit_defaults=True):
    """Anything but a record; nothing in it: the file was read to its end. `drop`: its sentences as they are kept."""

    drop: tuple[str, Any, Any, bool] | None = None
    fault: tuple[str, str, str] | None = None


_Head = tuple[tuple[int, ...], tuple[Signal, ...], int] | _Told
_head: Callable[[bytes], _Head] = json.Decoder(_Head).decode


@contextmanager
def opened(path: Path, format: str | None, now: datetime) -> Iterator[Iterator[Item | Drop]]:
    """What a file holds, prepared for `ingest.take_in`; a second process reads on from the moment it is opened.

    The items raise as `sources.formats.read`.
    """
    if _is_worth_sharing(path, format):
        with _second_process(str(path), format or "", now.isoformat()) as (process, pipe):
            yield _received(process, pipe, path)
    else:
        with closing(_items(formats.read(path, format, now=now), now)) as items:
            yield items


def _items(items: Iterator[formats.Item | Drop], now: datetime) -> Generator[Item | Drop, None, None]:
    for item in united(items):
        yield prepare(item.record, now, item.again) if isinstance(item, Listed) else item


def _is_worth_sharing(path: Path, format: str | None) -> bool:
    """Whether there is a core for a second process, enough to read, and a file that it can open as well."""
    if not second_process.has_core() or path.absolute().parts[1:2] in (("dev",), ("proc",)):
        return False
    try:
        is_long = path.is_file() and path.stat().st_size >= LEAST_SHARED
        return is_long and formats.format_of(path, format) not in _WITHOUT_RECORDS
    except (OSError, BroadsheetError):  # of no known format, or nobody may look: told when it is read
        return False


def _received(process: "subprocess.Popen[bytes]", pipe: IO[bytes], path: Path) -> Iterator[Prepared | Drop]:
    lines = _whole_lines(pipe)
    try:
        for line in lines:
            told = _head(line)
            if isinstance(told, tuple):
                if doc := next(lines, b""):
                    yield _prepared(*told, doc)
            elif told.drop:
                source, at, reason, ends = told.drop
                yield Drop(source, heard(at), heard(reason), ends)
            elif told.fault:
                raise FormatError(*told.fault, permanent=True)
            else:
                return
    except DecodeError as e:
        raise FormatError(f"file {path}", f"what the process that reads it sends is garbled ({e})", _AGAIN) from e
    cause = f"the process that reads it ended too early (exit code {process.wait()})"
    raise FormatError(f"file {path}", cause, _AGAIN)


@contextmanager
def _second_process(*arguments: str) -> Iterator[tuple["subprocess.Popen[bytes]", IO[bytes]]]:
    # A group of its own: Ctrl-C is for us alone.
    command = second_process.command_of(__name__, *arguments)
    process = subprocess.Popen(  # noqa: S603 - our own program
        command, bufsize=_PIPE, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, process_group=0
    )
    assert process.stdout
    try:
        _widen(process.stdout)
        yield process, process.stdout
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


def _widen(pipe: IO[bytes]) -> None:
    """Let the pipe hold as much as the system allows; it works with less."""
    if sys.platform == "linux":
        import fcntl
        from contextlib import suppress

        with suppress(OSError):
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE)


def _whole_lines(pipe: IO[bytes]) -> Iterator[bytes]:
    """Lines up to the end, without one that was cut off."""
    return takewhile(lambda line: line.endswith(b"\n"), pipe)


def _prepared(blocks: tuple[int, ...], signals: tuple[Signal, ...], again: int, doc: bytes) -> Prepared:
    return Prepared(paper_from_json(doc), signals, again, blocks, doc[:-1].decode())


def _main(path: str, format: str, now: str) -> None:
    """The second process: write a file's records, prepared, to standard output."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # the other one is gone: so are we, without a word
    gc.set_threshold(100_000, 10, 10)  # records hold no cycles
    sys.setswitchinterval(0.001)  # the writer shall not wait long for the reader
    waiting: Queue[bytes] = Queue(_AHEAD)
    writer = Thread(target=_write, args=(waiting,), daemon=True)
    writer.start()
    try:
        at = datetime.fromisoformat(now)
        _read_into(waiting.put, _items(formats.read(Path(path), format or None, now=at), at))
        waiting.put(_line(_Told()))
    except BroadsheetError as e:
        waiting.put(_line(_Told(fault=(e.subject, e.cause, e.remedy))))
    waiting.put(b"")
    writer.join()


def _write(waiting: "Queue[bytes]") -> None:
    # A buffer of its own: with PYTHONUNBUFFERED a write that is halted half way (Ctrl-Z) loses its other half.
    with open(sys.stdout.fileno(), "wb", closefd=False) as out:
        while data := waiting.get():
            out.write(data)
            out.flush()


def _read_into(put: Callable[[bytes], None], items: Iterator[Item | Drop]) -> None:
    while some := list(islice(items, _AT_ONCE)):
        blocks = iter(identity.fingerprints([item.news for item in some if isinstance(item, Prepared)]))
        put(b"".join([_lines(item, blocks) for item in some]))


def _lines(item: Item | Drop, blocks: Iterator[tuple[int, ...]]) -> bytes:
    if isinstance(item, Drop):
        return _line(_Told(drop=(item.source, kept(item.at), kept(item.reason), item.ends)))
    assert isinstance(item, Prepared), "exports are read where they are stored"
    return b"%s%s\n" % (_line((next(blocks), item.signals, item.again)), paper_to_json(item.news))


def _line(told: _Head) -> bytes:
    return json.encode(told) + b"\n"


if __name__ == "__main__":
    _main(*sys.argv[1:])
