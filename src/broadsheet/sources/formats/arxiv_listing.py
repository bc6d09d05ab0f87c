"""Daily listings of arXiv papers as lines of JSON: day, id, title, authors, categories, comment, abstract.

An id that comes again on a later day is a relisting; one line cannot know, so each says `listed` and the day.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import BinaryIO

from broadsheet.sources.formats.fields import (
    BadRecord,
    arxiv_id,
    category,
    json_lines,
    kind_of,
    needed,
    of_our_time,
    text_field,
    withdrawn,
)
from broadsheet.text import one_line
from broadsheet.types import Announcement, Author, Drop, Record
from broadsheet.words.said import said

Json = dict[str, object]


def sniff(head: str) -> bool:
    """Whether lines of JSON name a day and an id."""
    return head.startswith("{") and _DAY.search(head) is not None and '"id"' in head and '"title"' in head


_DAY = re.compile(r'"day"\s*:\s*"[0-9]{4}-')


def read(stream: BinaryIO, *, origin: str, now: datetime) -> Iterator[Record | Drop]:
    """A Record for each line; `seen` is `now`."""
    return json_lines(stream, origin, lambda doc: record(doc, now))


def record(doc: Json, now: datetime) -> Record:
    """The Record of one line of a listing. Raises BadRecord."""
    title, abstract, comment = needed(doc, "title"), text_field(doc, "abstract"), text_field(doc, "comment")
    own_id = arxiv_id(needed(doc, "id"))
    return Record(
        source="arxiv",
        seen=now,
        ids=(own_id,),
        title=title,
        abstract=abstract,
        authors=tuple([Author(name) for name in _texts(doc, "authors") if name]),
        categories=tuple(dict.fromkeys(filter(category, _texts(doc, "categories")))),
        announcements=(Announcement("arxiv", of_our_time(_day(needed(doc, "day")), now), "listed"),),
        comment=comment or None,
        withdrawn=withdrawn(comment, abstract),
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRecord(said("its day %(day)s is not a date", day=repr(text[:40]))) from None


def _texts(doc: Json, name: str) -> list[str]:
    """The texts of a list, or the words of one text."""
    value = doc.get(name)
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")] if name == "authors" else value.split()
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadRecord(said("its %(name)s is %(kind)s, not a list", name=name, kind=kind_of(value)))
    try:
        return [one_line(item) for item in value]
    except (AttributeError, TypeError):
        raise BadRecord(said("its %(name)s holds other things than texts", name=name)) from None
