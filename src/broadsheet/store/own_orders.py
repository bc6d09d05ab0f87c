"""In which order a reader saw an edition last, when it was in their own order.

It follows from what readers said, so that it is in no export: it is kept because what they say meanwhile changes it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import orjson
from sqlalchemy import Connection, bindparam, delete, insert, select

from broadsheet.store.prepared import Prepared
from broadsheet.store.schema.readers import own_order

MOST: Final = 8
"""Editions of a reader of which it is kept, those that were looked at last."""

_GET = Prepared(
    select(own_order.c.papers).where(
        own_order.c.reader_id == bindparam("reader"), own_order.c.edition == bindparam("edition")
    )
)


def get(conn: Connection, reader_id: int, edition: str) -> tuple[int, ...]:
    """The ids of the papers; none of an edition that was not looked at so, or long ago."""
    row = _GET.first(conn, reader=reader_id, edition=edition)
    return tuple(orjson.loads(row[0])) if row else ()


def put(conn: Connection, reader_id: int, edition: str, ids: Sequence[int], now: datetime) -> None:
    """Keep an order in place of the one before, and forget that of the edition that was not looked at longest."""
    of_reader = own_order.c.reader_id == reader_id
    conn.execute(delete(own_order).where(of_reader, own_order.c.edition == edition))
    kept = conn.execute(
        select(own_order.c.edition).where(of_reader).order_by(own_order.c.seen.desc(), own_order.c.edition)
    ).scalars()
    for old in list(kept)[MOST - 1 :]:
        conn.execute(delete(own_order).where(of_reader, own_order.c.edition == old))
    papers = orjson.dumps(list(ids)).decode()
    conn.execute(insert(own_order).values(reader_id=reader_id, edition=edition, seen=now, papers=papers))
