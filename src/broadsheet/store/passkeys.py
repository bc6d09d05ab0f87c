"""Passkeys: the public halves of keys that readers' devices hold."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from broadsheet.store.schema.access import passkey
from broadsheet.types import Passkey


def add(conn: Connection, made: Passkey) -> None:
    """Keep a new passkey; its id must be free."""
    values = {name: getattr(made, name) for name in _COLUMNS}
    conn.execute(insert(passkey).values({**values, "transports": " ".join(made.transports)}))


def get(conn: Connection, passkey_id: str) -> Passkey | None:
    """The passkey with this id, whoever's it is."""
    row = conn.execute(_QUERY.where(passkey.c.id == passkey_id)).first()
    return _read(row) if row else None


def of_reader(conn: Connection, reader_id: int) -> list[Passkey]:
    """A reader's passkeys, the oldest first."""
    chosen = _QUERY.where(passkey.c.reader_id == reader_id).order_by(passkey.c.created, passkey.c.id)
    return [_read(row) for row in conn.execute(chosen)]


def used(conn: Connection, before: Passkey, sign_count: int, now: datetime) -> bool:
    """Note a use; False where another one came in between, or the passkey is gone."""
    same = (passkey.c.id == before.id, passkey.c.sign_count == before.sign_count)
    return conn.execute(update(passkey).where(*same).values(sign_count=sign_count, used=now)).rowcount == 1


def rename(conn: Connection, reader_id: int, passkey_id: str, name: str) -> int:
    """Give a passkey of a reader another name; returns how many there were."""
    own = (passkey.c.reader_id == reader_id, passkey.c.id == passkey_id)
    return conn.execute(update(passkey).where(*own).values(name=name)).rowcount


def remove(conn: Connection, reader_id: int, passkey_id: str) -> int:
    """Let a passkey of a reader sign in no more; returns how many there were."""
    own = (passkey.c.reader_id == reader_id, passkey.c.id == passkey_id)
    return conn.execute(delete(passkey).where(*own)).rowcount


def _read(row: Row[Any]) -> Passkey:
    values = row._asdict()
    return Passkey(**{**values, "transports": tuple(values["transports"].split())})


_COLUMNS = (
    "id",
    "reader_id",
    "handle",
    "host",
    "name",
    "public_key",
    "sign_count",
    "transports",
    "created",
    "used",
)
_QUERY = select(*(passkey.c[name] for name in _COLUMNS))
