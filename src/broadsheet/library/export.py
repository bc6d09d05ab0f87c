"""Writing papers out: Broadsheet's own JSONL keeps everything; BibTeX, RIS and CSL-JSON go to other programs."""

import contextlib
import gzip
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal, TypeVar, cast, get_args

from broadsheet.errors import BroadsheetError, UsageError
from broadsheet.library.handle import Library, Progress, no_progress
from broadsheet.types import Reader

if TYPE_CHECKING:
    from broadsheet.store import Connection
    from broadsheet.store.whole import Whole

_Kind = TypeVar("_Kind", bound=str)

Kind = Literal["broadsheet", "bibtex", "ris", "csl-json"]
FORMATS: tuple[Kind, ...] = get_args(Kind)
# What stands before the first entry, between two, and after the last.
_AROUND = {"bibtex": (b"", b"\n", b""), "ris": (b"", b"\r\n", b""), "csl-json": (b"[\n", b",\n", b"\n]\n")}
_BY_SUFFIX: dict[str, Kind] = {".jsonl": "broadsheet", ".bib": "bibtex", ".ris": "ris", ".json": "csl-json"}
_PACKED = (".gz", ".zst")
MOST_FOUND = 100_000


def export(
    lib: Library,
    file: str,
    *,
    format: str | None = None,
    query: str | None = None,
    personal: bool = False,
    progress: Progress = no_progress,
) -> int:
    """Write all papers, or what a search finds, to `file` (`-`: stdout), whole or not at all. Returns how many.

    `personal`: readers with their marks and interests too, which only Broadsheet's own format can hold.
    """
    kind = format_of(file, format, FORMATS, _BY_SUFFIX, "broadsheet")
    if personal and (kind != "broadsheet" or query):
        raise UsageError(f"export {file}", "cannot hold readers", "write all papers in the format broadsheet")
    ids = _found(lib, query) if query else None
    with lib.store.reading() as conn, writing(file, private=personal) as out:
        count = _write(conn, kind, ids, lib.now(), out, progress)
        if personal:
            _write_readers(conn, None, out)
    return count


def export_reader(lib: Library, reader: Reader, file: str) -> None:
    """Write all that is one reader's to `file`, which `import` takes back, here or elsewhere."""
    with writing(file, private=True) as out:
        write_reader(lib, reader, out)


def write_reader(lib: Library, reader: Reader, out: IO[bytes]) -> None:
    """Write all that is one reader's, but for what they sign in with."""
    from broadsheet.sources.formats import dump_header

    with lib.store.reading() as conn:
        out.write(dump_header(lib.now()))
        _write_readers(conn, reader, out)


def _write_readers(conn: "Connection", reader: Reader | None, out: IO[bytes]) -> None:
    from broadsheet.sources.formats import dump_personal
    from broadsheet.store import personal, readers

    for one in readers.every(conn) if reader is None else [reader]:
        for piece in personal.read(conn, one):
            out.write(dump_personal(piece))


def format_of(
    file: str, format: str | None, formats: Sequence[_Kind], by_suffix: Mapping[str, _Kind], piped: _Kind
) -> _Kind:
    """The format that is asked for, or that the name of the file says, packed or not; `piped` for stdout.

    Raises UsageError for one that is none of `formats`.
    """
    suffixes = [s for s in Path(file).suffixes if s not in _PACKED]
    told = piped if file == "-" else by_suffix.get(suffixes[-1] if suffixes else "")
    for kind in formats:
        if kind == (format or told):
            return kind
    cause = f"is not a format to write ({format})" if format else "has a name that says no format"
    raise UsageError(f"export {file}", cause, f"--format takes {', '.join(formats)}")


def _found(lib: Library, query: str) -> list[int]:
    """Store ids of what the words of a query find, best first."""
    return lib.engine.matching_ids(query, MOST_FOUND)


def _write(
    conn: "Connection", kind: Kind, ids: list[int] | None, now: datetime, out: IO[bytes], progress: Progress
) -> int:
    from broadsheet import cite
    from broadsheet.sources.formats import dump_header
    from broadsheet.store import papers, whole

    total = papers.count(conn) if ids is None else len(ids)
    found = _counted(whole.iterate(conn, ids), total, progress)
    lines: Iterator[bytes]
    if kind == "broadsheet":
        out.write(dump_header(now))
        lines = map(dumped, found)
    else:
        first, between, last = _AROUND[kind]
        out.write(first)
        lines = _between(between, (text.encode() for text in cite.entries(kind, (one.known.paper for one in found))))
    for line in lines:
        out.write(line)
    if kind != "broadsheet":
        out.write(last)
    return total


def dumped(one: "Whole") -> bytes:
    """A paper with all that is known of it, as a line of Broadsheet's own format."""
    from broadsheet.sources.formats import Exported, dump_paper

    return dump_paper(Exported(one.known.paper, one.known.parts, one.signals, one.apart, one.earlier))


def _counted(chunks: "Iterator[list[Whole]]", total: int, progress: Progress) -> "Iterator[Whole]":
    done = 0
    for chunk in chunks:
        yield from chunk
        done += len(chunk)
        progress("export", done, total)


def _between(mark: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    for i, piece in enumerate(pieces):
        yield mark + piece if i else piece


@contextlib.contextmanager
def writing(file: str, *, private: bool = False) -> Iterator[IO[bytes]]:
    """A stream to `file`, packed as its name says; the file appears only when all is written.

    `private`: its owner alone may read it.
    """
    if file == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    target = Path(file).expanduser()
    try:
        with (
            _taking_place(target) as place,
            open(place, "wb", opener=_private if private else None) as raw,
            _packed(target.suffix, raw) as out,
        ):
            yield out
    except OSError as e:
        raise BroadsheetError(f"file {file}", f"cannot be written ({e.strerror or e})", "nothing was left there") from e


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@contextlib.contextmanager
def _taking_place(target: Path) -> Iterator[Path]:
    """A path whose file becomes `target` at the end, or is gone; a pipe or a device is written into as it is."""
    from broadsheet.search.files import beside

    if target.exists() and not target.is_file():
        yield target
        return
    made = beside(target)
    try:
        yield made
        made.replace(target)
    finally:
        made.unlink(missing_ok=True)


def _packed(suffix: str, raw: IO[bytes]) -> contextlib.AbstractContextManager[IO[bytes]]:
    if suffix == ".gz":
        return cast("contextlib.AbstractContextManager[IO[bytes]]", gzip.GzipFile(fileobj=raw, mode="wb", mtime=0))
    if suffix == ".zst":
        import zstandard

        return cast(
            "contextlib.AbstractContextManager[IO[bytes]]",
            # Without a checksum, what damage changes inside is read as if it were right.
            zstandard.ZstdCompressor(write_checksum=True).stream_writer(raw, closefd=False),
        )
    return contextlib.nullcontext(raw)
