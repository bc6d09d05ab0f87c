"""Digests as readers got them: one for a reader and an edition, never changed."""

from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from broadsheet.store import bulk
from broadsheet.store.schema.outgoing import digest
from broadsheet.types import Digest

_NAMES = [column.name for column in digest.columns]


def add(conn: Connection, *made: Digest) -> list[Digest]:
    """Store digests; returns those that are new, as a reader may have had one for the edition already."""
    d = digest.c
    query = select(d.reader_id, d.edition).where(bulk.one_of(d.reader_id, [one.reader_id for one in made]))
    rows = conn.execute(query.where(bulk.one_of(d.edition, [one.edition for one in made])))
    there = {(row.reader_id, row.edition) for row in rows}
    fresh = [one for one in made if (one.reader_id, one.edition) not in there]
    if fresh:
        conn.execute(insert(digest), [{name: getattr(one, name) for name in _NAMES} for one in fresh])
    return fresh


def latest(conn: Connection) -> dict[int, Digest]:
    """The newest digest of each reader, without its content."""
    newest = select(digest.c.reader_id, func.max(digest.c.day).label("day")).group_by(digest.c.reader_id).subquery()
    light = [c for c in digest.columns if c.name != "content"]
    query = select(*light).join(newest, (newest.c.reader_id == digest.c.reader_id) & (newest.c.day == digest.c.day))
    return {row.reader_id: _read(row) for row in conn.execute(query.order_by(digest.c.created))}


def of(conn: Connection, reader_id: int, most: int = 1_000) -> list[Digest]:
    """A reader's digests, the newest first."""
    own = select(digest).where(digest.c.reader_id == reader_id)
    return [_read(row) for row in conn.execute(own.order_by(digest.c.day.desc(), digest.c.created.desc()).limit(most))]


def newest(conn: Connection, reader_id: int) -> Digest | None:
    """A reader's newest digest; None for one who has none."""
    return next(iter(of(conn, reader_id, 1)), None)


def named(conn: Connection, reader_id: int, edition: str) -> Digest | None:
    """A reader's digest for an edition."""
    own = (digest.c.reader_id == reader_id) & (digest.c.edition == edition)
    row = conn.execute(select(digest).where(own)).one_or_none()
    return _read(row) if row else None


def by_secret(conn: Connection, secret: str) -> Digest | None:
    """The digest whose links have the secret of this hash."""
    row = conn.execute(select(digest).where(digest.c.secret == secret)).one_or_none()
    return _read(row) if row else None


def _read(row: Row[Any]) -> Digest:
    given = row._mapping
    return Digest(**{name: given.get(name, "") for name in _NAMES})
