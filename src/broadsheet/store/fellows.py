"""Readers who voted for the same papers as another: counts and papers, no names."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, Select, distinct, func, select

from broadsheet.store import bulk
from broadsheet.store.schema import mark


@dataclass(frozen=True, slots=True)
class Voter:
    """One of them: the papers that they have in common with the other, how many they voted for, and for which of some
    candidates.
    """

    shared: frozenset[int]
    size: int
    likes: frozenset[int]


def of(conn: Connection, reader_id: int, liked: Collection[int], candidates: Collection[int]) -> list[Voter]:
    """The others who voted for any of the `liked` papers and for any of the candidates."""
    m = mark.c
    holds = (m.kind == "up") & m.ended.is_(None) & (m.reader_id != reader_id)
    votes = select(m.reader_id, m.paper_id).where(holds).distinct()
    shared = _by_reader(conn, votes.where(bulk.one_of(m.paper_id, liked)))
    if not shared:
        return []
    likes = _by_reader(conn, votes.where(bulk.one_of(m.paper_id, candidates)))
    both = sorted(shared.keys() & likes.keys())
    counted = select(m.reader_id, func.count(distinct(m.paper_id))).where(holds, bulk.one_of(m.reader_id, both))
    sizes = {row[0]: row[1] for row in conn.execute(counted.group_by(m.reader_id))} if both else {}
    return [Voter(frozenset(shared[i]), sizes[i], frozenset(likes[i])) for i in both]


def _by_reader(conn: Connection, query: Select[int, int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for row in conn.execute(query):
        found[row[0]].add(row[1])
    return found
