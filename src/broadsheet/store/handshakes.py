"""Handshakes: what was sent out with a browser and waits for its one answer."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from broadsheet.store.schema.access import handshake
from broadsheet.types import Handshake


def add(conn: Connection, made: Handshake) -> None:
    """Keep a new one, and forget those that nobody answered in time."""
    conn.execute(delete(handshake).where(handshake.c.expires <= made.created))
    conn.execute(insert(handshake).values({name: getattr(made, name) for name in _COLUMNS}))


def take(conn: Connection, handshake_id: str, kind: str, bound: str, now: datetime) -> Handshake | None:
    """The handshake that an answer of this browser ends: for the first answer, None for each one after."""
    h = handshake.c
    chosen = (h.id == handshake_id, h.kind == kind, h.bound == bound, h.expires > now)
    row = conn.execute(select(*(h[name] for name in _COLUMNS)).where(*chosen)).first()
    first = conn.execute(delete(handshake).where(*chosen)).rowcount == 1
    return Handshake(*row) if row and first else None


_COLUMNS = ("id", "kind", "bound", "reader_id", "content", "created", "expires")
