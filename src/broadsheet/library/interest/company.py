"""Other readers' votes in a reader's list: what is liked by several of those who like the same.

Only votes count, whose number every page shows anyway; nobody learns from what others save. Nobody is named, and less
than `recommend.fellows` readers together say nothing; at 0 all votes of others are left out.
"""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from broadsheet.library.handle import Library
from broadsheet.library.interest.learn import Taught
from broadsheet.library.interest.pool import Pool
from broadsheet.rank.fellows import Fellow, Heard, hear, silent
from broadsheet.types import Reader

if TYPE_CHECKING:
    from broadsheet.store.fellows import Votes


def votes_of_others(lib: Library, models: Iterable[Taught], pool: Pool) -> "Votes":
    """The votes for what any of these interests likes and for papers of a pool."""
    from broadsheet.store import fellows

    liked = {paper_id for taught in models for paper_id in taught.liked} if lib.settings.recommend.fellows else ()
    with lib.store.reading() as conn:
        return fellows.votes(conn, liked, pool.ids)


def heard(votes: "Votes", who: Reader, models: Sequence[Taught], candidates: Sequence[int], least: int) -> list[Heard]:
    """For each interest what at least so many readers who like its papers say of candidates, by store id."""
    liked = [frozenset(taught.liked) for taught in models]
    known = votes.beside(who.id, frozenset().union(*liked))
    if not known:
        return [silent(len(candidates))] * len(models)
    return [
        hear((Fellow(f.shared & own, f.size, f.likes) for f in known), len(own), candidates, least) for own in liked
    ]
