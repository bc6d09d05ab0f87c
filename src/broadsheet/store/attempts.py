"""What nobody may do too often, by place (an address or a name): fail to sign in, or have us begin something."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select

from broadsheet.store.schema.access import attempt


def add(conn: Connection, places: Collection[str], now: datetime) -> None:
    """Count one against each of these places."""
    conn.execute(insert(attempt), [{"place": place, "at": now} for place in places])


def of_mail(email: str) -> str:
    """The place at which mails stand that anybody can have sent to an address."""
    return f"mail to {email.casefold()}"


def forget_mail(conn: Connection, email: str) -> None:
    """Forget an address."""
    conn.execute(delete(attempt).where(attempt.c.place == of_mail(email)))


def most(conn: Connection, places: Collection[str], since: datetime) -> int:
    """How many since then stand against the one of these places that has most."""
    chosen = select(func.count()).where(attempt.c.place.in_(places), attempt.c.at > since).group_by(attempt.c.place)
    return max(conn.scalars(chosen), default=0)


def forget(conn: Connection, places: Collection[str], before: datetime) -> None:
    """Forget those of these places, and all that are older than `before`."""
    conn.execute(delete(attempt).where(attempt.c.place.in_(places) | (attempt.c.at <= before)))
