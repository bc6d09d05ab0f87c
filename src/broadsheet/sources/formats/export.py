"""Broadsheet's own export: a header line, then a stored paper a line with its parts and signals, then readers if asked.

What is read back equals what was stored: keys, aliases, parts, signals, announcements, when it was added, and what a
person took apart from it. A part that is the paper itself is left out.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, BinaryIO, get_args

from msgspec import convert
from msgspec.json import encode

from broadsheet.codec import paper_from_dict, paper_to_dict, time_to_text
from broadsheet.errors import FormatError
from broadsheet.sources.formats import personal
from broadsheet.sources.formats.fields import BadRecord, json_lines, kind_of, of_our_time
from broadsheet.types import AnnouncementKind, Drop, Earlier, LinkKind, Paper, Personal, Signal
from broadsheet.words.said import said

FORMAT_VERSION = 1

Json = dict[str, object]
_Check = Callable[[object], bool]


@dataclass(frozen=True, slots=True)
class Exported:
    """A stored paper out of an export, whole. `apart`: keys of its parts, each with one that is another work."""

    paper: Paper
    parts: tuple[Paper, ...]
    signals: tuple[Signal, ...] = ()
    apart: tuple[tuple[str, str], ...] = ()
    earlier: tuple[Earlier, ...] = ()


def dump_header(now: datetime) -> bytes:
    """The first line of an export."""
    return encode({"broadsheet": FORMAT_VERSION, "exported": time_to_text(now)}) + b"\n"


def dump_paper(whole: Exported) -> bytes:
    """The line of a paper. Without parts it is its own part."""
    doc = paper_to_dict(whole.paper)
    if whole.parts and whole.parts != (whole.paper,):
        doc["parts"] = [paper_to_dict(part) for part in whole.parts]
    if whole.signals:
        doc["signals"] = whole.signals
    if whole.apart:
        doc["apart"] = list(map(list, whole.apart))
    if whole.earlier:
        doc["earlier"] = [[e.part, e.version, time_to_text(e.until), e.title, e.abstract] for e in whole.earlier]
    return encode(doc) + b"\n"


def sniff(head: str) -> bool:
    """Whether the first line is an export's header."""
    return _HEADER.match(head) is not None


_HEADER = re.compile(r'\{\s*"broadsheet"\s*:\s*[0-9]')


def read(stream: BinaryIO, *, origin: str, now: datetime) -> Iterator[Exported | Personal | Drop]:
    """An Exported for each paper, and what is readers'."""
    for item in json_lines(stream, origin, lambda doc: _line(doc, now)):
        if item is not None:
            yield item


def _line(doc: Json, now: datetime) -> Exported | Personal | None:
    if "broadsheet" in doc:
        if doc["broadsheet"] != FORMAT_VERSION:
            cause = f"it has version {doc['broadsheet']!r}, and {FORMAT_VERSION} is known here"
            raise FormatError("Broadsheet export", cause, "read it with a newer Broadsheet", permanent=True)
        return None
    if "reader" in doc:
        return personal.load(doc)
    found = load(doc)
    for paper in (found.paper, *found.parts):
        for announced in paper.announcements:
            of_our_time(announced.day, now)
    return found


def load(doc: Json) -> Exported:
    """The stored paper in one line's object. Raises BadRecord."""
    parts, signals = doc.get("parts", []), doc.get("signals", [])
    apart: Any = doc.get("apart", [])
    if not isinstance(parts, list) or not isinstance(signals, list):
        raise BadRecord(said("its parts or signals are not lists"))
    paper = _paper(doc)
    if not all(_signal(row) for row in signals):
        raise BadRecord(said("a signal is not [source, kind, time, number]"))
    if not _apart(apart):
        raise BadRecord(said("what it is apart from is not pairs of ids"))
    try:
        earlier = tuple(_earlier(*row) for row in doc.get("earlier", ()))  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        raise BadRecord(said("an earlier text is not [part, version, time, title, abstract]")) from None
    pairs = tuple((mine, other) for mine, other in apart if mine != other)
    return Exported(paper, tuple(map(_paper, parts)) or (paper,), convert(signals, tuple[Signal, ...]), pairs, earlier)


def _earlier(part: object, version: object, until: object, title: object, abstract: object) -> Earlier:
    texts = part, until, title, abstract
    if not all(isinstance(text, str) for text in texts) or type(version) is not int:
        raise TypeError
    at = datetime.fromisoformat(str(until))
    if at.tzinfo is None:
        raise ValueError
    return Earlier(str(part), version, at, str(title), str(abstract))


def _paper(doc: object) -> Paper:
    if not isinstance(doc, dict):
        raise BadRecord(said("a part is %(kind)s, not an object", kind=kind_of(doc)))
    for name in ("key", "aliases", "title", "added"):
        if not doc.get(name):
            raise BadRecord(said("it has no %(name)s", name=name))
    for name, check in _FIELDS.items():
        if name in doc and not check(doc[name]):
            raise BadRecord(said("its %(name)s is not what an export holds", name=name))
    if doc["key"] not in doc["aliases"]:
        raise BadRecord(said("its key is not among its aliases"))
    return paper_from_dict(doc)


def _text(value: object) -> bool:
    return isinstance(value, str)


def _address(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://"))


def _number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 53


def _time(value: object) -> bool:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
        return at is not None and at.tzinfo is not None and at.astimezone(UTC) is not None
    except (ValueError, OverflowError):
        return False


def _day(value: object) -> bool:
    return (
        isinstance(value, str)
        and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) is not None
        and _time(value + "T00Z")
    )


def _one_of(values: tuple[str, ...]) -> _Check:
    return lambda value: isinstance(value, str) and value in values


def _each(check: _Check) -> _Check:
    return lambda value: isinstance(value, list) and all(map(check, value))


def _row(*checks: _Check, least: int) -> _Check:
    return lambda value: (
        isinstance(value, list)
        and least <= len(value) <= len(checks)
        and all(check(item) for check, item in zip(checks, value, strict=False))
    )


def _or_null(check: _Check) -> _Check:
    return lambda value: value is None or check(value)


def _id(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[a-z0-9]+:\S+", value) is not None


def _author(value: object) -> bool:
    if not isinstance(value, dict):
        return isinstance(value, str)
    return _text(value.get("name")) and all(value.get(k) is None or _text(value[k]) for k in ("affiliation", "orcid"))


_apart = _each(_row(_id, _id, least=2))
_signal = _row(_text, _text, _time, _number, least=4)

_FIELDS: dict[str, _Check] = {
    "key": _id,
    "aliases": _each(_id),
    "sources": _each(_text),
    "added": _time,
    "title": _text,
    "abstract": _text,
    "authors": _each(_author),
    "categories": _each(_text),
    "published": _time,
    "updated": _time,
    "versions": _each(_row(_number, _or_null(_time), least=1)),
    "announcements": _each(
        _row(_text, _day, _one_of(get_args(AnnouncementKind)), _or_null(_text), _or_null(_time), least=3)
    ),
    "venue": _text,
    "licence": _text,
    "comment": _text,
    "links": _each(_row(_one_of(get_args(LinkKind)), _address, least=2)),
    "enrichments": _each(_row(_text, _text, _text, least=3)),
    "withdrawn": lambda value: isinstance(value, bool),
}
