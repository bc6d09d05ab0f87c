"""Sessions: who is signed in where. A row is found by the hash of the secret that only the browser has."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from broadsheet.store.prepared import Prepared
from broadsheet.store.readers import LIKED
from broadsheet.store.schema.access import session
from broadsheet.store.schema.readers import preference, reader
from broadsheet.types import Preferences, Reader, Session

_COLUMNS = [session.c[name] for name in ("id", "reader_id", "csrf", "way", "agent", "created", "seen", "expires")]
_READER = list(reader.c)
_KNOWN = Prepared(
    select(*_COLUMNS, *_READER, *LIKED)
    .join_from(session, reader, reader.c.id == session.c.reader_id)
    .outerjoin(preference, preference.c.reader_id == session.c.reader_id)
    .where(session.c.id == bindparam("session"), session.c.expires > bindparam("now"))
)


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


def known(conn: Connection, session_id: str, now: datetime) -> tuple[Session, Reader, Preferences] | None:
    """The session with this id, unless it has expired, with whose it is and how they like the pages."""
    row = _KNOWN.first(conn, session=session_id, now=now)
    if row is None:
        return None
    own, who, liked = row[: len(_COLUMNS)], row[len(_COLUMNS) : -len(LIKED)], row[-len(LIKED) :]
    return Session(*own), Reader(*who), Preferences(*liked) if liked[0] is not None else Preferences()


def of_reader(conn: Connection, reader_id: int, now: datetime) -> list[Session]:
    """A reader's sessions that have not expired, last seen first."""
    found = conn.execute(
        select(*_COLUMNS)
        .where(session.c.reader_id == reader_id, session.c.expires > now)
        .order_by(session.c.seen.desc(), session.c.id)
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
