"""CSL-JSON: what citation processors take and Zotero, Pandoc and Crossref give.

A file is a list of items, an object with `items`, or items one after the other. Items are cut out of the text one by
one, so memory stays that of one item and a broken one costs only itself.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from broadsheet.sources.formats.fields import (
    MAX_LINE,
    BadRecord,
    category,
    date_of,
    id_of,
    json_object,
    kind_of,
    line_of,
    needed,
    text_field,
    year_month_day,
)
from broadsheet.text import one_line
from broadsheet.types import Author, Drop, Enrichment, Link, Record
from broadsheet.words.said import said

Json = dict[str, object]

_CHUNK = 1 << 16

# A string ends at its quote; at the end of a line it is broken, at the end of the text it goes on in the next chunk.
_TOKEN = re.compile(r'"(?:[^"\\\n]|\\.|\\\Z)*+("|(?=\n)|\Z)|\n([ \t]*)\{|[{}]', re.DOTALL)
_MARKS = '"[]{}'
_ENVELOPE = re.compile(r'\s*\{\s*"items"\s*:\s*\[')
_STRAY = re.compile(r'"(?:[^"\\\n]|\\.)*+"?|[\[\]{}]|[^\s,\[\]{}"]+')


def sniff(head: str) -> bool:
    """Whether JSON has items as citation processors take them."""
    begins = head.lstrip()[:1]
    return begins in ("[", "{") and '"title"' in head and _OWN_FIELDS.search(head) is not None


_OWN_FIELDS = re.compile(
    r'"type"\s*:\s*"(?:article|paper|chapter|book|thesis|report|manuscript|webpage|dataset|software|document|entry|post|speech|review)'
    r'|"(?:issued|container-title|family|DOI)"\s*:'
)


def read(stream: BinaryIO, *, origin: str, now: datetime) -> Iterator[Record | Drop]:
    """A Record for each item; a Drop says the line and, where another item begins on it before, the item's number."""
    before = 0
    for number, (line, text) in enumerate(items(stream), 1):
        at = line_of(line) if line != before else said("line %(line)s, record %(number)s", line=line, number=number)
        before = line
        try:
            yield record(json_object(text.encode("utf-8", "surrogateescape")), now)
        except BadRecord as e:
            yield Drop(origin, at, e.reason)


def items(stream: BinaryIO) -> Iterator[tuple[int, str]]:
    """The source of each item with the line that it begins on; the last may be cut off."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
    cutter = _Cutter()
    while chunk := stream.read(_CHUNK):
        yield from cutter.feed(decoder.decode(chunk))
    yield from cutter.end()


@dataclass(slots=True)
class _Cutter:
    """Finds whole items at `level` braces deep in a text that comes in chunks.

    Where an item's closing brace is missing, the next item shows by the indentation that the first one had; this
    is not used (`indent` None) where the first item holds objects of the same indentation itself. What stands
    between items (from `gap` on) and is none is given as an item too, so that it is dropped with a reason.
    """

    text: str = ""
    position: int = 0
    line: int = 1
    level: int = -1
    depth: int = 0
    begin: int = -1
    gap: int = 0
    indent: str | None = None
    first: bool = True
    ended: bool = False

    def feed(self, more: str) -> Iterator[tuple[int, str]]:
        self.text += more
        if self.level < 0 and self.text.strip():
            envelope = _ENVELOPE.match(self.text)
            self.level, self.gap = (1, envelope.end()) if envelope else (0, 0)
        for match in _TOKEN.finditer(self.text, self.position):
            if match[0][0] == '"':
                if not match[1] and match.end() == len(self.text):
                    self.position = match.start()
                    break
            elif match[0] == "}":
                self.depth -= 1
                if self.depth == self.level and self.begin >= 0:
                    yield self._take(match.end())
                elif self.depth == self.level:
                    self.gap = match.end()
                self.depth = max(self.depth, self.level)
            else:
                yield from self._open(match)
        else:
            self.position = len(self.text)
        if self.begin >= 0 and self.position - self.begin > MAX_LINE:
            yield self._take(self.position)
        if self.begin < 0 and self.depth == self.level:
            yield from self._strays(self.position, more=True)
        self._forget(self.begin if self.begin >= 0 else self.gap if self.depth == self.level else self.position)

    def end(self) -> Iterator[tuple[int, str]]:
        if self.begin >= 0:
            yield self._take(len(self.text))
        elif self.depth == self.level:
            yield from self._strays(len(self.text))

    def _open(self, match: re.Match[str]) -> Iterator[tuple[int, str]]:
        inside = self.begin >= 0 and self.depth > self.level
        if inside and match[2] is not None and match[2] == self.indent:
            if self.first:
                self.indent = None
            else:
                yield self._take(match.start())
                inside, self.depth = False, self.level
        if not inside and self.depth == self.level:
            yield from self._strays(match.start())
            if not self.ended:
                self.begin = match.end() - 1
                self.indent = match[2] if self.first else self.indent
        self.depth += 1

    def _take(self, end: int) -> tuple[int, str]:
        taken = self._line_of(self.begin), self.text[self.begin : end]
        self.begin, self.gap, self.first = -1, end, False
        return taken

    def _strays(self, end: int, *, more: bool = False) -> Iterator[tuple[int, str]]:
        """What stands in the gap up to `end`: each value by itself, or all together as they have names."""
        found = []
        for match in _STRAY.finditer(self.text, self.gap, end):
            if more and match.end() == end and match[0][0] not in _MARKS:
                break  # it may go on in the next chunk
            self.gap = match.end()
            self.ended = self.ended or (self.level == 1 and match[0] == "]")
            if not self.ended and match[0] not in _MARKS[1:]:
                found.append(match)
        if any(match[0].startswith(":") for match in found):
            yield self._line_of(found[0].start()), self.text[found[0].start() : end]
        else:
            yield from ((self._line_of(match.start()), match[0]) for match in found)

    def _line_of(self, place: int) -> int:
        return self.line + self.text.count("\n", 0, place)

    def _forget(self, end: int) -> None:
        self.line += self.text.count("\n", 0, end)
        self.text, self.position, self.gap = self.text[end:], self.position - end, max(0, self.gap - end)
        self.begin = -1 if self.begin < end else self.begin - end


def record(item: Json, now: datetime) -> Record:
    """The Record of one item. Raises BadRecord."""
    return Record(
        source="csl",
        seen=now,
        ids=_ids(item),
        title=needed(item, "title"),
        abstract=text_field(item, "abstract"),
        authors=tuple(found for name in _list(item, "author") if (found := _author(name))),
        categories=tuple(word for word in _words(item) if category(word) and "." in word),
        published=_date(item.get("issued")),
        venue=text_field(item, "container-title") or text_field(item, "event-title") or None,
        comment=_comment(item),
        links=_links(item),
        enrichments=tuple(Enrichment("csl", "keyword", word) for word in _words(item)),
    )


def _list(item: Json, name: str) -> list[object]:
    value = item.get(name, [])
    if value is None or isinstance(value, list):
        return value or []
    raise BadRecord(said("its %(name)s is %(kind)s, not a list", name=name, kind=kind_of(value)))


def _author(name: object) -> Author | None:
    if not isinstance(name, dict):
        raise BadRecord(said("an author is %(kind)s, not an object", kind=kind_of(name)))
    particles = (text_field(name, "non-dropping-particle"), text_field(name, "dropping-particle"))
    parts = (text_field(name, "given"), *particles, text_field(name, "family"), text_field(name, "suffix"))
    whole = text_field(name, "literal") or one_line(" ".join(parts))
    return Author(whole, orcid=_orcid(text_field(name, "ORCID"))) if whole else None


def _orcid(text: str) -> str | None:
    return text.rpartition("/")[2] or None


def _words(item: Json) -> list[str]:
    """Keywords: Pandoc and Zotero write one text, some writers a list."""
    value = item.get("keyword")
    words = value if isinstance(value, list) else re.split(r"[,;]", text_field(item, "keyword"))
    return list(dict.fromkeys(one_line(word) for word in words if isinstance(word, str) and word.strip()))


def _date(issued: object) -> datetime | None:
    if isinstance(issued, str):
        return date_of(issued)
    if not isinstance(issued, dict):
        return None
    parts = issued.get("date-parts")
    first = parts[0] if isinstance(parts, list) and parts else None
    if isinstance(first, list) and first:
        return year_month_day(*[*first, None, None][:3])
    text = issued.get("literal") or issued.get("raw")
    return date_of(text) if isinstance(text, str) else None


# Zotero puts what CSL has no field for into lines of the note: `arXiv:2101.00001 [cs]`, `PMID: 123`.
_NOTE_ID = re.compile(r"(?:arxiv|doi|pmid|openreview|acl|s2|corpusid)\s*:\s*\S+(?:\s*\[[\w.-]+\])?", re.IGNORECASE)


def _note(item: Json) -> list[str]:
    note = item.get("note")
    return [line.strip() for line in note.splitlines()] if isinstance(note, str) else []


def _ids(item: Json) -> tuple[str, ...]:
    pmid = item.get("PMID")
    number = text_field(item, "number") if isinstance(item.get("number"), str) else ""
    found = [
        *id_of(text_field(item, "DOI"), "doi", "arxiv"),
        *id_of(text_field(item, "URL")),
        *(id_of(f"pmid:{pmid}") if isinstance(pmid, str | int) else ()),
        *(id_of(number) if ":" in number else ()),
        *(id for line in _note(item) if _NOTE_ID.fullmatch(line) for id in id_of(line)),
    ]
    return tuple(dict.fromkeys(found))


def _comment(item: Json) -> str | None:
    return one_line(" ".join(line for line in _note(item) if not _NOTE_ID.fullmatch(line))) or None


def _links(item: Json) -> tuple[Link, ...]:
    url = text_field(item, "URL")
    return (Link("other", url),) if url.startswith(("http://", "https://")) and not id_of(url) else ()
