"""The queue of mails: put once for each reason, taken under a lease, and ended in a state that a person can read.

A mail is `handing` from just before a server gets it until its answer is stored. A process that dies in between leaves
it so: nobody can know whether the server took it, and `settle` says what becomes of it once the lease has run out. A
process that dies earlier leaves it `queued`, and another takes it when the lease has run out.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from broadsheet.store import bulk
from broadsheet.store.schema import mail
from broadsheet.types import Mail

End = Literal["sent", "uncertain", "failed"]

LEASE_LOST: Final = "the process that was sending it ended before the server's answer was stored"

_COLUMNS: Final = (
    "key",
    "recipient",
    "subject",
    "text",
    "html",
    "message_id",
    "created",
    "due",
    "list_id",
    "unsubscribe",
    "id",
    "state",
    "tries",
    "said",
    "ended",
)
_QUERY: Final = select(*(mail.c[name] for name in _COLUMNS))


def put(conn: Connection, made: Mail) -> bool:
    """Queue a mail; False where there is one for this reason already, whatever became of it."""
    if conn.scalar(select(mail.c.id).where(mail.c.key == made.key)) is not None:
        return False
    conn.execute(insert(mail).values({name: getattr(made, name) for name in _COLUMNS if name != "id"}))
    return True


def take(conn: Connection, holder: str, now: datetime, lease: datetime, most: int) -> list[Mail]:
    """Take the mails that are due and that nobody else has, until `lease`; the longest due first."""
    free = or_(mail.c.lease.is_(None), mail.c.lease <= now)
    due = _QUERY.where(mail.c.state == "queued", mail.c.due <= now, free).order_by(mail.c.due, mail.c.id).limit(most)
    taken = [Mail(*row) for row in conn.execute(due)]
    mine = bulk.one_of(conn, mail.c.id, [m.id for m in taken])
    conn.execute(update(mail).where(mine).values(holder=holder, lease=lease))
    return taken


def begin(conn: Connection, mail_id: int, holder: str, lease: datetime) -> bool:
    """Note that a server gets the mail now; False where somebody else has it meanwhile."""
    own = update(mail).where(mail.c.id == mail_id, mail.c.holder == holder, mail.c.state == "queued")
    return conn.execute(own.values(state="handing", lease=lease, tries=mail.c.tries + 1)).rowcount == 1


def end(conn: Connection, mail_id: int, state: End, said: str, now: datetime) -> None:
    """Store what became of a mail, for good; its text is needed no more."""
    values = {"state": state, "said": said, "ended": now, "holder": None, "lease": None, "text": "", "html": ""}
    conn.execute(update(mail).where(mail.c.id == mail_id).values(values))


def put_off(conn: Connection, ids: Sequence[int], said: str, due: datetime) -> None:
    """Let mails wait until `due`, and why."""
    values = {"state": "queued", "said": said, "due": due, "holder": None, "lease": None}
    conn.execute(update(mail).where(bulk.one_of(conn, mail.c.id, ids)).values(values))


def settle(conn: Connection, now: datetime, *, again: bool) -> int:
    """End as uncertain, or with `again` queue anew, what was with a server when its process ended; returns how many."""
    lost = update(mail).where(mail.c.state == "handing", mail.c.lease <= now)
    became = {"state": "queued", "due": now} if again else {"state": "uncertain", "ended": now, "text": "", "html": ""}
    return conn.execute(lost.values({**became, "said": LEASE_LOST, "holder": None, "lease": None})).rowcount


def withdraw(conn: Connection, prefix: str) -> int:
    """Take back what is queued for reasons that begin so and is with no server yet; returns how many."""
    waiting = (mail.c.state == "queued") & mail.c.key.startswith(prefix, autoescape=True)
    return conn.execute(delete(mail).where(waiting)).rowcount


def forget(conn: Connection, prefix: str) -> None:
    """As `withdraw`, and forget also who got what for these reasons."""
    withdraw(conn, prefix)
    ended = mail.c.state.in_(("sent", "failed", "uncertain")) & mail.c.key.startswith(prefix, autoescape=True)
    conn.execute(delete(mail).where(ended))


def is_any_due(conn: Connection, now: datetime) -> bool:
    """Whether there is something to send, or to settle."""
    due = (mail.c.state == "queued") & (mail.c.due <= now) & or_(mail.c.lease.is_(None), mail.c.lease <= now)
    lost = (mail.c.state == "handing") & (mail.c.lease <= now)
    return conn.scalar(select(mail.c.id).where(or_(due, lost)).limit(1)) is not None


def counts(conn: Connection) -> dict[str, int]:
    """How many mails are in each state."""
    rows = conn.execute(select(mail.c.state, func.count()).group_by(mail.c.state))
    return {row[0]: row[1] for row in rows}


def sent_since(conn: Connection, since: datetime) -> int:
    """How many mails a server has taken since then."""
    return conn.scalar(select(func.count()).where(mail.c.state == "sent", mail.c.ended >= since)) or 0


def in_trouble(conn: Connection, most: int) -> list[Mail]:
    """The newest mails that failed, are uncertain or had to wait, without their text."""
    query = _QUERY.where(
        or_(mail.c.state.in_(("failed", "uncertain")), (mail.c.state == "queued") & (mail.c.said != ""))
    )
    return [Mail(*row) for row in conn.execute(query.order_by(mail.c.id.desc()).limit(most))]


def by_keys(conn: Connection, keys: Collection[str]) -> dict[str, Mail]:
    """The mails of these reasons."""
    rows = conn.execute(_QUERY.where(bulk.one_of(conn, mail.c.key, keys)))
    return {found.key: found for found in (Mail(*row) for row in rows)}


def latest(conn: Connection, most: int) -> list[Mail]:
    """The newest mails, without their text."""
    return [Mail(*row) for row in conn.execute(_QUERY.order_by(mail.c.id.desc()).limit(most))]


def by_key(conn: Connection, key: str) -> Mail | None:
    """The mail of a reason."""
    row = conn.execute(_QUERY.where(mail.c.key == key)).one_or_none()
    return Mail(*row) if row else None
