"""Outlets of readers, and the queue of what goes to them.

A dispatch is `handing` while its outlet has it. Of a process that died meanwhile nobody can tell whether it was taken:
a webhook gets it again under the same id, by which its receiver knows it; for a service it ends as uncertain.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from broadsheet.store import bulk
from broadsheet.store.schema.outgoing import dispatch, outlet
from broadsheet.types import Dispatch, Outlet
from broadsheet.words.said import said

LEASE_LOST: Final = said("the process that was sending it ended before there was an answer")
_COLUMNS: Final = ("id", "outlet_id", "key", "body", "created", "due", "state", "tries", "said", "ended")
_DISPATCHES: Final = select(*(dispatch.c[name] for name in _COLUMNS))


def add(conn: Connection, made: Outlet) -> Outlet | None:
    """Store an outlet; returns it with its id, or None where the reader has one of that name."""
    if named(conn, made.reader_id, made.name) is not None:
        return None
    conn.execute(insert(outlet).values({k: v for k, v in _values(made).items() if k != "id"}))
    return named(conn, made.reader_id, made.name)


def change(conn: Connection, changed: Outlet) -> None:
    """Store what is new of an outlet."""
    conn.execute(update(outlet).where(outlet.c.id == changed.id).values(_values(changed)))


def remove(conn: Connection, outlet_id: int) -> None:
    """Forget an outlet and what was to go there."""
    conn.execute(delete(outlet).where(outlet.c.id == outlet_id))


def of(conn: Connection, reader_ids: Collection[int]) -> dict[int, list[Outlet]]:
    """The outlets of these readers, by name."""
    rows = conn.execute(select(outlet).where(bulk.one_of(outlet.c.reader_id, reader_ids)).order_by(outlet.c.name))
    found: dict[int, list[Outlet]] = {}
    for row in rows:
        found.setdefault(row.reader_id, []).append(_read(row))
    return found


def every(conn: Connection) -> list[Outlet]:
    """All outlets, by reader and name."""
    return [_read(row) for row in conn.execute(select(outlet).order_by(outlet.c.reader_id, outlet.c.name))]


def named(conn: Connection, reader_id: int, name: str) -> Outlet | None:
    """A reader's outlet of that name."""
    row = conn.execute(select(outlet).where(outlet.c.reader_id == reader_id, outlet.c.name == name)).one_or_none()
    return _read(row) if row else None


def by_id(conn: Connection, outlet_id: int) -> Outlet | None:
    """The outlet with this id."""
    row = conn.execute(select(outlet).where(outlet.c.id == outlet_id)).one_or_none()
    return _read(row) if row else None


def put(conn: Connection, outlet_id: int, key: str, body: str, now: datetime) -> bool:
    """Queue something for an outlet; False where that was done for this reason."""
    own = (dispatch.c.outlet_id == outlet_id) & (dispatch.c.key == key)
    if conn.scalar(select(dispatch.c.id).where(own)) is not None:
        return False
    values = {"outlet_id": outlet_id, "key": key, "body": body, "created": now, "due": now}
    conn.execute(insert(dispatch).values(**values, state="queued", tries=0, said=""))
    return True


def take(conn: Connection, now: datetime, lease: datetime) -> tuple[Dispatch, Outlet] | None:
    """Take what is longest due; nobody else gets it before `lease`. What waits for a suspended outlet waits on."""
    open_ = select(outlet.c.id).where(outlet.c.suspended.is_(None))
    due = _DISPATCHES.where(dispatch.c.state == "queued", dispatch.c.due <= now, dispatch.c.outlet_id.in_(open_))
    row = conn.execute(due.order_by(dispatch.c.due, dispatch.c.id).limit(1)).first()
    if row is None:
        return None
    conn.execute(update(dispatch).where(dispatch.c.id == row.id).values(state="handing", lease=lease))
    to = by_id(conn, row.outlet_id)
    assert to is not None
    return Dispatch(*row), to


def end(conn: Connection, dispatch_id: int, state: str, said: str, now: datetime) -> None:
    """Store what became of a dispatch, for good; its body is needed no more."""
    values = {"state": state, "said": said, "ended": now, "lease": None, "body": "", "tries": dispatch.c.tries + 1}
    conn.execute(update(dispatch).where(dispatch.c.id == dispatch_id).values(values))


def put_off(conn: Connection, dispatch_id: int, said: str, due: datetime) -> None:
    """Let a dispatch wait until `due`, and why."""
    values = {"state": "queued", "said": said, "due": due, "lease": None, "tries": dispatch.c.tries + 1}
    conn.execute(update(dispatch).where(dispatch.c.id == dispatch_id).values(values))


def settle(conn: Connection, now: datetime) -> int:
    """See to what processes had that died: webhooks get it again, of the rest nobody can tell; returns how many."""
    lost = (dispatch.c.state == "handing") & (dispatch.c.lease <= now)
    hooks = dispatch.c.outlet_id.in_(select(outlet.c.id).where(outlet.c.kind == "webhook"))
    again = update(dispatch).where(lost, hooks).values(state="queued", due=now, lease=None)
    gone = update(dispatch).where(lost, ~hooks)
    ended = gone.values(state="uncertain", said=LEASE_LOST, ended=now, lease=None, body="")
    return conn.execute(again).rowcount + conn.execute(ended).rowcount


def is_any_due(conn: Connection, now: datetime) -> bool:
    """Whether there is something to send, or to settle."""
    due = (dispatch.c.state == "queued") & (dispatch.c.due <= now)
    lost = (dispatch.c.state == "handing") & (dispatch.c.lease <= now)
    return conn.scalar(select(dispatch.c.id).where(or_(due, lost)).limit(1)) is not None


def latest(conn: Connection, outlet_ids: Collection[int], most: int) -> list[Dispatch]:
    """The newest of what went to these outlets."""
    own = bulk.one_of(dispatch.c.outlet_id, outlet_ids)
    return [Dispatch(*row) for row in conn.execute(_DISPATCHES.where(own).order_by(dispatch.c.id.desc()).limit(most))]


def reasons(conn: Connection, reader_id: int) -> set[str]:
    """The keys of all that went, or was to go, to a reader's outlets."""
    own = select(outlet.c.id).where(outlet.c.reader_id == reader_id)
    return set(conn.scalars(select(dispatch.c.key).where(dispatch.c.outlet_id.in_(own))))


def counts(conn: Connection, since: datetime) -> dict[str, int]:
    """How many outlets there are and are suspended, and how much is queued, was sent since then, and failed."""
    by_state = conn.execute(select(dispatch.c.state, func.count()).group_by(dispatch.c.state))
    rows: dict[str, int] = {row[0]: row[1] for row in by_state}
    sent = select(func.count()).where(dispatch.c.state == "sent", dispatch.c.ended >= since)
    there = conn.execute(select(func.count(), func.count(outlet.c.suspended)).select_from(outlet)).one()
    return {
        "outlets": there[0],
        "suspended": there[1],
        "queued": rows.get("queued", 0) + rows.get("handing", 0),
        "sent_today": conn.scalar(sent) or 0,
        "uncertain": rows.get("uncertain", 0),
        "failed": rows.get("failed", 0),
    }


def in_trouble(conn: Connection, most: int) -> list[tuple[Dispatch, str]]:
    """The newest dispatches that failed, are uncertain or had to wait, and the kind of their outlet."""
    bad = or_(dispatch.c.state.in_(("failed", "uncertain")), (dispatch.c.state == "queued") & (dispatch.c.said != ""))
    query = _DISPATCHES.add_columns(outlet.c.kind).join(outlet, outlet.c.id == dispatch.c.outlet_id).where(bad)
    return [(Dispatch(*row[:-1]), row[-1]) for row in conn.execute(query.order_by(dispatch.c.id.desc()).limit(most))]


def _values(given: Outlet) -> dict[str, Any]:
    return {c.name: getattr(given, c.name) for c in outlet.columns} | {"sections": " ".join(given.sections)}


def _read(row: Row[Any]) -> Outlet:
    return Outlet(**{**row._mapping, "sections": tuple(row.sections.split())})
