"""Which papers there are, by store id alone: what a sample is drawn from."""

from datetime import date

from sqlalchemy import Connection, select

from broadsheet.store.schema.papers import announcement, paper


def every(conn: Connection) -> list[int]:
    """The ids of all papers, ascending."""
    return list(conn.scalars(select(paper.c.id).order_by(paper.c.id)))


def announced(conn: Connection, first: date, last: date) -> list[int]:
    """The ids of the papers that were news from `first` to `last`, ascending."""
    a = announcement.c
    query = select(a.paper_id).where(a.first, a.day.between(first, last)).distinct().order_by(a.paper_id)
    return list(conn.scalars(query))
