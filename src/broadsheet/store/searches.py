"""Searches that readers saved: the query, and how far they have looked at what it finds."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, Connection, delete, insert, select, update

from broadsheet.store import actions, bulk
from broadsheet.store.actions import How
from broadsheet.store.schema.papers import counter
from broadsheet.store.schema.readers import saved_search
from broadsheet.types import SavedSearch, SearchMode

_s = saved_search.c
_FIELDS: Final[tuple[Column[Any], ...]] = (
    _s.id,
    _s.reader_id,
    _s.name,
    _s.query,
    _s.mode,
    _s.muted,
    _s.seen,
    _s.looked,
    _s.secret,
    _s.created,
)


def create(conn: Connection, reader_id: int, name: str, query: str, mode: SearchMode, now: datetime) -> SavedSearch:
    """A new search, of which nothing is new yet; the name must be free among its reader's."""
    at = actions.moment(conn, reader_id, now)
    number = bulk.take_numbers(conn, "saved_search", 1) + 1
    made = SavedSearch(number, reader_id, name, query, mode, False, newest_paper(conn), now, None, at)
    conn.execute(insert(saved_search).values({column.name: getattr(made, column.name) for column in _FIELDS}))
    return made


def of(conn: Connection, reader_id: int) -> list[SavedSearch]:
    """The searches of a reader, by name."""
    own = select(*_FIELDS).where(_s.reader_id == reader_id, _s.ended.is_(None))
    return sorted((SavedSearch(*row) for row in conn.execute(own)), key=_by_name)


def heeded(conn: Connection, readers: Collection[int]) -> dict[int, list[SavedSearch]]:
    """The searches of each of these readers that are not muted, by name."""
    own = select(*_FIELDS).where(bulk.one_of(_s.reader_id, readers), _s.ended.is_(None), _s.muted.is_(False))
    found: dict[int, list[SavedSearch]] = {reader_id: [] for reader_id in readers}
    for search in (SavedSearch(*row) for row in conn.execute(own)):
        found[search.reader_id].append(search)
    return {reader_id: sorted(some, key=_by_name) for reader_id, some in found.items()}


def _by_name(search: SavedSearch) -> tuple[str, int]:
    return search.name.casefold(), search.id


def by_secret(conn: Connection, secret: str) -> SavedSearch | None:
    """The search whose feeds have this secret in their addresses."""
    row = conn.execute(select(*_FIELDS).where(_s.secret == secret, _s.ended.is_(None))).one_or_none()
    return SavedSearch(*row) if row else None


def change(conn: Connection, changed: SavedSearch) -> None:
    """Store what is new of a search."""
    values = {column.name: getattr(changed, column.name) for column in _FIELDS if column.name != "id"}
    conn.execute(update(saved_search).where(_s.id == changed.id).values(values))


def remove(conn: Connection, there: SavedSearch, now: datetime) -> None:
    """Delete a search, which undoing brings back; the addresses of its feeds have ended."""
    at = actions.moment(conn, there.reader_id, now)
    conn.execute(update(saved_search).where(_s.id == there.id).values(ended=at, secret=None))


def done_at(conn: Connection, reader_id: int, at: datetime) -> list[tuple[str, How]]:
    """The searches, by name, that an action saved or deleted."""
    of_then = (_s.created == at) | (_s.ended == at)
    rows = conn.execute(select(_s.name, _s.created).where(_s.reader_id == reader_id, of_then).order_by(_s.id))
    return [(row.name, "begun" if row.created == at else "ended") for row in rows]


def undo(conn: Connection, reader_id: int, at: datetime) -> tuple[str, ...]:
    """Take back what was saved or deleted at that time; returns the names."""
    own = _s.reader_id == reader_id
    names = conn.scalars(select(_s.name).where(own, (_s.created == at) | (_s.ended == at))).all()
    conn.execute(delete(saved_search).where(own, _s.created == at))
    conn.execute(update(saved_search).where(own, _s.ended == at).values(ended=None))
    return tuple(names)


def newest_paper(conn: Connection) -> int:
    """The last store id that was given to a paper: every later paper has a greater one."""
    found: Any = conn.scalar(select(counter.c.value).where(counter.c.name == "paper"))
    return int(found or 0)
