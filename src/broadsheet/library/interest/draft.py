"""A list in the making: papers of a pool that interests judged, chosen, and drawn by lot; told of when it is shown.

Choosing needs numbers alone and takes a few milliseconds. Reading papers and telling why takes as long again, so it is
done of those that somebody will see.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

import numpy as np

from broadsheet.library.handle import Library
from broadsheet.library.interest.company import heard
from broadsheet.library.interest.learn import Taught
from broadsheet.library.interest.lookup import Lookup
from broadsheet.library.interest.pool import Pool
from broadsheet.library.interest.reasons import EXPLORED, Likings, attention, explain
from broadsheet.library.interest.recommendation import Ask, Recommended
from broadsheet.library.interest.space import Space
from broadsheet.rank import explore
from broadsheet.rank.blend import Place, blend
from broadsheet.rank.diversify import Variety
from broadsheet.rank.fellows import Heard
from broadsheet.rank.interest import Reason
from broadsheet.types import Paper, Reader

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

    from broadsheet.store.fellows import Votes

CONTENDERS: Final = 10
"""Papers of an interest that contend for each place of the list: enough to choose different ones among."""

LIFT: Final = 2.0
"""How much likelier a listed paper is than the lower quartile of the days, which stands for papers of no interest even
where most are near. After one seed, of 800 papers the median is at .01, the tenth at .2 to .4, the fiftieth at .05: the
cap decides how long a list is, and where no paper stands out, none is listed."""

EVEN: Final = 0.5
"""What is likelier to be liked than not is listed, even where a keyword makes it usual."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a list of at most `most` papers is made of. `votes`: those of others; `open`: places in the pool of papers
    that are still new to the reader; `name`: their day.
    """

    lookup: Lookup
    ask: Ask
    who: Reader
    space: Space
    models: Sequence[Taught]
    likings: Likings
    votes: "Votes"
    pool: Pool
    open: "NDArray[np.int64]"
    most: int
    name: str

    @property
    def lib(self) -> Library:
        """The library of the papers."""
        return self.lookup.lib


@dataclass(frozen=True, slots=True)
class Judged:
    """What each interest thinks of each open paper, shape (interests, papers); `listed`: is it good enough for it;
    `heard`: what others say, for each interest.
    """

    scores: "Floats"
    probabilities: "Floats"
    listed: "NDArray[np.bool_]"
    least: "Floats"
    heard: Sequence[Heard]


@dataclass(frozen=True, slots=True)
class Draft:
    """A list: its `places`, numbered among the open papers, and which of these were `drawn` by lot."""

    work: Work
    judged: Judged
    places: Sequence[Place]
    drawn: frozenset[int]

    @property
    def ids(self) -> list[int]:
        """Store ids of the papers, in the order of the list."""
        return [self.work.pool.ids[self.work.open[place.paper]] for place in self.places]

    @property
    def papers(self) -> list[Paper]:
        """The papers, in the order of the list."""
        looked = self.work.lookup.papers(self.ids)
        return [looked[paper_id].paper for paper_id in self.ids]

    def told(self, some: Sequence[int] | None = None) -> list[Recommended]:
        """The papers with the reasons why they are here, or those at some places of the list."""
        work = self.work
        ranks = range(len(self.places)) if some is None else some
        at = [int(work.open[self.places[rank].paper]) for rank in ranks]
        judges = [(self.places[rank].interest, i) for rank, i in zip(ranks, at, strict=True)]
        found = explain(work.lookup, work.space, work.models, work.likings, work.pool, judges)
        work.lookup.papers([work.pool.ids[i] for i in at])
        return [self._entry(rank, *told) for rank, told in zip(ranks, found, strict=True)]

    def _entry(self, rank: int, reasons: tuple[Reason, ...], why: tuple[str, ...]) -> Recommended:
        work, judged, place = self.work, self.judged, self.places[rank]
        at, others, cell = int(work.open[place.paper]), judged.heard[place.interest], (place.interest, place.paper)
        read, drawn = work.lookup.papers([work.pool.ids[at]])[work.pool.ids[at]], place.paper in self.drawn
        told = others.told(place.paper) + attention(read.votes, read.comments)
        return Recommended(
            rank=rank + 1,
            paper=read.paper,
            announced=work.pool.announced[at],
            interest=work.models[place.interest].interest.name,
            score=round(float(judged.scores[cell]), 5),
            probability=round(float(judged.probabilities[cell]), 4),
            why=((EXPLORED,) if drawn else why) + told,
            reasons=reasons + _by_readers(others, place.paper),
            explored=drawn,
            alike=tuple(work.pool.papers.keys[int(work.open[i])] for i in place.held),
        )


def still_new(pool: Pool, models: Sequence[Taught], known: Set[int]) -> "NDArray[np.int64]":
    """Places of papers that stand, are not known, and that the reader did not begin an interest with."""
    still = ~pool.withdrawn
    gone = set(known).union(*(_named(one, pool) for one in models))
    still[[pool.places[i] for i in gone & pool.places.keys()]] = False
    return np.flatnonzero(still)


def _named(taught: Taught, pool: Pool) -> set[int]:
    """What teaches an interest, but for papers of an author whom the reader named."""
    of_author = {pool.ids[i] for i in np.flatnonzero(taught.model.rules.followed(pool.papers)).tolist()}
    return taught.examples.keys() - of_author


def draft(work: Work) -> Draft:
    """Judge, choose and draw; there must be a model."""
    judged = _judged(work)
    share = _within(work.ask.explore, work.lib.settings.recommend.explore, 0.5)
    good = int(judged.listed.any(axis=0).sum())
    total = min(work.most, round(good / (1 - share)))
    at = explore.places(total, share)
    chosen = _chosen(work, judged, total - len(at))
    drawn = _drawn(work, judged, chosen, len(at))
    return Draft(work, judged, explore.woven(chosen, drawn, at), frozenset(place.paper for place in drawn))


def _within(asked: float | None, setting: float, most: float) -> float:
    return min(max(setting if asked is None else asked, 0.0), most)


def _judged(work: Work) -> Judged:
    found = [t.judge(work.pool.ids, work.pool.papers, work.pool.blocks) for t in work.models]
    scores = np.stack([scores for scores, _ in found])[:, work.open]
    candidates = [work.pool.ids[i] for i in work.open.tolist()]
    others = heard(work.votes, work.who, work.models, candidates, work.lib.settings.recommend.fellows)
    alone = [probabilities[work.open] for _, probabilities in found]
    probabilities = np.stack([told.lifted(row) for told, row in zip(others, alone, strict=True)])
    lowest = [_least(work, *pair) for pair in zip(work.models, probabilities, strict=True)]
    least = np.expand_dims(np.array(lowest, np.float32), 1)
    return Judged(scores, probabilities, (probabilities >= least) & (probabilities > 0), least, others)


def _least(work: Work, taught: Taught, probabilities: "Floats") -> float:
    """The probability from which on a paper is listed: what the reader said, or clearly more than usual.

    An interest of rules alone tells no paper from another: it lists what its keywords and categories allow, and of
    followed authors only their papers, which the rule makes likely.
    """
    profile = taught.interest.profile
    if profile.least is not None:
        return profile.least
    floor = work.lib.settings.recommend.least
    if not taught.is_learnt:
        return floor if profile.include or profile.categories else max(floor, EVEN)
    allowed = probabilities[probabilities > 0]
    usual = float(np.quantile(allowed, 0.25)) if len(allowed) else 0.0
    return max(floor, min(LIFT * usual, EVEN))


def _chosen(work: Work, judged: Judged, most: int) -> list[Place]:
    """The blended list, from the best contenders of each interest: a pool may be much larger than a list."""
    listed = judged.listed.copy()
    for row, may in zip(judged.probabilities, listed, strict=True):
        if may.sum() > CONTENDERS * most:
            may[np.argsort(-np.where(may, row, -1), kind="stable")[CONTENDERS * most :]] = False
    some = np.flatnonzero(listed.any(axis=0))
    variety = Variety(
        work.pool.directions[work.open[some]], _within(work.ask.diversity, work.lib.settings.recommend.diversity, 1.0)
    )
    shares = [t.interest.share for t in work.models]
    places = blend(judged.probabilities[:, some], listed[:, some], shares, variety, most)
    return [Place(int(some[p.paper]), p.interest, tuple(int(some[i]) for i in p.held)) for p in places]


def _drawn(work: Work, judged: Judged, chosen: Sequence[Place], many: int) -> list[Place]:
    """Papers that no interest would list, by lot; the same lots for a reader on a day, whoever asks."""
    told = f"{work.who.id} {work.name} {work.ask.interest or ''}"
    seed = int.from_bytes(blake2b(told.encode(), digest_size=6).digest(), "big")
    chances = np.where(judged.listed.any(axis=0), 0, judged.probabilities.max(axis=0)).astype(np.float32)
    chances[[place.paper for place in chosen]] = 0
    return [Place(i, int(judged.probabilities[:, i].argmax())) for i in explore.draw(chances, many, seed)]


def _by_readers(others: Heard, at: int) -> tuple[Reason, ...]:
    many, lift = int(others.readers[at]), float(others.lift[at])
    return (Reason("readers", str(many), lift),) if lift else ()
