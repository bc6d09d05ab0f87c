"""Editions: the papers that were news on a day, in a week or month, each listed once."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, bindparam, case, func, select

from broadsheet.codec import outline_from_json, paper_from_json
from broadsheet.store import bulk
from broadsheet.store.prepared import Prepared
from broadsheet.store.schema.papers import announcement, paper
from broadsheet.types import Announcement, AnnouncementKind, Outline, Paper

_LATEST_OF = Prepared(
    select(func.max(announcement.c.day)).where(announcement.c.first, announcement.c.paper_id == bindparam("paper"))
)

_IDS_OF = Prepared(
    select(announcement.c.paper_id)
    .where(announcement.c.first, announcement.c.day == bindparam("day"))
    .distinct()
    .order_by(announcement.c.paper_id)
)


@dataclass(frozen=True, slots=True)
class Day:
    """How many papers a day brought, and how many by the kind of their announcement there (a paper may have two)."""

    day: date
    papers: int
    kinds: dict[AnnouncementKind, int]


def days(conn: Connection, first: date, last: date, sources: Collection[str] | None = None) -> list[Day]:
    """The days with papers from `first` to `last`, both included, in order. `sources`: only what these announced."""
    return _days(conn, _chosen(first, last, sources))


def days_with_new(conn: Connection, first: date, since: datetime) -> list[Day]:
    """The days from `first` with papers that came into the library after `since`, these alone counted, in order."""
    a, p = announcement.c, paper.c
    came = select(p.id).where(p.id == a.paper_id, p.added > since).exists()
    return _days(conn, a.first & (a.day >= first) & came)


def _days(conn: Connection, chosen: ColumnElement[bool]) -> list[Day]:
    a = announcement.c
    totals = select(a.day, func.count(a.paper_id.distinct())).where(chosen).group_by(a.day).order_by(a.day)
    found = {day: Day(day, papers, {}) for day, papers in conn.execute(totals)}
    by_kind = select(a.day, a.kind, func.count()).where(chosen).group_by(a.day, a.kind).order_by(a.day, a.kind)
    for day, kind, many in conn.execute(by_kind):
        found[day].kinds[kind] = many
    return list(found.values())


def latest_day(conn: Connection, until: date | None = None) -> date | None:
    """The last day with papers, or the last up to `until`; None in an empty library."""
    query = select(func.max(announcement.c.day)).where(announcement.c.first)
    day: date | None = conn.scalar(query if until is None else query.where(announcement.c.day <= until))
    return day


def next_day(conn: Connection, after: date) -> date | None:
    """The first day with papers after another; None where there is none."""
    query = select(func.min(announcement.c.day)).where(announcement.c.first, announcement.c.day > after)
    day: date | None = conn.scalar(query)
    return day


def latest_of(conn: Connection, paper_id: int) -> date | None:
    """The last day on which a paper was news."""
    day: date | None = _LATEST_OF.value(conn, paper=paper_id)
    return day


def ids_of(conn: Connection, day: date) -> list[int]:
    """The store ids of the papers of a day, in the order of `listed`."""
    return [paper_id for (paper_id,) in _IDS_OF.all(conn, day=day)]


def listed(
    conn: Connection,
    first_day: date,
    last_day: date,
    categories: Collection[str] | None = None,
    sources: Collection[str] | None = None,
    kinds: Collection[AnnouncementKind] | None = None,
) -> dict[int, Announcement]:
    """Store ids of the papers of these days, each with the announcement that put it there, by day and id.

    `categories`: only papers in one of them; `cs` stands for all of `cs.*`. `kinds`: only what was announced so. A
    paper of several days is listed on its first.
    """
    a, p = announcement.c, paper.c
    query = (
        select(a.paper_id, a.source, a.day, a.kind, a.by, p.categories)
        .join_from(announcement, paper, a.paper_id == p.id)
        .where(_chosen(first_day, last_day, sources, kinds))
        .order_by(a.day, a.paper_id, case((a.kind == "featured", 1), else_=0), a.source)
    )
    found: dict[int, Announcement] = {}
    for paper_id, source, day, kind, by, own in conn.execute(query):
        if paper_id not in found and (categories is None or is_in(own.split(), categories)):
            found[paper_id] = Announcement(source, day, kind, by)
    return found


def papers(
    conn: Connection,
    first_day: date,
    last_day: date,
    categories: Collection[str] | None = None,
    sources: Collection[str] | None = None,
    kinds: Collection[AnnouncementKind] | None = None,
) -> list[tuple[int, Paper, Announcement]]:
    """As `listed`, with the papers."""
    found = listed(conn, first_day, last_day, categories, sources, kinds)
    docs = dict(_docs(conn, list(found)))
    return [(i, paper_from_json(docs[i]), announced) for i, announced in found.items()]


def outlines(
    conn: Connection, first_day: date, last_day: date, categories: Collection[str] | None = None
) -> list[tuple[int, Outline, Announcement]]:
    """As `papers`, without their texts."""
    found = listed(conn, first_day, last_day, categories)
    docs = dict(_docs(conn, list(found)))
    return [(i, outline_from_json(docs[i]), announced) for i, announced in found.items()]


def is_in(own: Collection[str], wanted: Collection[str]) -> bool:
    """Whether a paper of categories `own` is in one of the wanted ones, an archive standing for all its categories."""
    return any(category in wanted or category.partition(".")[0] in wanted for category in own)


def _docs(conn: Connection, ids: list[int]) -> Iterator[tuple[int, str]]:
    query = select(paper.c.id, paper.c.doc).where(bulk.one_of(paper.c.id, ids))
    yield from conn.execute(query)


def _chosen(
    first: date,
    last: date,
    sources: Collection[str] | None,
    kinds: Collection[AnnouncementKind] | None = None,
) -> ColumnElement[bool]:
    a = announcement.c
    chosen = a.first & a.day.between(first, last)
    if kinds is not None:
        chosen &= a.kind.in_(kinds)
    return chosen if sources is None else chosen & bulk.one_of(a.source, sources)
