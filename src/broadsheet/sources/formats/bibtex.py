"""BibTeX and BibLaTeX files, as reference managers and publishers write them.

bibtexparser finds the blocks and their raw fields; what a field says (strings, `#`, braces, names) is read here.
Entries are handed to it a few hundred at a time, so a file of any length needs the memory of those.
TeX in titles, abstracts and names is kept as it is.
"""

import logging
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO

from broadsheet.sources.formats.fields import (
    MAX_LINE,
    NOT_UTF8,
    BadRecord,
    author,
    category,
    date_of,
    id_of,
    line_of,
    lines,
    month_number,
    year_month_day,
)
from broadsheet.text import one_line
from broadsheet.types import Author, Drop, Enrichment, Link, Record
from broadsheet.words.said import said

if TYPE_CHECKING:
    from bibtexparser.model import Block, Entry

CHUNK = 200
"""Entries parsed at once."""

Fields = Mapping[str, str]

_START = re.compile(rb"\s*@\s*[A-Za-z]+\s*[{(]")


def sniff(head: str) -> bool:
    """Whether a line begins an entry."""
    return _ENTRY.search(head) is not None


_ENTRY = re.compile(r"^[ \t]*@[ \t]*[A-Za-z]+[ \t]*[{(]\s*[^\s{}()=,]*\s*(?:,|=|$)", re.MULTILINE)


def read(stream: BinaryIO, *, origin: str, now: datetime) -> Iterator[Record | Drop]:
    """A Record for each entry; `@string`, `@preamble` and `@comment` are no records."""
    strings = dict(_MONTH_STRINGS)
    for first, text, bad in _chunks(stream):
        yield from (Drop(origin, line_of(number), NOT_UTF8) for number in bad)
        for number, found in _parsed(text, strings):
            try:
                yield _record(_entry(found), strings, now)
            except BadRecord as e:
                yield Drop(origin, line_of(first + number), e.reason)


def _chunks(stream: BinaryIO) -> Iterator[tuple[int, str, list[int]]]:
    """Text of up to CHUNK entries with the number of its first line, and the lines where a bad entry was left out."""
    held: list[str] = []
    bad: list[int] = []
    first = 1
    for number, block in _blocks(stream):
        if len(held) == CHUNK:
            yield first, "".join(held), bad
            held, bad, first = [], [], number
        try:
            held.append(block.decode())
        except UnicodeDecodeError:
            bad.append(number)
            held.append("\n" * block.count(b"\n"))
    yield first, "".join(held), bad


def _blocks(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Pieces that begin at an `@word{` at the start of a line, each with its line's number."""
    held: list[bytes] = []
    first, size = 1, 0
    for number, line in lines(stream):
        if held and (_START.match(line) or size > MAX_LINE):
            yield first, b"".join(held)
            held, first, size = [], number, 0
        held.append(line.replace(b"\r\n", b"\n"))
        size += len(line)
    yield first, b"".join(held)


def _parsed(text: str, strings: dict[str, str]) -> Iterator[tuple[int, "Block"]]:
    """The entries and failures of a text with their lines; `@string`s go into `strings`."""
    from bibtexparser.entrypoint import parse_string
    from bibtexparser.model import Entry, ParsingFailedBlock, String

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # its failures become Drops here
    for block in parse_string(text, parse_stack=[]).blocks:
        if isinstance(block, String):
            strings[block.key.lower()] = _value(block.value, strings)
        elif isinstance(block, Entry | ParsingFailedBlock):
            yield block.start_line or 0, block


def _entry(block: "Block") -> "Entry":
    """The entry, also where its citation key or a field came before. Raises BadRecord for a broken one."""
    from bibtexparser.model import Entry

    entry = block if isinstance(block, Entry) else getattr(block, "ignore_error_block", None)
    if isinstance(entry, Entry):
        return entry
    raw = one_line(block.raw or "")[:60]
    raise BadRecord(
        said("the entry %(entry)s is broken, most often by a brace or quote without its partner", entry=repr(raw))
    )


def _record(entry: "Entry", strings: Fields, now: datetime) -> Record:
    fields: dict[str, str] = {}
    for field in entry.fields:
        name, value = field.key.lower(), _value(field.value, strings)
        if value:  # a second pair of braces keeps a title's capitals, but holds a group's name together
            fields.setdefault(name, value if name == "author" else _bare(value))
    if not fields.get("title"):
        raise BadRecord(said("the entry %(entry)s has no title", entry=repr(entry.key)))
    return Record(
        source="bibtex",
        seen=now,
        ids=_ids(fields),
        title=_title(fields),
        abstract=fields.get("abstract", ""),
        authors=tuple(_authors(fields.get("author", ""))),
        categories=_categories(fields),
        published=_published(fields),
        venue=_venue(fields),
        comment=fields.get("note") or fields.get("comment"),
        links=_links(fields),
        enrichments=tuple(Enrichment("bibtex", "keyword", word) for word in _keywords(fields)),
    )


def _title(fields: Fields) -> str:
    subtitle = fields.get("subtitle")
    return f"{fields['title']}: {subtitle}" if subtitle else fields["title"]


def _venue(fields: Fields) -> str | None:
    names = ("journal", "journaltitle", "booktitle", "eventtitle")
    venue = next((fields[name] for name in names if name in fields), None)
    return None if venue is None or _PREPRINT.match(venue) else venue


_PREPRINT = re.compile(r"(?:arxiv|corr)(?:$|[\s:.,]*(?:preprint|e-?prints?|abs/|arxiv)|:\d)", re.IGNORECASE)


def _ids(fields: Fields) -> tuple[str, ...]:
    eprint, kind = fields.get("eprint", ""), fields.get("archiveprefix", fields.get("eprinttype", "arxiv")).lower()
    found = [
        *(id_of(eprint, "arxiv") if kind == "arxiv" else id_of(f"{kind}:{eprint}")),
        *id_of(fields.get("doi", ""), "doi", "arxiv"),
        *id_of(_unescaped(fields.get("url", ""))),
        *id_of("pmid:" + fields.get("pmid", "")),
        *(id for word in fields.get("identifiers", "").split() for id in id_of(word)),
        *(id for name in ("journal", "note", "howpublished") for id in _arxiv_mention(fields.get(name, ""))),
    ]
    return tuple(dict.fromkeys(found))


def _arxiv_mention(text: str) -> tuple[str, ...]:
    """The id in `arXiv preprint arXiv:2101.00001`, the usual way where there is no eprint field, and nothing else."""
    match = _MENTION.fullmatch(text.strip())
    return id_of(match[1], "arxiv") if match else ()


_MENTION = re.compile(
    r"(?:arxiv\s+(?:e-?prints?|preprint)[\s,:]*)?(arxiv:\s*\S+?)(?:\s*\[[\w.-]+\])?(?:\s*\(?[12][0-9]{3}\)?)?[.,]?",
    re.IGNORECASE,
)


def _published(fields: Fields) -> datetime | None:
    if "date" in fields and (found := date_of(fields["date"])):
        return found
    return year_month_day(fields.get("year"), month_number(fields.get("month", "")), fields.get("day"))


def _authors(text: str) -> Iterator[Author]:
    for name in split_names(text):
        if name.lower() == "others":
            continue
        bare = _bare(name)
        found = Author(one_line(bare)) if bare != name else author(name)
        if found is not None and found.name:
            yield found


def split_names(text: str) -> list[str]:
    """The names between ` and `s outside of braces."""
    names, start, depth = [], 0, 0
    for match in _JOINT.finditer(text):
        if match[0] in "{}":
            depth += 1 if match[0] == "{" else -1
        elif depth <= 0:
            names.append(text[start : match.start()].strip())
            start = match.end()
    names.append(text[start:].strip())
    return [name for name in names if name]


_JOINT = re.compile(r"[{}]|\s+and\s+(?=\S)", re.IGNORECASE)


def _keywords(fields: Fields) -> list[str]:
    words = re.split(r"\s*[,;]\s*", fields.get("keywords", fields.get("keyword", "")))
    return list(dict.fromkeys(word for word in words if word))


def _categories(fields: Fields) -> tuple[str, ...]:
    words = [fields.get("primaryclass", fields.get("eprintclass", "")), *_keywords(fields)]
    return tuple(dict.fromkeys(word for word in words if category(word) and ("." in word or word == words[0])))


def _links(fields: Fields) -> tuple[Link, ...]:
    url = _unescaped(fields.get("url", ""))
    return (Link("other", url),) if url.startswith(("http://", "https://")) and not id_of(url) else ()


def _unescaped(url: str) -> str:
    return re.sub(r"\\([%&_#~$])", r"\1", url).removeprefix("\\url{").removesuffix("}")


def _value(raw: str, strings: Fields) -> str:
    """What a field's source says: pieces joined by `#`, each in braces, in quotes, a number or a string's name."""
    pieces = []
    for piece in _pieces(raw.strip()):
        if piece[:1] == '"' and piece[-1:] == '"' and len(piece) > 1:
            pieces.append(piece[1:-1])
        elif (bare := _bare(piece)) != piece:
            pieces.append(bare)
        else:
            pieces.append(strings.get(piece.lower(), piece))
    return one_line("".join(pieces))


def _pieces(raw: str) -> list[str]:
    if "#" not in raw or _bare(raw) != raw:
        return [raw]
    pieces, start, depth, quoted = [], 0, 0, False
    for i, char in enumerate(raw):
        if char == '"' and depth == 0:
            quoted = not quoted
        depth += (char == "{") - (char == "}")
        if char == "#" and depth == 0 and not quoted:
            pieces.append(raw[start:i].strip())
            start = i + 1
    return [*pieces, raw[start:].strip()]


def _bare(text: str) -> str:
    """Without the one pair of braces around all of it, where there is one."""
    if text[:1] != "{" or text[-1:] != "}":
        return text
    depth = 0
    for match in re.finditer(r"\\.|[{}]", text):
        depth += (match[0] == "{") - (match[0] == "}")
        if depth == 0 and match.end() < len(text):
            return text
    return text[1:-1].strip() if depth == 0 else text


_MONTH_STRINGS = {
    "jan": "January",
    "feb": "February",
    "mar": "March",
    "apr": "April",
    "may": "May",
    "jun": "June",
    "jul": "July",
    "aug": "August",
    "sep": "September",
    "oct": "October",
    "nov": "November",
    "dec": "December",
}
