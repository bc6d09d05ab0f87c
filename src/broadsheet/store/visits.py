"""When each reader was here last, and when before that."""

from sqlalchemy import Connection, bindparam, delete, insert, select

from broadsheet.store.prepared import Prepared
from broadsheet.store.schema.readers import visit
from broadsheet.types import Visit

_GET = Prepared(select(visit.c.before, visit.c.latest).where(visit.c.reader_id == bindparam("reader")))


def get(conn: Connection, reader_id: int) -> Visit | None:
    """The visits of a reader; None of one who was never here."""
    row = _GET.first(conn, reader=reader_id)
    return Visit(*row) if row else None


def put(conn: Connection, reader_id: int, seen: Visit) -> None:
    """Store them instead of what was known."""
    conn.execute(delete(visit).where(visit.c.reader_id == reader_id))
    conn.execute(insert(visit).values(reader_id=reader_id, before=seen.before, latest=seen.latest))
