"""What a person has taken apart: pairs of part keys, each in alphabetical order, that never come together by itself."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, and_, delete, select

from broadsheet.store import bulk
from broadsheet.store.columns import to_micros
from broadsheet.store.schema.papers import distinct_pair

Pair = tuple[str, str]


def pairs(conn: Connection) -> list[Pair]:
    """All of them."""
    pair = distinct_pair.c
    return [(a, b) for a, b in conn.execute(select(pair.a, pair.b).order_by(pair.a, pair.b))]


def add(conn: Connection, found: Iterable[Collection[str]], now: datetime) -> None:
    """Remember pairs, in whatever order each comes."""
    rows = sorted({(*sorted(pair), to_micros(now)) for pair in found})
    bulk.insert(conn, "distinct_pair", "a, b, at", rows, "ON CONFLICT (a, b) DO NOTHING")


def forget(conn: Connection, keys: Collection[str]) -> None:
    """The works with these keys may be one again."""
    pair = distinct_pair.c
    conn.execute(delete(distinct_pair).where(and_(bulk.one_of(pair.a, keys), bulk.one_of(pair.b, keys))))
