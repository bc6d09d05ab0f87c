"""The orders of an edition that need counts and dates only: pure, total, the same for page, shell and feed.

`trending` has a module of its own. Papers without a vote come after those with one, newest first.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Final, Literal

from broadsheet.types import Announcement, Outline, Paper
from broadsheet.words.said import Listed, Said, ShortDay, counted, said

Sort = Literal["votes", "new"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper of an edition: the announcement that put it there and the newest counts; None where unknown."""

    paper: Paper | Outline
    announcement: Announcement
    votes: int | None = None
    comments: int | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A summand of a score: its name, its value, and what it says in words."""

    name: str
    value: float
    told: str


@dataclass(frozen=True, slots=True)
class Expected:
    """Votes that are expected a week after a paper was news, and between which numbers four times in five.

    `so_far` are those of the same place when it was looked at last: readers of this library are no part of either.
    """

    votes: float
    low: float
    high: float
    so_far: int


@dataclass(frozen=True, slots=True)
class Place:
    """The place of a paper in a list. `why` is one sentence that a reader can check; `parts` add up to the score where
    it has any.
    """

    rank: int
    key: str
    announcement: Announcement
    votes: int | None
    score: float
    why: str
    parts: tuple[Part, ...] = ()
    expected: Expected | None = None

    def of(self, paper: Paper) -> "Entry":
        """The place with its paper."""
        told = (self.rank, self.key, self.announcement, self.votes, self.score, self.why, self.parts, self.expected)
        return Entry(*told, paper=paper)


@dataclass(frozen=True, slots=True)
class Entry(Place):
    """A ranked paper, as it is shown."""

    paper: Paper = field(kw_only=True)


def order(candidates: Iterable[Candidate], sort: Sort) -> list[Place]:
    """Rank the candidates; ties fall to the newer paper, then to the smaller key."""
    scored = sorted(((_score(c, sort), c) for c in candidates), key=lambda pair: _place(*pair))
    return [
        Place(rank, c.paper.key, c.announcement, c.votes, round(score, 6), _why(c, sort))
        for rank, (score, c) in enumerate(scored, start=1)
    ]


def announced(candidate: Candidate) -> datetime:
    """The day of announcement; inside the day, when the paper was submitted."""
    midnight = datetime.combine(candidate.announcement.day, time(), UTC)
    published = candidate.paper.published
    if published is None:
        return midnight
    # A part of a second per day keeps the days apart while submission times still order papers within one.
    return midnight + timedelta(seconds=min(max((published - midnight).total_seconds() / 86400 + 60, 0), 3600))


def announced_on(candidate: Candidate) -> str:
    """`featured on 20 November 2025`."""
    return said(_WHEN[candidate.announcement.kind], day=ShortDay(candidate.announcement.day))


def many(count: int, noun: str) -> str:
    """`1 vote`, `1,200 votes`; a noun that is not known stays English."""
    made = _COUNTED.get(noun)
    return made(count) if made else f"{count:,} {noun}" + ("" if count == 1 else "s")


def _score(candidate: Candidate, sort: Sort) -> float:
    return announced(candidate).timestamp() if sort == "new" else float(candidate.votes or 0)


def _place(score: float, candidate: Candidate) -> tuple[float, float, str]:
    return (-score, -announced(candidate).timestamp(), candidate.paper.key)


def _why(candidate: Candidate, sort: Sort) -> str:
    if sort == "new" or (candidate.votes is None and candidate.comments is None):
        return announced_on(candidate)
    counts = [many(candidate.votes or 0, "vote")]
    if candidate.comments:
        counts.append(many(candidate.comments, "comment"))
    return said("%(counts)s, %(when)s", counts=Listed(tuple(counts)), when=announced_on(candidate))


_WHEN = {
    "new": said("new on %(day)s"),
    "cross": said("cross-listed on %(day)s"),
    "replace": said("replaced on %(day)s"),
    "replace-cross": said("replaced on %(day)s"),
    "featured": said("featured on %(day)s"),
    "listed": said("listed on %(day)s"),
    "relisted": said("listed again on %(day)s"),
}
_COUNTED: Final[Mapping[str, Callable[[int], Said]]] = {
    "vote": lambda count: counted("%(num)s vote", "%(num)s votes", count),
    "comment": lambda count: counted("%(num)s comment", "%(num)s comments", count),
    "star": lambda count: counted("%(num)s star", "%(num)s stars", count),
    "citation": lambda count: counted("%(num)s citation", "%(num)s citations", count),
    "reader": lambda count: counted("%(num)s reader", "%(num)s readers", count),
    "author": lambda count: counted("%(num)s author", "%(num)s authors", count),
    "hour": lambda count: counted("%(num)s hour", "%(num)s hours", count),
    "day": lambda count: counted("%(num)s day", "%(num)s days", count),
}
