"""Tickets: links that can be used once, to sign in, to accept an invitation or to confirm an address."""

from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from broadsheet.store.schema.access import ticket
from broadsheet.types import Ticket


def add(conn: Connection, made: Ticket) -> None:
    """Keep a new ticket."""
    conn.execute(insert(ticket).values({name: getattr(made, name) for name in _COLUMNS}))


def get(conn: Connection, ticket_id: str, now: datetime) -> Ticket | None:
    """The ticket with this id, if it can still be used."""
    row = conn.execute(_QUERY.where(ticket.c.id == ticket_id, ticket.c.used.is_(None), ticket.c.expires > now)).first()
    return Ticket(*row) if row else None


def use(conn: Connection, ticket_id: str, now: datetime) -> Ticket | None:
    """Use a ticket up: the ticket for the one who was first, None for everyone after."""
    found = get(conn, ticket_id, now)
    mine = update(ticket).where(ticket.c.id == ticket_id, ticket.c.used.is_(None)).values(used=now)
    return found if found and conn.execute(mine).rowcount == 1 else None


def used(conn: Connection, ticket_id: str, now: datetime) -> Ticket | None:
    """The ticket with this id, if it was used and would be good still."""
    row = conn.execute(_QUERY.where(ticket.c.id == ticket_id, ticket.c.used <= now, ticket.c.expires > now)).first()
    return Ticket(*row) if row else None


def belongs_to(conn: Connection, ticket_id: str, reader_id: int) -> None:
    """A newcomer has become this reader: what they said is with them now, and the ticket goes when they go."""
    conn.execute(update(ticket).where(ticket.c.id == ticket_id).values(reader_id=reader_id, said=None))


def open_invitations(conn: Connection, now: datetime) -> list[Ticket]:
    """The invitations that nobody has accepted yet, newest first."""
    waiting = _QUERY.where(ticket.c.kind == "invite", ticket.c.used.is_(None), ticket.c.expires > now)
    return [Ticket(*row) for row in conn.execute(waiting.order_by(ticket.c.created.desc(), ticket.c.id))]


def waiting(conn: Connection, reader_id: int, said: str, now: datetime) -> list[Ticket]:
    """The addresses of a reader that have yet to say yes to what a ticket `said`."""
    open_ = ticket.c.kind == "email", ticket.c.used.is_(None), ticket.c.expires > now
    found = _QUERY.where(ticket.c.reader_id == reader_id, ticket.c.said == said, *open_).order_by(ticket.c.id)
    return [Ticket(*row) for row in conn.execute(found)]


def newcomers(conn: Connection, now: datetime) -> int:
    """How many signed up whose address has yet to say yes."""
    open_ = ticket.c.kind == "email", ticket.c.reader_id.is_(None), ticket.c.used.is_(None), ticket.c.expires > now
    return conn.scalar(select(func.count(ticket.c.email.distinct())).where(*open_)) or 0


def remove(conn: Connection, ticket_id: str) -> int:
    """Take a ticket back; returns how many there were."""
    return conn.execute(delete(ticket).where(ticket.c.id == ticket_id)).rowcount


def remove_expired(conn: Connection, now: datetime) -> int:
    """Forget what has expired, or was used and confirmed no reader's address; returns how many there were."""
    confirmed = (ticket.c.kind == "email") & ticket.c.reader_id.is_not(None)
    gone = (ticket.c.expires <= now) | (ticket.c.used.is_not(None) & ~confirmed)
    return conn.execute(delete(ticket).where(gone)).rowcount


_COLUMNS = ("id", "kind", "reader_id", "email", "role", "created", "expires", "said")
_QUERY = select(*(ticket.c[name] for name in _COLUMNS))
