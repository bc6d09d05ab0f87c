"""Accounts elsewhere that sign a reader in, by what their provider calls them."""

from datetime import datetime

from msgspec.structs import asdict
from sqlalchemy import Connection, delete, insert, select, update

from broadsheet.store.schema.access import login
from broadsheet.types import Login

_QUERY = select(*(login.c[name] for name in ("issuer", "subject", "reader_id", "label", "created", "used")))


def add(conn: Connection, made: Login) -> None:
    """Keep one; the account must not be known yet."""
    conn.execute(insert(login).values(asdict(made)))


def get(conn: Connection, issuer: str, subject: str) -> Login | None:
    """The account that a provider calls so."""
    row = conn.execute(_QUERY.where(login.c.issuer == issuer, login.c.subject == subject)).first()
    return Login(*row) if row else None


def of_reader(conn: Connection, reader_id: int) -> list[Login]:
    """A reader's accounts, the newest first."""
    found = _QUERY.where(login.c.reader_id == reader_id).order_by(login.c.created.desc(), login.c.subject)
    return [Login(*row) for row in conn.execute(found)]


def used(conn: Connection, issuer: str, subject: str, label: str, now: datetime) -> None:
    """Note that somebody came in by it."""
    own = (login.c.issuer == issuer) & (login.c.subject == subject)
    conn.execute(update(login).where(own).values(used=now, label=label))


def remove(conn: Connection, reader_id: int, issuer: str, subject: str) -> int:
    """Forget an account of a reader; returns how many there were."""
    own = (login.c.issuer == issuer) & (login.c.subject == subject) & (login.c.reader_id == reader_id)
    return conn.execute(delete(login).where(own)).rowcount
