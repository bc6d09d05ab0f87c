"""One answer of arXiv's OAI-PMH service as records: the formats `arXiv`, `arXivRaw` and `oai_dc`.

A format is told by the name of its element, as mirrors leave namespaces out. A record carries the newest version
only, its `datestamp` is the last modification, and a withdrawn paper is a version with a note, not a deletion.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from xml.etree.ElementTree import Element

from msgspec.structs import replace

from broadsheet.errors import FormatError
from broadsheet.sources import arxiv_calendar as calendar
from broadsheet.sources import arxiv_work, moments, xmltree
from broadsheet.text import one_line
from broadsheet.types import Announcement, Author, Drop, Record, Version
from broadsheet.words.said import said

NAME = "arxiv-oai"
SUBJECT = "arxiv OAI-PMH"
FRESH = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed answer. `count` is how many records it lists; `token` leads to the next page; `error` is the
    protocol's code and text. `day` is the server's date.
    """

    day: date | None
    records: tuple[Record, ...] = ()
    drops: tuple[Drop, ...] = ()
    count: int = 0
    token: str | None = None
    error: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class _Item:
    record: Record
    stamp: date | None


def parse(body: bytes, *, now: datetime) -> Page:
    """Read an answer to any verb. Raises FormatError where it is none; a record that cannot be read is dropped."""
    root = xmltree.parse(body, SUBJECT)
    if xmltree.local(root) != "OAI-PMH":
        raise FormatError(
            SUBJECT, said("answered <%(what)s> instead of OAI-PMH", what=xmltree.local(root)), "check arxiv.oai_url"
        )
    day = moments.day(xmltree.text(root, "responseDate"))
    error = xmltree.child(root, "error")
    if error is not None:
        return Page(day, error=(error.get("code") or "unknown", one_line("".join(error.itertext()))))
    listed = next((e for e in root if xmltree.local(e) in {"ListRecords", "GetRecord"}), None)
    if listed is None:
        return Page(day)
    elements = xmltree.children(listed, "record")
    items, drops = [], []
    for number, element in enumerate(elements, 1):
        read = _item(element, now)
        if isinstance(read, _Item):
            items.append(read)
        else:
            drops.append(Drop(NAME, _place(element, number), read))
    token = xmltree.text(listed, "resumptionToken") or None
    return Page(day, _listed(items), tuple(drops), len(elements), token)


def _listed(items: Sequence[_Item]) -> tuple[Record, ...]:
    """The records, each with the day on which it was most likely announced, which this format does not say.

    A paper that was never replaced or edited still has the day it came out as its datestamp. Of all others only
    `created` is known; how it relates to the announcement is learnt from the former: arXiv's is the day of
    submission, but some mirrors write the day of announcement there.
    """
    fresh = [item for item in items if _is_fresh(item)]
    same = sum(1 for item in fresh if item.stamp == _created(item))
    announced_then = same * 2 > len(fresh)
    return tuple(_with_day(item, announced_then) for item in items)


def _created(item: _Item) -> date | None:
    return item.record.published.date() if item.record.published else None


def _is_fresh(item: _Item) -> bool:
    created = _created(item)
    if item.record.updated or created is None or item.stamp is None:
        return False
    return created <= item.stamp <= created + FRESH


def _with_day(item: _Item, announced_then: bool) -> Record:
    created = _created(item)
    if created is None:
        return item.record
    if _is_fresh(item) and item.stamp is not None:
        day = calendar.next_announcement_day(item.stamp)
    else:
        day = calendar.next_announcement_day(created) if announced_then else calendar.announcement_day(created)
    return replace(item.record, announcements=(Announcement(NAME, day, "listed"),))


def _place(element: Element, number: int) -> str:
    header = xmltree.child(element, "header")
    name = xmltree.text(header, "identifier") if header is not None else ""
    return f"record {number} ({name})" if name else f"record {number}"


def _item(element: Element, now: datetime) -> _Item | str:
    """The record of one element, or why there is none."""
    header = xmltree.child(element, "header")
    if header is not None and header.get("status") == "deleted":
        return "deleted by the source"
    metadata = xmltree.child(element, "metadata")
    data = next(iter(metadata), None) if metadata is not None else None
    if data is None:
        return "no metadata"
    read = _FORMATS.get(xmltree.local(data))
    if read is None:
        return f"format {xmltree.local(data)!r} is not known"
    named = xmltree.text(header, "identifier") if header is not None else ""
    arxiv_id, _ = arxiv_work.bare_id(xmltree.text(data, "id") or named)
    dois = arxiv_work.split_dois(" ".join((*xmltree.texts(data, "doi"), *_dc_dois(data))))
    ids = arxiv_work.ids(arxiv_id, dois)
    if not ids:
        return f"no arXiv id in {arxiv_id!r}"
    title = xmltree.text(data, "title")
    if not title:
        return "no title"
    record = read(data, Record(source=NAME, seen=now, ids=ids, title=title))
    stamp = moments.day(xmltree.text(header, "datestamp")) if header is not None else None
    return _Item(_finished(record), stamp)


def _finished(record: Record) -> Record:
    comment = record.comment or ""
    return replace(record, withdrawn=arxiv_work.is_withdrawn(comment, record.abstract))


def _arxiv(data: Element, record: Record) -> Record:
    authors = xmltree.child(data, "authors")
    created, updated = _moment(xmltree.text(data, "created")), _moment(xmltree.text(data, "updated"))
    return replace(
        _common(data, record),
        authors=_authors(authors) if authors is not None else (),
        published=created,
        updated=updated,
        versions=() if updated or not created else (Version(1, created),),
    )


def _raw(data: Element, record: Record) -> Record:
    versions = tuple(sorted((v for v in map(_version, xmltree.children(data, "version")) if v), key=_number))
    return replace(
        _common(data, record),
        authors=arxiv_work.split_names(xmltree.text(data, "authors")),
        published=versions[0].date if versions else None,
        updated=versions[-1].date if len(versions) > 1 else None,
        versions=versions,
    )


def _dublin_core(data: Element, record: Record) -> Record:
    told = xmltree.texts(data, "description")
    dates = [moment for moment in map(_moment, xmltree.texts(data, "date")) if moment]
    comments = [text.removeprefix("Comment:").strip() for text in told if text.startswith("Comment:")]
    return replace(
        record,
        abstract=next((text for text in told if not text.startswith("Comment:")), ""),
        comment=comments[0] if comments else None,
        authors=tuple(Author(_turned(name)) for name in xmltree.texts(data, "creator")),
        published=min(dates, default=None),
        updated=max(dates) if len(dates) > 1 else None,
        licence=xmltree.text(data, "rights") or None,
    )


_FORMATS = {"arXiv": _arxiv, "arXivRaw": _raw, "dc": _dublin_core}


def _common(data: Element, record: Record) -> Record:
    return replace(
        record,
        abstract=xmltree.text(data, "abstract"),
        categories=tuple(dict.fromkeys(xmltree.text(data, "categories").split())),
        comment=xmltree.text(data, "comments") or None,
        venue=xmltree.text(data, "journal-ref") or None,
        licence=xmltree.text(data, "license") or None,
    )


def _authors(element: Element) -> tuple[Author, ...]:
    read = (_author(author) for author in xmltree.children(element, "author"))
    return tuple(author for author in read if author.name.strip(":;,. "))


def _author(element: Element) -> Author:
    parts = (xmltree.text(element, name) for name in ("forenames", "keyname", "suffix"))
    return Author(" ".join(part for part in parts if part), "; ".join(xmltree.texts(element, "affiliation")) or None)


def _version(element: Element) -> Version | None:
    number = (element.get("version") or "").removeprefix("v")
    try:
        moment = parsedate_to_datetime(xmltree.text(element, "date"))
    except (ValueError, TypeError, IndexError):
        return Version(int(number)) if number.isdecimal() else None
    utc = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    return Version(int(number), utc) if number.isdecimal() else None


def _number(version: Version) -> int:
    return version.number


def _dc_dois(data: Element) -> list[str]:
    named = xmltree.texts(data, "identifier")
    return [name for name in named if re.match(r"doi:|https?://(?:dx\.)?doi\.org/", name, re.IGNORECASE)]


def _turned(name: str) -> str:
    """`Doe, Jane` as it is read: `Jane Doe`."""
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma and first.strip() else name


def _moment(value: str) -> datetime | None:
    day = moments.day(value)
    return datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None
