"""Readers who voted for the same papers as others: counts and papers, no names."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Select, distinct, func, select

from broadsheet.store import bulk
from broadsheet.store.schema.readers import mark


@dataclass(frozen=True, slots=True)
class Voter:
    """A reader beside another: the papers that both like, how many they voted for, and for which of some candidates."""

    shared: frozenset[int]
    size: int
    likes: frozenset[int]


@dataclass(frozen=True, slots=True)
class Votes:
    """Who voted for which of the papers that some readers like, for which of some candidates, and for how many."""

    of_liked: Mapping[int, Collection[int]]
    of_candidates: Mapping[int, frozenset[int]]
    sizes: Mapping[int, int]

    def beside(self, reader_id: int, liked: Collection[int]) -> list[Voter]:
        """The others who voted for any of the papers that one of these readers likes, and for any of the candidates."""
        shared: dict[int, set[int]] = defaultdict(set)
        for paper_id in liked:
            for voter in self.of_liked.get(paper_id, ()):
                shared[voter].add(paper_id)
        others = sorted(shared.keys() - {reader_id})
        return [Voter(frozenset(shared[i]), self.sizes[i], self.of_candidates[i]) for i in others]


def votes(conn: Connection, liked: Collection[int], candidates: Collection[int]) -> Votes:
    """The votes of those who voted for any of the liked papers and for any of the candidates."""
    m = mark.c
    holds = (m.kind == "up") & m.ended.is_(None)
    given = select(m.reader_id, m.paper_id).where(holds).distinct()
    ours = _by_reader(conn, given.where(bulk.one_of(m.paper_id, liked))) if liked else {}
    theirs = _by_reader(conn, given.where(bulk.one_of(m.paper_id, candidates))) if ours else {}
    both = ours.keys() & theirs.keys()
    of_liked: dict[int, list[int]] = defaultdict(list)
    for voter in both:
        for paper_id in ours[voter]:
            of_liked[paper_id].append(voter)
    counted = select(m.reader_id, func.count(distinct(m.paper_id))).where(holds, bulk.one_of(m.reader_id, both))
    sizes = {row[0]: row[1] for row in conn.execute(counted.group_by(m.reader_id))} if both else {}
    return Votes(of_liked, {voter: frozenset(theirs[voter]) for voter in both}, sizes)


def _by_reader(conn: Connection, query: Select[int, int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for row in conn.execute(query):
        found[row[0]].add(row[1])
    return found
