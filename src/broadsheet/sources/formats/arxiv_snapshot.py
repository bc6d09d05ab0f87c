"""arXiv's metadata snapshot: one JSON object a line, the whole of arXiv in one file of 5 GB and more.

`authors_parsed` holds names as `[family, given, suffix]`, already without TeX; `authors` is the submitted text and
only read where the former is missing. `versions` carry RFC 2822 dates, `update_date` is when the metadata changed.
"""

import calendar
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import BinaryIO

from broadsheet.sources.arxiv_work import ids, split_dois, split_names
from broadsheet.sources.formats.fields import (
    BadRecord,
    arxiv_id,
    category,
    date_of,
    json_lines,
    kind_of,
    needed,
    text_field,
    withdrawn,
)
from broadsheet.text import one_line
from broadsheet.types import Author, Drop, Record, Version
from broadsheet.words.said import said

Json = dict[str, object]


def sniff(head: str) -> bool:
    """Whether lines of JSON have the fields that only the snapshot has."""
    return head.startswith("{") and _OWN_FIELDS.search(head) is not None and '"title"' in head


_OWN_FIELDS = re.compile(r'"(?:authors_parsed|update_date|journal-ref|report-no)"\s*:')


def read(stream: BinaryIO, *, origin: str, now: datetime) -> Iterator[Record | Drop]:
    """A Record for each line; `seen` is `now`."""
    return json_lines(stream, origin, lambda doc: record(doc, now))


def record(doc: Json, now: datetime) -> Record:
    """The Record of one object of the snapshot. Raises BadRecord."""
    own_id = arxiv_id(needed(doc, "id"))
    title, abstract, comment = needed(doc, "title"), text_field(doc, "abstract"), text_field(doc, "comments")
    versions = _versions(doc.get("versions"))
    dates = [v.date for v in versions if v.date is not None]
    return Record(
        source="arxiv",
        seen=now,
        ids=_ids(own_id, text_field(doc, "doi")),
        title=title,
        abstract=abstract,
        authors=_authors(doc),
        categories=tuple(dict.fromkeys(filter(category, text_field(doc, "categories").split()))),
        published=dates[0] if dates else None,
        updated=dates[-1] if dates else date_of(text_field(doc, "update_date")),
        versions=versions,
        venue=text_field(doc, "journal-ref") or None,
        licence=text_field(doc, "license") or None,
        comment=comment or None,
        withdrawn=withdrawn(comment, abstract),
    )


def _ids(own_id: str, doi: str) -> tuple[str, ...]:
    return ids(own_id.removeprefix("arxiv:"), split_dois(doi)) if doi else (own_id,)


def _authors(doc: Json) -> tuple[Author, ...]:
    parsed = doc.get("authors_parsed")
    if parsed is None:
        return split_names(text_field(doc, "authors"))
    if not isinstance(parsed, list):
        raise BadRecord(said("its %(name)s is %(kind)s, not a list", name="authors_parsed", kind=kind_of(parsed)))
    return tuple([_parsed_author(parts) for parts in parsed])


def _parsed_author(parts: object) -> Author:
    try:
        family, given, suffix = parts[:3]  # type: ignore[index]
        name = f"{given} {family} {suffix}" if suffix else f"{given} {family}".strip()
        return Author(name if name.isprintable() and not suffix else one_line(name))
    except (TypeError, ValueError, KeyError):
        raise BadRecord(said("an author in its authors_parsed is not [family, given, suffix]")) from None


def _versions(rows: object) -> tuple[Version, ...]:
    if rows is None:
        return ()
    try:
        return tuple([Version(int(row["version"].lstrip("v")), _time(row["created"])) for row in rows])  # type: ignore[attr-defined]
    except (TypeError, ValueError, KeyError, AttributeError, OverflowError):
        raise BadRecord(said("its versions are not a list of version and created")) from None


_MONTHS = {name: i for i, name in enumerate(calendar.month_abbr)}


def _time(text: str) -> datetime:
    """A time such as `Mon, 2 Apr 2007 19:18:42 GMT`, ten times as fast as email.utils for that one shape."""
    try:
        _, day, month, year, clock, zone = text.split(" ")
        hour, minute, second = clock.split(":")
        if zone == "GMT":
            return datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    except (ValueError, KeyError):
        pass
    at = parsedate_to_datetime(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
