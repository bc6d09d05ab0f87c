"""Papers and records as JSON: one compact object each, the shape of stored documents and of our own export.

Fields have the names of `broadsheet.types` and are left out where empty; days and times are ISO 8601, times in UTC.
An author who is a name only is a string. `*_from_json` read what `*_to_json` wrote, fast and without checks:
text from elsewhere is checked by the reader of the file (`sources.formats.broadsheet`).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import orjson

from broadsheet.types import Announcement, Author, Enrichment, Link, Paper, Record, Signal, Version, Work

Json = dict[str, Any]
_T = TypeVar("_T")

_time = datetime.fromisoformat
_day = date.fromisoformat


def time_to_text(at: datetime) -> str:
    """ISO 8601 in UTC; a time without a zone is taken as UTC."""
    if at.tzinfo is not UTC:
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return at.isoformat()


def work_to_dict(work: Work) -> Json:
    """The fields of a Work that say something, ready for JSON."""
    doc: Json = {"title": work.title}
    if work.abstract:
        doc["abstract"] = work.abstract
    if work.authors:
        doc["authors"] = [_author_out(a) for a in work.authors]
    if work.categories:
        doc["categories"] = work.categories
    if work.published is not None:
        doc["published"] = time_to_text(work.published)
    if work.updated is not None:
        doc["updated"] = time_to_text(work.updated)
    _add_lists(doc, work)
    if work.venue is not None:
        doc["venue"] = work.venue
    if work.licence is not None:
        doc["licence"] = work.licence
    if work.comment is not None:
        doc["comment"] = work.comment
    if work.withdrawn:
        doc["withdrawn"] = True
    return doc


def _add_lists(doc: Json, work: Work) -> None:
    if work.versions:
        doc["versions"] = [[v.number] if v.date is None else [v.number, time_to_text(v.date)] for v in work.versions]
    if work.announcements:
        doc["announcements"] = [_announcement_out(a) for a in work.announcements]
    if work.links:
        doc["links"] = [[link.kind, link.url] for link in work.links]
    if work.enrichments:
        doc["enrichments"] = [[e.source, e.kind, e.value] for e in work.enrichments]


def paper_to_dict(paper: Paper) -> Json:
    """A Paper as JSON values."""
    doc = {"key": paper.key, "aliases": paper.aliases, **work_to_dict(paper), "added": time_to_text(paper.added)}
    if paper.sources:
        doc["sources"] = paper.sources
    return doc


def record_to_dict(record: Record) -> Json:
    """A Record as JSON values."""
    doc = {"source": record.source, "seen": time_to_text(record.seen), **work_to_dict(record)}
    if record.ids:
        doc["ids"] = record.ids
    if record.signals:
        doc["signals"] = [signal_to_list(s) for s in record.signals]
    return doc


def signal_to_list(signal: Signal) -> list[str | int]:
    """A Signal as `[source, kind, time, value]`."""
    return [signal.source, signal.kind, time_to_text(signal.at), signal.value]


def signal_from_list(row: Sequence[Any]) -> Signal:
    """The Signal that `signal_to_list` wrote."""
    return Signal(row[0], row[1], _time(row[2]), row[3])


def paper_to_json(paper: Paper) -> bytes:
    """A Paper as one line of JSON without its line end."""
    return orjson.dumps(paper_to_dict(paper))


def paper_from_json(data: bytes | str) -> Paper:
    """The Paper that `paper_to_json` wrote."""
    return paper_from_dict(orjson.loads(data))


def record_to_json(record: Record) -> bytes:
    """A Record as one line of JSON without its line end."""
    return orjson.dumps(record_to_dict(record))


def record_from_json(data: bytes | str) -> Record:
    """The Record that `record_to_json` wrote."""
    return record_from_dict(orjson.loads(data))


def paper_from_dict(doc: Mapping[str, Any]) -> Paper:
    """The Paper that `paper_to_dict` made, after a round trip through JSON."""
    return Paper(
        key=doc["key"],
        aliases=tuple(doc["aliases"]),
        sources=tuple(doc.get("sources", ())),
        added=_time(doc["added"]),
        **_work_fields(doc),
    )


def record_from_dict(doc: Mapping[str, Any]) -> Record:
    """The Record that `record_to_dict` made, after a round trip through JSON."""
    return Record(
        source=doc["source"],
        seen=_time(doc["seen"]),
        ids=tuple(doc.get("ids", ())),
        signals=tuple(map(signal_from_list, doc.get("signals", ()))),
        **_work_fields(doc),
    )


def _work_fields(doc: Mapping[str, Any]) -> Json:
    return {name: read(doc[name]) if read else doc[name] for name, read in _READ.items() if name in doc}


def _author_out(author: Author) -> str | Json:
    if author.affiliation is None and author.orcid is None:
        return author.name
    doc = {"name": author.name}
    if author.affiliation is not None:
        doc["affiliation"] = author.affiliation
    if author.orcid is not None:
        doc["orcid"] = author.orcid
    return doc


def _author_in(doc: str | Json) -> Author:
    return Author(doc) if isinstance(doc, str) else Author(doc["name"], doc.get("affiliation"), doc.get("orcid"))


def _announcement_out(announcement: Announcement) -> list[str]:
    row = [announcement.source, announcement.day.isoformat(), announcement.kind]
    return row if announcement.by is None else [*row, announcement.by]


def _announcement_in(row: Sequence[Any]) -> Announcement:
    return Announcement(row[0], _day(row[1]), *row[2:])


def _version_in(row: Sequence[Any]) -> Version:
    return Version(row[0], _time(row[1]) if len(row) > 1 else None)


def _each(read: Callable[[Any], _T]) -> Callable[[Sequence[Any]], tuple[_T, ...]]:
    return lambda rows: tuple([read(row) for row in rows])


_READ: dict[str, Callable[[Any], Any] | None] = {
    "title": None,
    "abstract": None,
    "authors": _each(_author_in),
    "categories": tuple,
    "published": _time,
    "updated": _time,
    "versions": _each(_version_in),
    "announcements": _each(_announcement_in),
    "venue": None,
    "licence": None,
    "comment": None,
    "links": _each(lambda row: Link(row[0], row[1])),
    "enrichments": _each(lambda row: Enrichment(row[0], row[1], row[2])),
    "withdrawn": None,
}
