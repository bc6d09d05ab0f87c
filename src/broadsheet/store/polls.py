"""Polls: when each source of counts last looked at a paper, and what it wants to know again."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import orjson
from sqlalchemy import Connection, and_, func, select

from broadsheet.store import bulk
from broadsheet.store.schema import announcement, poll, to_micros


@dataclass(frozen=True, slots=True)
class Polled:
    """A paper, the last day that it was news, and how a source looked at it: `asked` is None for never.

    `still`: how many looks in a row found nothing moved.
    """

    paper_id: int
    news: date
    asked: datetime | None
    still: int


def since(conn: Connection, source: str, first: date) -> list[Polled]:
    """The papers that were news on `first` or later, the youngest first; ties by id."""
    a, p = announcement.c, poll.c
    day = func.max(a.day).label("news")
    query = (
        select(a.paper_id, day, func.max(p.asked), func.max(p.still))
        .outerjoin(poll, and_(p.paper_id == a.paper_id, p.source == source))
        .where(a.first, a.day >= first)
        .group_by(a.paper_id)
        .order_by(day.desc(), a.paper_id)
    )
    return [Polled(i, news, asked, still or 0) for i, news, asked, still in conn.execute(query)]


def memories(conn: Connection, source: str, ids: Collection[int]) -> dict[int, dict[str, str]]:
    """What a source wanted to know again of papers; those that it never looked at are left out."""
    query = select(poll.c.paper_id, poll.c.memory).where(poll.c.source == source)
    return {i: orjson.loads(memory) for i, memory in conn.execute(query.where(bulk.one_of(conn, poll.c.paper_id, ids)))}


def put(conn: Connection, source: str, asked: datetime, looks: Iterable[tuple[int, int, Mapping[str, str]]]) -> None:
    """Record looks at that time: the paper, how many in a row found nothing moved, what to know again."""
    rows = [(i, source, to_micros(asked), still, orjson.dumps(memory).decode()) for i, still, memory in looks]
    changes = ", ".join(f"{name} = excluded.{name}" for name in ("asked", "still", "memory"))
    conflict = f"ON CONFLICT (paper_id, source) DO UPDATE SET {changes}"
    bulk.insert(conn, "poll", "paper_id, source, asked, still, memory", rows, conflict)
