"""Cursors: how far a source has been read, stored in the transaction that stores what was read."""

from collections.abc import Mapping

from sqlalchemy import Connection, delete, select

from broadsheet.store import bulk
from broadsheet.store.schema.papers import cursor


def get(conn: Connection, source: str) -> dict[str, str]:
    """The named values that a source left, empty before its first run."""
    query = select(cursor.c.name, cursor.c.value).where(cursor.c.source == source)
    return dict(conn.execute(query).all())


def put(conn: Connection, source: str, values: Mapping[str, str]) -> None:
    """Set named values of a source; others stay."""
    rows = [(source, name, value) for name, value in values.items()]
    conflict = "ON CONFLICT (source, name) DO UPDATE SET value = excluded.value"
    bulk.insert(conn, "cursor", "source, name, value", rows, conflict)


def clear(conn: Connection, source: str) -> None:
    """Forget all values of a source, so that its next run begins afresh."""
    conn.execute(delete(cursor).where(cursor.c.source == source))
