"""Files of papers: which formats there are, which one a file is, and its papers one by one.

A format is told by a file's content, never by its name, and files may be packed with gzip or Zstandard. Reading is
streaming: a file of any length needs the memory of its longest record, but for listing pages, which are read whole.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

from broadsheet.errors import FormatError
from broadsheet.sources.formats import arxiv_listing, arxiv_snapshot, bibtex, csl, export, listing, ris
from broadsheet.sources.formats.export import Exported, dump_header, dump_paper
from broadsheet.sources.formats.opening import BUFFER, OpenedFile, open_file
from broadsheet.sources.formats.personal import dump as dump_personal
from broadsheet.types import Drop, Personal, Record
from broadsheet.words.said import said

__all__ = [
    "FORMATS",
    "Exported",
    "Format",
    "Item",
    "detect",
    "dump_header",
    "dump_paper",
    "dump_personal",
    "format_of",
    "open_file",
    "read",
]


Item = Record | Exported | Personal
"""What a file can hold."""


class _Read(Protocol):
    def __call__(self, stream: BinaryIO, /, *, origin: str, now: datetime) -> Iterator[Item | Drop]: ...


@dataclass(frozen=True, slots=True)
class Format:
    """A file format: how to tell it by the first text of a file, and how to read it."""

    what: str
    sniff: Callable[[str], bool]
    read: _Read


FORMATS: dict[str, Format] = {
    "broadsheet": Format("Broadsheet's own export", export.sniff, export.read),
    "arxiv-snapshot": Format("arXiv's metadata snapshot", arxiv_snapshot.sniff, arxiv_snapshot.read),
    "arxiv-listing": Format("daily arXiv listings as JSON lines", arxiv_listing.sniff, arxiv_listing.read),
    "csl-json": Format("CSL-JSON", csl.sniff, csl.read),
    "bibtex": Format("BibTeX", bibtex.sniff, bibtex.read),
    "ris": Format("RIS", ris.sniff, ris.read),
    "listing": Format("the text of a listing page", listing.sniff, listing.read),
}
"""All formats by name, in the order in which they are tried: the strictest marks first."""


def read(path: Path, format: str | None = None, *, now: datetime) -> Iterator[Item | Drop]:
    """The papers of a file, one by one, and a Drop for each that cannot be taken; where it ends early, one that `ends`.

    Raises FormatError before the first one where the file is of no known format.
    """
    with open_file(path) as file:
        yield from FORMATS[_name(file, path, format)].read(file, origin=path.name, now=now)
        if file.fault:
            yield Drop(path.name, said("end"), file.fault, ends=True)


def format_of(path: Path, format: str | None = None) -> str:
    """The name of the format in which `read` reads a file. Raises as `read` does."""
    with open_file(path) as file:
        return _name(file, path, format)


def _name(file: OpenedFile, path: Path, format: str | None) -> str:
    name = format or _detected(file, path)
    if name not in FORMATS:
        raise FormatError(str(path), f"there is no format {name!r}", f"known: {_known()}", permanent=True)
    return name


def _detected(file: OpenedFile, path: Path) -> str:
    head = file.peek(BUFFER)
    if not head and file.fault:
        raise FormatError(str(path), file.fault, "fetch it again", permanent=True)
    return detect(head, str(path))


def detect(head: bytes, name: str) -> str:
    """The format of a file by its first bytes, unpacked; `name` is for the sentence of the FormatError."""
    _refuse_other_kinds(head, name)
    text = head.decode("utf-8-sig", errors="replace").lstrip()
    for format, known in FORMATS.items():
        if known.sniff(text):
            return format
    cause = said("it is a binary file") if b"\0" in head[:4096] else said("not a format that Broadsheet knows")
    remedy = said("known: %(formats)s; say which with --format", formats=_known())
    raise FormatError(name, cause, remedy, permanent=True)


def _known() -> str:
    return ", ".join(FORMATS)


_KINDS: tuple[tuple[re.Pattern[bytes], str, str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), cause, remedy)
    for pattern, cause, remedy in (
        (rb"[\s\0]*\Z", said("it is empty"), ""),
        (rb"%PDF-", said("it is a PDF"), "import a citation of the paper, such as BibTeX"),
        (rb"PK\x03\x04|.{257}ustar|7z\xbc\xaf|\xfd7zXZ|BZh", said("it is an archive"), "unpack it first"),
        (rb"\x1f\x8b|\x28\xb5\x2f\xfd", said("it is packed twice"), "unpack it first"),
        (rb"\xff\xfe|\xfe\xff", said("it is UTF-16"), "save it as UTF-8"),
        (
            rb"(?:\xef\xbb\xbf)?\s*(?:<!--.*?-->\s*)?<(?:!doctype\s+html|html|head|body)\b",
            said("it is an HTML page"),
            "save it as text",
        ),
        (rb"(?:\xef\xbb\xbf)?\s*<[?!a-z]", said("it is XML"), "export it in another format"),
    )
)


def _refuse_other_kinds(head: bytes, name: str) -> None:
    for pattern, cause, remedy in _KINDS:
        if pattern.match(head):
            raise FormatError(name, cause, f"{remedy}; {_known()}" if remedy else _known(), permanent=True)
