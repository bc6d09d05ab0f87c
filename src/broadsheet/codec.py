"""Papers and profiles as JSON: one compact object each, the shape of stored documents and of our own export.

Fields have the names of `broadsheet.types` and are left out where empty; days and times are ISO 8601, times in UTC.
An author who is a name only is a string. What `paper_to_json` wrote is read fast and for its types only: text from
elsewhere is checked by the reader of the file (`sources.formats.export`).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, ValidationError, convert, json, to_builtins
from msgspec.structs import replace

from broadsheet.types import Announcement, Author, Enrichment, Link, Outline, Paper, Profile, Version

Json = dict[str, Any]


class _Document(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A Paper as it is written: the order of its fields is that of the JSON."""

    key: str
    aliases: tuple[str, ...]
    title: str
    abstract: str = ""
    authors: tuple[str | Author, ...] = ()
    categories: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    versions: tuple[Version, ...] = ()
    announcements: tuple[Announcement, ...] = ()
    links: tuple[Link, ...] = ()
    enrichments: tuple[Enrichment, ...] = ()
    venue: str | None = None
    licence: str | None = None
    comment: str | None = None
    withdrawn: bool = False
    added: datetime
    sources: tuple[str, ...] = ()


_encode = json.Encoder().encode
_decode = json.Decoder(_Document).decode
_decode_outline = json.Decoder(Outline).decode


def time_to_text(at: datetime) -> str:
    """ISO 8601 in UTC; a time without a zone is taken as UTC."""
    return _utc(at).isoformat()


def paper_to_json(paper: Paper) -> bytes:
    """A Paper as one line of JSON without its line end."""
    return _encode(_written(paper))


def paper_from_json(data: bytes | str) -> Paper:
    """The Paper that `paper_to_json` wrote."""
    return _read(_decode(data))


def outline_from_json(data: bytes | str) -> Outline:
    """The outline of a Paper that `paper_to_json` wrote, several times as fast as the whole of it."""
    return _decode_outline(data)


def paper_to_dict(paper: Paper) -> Json:
    """A Paper as JSON values."""
    doc: Json = to_builtins(_written(paper))
    return doc


def paper_from_dict(doc: Mapping[str, Any]) -> Paper:
    """The Paper that `paper_to_dict` made, after a round trip through JSON; other names are passed over."""
    return _read(convert(doc, _Document))


def profile_to_dict(profile: Profile) -> Json:
    """The fields of a Profile that say something, ready for JSON."""
    doc: Json = to_builtins(profile)
    return doc


def profile_from_dict(doc: Mapping[str, Any]) -> Profile:
    """The Profile that `profile_to_dict` wrote. Raises ValueError for what is none."""
    try:
        return convert(doc, Profile)
    except ValidationError as e:
        raise ValueError(f"a profile is not like this: {e}") from None


def _written(paper: Paper) -> _Document:
    return _Document(
        key=paper.key,
        aliases=paper.aliases,
        title=paper.title,
        abstract=paper.abstract,
        authors=tuple([a.name if a.affiliation is None and a.orcid is None else a for a in paper.authors]),
        categories=paper.categories,
        published=paper.published and _utc(paper.published),
        updated=paper.updated and _utc(paper.updated),
        versions=tuple([v if v.date is None else _dated(v, v.date) for v in paper.versions]),
        announcements=tuple([a if a.at is None else _timed(a, a.at) for a in paper.announcements]),
        links=paper.links,
        enrichments=paper.enrichments,
        venue=paper.venue,
        licence=paper.licence,
        comment=paper.comment,
        withdrawn=paper.withdrawn,
        added=_utc(paper.added),
        sources=paper.sources,
    )


def _read(doc: _Document) -> Paper:
    return Paper(
        key=doc.key,
        aliases=doc.aliases,
        title=doc.title,
        abstract=doc.abstract,
        authors=tuple([Author(a) if a.__class__ is str else a for a in doc.authors]),  # type: ignore[misc]
        categories=doc.categories,
        published=doc.published,
        updated=doc.updated,
        versions=doc.versions,
        announcements=doc.announcements,
        links=doc.links,
        enrichments=doc.enrichments,
        venue=doc.venue,
        licence=doc.licence,
        comment=doc.comment,
        withdrawn=doc.withdrawn,
        added=doc.added,
        sources=doc.sources,
    )


def _utc(at: datetime) -> datetime:
    if at.tzinfo is UTC:
        return at
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _dated(version: Version, at: datetime) -> Version:
    return version if at.tzinfo is UTC else replace(version, date=_utc(at))


def _timed(announcement: Announcement, at: datetime) -> Announcement:
    return announcement if at.tzinfo is UTC else replace(announcement, at=_utc(at))
