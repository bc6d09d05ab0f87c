"""What belongs to a part of a paper, and goes where that part goes when papers are joined or taken apart.

Each row bears the key of the part that it is about: signals, marks, what was shown, and what is in collections.
"""

from collections.abc import Collection, Iterable
from typing import Final

from sqlalchemy import Connection, Table

from broadsheet.store import bulk
from broadsheet.store.schema.papers import earlier_text, signal
from broadsheet.store.schema.readers import collection_paper, comment, mark, shown

_FOLLOWING: Final = (signal, mark, shown, earlier_text, collection_paper)


def join(conn: Connection, pairs: Iterable[tuple[int, int]]) -> None:
    """Give all rows of papers to others: pairs of store ids, from and to."""
    moves = list(pairs)
    for table in _FOLLOWING:
        bulk.run(conn, _copy(table), [(to, gone) for gone, to in moves])
        bulk.delete(conn, table.name, "paper_id", [(gone,) for gone, _ in moves])
    bulk.update(conn, "comment", "paper_id", "paper_id", [(to, gone) for gone, to in moves])


def take(conn: Connection, source: int, parts: Collection[str], to: int) -> None:
    """Give the rows of some parts of a paper to another paper."""
    for table in (*_FOLLOWING, comment):
        own = (table.c.paper_id == source) & bulk.one_of(table.c.part, parts)
        conn.execute(table.update().where(own).values(paper_id=to))


def _copy(table: Table) -> str:
    """Copied and deleted, not updated: what both papers have already must not collide."""
    rest = ", ".join(column.name for column in table.columns if column.name != "paper_id")
    own = ", ".join(column.name for column in table.primary_key)
    return f"""
        INSERT INTO {table.name} (paper_id, {rest})
        SELECT CAST(? AS BIGINT), {rest} FROM {table.name} WHERE paper_id = ?
        ON CONFLICT ({own}) DO NOTHING
    """  # noqa: S608 - names of our own
