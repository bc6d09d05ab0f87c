"""Readers: who they are. What they said is in `marks` and `interests`, what they saw in `shown`."""

from collections.abc import Collection
from datetime import datetime

from msgspec.structs import asdict
from sqlalchemy import Connection, delete, func, insert, select, union_all, update

from broadsheet.store import bulk, comments, mails
from broadsheet.store.columns import to_micros
from broadsheet.store.prepared import Prepared
from broadsheet.store.schema.access import api_token, session
from broadsheet.store.schema.readers import (
    collection,
    collection_paper,
    interest,
    interest_model,
    mark,
    preference,
    reader,
    saved_search,
    shown,
)
from broadsheet.types import Preferences, Reader, Role

_COLUMNS = "id, name, display, email, zone, role, created"
_EVERY = Prepared(select(reader).order_by(reader.c.id))
LIKED = [preference.c[name] for name in ("theme", "view", "keys", "language", "saves", "mentions", "sort")]
"""The columns of preferences, in the order of their fields."""


def add(
    conn: Connection, name: str, now: datetime, *, display: str, email: str | None, zone: str, role: Role
) -> Reader:
    """A new reader; the name must be free."""
    made = Reader(bulk.take_numbers(conn, "reader", 1) + 1, name, display, email, zone, role, now)
    bulk.insert(conn, "reader", _COLUMNS, [(*list(asdict(made).values())[:-2], to_micros(now))])
    return made


def named(conn: Connection, name: str) -> Reader | None:
    """The reader of that name."""
    row = conn.execute(select(reader).where(reader.c.name == name)).one_or_none()
    return Reader(*row) if row else None


def by_id(conn: Connection, reader_id: int) -> Reader | None:
    """The reader with this id."""
    row = conn.execute(select(reader).where(reader.c.id == reader_id)).one_or_none()
    return Reader(*row) if row else None


def by_name_or_email(conn: Connection, said: str) -> Reader | None:
    """Who goes by this name, or is the only one to have this mail address; case makes no difference."""
    folded = said.strip().lower()
    own = named(conn, folded)
    rows = conn.execute(select(reader).where(func.lower(reader.c.email) == folded).limit(2)).all()
    return own or (Reader(*rows[0]) if len(rows) == 1 else None)


def every(conn: Connection) -> list[Reader]:
    """All readers, the first one first."""
    return [Reader(*row) for row in _EVERY.all(conn)]


def count(conn: Connection) -> int:
    """How many readers there are."""
    return conn.scalar(select(func.count()).select_from(reader)) or 0


def change(conn: Connection, changed: Reader) -> None:
    """Store what is new of a reader; id and time of creation stay."""
    values = {name: value for name, value in asdict(changed).items() if name not in ("id", "created")}
    conn.execute(update(reader).where(reader.c.id == changed.id).values(values))


def preferences(conn: Connection, reader_id: int) -> Preferences:
    """How a reader likes the pages."""
    row = conn.execute(select(*LIKED).where(preference.c.reader_id == reader_id)).first()
    return Preferences(*row) if row else Preferences()


def languages(conn: Connection, readers: Collection[int]) -> dict[int, str]:
    """The language that each of these readers chose; who chose none is left out."""
    p = preference.c
    query = select(p.reader_id, p.language).where(bulk.one_of(p.reader_id, readers), p.language != "")
    return dict(conn.execute(query).all())


def prefer(conn: Connection, reader_id: int, liked: Preferences) -> None:
    """Store how a reader likes the pages."""
    conn.execute(delete(preference).where(preference.c.reader_id == reader_id))
    conn.execute(insert(preference).values(reader_id=reader_id, **asdict(liked)))


def last_seen(conn: Connection) -> dict[int, datetime]:
    """When each reader was last here, as far as sessions, tokens and marks tell."""
    seen = union_all(
        select(session.c.reader_id, session.c.seen.label("at")),
        select(api_token.c.reader_id, api_token.c.used).where(api_token.c.used.is_not(None)),
        select(mark.c.reader_id, func.max(mark.c.at)).group_by(mark.c.reader_id),
    ).subquery()
    return dict(conn.execute(select(seen.c.reader_id, func.max(seen.c.at)).group_by(seen.c.reader_id)).all())


def remove(conn: Connection, reader_id: int, now: datetime) -> None:
    """Forget a reader and everything of theirs; of comments that others answered an empty place stays."""
    comments.forget_reader(conn, reader_id, now)
    for table in (mark, shown, collection_paper, collection, saved_search):
        conn.execute(delete(table).where(table.c.reader_id == reader_id))
    own = select(interest.c.id).where(interest.c.reader_id == reader_id)
    conn.execute(delete(interest_model).where(interest_model.c.interest_id.in_(own)))
    conn.execute(delete(interest).where(interest.c.reader_id == reader_id))
    mails.forget(conn, f"reader:{reader_id}:")
    conn.execute(delete(reader).where(reader.c.id == reader_id))
