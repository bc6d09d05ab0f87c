"""The votes of our own readers: how many hold a paper up, now and over time. No reader can be told from them."""

from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from broadsheet.store import bulk
from broadsheet.store.prepared import Prepared
from broadsheet.store.schema.readers import mark
from broadsheet.types import OURS, Signal

KIND: Final = "upvotes"

_m = mark.c
_HISTORIES: Final = Prepared(
    select(_m.paper_id, _m.reader_id, _m.at, _m.ended).where(bulk.among(_m.paper_id, "ids"), _m.kind == "up")
)


def latest(conn: Connection, ids: Collection[int]) -> dict[int, int]:
    """How many readers hold each of these papers up; papers without a vote are left out."""
    m, later = mark.c, mark.alias().c
    against = select(later.reader_id).where(
        later.reader_id == m.reader_id,
        later.paper_id == m.paper_id,
        later.kind == "down",
        later.ended.is_(None),
        later.at > m.at,
    )
    query = (
        select(m.paper_id, func.count(m.reader_id.distinct()))
        .where(m.kind == "up", m.ended.is_(None), bulk.one_of(m.paper_id, ids), ~against.exists())
        .group_by(m.paper_id)
    )
    return dict(conn.execute(query).all())


def papers(conn: Connection) -> list[int]:
    """Store ids of the papers that readers hold up."""
    return list(conn.scalars(select(mark.c.paper_id).where(mark.c.kind == "up", mark.c.ended.is_(None)).distinct()))


def series(conn: Connection, paper_id: int) -> list[Signal]:
    """The count after each vote that was given or taken back, oldest first."""
    return histories(conn, [paper_id]).get(paper_id, [])


def histories(conn: Connection, ids: Collection[int]) -> dict[int, list[Signal]]:
    """As `series`, of several papers in one statement; papers that never had a vote are left out."""
    steps: dict[int, list[tuple[datetime, int, int]]] = defaultdict(list)
    for paper_id, who, begun, ended in _HISTORIES.all(conn, ids=ids):
        steps[paper_id] += [(at, who, by) for at, by in ((begun, 1), (ended, -1)) if at is not None]
    return {paper_id: _counted(taken) for paper_id, taken in steps.items()}


def _counted(steps: list[tuple[datetime, int, int]]) -> list[Signal]:
    held: Counter[int] = Counter()
    counts = {}
    for at, who, by in sorted(steps):
        held[who] += by
        counts[at] = sum(many > 0 for many in held.values())
    return [Signal(OURS, KIND, at, count) for at, count in counts.items()]
