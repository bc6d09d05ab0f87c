"""Sessions: who is signed in where. A row is found by the hash of the secret that only the browser has."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from broadsheet.store.schema import session
from broadsheet.types import Session


def add(conn: Connection, made: Session) -> None:
    """Keep a new session."""
    s = made
    conn.execute(
        insert(session).values(
            id=s.id,
            reader_id=s.reader_id,
            csrf=s.csrf,
            way=s.way,
            agent=s.agent,
            created=s.created,
            seen=s.seen,
            expires=s.expires,
        )
    )


def get(conn: Connection, session_id: str, now: datetime) -> Session | None:
    """The session with this id, unless it has expired."""
    row = conn.execute(_QUERY.where(session.c.id == session_id, session.c.expires > now)).first()
    return Session(*row) if row else None


def of_reader(conn: Connection, reader_id: int, now: datetime) -> list[Session]:
    """A reader's sessions that have not expired, last seen first."""
    found = conn.execute(
        _QUERY.where(session.c.reader_id == reader_id, session.c.expires > now).order_by(
            session.c.seen.desc(), session.c.id
        )
    )
    return [Session(*row) for row in found]


def seen(conn: Connection, session_id: str, now: datetime, expires: datetime) -> None:
    """Note that a session was used, which moves its end."""
    conn.execute(update(session).where(session.c.id == session_id).values(seen=now, expires=expires))


def remove(conn: Connection, reader_id: int, *, only: Sequence[str] | None = None, keep: str | None = None) -> int:
    """End sessions of a reader: all, `only` these, or all but one to `keep`; returns how many there were."""
    chosen = delete(session).where(session.c.reader_id == reader_id)
    if only is not None:
        chosen = chosen.where(session.c.id.in_(only))
    if keep is not None:
        chosen = chosen.where(session.c.id != keep)
    return conn.execute(chosen).rowcount


def remove_expired(conn: Connection, now: datetime) -> int:
    """Forget what has expired; returns how many there were."""
    return conn.execute(delete(session).where(session.c.expires <= now)).rowcount


_COLUMNS = ("id", "reader_id", "csrf", "way", "agent", "created", "seen", "expires")
_QUERY = select(*(session.c[name] for name in _COLUMNS))
