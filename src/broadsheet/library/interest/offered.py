"""Lists for many readers at once, for digests: what the readers share is read once, and nothing is remembered."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import TYPE_CHECKING

from broadsheet.library.interest.company import votes_of_others
from broadsheet.library.interest.draft import Draft, Work, draft, still_new
from broadsheet.library.interest.learn import taught_together
from broadsheet.library.interest.lookup import Lookup
from broadsheet.library.interest.reasons import likings
from broadsheet.library.interest.recommend import today
from broadsheet.library.interest.recommendation import Ask
from broadsheet.types import Interest, Reader

if TYPE_CHECKING:
    from broadsheet.store.fellows import Votes


@dataclass(frozen=True, slots=True)
class Wish:
    """One of many readers who want a list of at most so many papers of some days, of whom all else was read before.

    `known`: papers that they were shown as new or said something of.
    """

    who: Reader
    interests: Sequence[Interest]
    known: Set[int]
    span: tuple[date, date]
    most: int


def offered(lookup: Lookup, wishes: Sequence[Wish]) -> dict[int, Draft]:
    """What lists of readers would have, by reader; none for those of whose interests nothing is known."""
    lib = lookup.lib
    space = lib.stream.space()
    if space is None:
        return {}
    own = taught_together(lib, space, {wish.who.id: wish.interests for wish in wishes})
    models = {reader_id: [taught for taught in every if taught.is_known] for reader_id, every in own.items()}
    liked = likings(lib, space, chain.from_iterable(models.values()))
    ask, drafts = Ask(preview=True, asks=False), {}
    votes: dict[tuple[date, date], Votes] = {}
    for wish in wishes:
        mine, pool = models[wish.who.id], lib.stream.pool(space, *wish.span)
        if wish.span not in votes:
            votes[wish.span] = votes_of_others(lib, chain.from_iterable(models.values()), pool)
        if mine:
            places, name = still_new(pool, mine, wish.known), today(lib, wish.who).isoformat()
            work = Work(lookup, ask, wish.who, space, mine, liked, votes[wish.span], pool, places, wish.most, name)
            drafts[wish.who.id] = draft(work)
    lookup.papers({paper_id for made in drafts.values() for paper_id in made.ids})
    return drafts
