"""Passkeys: the public halves, by the id that their device gave them."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from broadsheet.store.schema import passkey
from broadsheet.types import Passkey

_COLUMNS = ("id", "reader_id", "name", "public_key", "uses", "created", "used")
_QUERY = select(*(passkey.c[name] for name in _COLUMNS))


def add(conn: Connection, made: Passkey) -> bool:
    """Keep a passkey; False where its id is there already."""
    if get(conn, made.id) is not None:
        return False
    conn.execute(insert(passkey).values(asdict(made)))
    return True


def get(conn: Connection, passkey_id: str) -> Passkey | None:
    """The passkey with this id."""
    row = conn.execute(_QUERY.where(passkey.c.id == passkey_id)).first()
    return Passkey(*row) if row else None


def of_reader(conn: Connection, reader_id: int) -> list[Passkey]:
    """A reader's passkeys, the newest first."""
    found = _QUERY.where(passkey.c.reader_id == reader_id).order_by(passkey.c.created.desc(), passkey.c.id)
    return [Passkey(*row) for row in conn.execute(found)]


def used(conn: Connection, passkey_id: str, uses: int, now: datetime) -> None:
    """Note that a passkey was used, and how often its device says that it was."""
    conn.execute(update(passkey).where(passkey.c.id == passkey_id).values(uses=uses, used=now))


def remove(conn: Connection, reader_id: int, passkey_id: str) -> int:
    """Forget a passkey of a reader; returns how many there were."""
    return conn.execute(delete(passkey).where(passkey.c.reader_id == reader_id, passkey.c.id == passkey_id)).rowcount
