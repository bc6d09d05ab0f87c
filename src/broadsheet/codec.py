"""Papers and records as JSON: one compact object each, the shape of stored documents and of our own export.

Fields have the names of `broadsheet.types` and are left out where empty; days and times are ISO 8601, times in UTC.
An author who is a name only is a string. `*_from_json` read what `*_to_json` wrote, fast and without checks:
text from elsewhere is checked by the reader of the file (`sources.formats.broadsheet`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

import orjson

from broadsheet.types import Announcement, Author, Enrichment, Link, Paper, Profile, Record, Signal, Version, Work

Json = dict[str, Any]

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


def profile_to_dict(profile: Profile) -> Json:
    """The fields of a Profile that say something, ready for JSON."""
    doc = {name: value for name, value in asdict(profile).items() if value not in ((), None)}
    return doc | {"since": time_to_text(profile.since)} if profile.since else doc


def profile_from_dict(doc: Mapping[str, Any]) -> Profile:
    """The Profile that `profile_to_dict` wrote. Raises ValueError or TypeError for other values; a profile is small."""
    fields: Json = {}
    for name, value in doc.items():
        if name not in _PROFILE:
            raise ValueError(f"a profile has no {name}")
        fields[name] = _PROFILE[name](value)
    return Profile(**fields)


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
        raise TypeError(f"{value!r} is no list of texts")
    return tuple(value)


_PROFILE: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("seeds", "about", "include", "exclude", "categories", "authors"), _texts),
    "terms": lambda rows: tuple((str(term), float(weight)) for term, weight in rows),
    "most": int,
    "least": float,
    "since": _time,
}


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
    """The fields that are there, as the constructor takes them; names that are no fields are passed over."""
    fields: Json = {"title": doc["title"]}
    for name, value in doc.items():
        if name in _AS_THEY_ARE:
            fields[name] = value
        elif name in _READ:
            fields[name] = _READ[name](value)
    return fields


def _author_out(author: Author) -> str | Json:
    if author.affiliation is None and author.orcid is None:
        return author.name
    doc = {"name": author.name}
    if author.affiliation is not None:
        doc["affiliation"] = author.affiliation
    if author.orcid is not None:
        doc["orcid"] = author.orcid
    return doc


def _author_in(doc: Json) -> Author:
    return Author(doc["name"], doc.get("affiliation"), doc.get("orcid"))


def _announcement_out(announcement: Announcement) -> list[str]:
    row = [announcement.source, announcement.day.isoformat(), announcement.kind]
    return row if announcement.by is None else [*row, announcement.by]


def _announcement_in(row: Sequence[Any]) -> Announcement:
    return Announcement(row[0], _day(row[1]), *row[2:])


def _version_in(row: Sequence[Any]) -> Version:
    return Version(row[0], _time(row[1]) if len(row) > 1 else None)


def _authors_in(rows: Sequence[Any]) -> tuple[Author, ...]:
    return tuple([Author(row) if row.__class__ is str else _author_in(row) for row in rows])


_AS_THEY_ARE = frozenset(("abstract", "venue", "licence", "comment", "withdrawn"))

_READ: dict[str, Callable[[Any], Any]] = {
    "authors": _authors_in,
    "categories": tuple,
    "published": _time,
    "updated": _time,
    "versions": lambda rows: tuple([_version_in(row) for row in rows]),
    "announcements": lambda rows: tuple([_announcement_in(row) for row in rows]),
    "links": lambda rows: tuple([Link(kind, url) for kind, url in rows]),
    "enrichments": lambda rows: tuple([Enrichment(source, kind, value) for source, kind, value in rows]),
}
