"""Other readers' votes in a reader's list: what is liked by several of those who like the same.

Only votes count, whose number every page shows anyway; nobody learns from what others save. Nobody is named, and less
than `recommend.fellows` readers together say nothing; at 0 all votes of others are left out.
"""

from collections.abc import Sequence

from broadsheet.library.handle import Library
from broadsheet.library.interest.learn import Taught
from broadsheet.rank.fellows import Fellow, Heard, hear, silent
from broadsheet.types import Reader


def heard(lib: Library, who: Reader, models: Sequence[Taught], candidates: Sequence[int]) -> list[Heard]:
    """For each interest what the readers who like its papers say of candidates, by store id."""
    from broadsheet.store import fellows

    least = lib.settings.recommend.fellows
    liked = [frozenset(taught.liked) for taught in models]
    every = frozenset().union(*liked) if least else frozenset()
    if not every:
        return [silent(len(candidates))] * len(models)
    with lib.store.reading() as conn:
        known = fellows.of(conn, who.id, every, candidates)
    return [
        hear((Fellow(f.shared & own, f.size, f.likes) for f in known), len(own), candidates, least) for own in liked
    ]
