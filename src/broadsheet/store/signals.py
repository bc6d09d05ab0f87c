"""Signals: counts about a paper over time, appended and never rewritten.

The votes of our own readers are read as signals like any other, but kept as marks: a copy of the signals names nobody.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, select

from broadsheet.store import bulk, state, votes
from broadsheet.store.changes import write_signals
from broadsheet.store.columns import to_micros
from broadsheet.store.prepared import Prepared
from broadsheet.store.schema.papers import paper, signal
from broadsheet.types import OURS, Signal

_s = signal.c
_SERIES = Prepared(
    select(_s.source, _s.kind, _s.at, _s.value)
    .where(_s.paper_id == bindparam("paper"))
    .order_by(_s.at, _s.source, _s.kind, _s.part)
)


def append(conn: Connection, paper_id: int, signals: Iterable[Signal], part: str | None = None) -> None:
    """Add signals of a stored paper; what is there already stays. `part`: key of the part counted, the paper's own by
    default."""
    told = list(signals)
    owner = part or conn.scalar(select(paper.c.key).where(paper.c.id == paper_id))
    write_signals(conn, [(paper_id, s.source, s.kind, to_micros(s.at), owner, s.value) for s in told])
    if told:
        state.move(conn, max(s.at for s in told))


def series(conn: Connection, paper_id: int) -> list[Signal]:
    """All signals of a paper, oldest first."""
    own = votes.series(conn, paper_id)
    found = [Signal(*row) for row in _SERIES.all(conn, paper=paper_id)]
    return sorted((*found, *own), key=lambda signal: signal.at) if own else found


def latest(conn: Connection, ids: Collection[int]) -> dict[int, dict[tuple[str, str], int]]:
    """The newest value of each (source, kind) of papers; papers without a signal are left out.

    Of a paper with several parts it is the greatest: the same people vote for preprint and venue version.
    """
    s = signal.c
    age = func.row_number().over(partition_by=(s.paper_id, s.source, s.kind, s.part), order_by=s.at.desc())
    ranked = select(s.paper_id, s.source, s.kind, s.value, age.label("age")).where(bulk.one_of(s.paper_id, ids))
    newest = ranked.subquery()
    found: dict[int, dict[tuple[str, str], int]] = defaultdict(dict)
    for paper_id, source, kind, value, _ in conn.execute(select(newest).where(newest.c.age == 1)):
        counts = found[paper_id]
        counts[source, kind] = max(value, counts.get((source, kind), value))
    for paper_id, count in votes.latest(conn, ids).items():
        found[paper_id][OURS, votes.KIND] = count
    return dict(found)


Histories = dict[int, dict[tuple[str, str], list[Signal]]]
"""Of each paper and each (source, kind) of count its values over time, oldest first."""


def histories(conn: Connection, ids: Collection[int]) -> Histories:
    """The series of several papers, in as many statements as one paper's takes.

    Of a paper with several parts each value is the greatest that its parts had by then, as in `latest`.
    """
    s = signal.c
    query = select(s.paper_id, s.source, s.kind, s.at, s.part, s.value).where(bulk.one_of(s.paper_id, ids))
    found: Histories = defaultdict(dict)
    parts: dict[tuple[int, str, str], dict[str, int]] = defaultdict(dict)
    for paper_id, source, kind, at, part, value in conn.execute(query.order_by(s.paper_id, s.at, s.part)):
        held = parts[paper_id, source, kind]
        held[part] = value
        found[paper_id].setdefault((source, kind), []).append(Signal(source, kind, at, max(held.values())))
    for paper_id, own in votes.histories(conn, ids).items():
        found[paper_id][OURS, votes.KIND] = own
    return dict(found)


def voted(conn: Connection) -> list[int]:
    """Store ids of the papers that ever had a vote, here or elsewhere, in order."""
    s = signal.c
    elsewhere = conn.scalars(select(s.paper_id).where(s.kind == votes.KIND, s.value > 0).distinct())
    return sorted({*elsewhere, *votes.papers(conn)})


def counted(conn: Connection, since: datetime, kinds: Collection[str] = ("upvotes",)) -> list[int]:
    """Store ids of papers of which a count of these kinds was taken since then, in order."""
    s = signal.c
    query = select(s.paper_id).where(s.kind.in_(kinds), s.at >= since).distinct().order_by(s.paper_id)
    return list(conn.scalars(query))
