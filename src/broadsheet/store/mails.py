"""The queue of mails: put once for each reason, taken by the batch under a lease, and ended in a state to be read.

A mail is `handing` from when a process takes it, with others, until what became of it is stored. A process that dies in
between leaves them so, until the lease has run out at the latest: a server may have taken any of them, and whoever
settles them has to find out of which that is certain.
"""

import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any, Final, Literal

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from broadsheet.store import bulk
from broadsheet.store.columns import to_micros
from broadsheet.store.schema.outgoing import mail, mail_text
from broadsheet.types import Mail

End = Literal["sent", "uncertain", "failed"]

CAME_BACK: Final = "came back: "
"""What begins that which is said of a mail that a server took and returned."""

TAKEN_BACK: Final = "taken back while it was with a server"
"""What is said of a mail that its reader wanted no more when a process had it: it goes out at once, or never."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a mail for good, after so many tries."""

    mail_id: int
    state: End
    said: str
    tries: int


@dataclass(frozen=True, slots=True)
class PutOff:
    """A mail that waits until `due`, and why."""

    mail_id: int
    due: datetime
    said: str
    tries: int


@dataclass(frozen=True, slots=True)
class Taken:
    """So many mails that were taken under one name, until the lease ends."""

    holder: str
    many: int
    lease: datetime


_COLUMNS: Final = (
    "key",
    "recipient",
    "subject",
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
_WHOLE: Final = _QUERY.add_columns(mail_text.c.text, mail_text.c.html).outerjoin_from(mail, mail_text)

_PACKING: Final = 1
"""zlib's quickest level: a digest becomes an eighth of what it was, and the better ones win little more."""


def put(conn: Connection, *made: Mail) -> None:
    """Queue mails; one for a reason for which there was one already, whatever became of that, is left out."""
    fresh = {one.key: one for one in made}
    for key in conn.scalars(select(mail.c.key).where(bulk.one_of(mail.c.key, list(fresh)))).all():
        del fresh[key]
    if fresh:
        rows = [{name: getattr(one, name) for name in _COLUMNS if name != "id"} for one in fresh.values()]
        ids = conn.execute(insert(mail).returning(mail.c.key, mail.c.id), rows).all()
        texts = [(mail_id, _packed(fresh[key].text), _packed(fresh[key].html)) for key, mail_id in ids]
        conn.execute(insert(mail_text), [dict(zip(("mail_id", "text", "html"), row, strict=True)) for row in texts])


def take(conn: Connection, holder: str, now: datetime, lease: datetime, most: int) -> list[Mail]:
    """Take mails that are due, to hand them over before `lease`; the longest due first. `holder`: a name for them."""
    due = _WHOLE.where(mail.c.state == "queued", mail.c.due <= now).order_by(mail.c.due, mail.c.id).limit(most)
    taken = [_whole(*row) for row in conn.execute(due)]
    if taken:
        mine = bulk.one_of(mail.c.id, [m.id for m in taken])
        conn.execute(update(mail).where(mine).values(state="handing", holder=holder, lease=lease))
    return taken


def renew(conn: Connection, holder: str, lease: datetime) -> bool:
    """Keep what was taken under this name until `lease`; False where somebody else has it meanwhile."""
    own = update(mail).where(mail.c.holder == holder, mail.c.state == "handing")
    return conn.execute(own.values(lease=lease)).rowcount > 0


def end(conn: Connection, ended: Sequence[Ended], holder: str, now: datetime) -> None:
    """Store what became of mails that were taken under this name; their text is needed no more."""
    at = to_micros(now)
    rows = [(e.state, e.said, e.tries, at, None, None, e.mail_id, holder) for e in ended]
    own = select(mail.c.id).where(bulk.one_of(mail.c.id, [e.mail_id for e in ended]), mail.c.holder == holder)
    conn.execute(delete(mail_text).where(mail_text.c.mail_id.in_(own)))
    bulk.update(conn, "mail", "state, said, tries, ended, holder, lease", "id, holder", rows)


def put_off(conn: Connection, waiting: Sequence[PutOff], holder: str) -> None:
    """Let mails wait that were taken under this name; those that were taken back meanwhile go."""
    own = bulk.one_of(mail.c.id, [w.mail_id for w in waiting]) & (mail.c.holder == holder)
    conn.execute(delete(mail).where(own, mail.c.said == TAKEN_BACK))
    rows = [("queued", w.said, w.tries, to_micros(w.due), None, None, w.mail_id, holder) for w in waiting]
    bulk.update(conn, "mail", "state, said, tries, due, holder, lease", "id, holder", rows)


def taken(conn: Connection) -> list[Taken]:
    """What was taken and has not ended, by the name that it was taken under."""
    m = mail.c
    query = select(m.holder, func.count(), func.max(m.lease)).where(m.state == "handing").group_by(m.holder)
    return [Taken(*row) for row in conn.execute(query.order_by(m.holder))]


def taken_by(conn: Connection, holder: str) -> list[Mail]:
    """What was taken under this name and has not ended, without text."""
    own = _QUERY.where(mail.c.state == "handing", mail.c.holder == holder)
    return [Mail(*row) for row in conn.execute(own.order_by(mail.c.id))]


def named(conn: Connection, message_ids: Collection[str]) -> Mail | None:
    """The mail that has one of these Message-IDs, without its text."""
    row = conn.execute(_QUERY.where(bulk.one_of(mail.c.message_id, message_ids)).limit(1)).one_or_none()
    return Mail(*row) if row else None


def came_back(conn: Connection, returned: Mail, said: str, now: datetime) -> bool:
    """Note that a mail failed after a server had taken it. False where it was known to have failed.

    One that is with a server still is only marked, and ended by whoever has it: see `returned_early`.
    """
    this, said = mail.c.id == returned.id, CAME_BACK + said
    if returned.state == "handing":
        conn.execute(update(mail).where(this).values(said=said))
        return not returned.said.startswith(CAME_BACK)
    conn.execute(delete(mail_text).where(mail_text.c.mail_id == returned.id))
    done = update(mail).where(this, mail.c.state != "failed")
    return conn.execute(done.values(state="failed", said=said, ended=now)).rowcount > 0


def returned_early(conn: Connection, holder: str) -> dict[int, str]:
    """What came back of a batch before it was known that it went out: what is said of each, by mail."""
    m = mail.c
    early = (m.holder == holder) & (m.state == "handing") & m.said.startswith(CAME_BACK, autoescape=True)
    rows = conn.execute(select(m.id, m.said).where(early))
    return {row[0]: row[1] for row in rows}


def failed_in_a_row(conn: Connection, failed: Mail, since: datetime, most: int) -> int:
    """How many mails to an address failed one after the other, this one among them; looks `most` far each way.

    Mails may come back days after later ones went out, so which ones these are is seen in the queue and not counted on.
    """
    m = mail.c
    ended = select(m.state).where(m.recipient == failed.recipient, m.created >= since, m.state.in_(("sent", "failed")))
    before = conn.scalars(ended.where(m.id < failed.id).order_by(m.id.desc()).limit(most)).all()
    after = conn.scalars(ended.where(m.id > failed.id).order_by(m.id).limit(most)).all()
    return 1 + sum(1 for side in (before, after) for _ in takewhile("failed".__eq__, side))


def withdraw(conn: Connection, prefix: str) -> int:
    """Take back what is queued for reasons that begin so; returns how many."""
    own = mail.c.key.startswith(prefix, autoescape=True)
    conn.execute(update(mail).where(own, mail.c.state == "handing").values(said=TAKEN_BACK))
    return conn.execute(delete(mail).where(own, mail.c.state == "queued")).rowcount


def forget(conn: Connection, prefix: str) -> None:
    """As `withdraw`, and forget also who got what for these reasons."""
    withdraw(conn, prefix)
    ended = mail.c.state.in_(("sent", "failed", "uncertain")) & mail.c.key.startswith(prefix, autoescape=True)
    conn.execute(delete(mail).where(ended))


def count_due(conn: Connection, now: datetime) -> int:
    """How many mails could be sent now."""
    due = (mail.c.state == "queued") & (mail.c.due <= now)
    return conn.scalar(select(func.count()).where(due)) or 0


def put_off_until(conn: Connection, now: datetime) -> tuple[int, datetime | None]:
    """How many mails were tried and wait, and when the first of them is tried again."""
    waiting = (mail.c.state == "queued") & (mail.c.due > now) & (mail.c.said != "")
    many, first = conn.execute(select(func.count(), func.min(mail.c.due)).where(waiting)).one()
    return many, first


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
    """The mails of these reasons, without their text."""
    rows = conn.execute(_QUERY.where(bulk.one_of(mail.c.key, keys)))
    return {found.key: found for found in (Mail(*row) for row in rows)}


def latest(conn: Connection, most: int) -> list[Mail]:
    """The newest mails, without their text."""
    return [Mail(*row) for row in conn.execute(_QUERY.order_by(mail.c.id.desc()).limit(most))]


def by_key(conn: Connection, key: str) -> Mail | None:
    """The mail of a reason, with its text as long as it is to be sent."""
    row = conn.execute(_WHOLE.where(mail.c.key == key)).one_or_none()
    return _whole(*row) if row else None


def _packed(text: str) -> bytes:
    return zlib.compress(text.encode("utf-8", "replace"), _PACKING)


def _whole(*row: Any) -> Mail:
    *rest, text, html = row
    return Mail(*rest, *(zlib.decompress(part).decode() if part else "" for part in (text, html)))
