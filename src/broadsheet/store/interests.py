"""Interests of readers: the profiles that they wrote, and beside them the models that were learnt."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from msgspec.structs import replace
from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from broadsheet.codec import profile_from_dict, profile_to_dict
from broadsheet.store import bulk
from broadsheet.store.columns import EPOCH, to_micros
from broadsheet.store.prepared import Prepared
from broadsheet.store.schema.readers import interest, interest_feed, interest_model, mark, shown
from broadsheet.types import Interest, Profile

_COLUMNS = "id, reader_id, name, position, share, profile, created, edited"
_ANY = Prepared(select(interest.c.id).where(interest.c.reader_id == bindparam("reader")).limit(1))
_OF = Prepared(
    select(interest)
    .where(bulk.among(interest.c.reader_id, "readers"))
    .order_by(interest.c.reader_id, interest.c.position, interest.c.id)
)


@dataclass(frozen=True, slots=True)
class Learnt:
    """The model of an interest. `basis` names all that it was learnt from; `report` says what came of it."""

    basis: str
    trained: datetime
    model: bytes
    report: dict[str, Any]


def add(conn: Connection, reader_id: int, name: str, profile: Profile, now: datetime, share: float = 1.0) -> Interest:
    """A new interest, the last of its reader's; the name must be free among them."""
    last = conn.scalar(select(func.max(interest.c.position)).where(interest.c.reader_id == reader_id))
    number = bulk.take_numbers(conn, "interest", 1) + 1
    made = Interest(number, reader_id, name, 1 if last is None else last + 1, share, profile, now, now)
    at = to_micros(now)
    bulk.insert(
        conn, "interest", _COLUMNS, [(number, reader_id, name, made.position, share, _written(profile), at, at)]
    )
    return made


def of(conn: Connection, readers: Collection[int]) -> list[Interest]:
    """The interests of readers, by reader and place."""
    return [_read(row) for row in _OF.all(conn, readers=readers)]


def has_any(conn: Connection, reader_id: int) -> bool:
    """Whether a reader has an interest."""
    return _ANY.first(conn, reader=reader_id) is not None


def named(conn: Connection, reader_id: int, name: str) -> Interest | None:
    """A reader's interest of that name."""
    query = select(interest).where(interest.c.reader_id == reader_id, interest.c.name == name)
    row = conn.execute(query).one_or_none()
    return _read(row) if row else None


def change(conn: Connection, changed: Interest, now: datetime) -> Interest:
    """Store what is new of an interest."""
    values = {
        "name": changed.name,
        "position": changed.position,
        "share": changed.share,
        "profile": _written(changed.profile),
        "edited": now,
    }
    conn.execute(update(interest).where(interest.c.id == changed.id).values(values))
    return replace(changed, edited=now)


def remove(conn: Connection, interest_id: int) -> None:
    """Forget an interest; marks that were given under it stay, without it."""
    for table in (mark, shown):
        conn.execute(update(table).where(table.c.interest_id == interest_id).values(interest_id=None))
    forget(conn, interest_id)
    set_feed(conn, interest_id, None, EPOCH)
    conn.execute(delete(interest).where(interest.c.id == interest_id))


def feed(conn: Connection, interest_id: int) -> str | None:
    """The secret in the address of an interest's feed; None where it has none."""
    return conn.scalar(select(interest_feed.c.secret).where(interest_feed.c.interest_id == interest_id))


def set_feed(conn: Connection, interest_id: int, secret: str | None, now: datetime) -> None:
    """Give an interest's feed this secret in place of the one before, or end it."""
    conn.execute(delete(interest_feed).where(interest_feed.c.interest_id == interest_id))
    if secret is not None:
        conn.execute(insert(interest_feed).values(interest_id=interest_id, secret=secret, created=now))


def by_feed(conn: Connection, secret: str) -> Interest | None:
    """The interest whose feed has this secret."""
    query = select(interest).join(interest_feed, interest_feed.c.interest_id == interest.c.id)
    row = conn.execute(query.where(interest_feed.c.secret == secret)).one_or_none()
    return _read(row) if row else None


def learnt(conn: Connection, ids: Collection[int]) -> dict[int, Learnt]:
    """The models of interests; those that have none yet are left out."""
    m = interest_model.c
    query = select(m.interest_id, m.basis, m.trained, m.model, m.report)
    rows = conn.execute(query.where(bulk.one_of(m.interest_id, ids)))
    return {row[0]: Learnt(row.basis, row.trained, row.model, orjson.loads(row.report)) for row in rows}


def keep(conn: Connection, interest_id: int, model: Learnt) -> None:
    """Store the model of an interest in place of the one before."""
    forget(conn, interest_id)
    values = (interest_id, model.basis, to_micros(model.trained), model.model, orjson.dumps(model.report).decode())
    bulk.insert(conn, "interest_model", "interest_id, basis, trained, model, report", [values])


def forget(conn: Connection, interest_id: int) -> None:
    """Drop the model of an interest."""
    conn.execute(delete(interest_model).where(interest_model.c.interest_id == interest_id))


def _written(profile: Profile) -> str:
    return orjson.dumps(profile_to_dict(profile)).decode()


def _read(row: Row[Any]) -> Interest:
    profile = profile_from_dict(orjson.loads(row.profile))
    return Interest(row.id, row.reader_id, row.name, row.position, row.share, profile, row.created, row.edited)
