"""The last action of a reader, of whatever kind. Each has a time of its own, later than the one before it."""

from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, func, select, union_all

from broadsheet.store.columns import MICROSECOND
from broadsheet.store.schema.readers import collection, collection_paper, mark, saved_search

How = Literal["begun", "ended", "changed"]
"""What an action did to a thing."""


def moment(conn: Connection, reader_id: int, now: datetime) -> datetime:
    """Now, or just after the last action where the clock has not moved on."""
    found = last(conn, reader_id)
    return now if found is None else max(now, found + MICROSECOND)


def last(conn: Connection, reader_id: int) -> datetime | None:
    """When a reader last did what can be undone; None where there is nothing."""
    columns = (mark.c.at, mark.c.ended, collection_paper.c.at, collection_paper.c.ended, *_OF_THINGS)
    each = [select(func.max(column)).where(column.table.c.reader_id == reader_id) for column in columns]
    renamed = select(func.max(collection.c.edited)).where(
        collection.c.reader_id == reader_id, collection.c.before.is_not(None)
    )
    times = conn.scalars(union_all(*each, renamed))
    return max((at for at in times if at is not None), default=None)


_OF_THINGS = (collection.c.created, collection.c.ended, saved_search.c.created, saved_search.c.ended)
