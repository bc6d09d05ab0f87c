"""What each reader was shown as new: once, whatever the day, the version of the paper and the channel."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import orjson
from sqlalchemy import Connection, Row, bindparam, delete, func, select

from broadsheet.store import bulk, papers
from broadsheet.store.columns import to_micros
from broadsheet.store.prepared import Prepared
from broadsheet.store.schema.readers import shown
from broadsheet.types import Shown
from broadsheet.words.kept import heard, kept

_COLUMNS: Final = "reader_id, paper_id, part, list, channel, at, rank, score, interest_id, explored, why"
_IN_LIST: Final = Prepared(
    select(shown)
    .where(shown.c.reader_id == bindparam("reader"), shown.c.list == bindparam("name"))
    .order_by(shown.c.rank, shown.c.at)
)


def record(conn: Connection, reader_id: int, listed: Iterable[Shown], parts: Iterable[str] | None = None) -> None:
    """Remember what a reader is shown; what was shown before stays as it was. `parts`: as in `marks.insert`."""
    items = list(listed)
    if parts is None:
        record_all(conn, {reader_id: items})
    else:
        _insert(conn, [_row(reader_id, s, part) for s, part in zip(items, parts, strict=True)])


def record_all(conn: Connection, listed: Mapping[int, Collection[Shown]]) -> None:
    """As `record`, what each of several readers is shown."""
    keys = papers.keys(conn, {s.paper_id for some in listed.values() for s in some})
    _insert(conn, [_row(reader_id, s, keys[s.paper_id]) for reader_id, some in listed.items() for s in some])


def _insert(conn: Connection, rows: Sequence[bulk.Row]) -> None:
    bulk.insert(conn, "shown", _COLUMNS, rows, "ON CONFLICT (reader_id, paper_id, part) DO NOTHING")


def among(conn: Connection, reader_id: int, papers: Collection[int]) -> dict[int, Shown]:
    """Those of these papers that a reader was shown."""
    own = shown.c.reader_id == reader_id
    rows = conn.execute(select(shown).where(own, bulk.one_of(shown.c.paper_id, papers)).order_by(shown.c.at))
    return {row.paper_id: read(row) for row in rows}


def papers_of(conn: Connection, readers: Collection[int], papers: Collection[int] | None = None) -> dict[int, set[int]]:
    """The papers that each of these readers was shown; `papers`: only those among these."""
    query = select(shown.c.reader_id, shown.c.paper_id).where(bulk.one_of(shown.c.reader_id, readers))
    if papers is not None:
        query = query.where(bulk.one_of(shown.c.paper_id, papers))
    found: dict[int, set[int]] = {reader_id: set() for reader_id in readers}
    for reader_id, paper_id in conn.execute(query):
        found[reader_id].add(paper_id)
    return found


def in_list(conn: Connection, reader_id: int, name: str) -> list[Shown]:
    """What a reader was shown in a list, in the order in which it stood there."""
    return [read(row) for row in _IN_LIST.all(conn, reader=reader_id, name=name)]


def of_interest(conn: Connection, interest_id: int, since: datetime, most: int) -> list[Shown]:
    """What was shown for an interest since then, whatever the channel, the newest first."""
    own = (shown.c.interest_id == interest_id) & (shown.c.at >= since)
    query = select(shown).where(own).order_by(shown.c.at.desc(), shown.c.rank, shown.c.paper_id)
    return [read(row) for row in conn.execute(query.limit(most))]


def last_list(conn: Connection, reader_id: int) -> str | None:
    """The name of the list that a reader was shown last."""
    own = shown.c.reader_id == reader_id
    name: str | None = conn.scalar(select(shown.c.list).where(own).order_by(shown.c.at.desc()).limit(1))
    return name


def count(conn: Connection, reader_id: int) -> int:
    """How many papers a reader was shown."""
    return conn.scalar(select(func.count()).select_from(shown).where(shown.c.reader_id == reader_id)) or 0


def forget(conn: Connection, reader_id: int, since: datetime) -> int:
    """Let papers that were shown from a time on be new again; returns how many."""
    own = (shown.c.reader_id == reader_id) & (shown.c.at >= since)
    return conn.execute(delete(shown).where(own)).rowcount


def forget_list(conn: Connection, reader_id: int, name: str, channel: str) -> None:
    """Let what was shown in a list, in one place, be new again."""
    own = (shown.c.reader_id == reader_id) & (shown.c.list == name) & (shown.c.channel == channel)
    conn.execute(delete(shown).where(own))


def _row(reader_id: int, s: Shown, part: str) -> bulk.Row:
    why = orjson.dumps([kept(why) for why in s.why]).decode()
    at = to_micros(s.at)
    return (reader_id, s.paper_id, part, s.list, s.channel, at, s.rank, s.score, s.interest_id, s.explored, why)


def read(row: Row[Any]) -> Shown:
    """A row of the table."""
    return Shown(
        row.paper_id,
        row.list,
        row.channel,
        row.at,
        row.rank,
        row.score,
        row.interest_id,
        row.explored,
        tuple(map(heard, orjson.loads(row.why))),
    )
