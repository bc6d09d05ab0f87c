"""Collections out of files and into them: references of other programs, lists of ids, Markdown to read."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, get_args

from broadsheet import cite
from broadsheet.errors import FormatError, NotFound
from broadsheet.library.export import dumped, format_of, writing
from broadsheet.library.handle import Library, Progress, no_progress
from broadsheet.library.interest import seeding
from broadsheet.library.readers import find_reader
from broadsheet.library.shelf import collections
from broadsheet.library.shelf.collections import CollectionView, Filed
from broadsheet.text import canonical_id

if TYPE_CHECKING:
    from broadsheet.library.interest.seeding import Seeds

Kind = Literal["bibtex", "ris", "csl-json", "markdown", "broadsheet"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
SUFFIXES: Final[dict[str, Kind]] = {
    ".bib": "bibtex",
    ".ris": "ris",
    ".json": "csl-json",
    ".md": "markdown",
    ".jsonl": "broadsheet",
}
IDS: Final = "ids"
"""The format of a file that has an id or an address on most of its lines; the others are dropped."""

_LONGEST_LIST = 1_000_000  # bytes of a list of ids: some 50,000


def import_into(
    lib: Library,
    reader: str | None,
    name: str,
    files: Sequence[str],
    *,
    format: str | None = None,
    progress: Progress = no_progress,
    takes_in: bool = True,
) -> Filed:
    """Put the papers of files into a reader's collection, in their order and as one action; those that the library
    lacks come into it, unless the files are of somebody who must not add any (`takes_in`). A collection that is not
    there yet is made.

    Raises FormatError for a file that cannot be read; what was read before it is in the library then, not in the
    collection.
    """
    from broadsheet.store import papers

    who = find_reader(lib, reader)
    seeds = seeding.Seeds()
    for file in files:
        seeds.add(_read(lib, file, format, progress, takes_in=takes_in))
    try:
        there = collections.find(lib, who.name, name)
    except NotFound:
        there = collections.make(lib, who.name, name).collection
    with lib.store.writing() as conn:
        ids = papers.ids(conn, seeds.keys)
        filed = collections.put(
            conn, who, there, list(dict.fromkeys(ids[k] for k in seeds.keys if k in ids)), lib.now()
        )
    return replace(filed, fetched=seeds.fetched, dropped=tuple(seeds.dropped))


def written(lib: Library, view: CollectionView, kind: Kind) -> bytes:
    """The papers of a collection as a file."""
    listed = [one.paper for one in view.papers or ()]
    if kind == "broadsheet":
        return _whole(lib, [paper.key for paper in listed])
    if kind == "markdown":
        return cite.to_markdown(listed, view.collection.name, view.collection.note).encode(errors="replace")
    write = {"bibtex": cite.to_bibtex, "ris": cite.to_ris, "csl-json": cite.to_csl}[kind]
    return write(listed).encode(errors="replace")


def kind_of(file: str, format: str | None) -> Kind:
    """The format that is asked for, or that a file's name says; Markdown for stdout. Raises UsageError."""
    return format_of(file, format, KINDS, SUFFIXES, "markdown")


def write_file(file: str, data: bytes) -> None:
    """Write a file (`-`: stdout), whole or not at all. Raises BroadsheetError in one sentence."""
    with writing(file) as out:
        out.write(data)


def _read(lib: Library, file: str, format: str | None, progress: Progress, *, takes_in: bool) -> "Seeds":
    place = "/dev/stdin" if file == "-" else file
    named = _ids_in(Path(place).expanduser()) if format in (None, IDS) else None
    if named is not None:
        return seeding.named(lib, named, progress)
    if format == IDS:
        cause = "has an id or an address on less than half of its lines"
        raise FormatError(f"file {file}", cause, "leave --format out", permanent=True)
    if not takes_in:
        return seeding.recognise(lib, place, progress, format=format)
    return seeding.of_file(lib, place, progress, format=format, who="collection import")


def _ids_in(path: Path) -> list[str] | None:
    """The lines of a file most of which are ids; those that begin with # are passed over. None for another file."""
    if not path.is_file() or path.stat().st_size > _LONGEST_LIST:
        return None
    try:
        lines = [line.strip() for line in path.read_text("utf-8-sig").splitlines()]
    except (OSError, UnicodeDecodeError):
        return None
    named = [line for line in lines if line and not line.startswith("#")]
    ids = sum(len(line.split()) == 1 and canonical_id(line) is not None for line in named)
    return named if ids and 2 * ids >= len(named) else None


def _whole(lib: Library, keys: Sequence[str]) -> bytes:
    from broadsheet.sources.formats import dump_header
    from broadsheet.store import papers, whole

    with lib.store.reading() as conn:
        ids = papers.ids(conn, keys)
        found = whole.iterate(conn, [ids[key] for key in keys if key in ids])
        return dump_header(lib.now()) + b"".join(dumped(one) for chunk in found for one in chunk)
