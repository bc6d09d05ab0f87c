"""What browsers were asked and have not answered yet; each is answered once."""

from dataclasses import asdict
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, delete, insert, select

from broadsheet.store.schema import handshake
from broadsheet.types import Handshake


def add(conn: Connection, made: Handshake, now: datetime) -> None:
    """Keep what is asked, and forget what nobody answered in time."""
    conn.execute(delete(handshake).where(handshake.c.expires <= now))
    conn.execute(insert(handshake).values(asdict(made)))


def take(conn: Connection, handshake_id: str, kind: Literal["passkey", "oidc"], now: datetime) -> Handshake | None:
    """What was asked, for the one who answers first; None for everyone after, and where it is too late."""
    columns = (handshake.c[name] for name in ("id", "kind", "reader_id", "data", "expires"))
    row = conn.execute(select(*columns).where(handshake.c.id == handshake_id, handshake.c.kind == kind)).first()
    first = conn.execute(delete(handshake).where(handshake.c.id == handshake_id)).rowcount == 1
    found = Handshake(*row) if row and first else None
    return found if found and found.expires > now else None
