"""The outbox: what changed, in order, for the search indexes. A change has its row here in its own transaction.

An index remembers the last number it has taken, and the `epoch`: a restored library has another past, so its numbers
mean something else, and an index of another epoch (or of a number below `floor`) is built anew.
"""

from typing import cast
from uuid import uuid4

from sqlalchemy import Connection, bindparam, delete, select, update

from broadsheet.store import bulk
from broadsheet.store.prepared import Prepared
from broadsheet.store.schema.papers import counter, meta, outbox
from broadsheet.types import Change

_EPOCH = "epoch"
_COUNT = Prepared(select(counter.c.value).where(counter.c.name == bindparam("name")))


def since(conn: Connection, seq: int, limit: int = 1000) -> list[Change]:
    """The changes after number `seq`, oldest first."""
    o = outbox.c
    query = select(o.seq, o.paper_id, o.op).where(o.seq > seq).order_by(o.seq).limit(limit)
    return [Change(*row) for row in conn.execute(query)]


def head(conn: Connection) -> int:
    """The number of the last change, 0 before the first."""
    return _count(conn, "outbox")


def floor(conn: Connection) -> int:
    """The number of the last change that was trimmed: an index that has not taken it cannot catch up."""
    return _count(conn, "outbox_floor")


def trim(conn: Connection, below: int) -> None:
    """Forget the changes with a number less than `below`."""
    last = min(below - 1, head(conn))
    conn.execute(delete(outbox).where(outbox.c.seq <= last))
    raised = (counter.c.name == "outbox_floor") & (counter.c.value < last)
    conn.execute(update(counter).where(raised).values(value=last))


def epoch(conn: Connection) -> str:
    """The name of this library's past; it changes when a backup is restored, and is empty before the first write."""
    return conn.scalar(select(meta.c.value).where(meta.c.name == _EPOCH)) or ""


def begin_epoch(conn: Connection) -> str:
    """Start a new past."""
    name = uuid4().hex
    bulk.insert(
        conn, "meta", "name, value", [(_EPOCH, name)], "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    )
    return name


def _count(conn: Connection, name: str) -> int:
    return cast(int, _COUNT.value(conn, name=name) or 0)
