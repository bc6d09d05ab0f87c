"""How readers want their digests, and which of their addresses mail can reach."""

from collections.abc import Collection
from datetime import datetime, time
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from broadsheet.store import bulk, mails
from broadsheet.store.schema.outgoing import delivery, outlet
from broadsheet.store.schema.readers import reader
from broadsheet.types import Delivery, Mail

_DISABLED = select(reader.c.id).where(reader.c.disabled.is_not(None))


def get(conn: Connection, reader_id: int) -> Delivery | None:
    """How a reader wants theirs; None for one who never asked."""
    row = conn.execute(select(delivery).where(delivery.c.reader_id == reader_id)).one_or_none()
    return _read(row) if row else None


def of(conn: Connection, readers: Collection[int]) -> dict[int, Delivery]:
    """How each of these readers wants theirs; who never asked is left out."""
    rows = conn.execute(select(delivery).where(bulk.one_of(delivery.c.reader_id, readers)))
    return {row.reader_id: _read(row) for row in rows}


def put(conn: Connection, wanted: Delivery) -> None:
    """Store how a reader wants theirs, in place of what was there."""
    conn.execute(delete(delivery).where(delivery.c.reader_id == wanted.reader_id))
    values = {column.name: getattr(wanted, column.name) for column in delivery.columns}
    values |= {"at": f"{wanted.at:%H:%M}", "sections": " ".join(wanted.sections)}
    conn.execute(insert(delivery).values(values))


def active(conn: Connection) -> list[Delivery]:
    """Of all who get digests, by reader: those with mail and those with outlets, unless the reader is disabled."""
    d = delivery.c
    mailed = d.on & d.confirmed.is_not(None) & d.suspended.is_(None)
    elsewhere = d.reader_id.in_(select(outlet.c.reader_id).where(outlet.c.suspended.is_(None)))
    wanted = select(delivery).where(mailed | elsewhere, d.reader_id.not_in(_DISABLED))
    return [_read(row) for row in conn.execute(wanted.order_by(d.reader_id))]


def every(conn: Connection) -> list[Delivery]:
    """Of all who ever asked, by reader."""
    return [_read(row) for row in conn.execute(select(delivery).order_by(delivery.c.reader_id))]


def confirmed_by(conn: Connection, email: str) -> int | None:
    """Who has confirmed by mail that this address is theirs; None where nobody has, or several."""
    d = delivery.c
    theirs = select(d.reader_id).where(func.lower(d.email) == email.lower(), d.confirmed.is_not(None)).limit(2)
    found = conn.scalars(theirs).all()
    return found[0] if len(found) == 1 else None


def reached(conn: Connection, emails: Collection[str]) -> None:
    """Note that a server took a mail for each of these addresses."""
    there = bulk.one_of(delivery.c.email, emails)
    conn.execute(update(delivery).where(there, delivery.c.failures > 0).values(failures=0, said=""))


def refused(conn: Connection, failed: Mail, said: str, now: datetime, most: int) -> int:
    """Note a mail that an address would not take; after `most` in a row it is suspended. Returns how many are now.

    What was sent before the address was confirmed, perhaps anew, says nothing of it any more.
    """
    suspended = 0
    for row in conn.execute(select(delivery).where(delivery.c.email == failed.recipient)).all():
        since = row.confirmed or failed.created
        if failed.created < since:
            continue
        many = mails.failed_in_a_row(conn, failed, since, most)
        noted = replace(_read(row), failures=many, said=said)
        if many >= most and not noted.suspended:
            noted, suspended = replace(noted, suspended=now), suspended + 1
        put(conn, noted)
    return suspended


def counts(conn: Connection) -> dict[str, int]:
    """How many readers get digests (`on`), how many have yet to confirm their address, and how many are suspended."""
    d = delivery.c
    query = select(
        func.count().filter(d.on & d.confirmed.is_not(None) & d.suspended.is_(None)),
        func.count().filter(d.on & d.confirmed.is_(None)),
        func.count().filter(d.on & d.suspended.is_not(None)),
    )
    return dict(zip(("on", "unconfirmed", "suspended"), conn.execute(query).one(), strict=True))


def _read(row: Row[Any]) -> Delivery:
    plain: dict[str, Any] = row._asdict()
    return Delivery(**{**plain, "at": time.fromisoformat(row.at), "sections": tuple(row.sections.split())})
