"""Polls: how each source of counts looked at papers, when it is to look again, and what it wants to know then."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import orjson
from sqlalchemy import Connection, and_, func, or_, select

from broadsheet.store import bulk
from broadsheet.store.columns import to_micros
from broadsheet.store.schema.papers import announcement, poll


@dataclass(frozen=True, slots=True)
class Due:
    """A paper that is to be looked at, and the last day that it was news.

    `still`: how many looks since then, in a row up to now, found nothing moved.
    """

    paper_id: int
    news: date
    still: int = 0


@dataclass(frozen=True, slots=True)
class Looked:
    """A look at a paper that was due: how many in a row found nothing moved by now, when the next is due (None: never),
    and what the source wants to know then."""

    paper_id: int
    news: date
    still: int
    due: datetime | None
    memory: Mapping[str, str]


def due(conn: Connection, source: str, now: datetime, first: date, last: date) -> list[Due]:
    """The papers to look at now, of those that were news from `first` to `last`; the youngest first, ties by id.

    Those are due that the source has not looked at since they were news, and those of which the next look is due.
    """
    a, p = announcement.c, poll.c
    news = func.max(a.day).label("news")
    # A paper has one row of `poll`: its least value is its value.
    seen, still, at = func.min(p.news), func.min(p.still), func.min(p.due)
    query = (
        select(a.paper_id, news, seen, still)
        .outerjoin(poll, and_(p.paper_id == a.paper_id, p.source == source))
        .where(a.first, a.day.between(first, last))
        .group_by(a.paper_id)
        .having(or_(seen.is_(None), seen < news, at <= now))
        .order_by(news.desc(), a.paper_id)
    )
    return [Due(i, day, still if seen == day else 0) for i, day, seen, still in conn.execute(query)]


def memories(conn: Connection, source: str, ids: Collection[int]) -> dict[int, dict[str, str]]:
    """What a source wanted to know again of papers; those that it never looked at are left out."""
    query = select(poll.c.paper_id, poll.c.memory).where(poll.c.source == source)
    return {i: orjson.loads(memory) for i, memory in conn.execute(query.where(bulk.one_of(poll.c.paper_id, ids)))}


def put(conn: Connection, source: str, looks: Iterable[Looked]) -> None:
    """Record looks of a source, each in place of its last one at that paper."""
    rows = [
        (
            look.paper_id,
            source,
            look.news.isoformat(),
            look.still,
            None if look.due is None else to_micros(look.due),
            orjson.dumps(look.memory).decode(),
        )
        for look in looks
    ]
    changes = ", ".join(f"{name} = excluded.{name}" for name in ("news", "still", "due", "memory"))
    conflict = f"ON CONFLICT (paper_id, source) DO UPDATE SET {changes}"
    bulk.insert(conn, "poll", "paper_id, source, news, still, due, memory", rows, conflict)
