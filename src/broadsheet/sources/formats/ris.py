"""RIS files: `TY  - JOUR` to `ER  - `, one tag a line.

Writers differ: line ends and a byte order mark of any kind, one blank or none after the tag, long values on further
lines, an `ER` that is missing. All of these are read.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

from broadsheet.sources.formats.fields import (
    NOT_UTF8,
    BadRecord,
    author,
    category,
    date_of,
    id_of,
    line_of,
    lines,
)
from broadsheet.text import one_line
from broadsheet.types import Drop, Enrichment, Link, Record
from broadsheet.words.said import said

_TAG = re.compile(r"([A-Z][A-Z0-9])(?: {1,2}-(?: |$)|  ?- ?)(.*)")

_MAX_ENTRY = 20_000
"""Lines; more than this between two `TY` is no entry, and is cut so that memory stays bounded."""

Entry = dict[str, list[str]]


def sniff(head: str) -> bool:
    """Whether a line begins an entry."""
    return re.search(r"^TY {1,2}- ?[A-Z]", head, re.MULTILINE) is not None


def read(stream: BinaryIO, *, origin: str, now: datetime) -> Iterator[Record | Drop]:
    """A Record for each entry."""
    for number, block in _blocks(stream):
        try:
            yield _record(_entry(block), now)
        except BadRecord as e:
            yield Drop(origin, line_of(number), e.reason)


def _blocks(stream: BinaryIO) -> Iterator[tuple[int, list[bytes]]]:
    """The lines of each entry with the first one's number; what stands outside and has no tag is no entry."""
    held: list[bytes] = []
    first = 0
    for number, line in _lines(stream):
        if line.startswith(b"TY ") and _has_tag(line):
            if held:
                yield first, held
            held, first = [line], number
        elif line.startswith(b"ER ") and line[3:].strip() in (b"-", b""):
            if held:
                yield first, held
            held = []
        elif held:
            if len(held) < _MAX_ENTRY:
                held.append(line)
        elif _has_tag(line):
            held, first = [line], number
    if held:
        yield first, held


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Numbered lines, which may end as they did on old Macs."""
    number = 0
    for _, line in lines(stream):
        for one in line.splitlines():
            number += 1
            yield number, one


def _has_tag(line: bytes) -> bool:
    return _TAG.match(line[:8].decode("latin-1").rstrip()) is not None


def _entry(block: list[bytes]) -> Entry:
    entry: Entry = {}
    values: list[str] = []
    for raw in block:
        try:
            line = raw.decode().rstrip()
        except UnicodeDecodeError:
            raise BadRecord(NOT_UTF8) from None
        match = _TAG.match(line)
        if match:
            values = entry.setdefault(match[1], [])
            values.append(match[2].strip())
        elif line.strip() and values:
            values[-1] = f"{values[-1]} {line.strip()}"
    return entry


def _record(entry: Entry, now: datetime) -> Record:
    if "TY" not in entry:
        raise BadRecord(said("it does not begin with TY"))
    title = _first(entry, "TI", "T1", "CT")
    if not title:
        raise BadRecord(said("it has no title (TI or T1)"))
    words = [word for value in entry.get("KW", ()) for word in re.split(r"\s*;\s*", value) if word]
    date = next((at for tag in ("DA", "PY", "Y1") for value in entry.get(tag, ()) if (at := date_of(value))), None)
    return Record(
        source="ris",
        seen=now,
        ids=_ids(entry),
        title=title,
        abstract=_first(entry, "AB", "N2"),
        authors=tuple(found for tag in ("AU", "A1") for name in entry.get(tag, ()) if (found := author(name))),
        categories=tuple(dict.fromkeys(word for word in words if category(word) and "." in word)),
        published=date,
        venue=_first(entry, "JO", "JF", "T2", "BT", "C3", "JA") or None,
        comment=_first(entry, "N1") or None,
        links=_links(entry),
        enrichments=tuple(Enrichment("ris", "keyword", word) for word in dict.fromkeys(words)),
    )


def _first(entry: Entry, *tags: str) -> str:
    return next((text for tag in tags for value in entry.get(tag, ()) if (text := one_line(value))), "")


def _ids(entry: Entry) -> tuple[str, ...]:
    found = [
        *(id for value in entry.get("DO", ()) for id in id_of(value, "doi", "arxiv")),
        *(id for value in entry.get("UR", ()) for id in id_of(value)),
        *(
            id
            for tag in ("AN", "M1", "M3", "C7")
            for value in entry.get(tag, ())
            if ":" in value
            for id in id_of(value)
        ),
    ]
    return tuple(dict.fromkeys(found))


def _links(entry: Entry) -> tuple[Link, ...]:
    pages = [Link("other", url) for url in entry.get("UR", ()) if not id_of(url)]
    files = [Link("pdf", url) for url in entry.get("L1", ())]
    return tuple(dict.fromkeys(link for link in (*pages, *files) if link.url.startswith(("http://", "https://"))))
