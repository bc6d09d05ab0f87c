"""The order of an edition: pure, total, and the same for page, shell and feed.

`trending` is the gravity formula that vote-ranked news pages use: attention divided by a power of age,

    score = (votes + COMMENT_WEIGHT * comments) / (age_hours + AGE_OFFSET_HOURS) ** GRAVITY

so that a vote counts for more while a paper is young. Papers without any signal have score 0 and come after,
newest first. Inside one day it orders almost as `votes` does; over a week or month youth counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal

from broadsheet.types import Announcement, Paper

Sort = Literal["trending", "votes", "new"]

# A comment costs more effort than a vote, but one person may write several: half way between one and none less.
COMMENT_WEIGHT = 0.5
# With 12 hours, a paper's first half day, when counts are few and noisy, does not decide alone.
AGE_OFFSET_HOURS = 12.0
# 0.8 halves a score in about a day and a half; above 1 a week's list would hold only its last two days.
GRAVITY = 0.8


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper of an edition: the announcement that put it there and the newest counts; None where unknown."""

    paper: Paper
    announcement: Announcement
    votes: int | None = None
    comments: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A ranked paper. `why` is one sentence that a reader can check."""

    rank: int
    paper: Paper
    announcement: Announcement
    votes: int | None
    score: float
    why: str


def order(candidates: Iterable[Candidate], sort: Sort, now: datetime) -> list[Entry]:
    """Rank the candidates; ties fall to the newer paper, then to the smaller key."""
    scored = sorted(((_score(c, sort, now), c) for c in candidates), key=lambda pair: _place(*pair))
    return [
        Entry(rank, c.paper, c.announcement, c.votes, round(score, 6), _why(c, sort, now))
        for rank, (score, c) in enumerate(scored, start=1)
    ]


def _score(candidate: Candidate, sort: Sort, now: datetime) -> float:
    if sort == "new":
        return _first_seen(candidate).timestamp()
    votes = candidate.votes or 0
    if sort == "votes":
        return float(votes)
    attention = votes + COMMENT_WEIGHT * (candidate.comments or 0)
    return float(attention / (_age_hours(candidate, now) + AGE_OFFSET_HOURS) ** GRAVITY)


def _place(score: float, candidate: Candidate) -> tuple[float, float, str]:
    return (-score, -_first_seen(candidate).timestamp(), candidate.paper.key)


def _first_seen(candidate: Candidate) -> datetime:
    """The day of announcement; inside the day, when the paper was submitted."""
    midnight = datetime.combine(candidate.announcement.day, time(), UTC)
    published = candidate.paper.published
    if published is None:
        return midnight
    # A part of a second per day keeps the days apart while submission times still order papers within one.
    return midnight + timedelta(seconds=min(max((published - midnight).total_seconds() / 86400 + 60, 0), 3600))


def _age_hours(candidate: Candidate, now: datetime) -> float:
    announced = datetime.combine(candidate.announcement.day, time(), UTC)
    return max((now - announced) / timedelta(hours=1), 0.0)


def _why(candidate: Candidate, sort: Sort, now: datetime) -> str:
    announced = f"{_VERB[candidate.announcement.kind]} {candidate.announcement.day.isoformat()}"
    if sort == "new" or (candidate.votes is None and candidate.comments is None):
        return announced
    counts = _many(candidate.votes or 0, "vote")
    if candidate.comments:
        counts += " and " + _many(candidate.comments, "comment")
    return f"{counts}, {announced}" if sort == "votes" else f"{counts} in {_age(candidate, now)}"


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def _age(candidate: Candidate, now: datetime) -> str:
    hours = round(_age_hours(candidate, now))
    return _many(hours, "hour") if hours < 72 else _many(hours // 24, "day")


_VERB = {
    "new": "new on",
    "cross": "cross-listed on",
    "replace": "replaced on",
    "replace-cross": "replaced on",
    "featured": "featured on",
    "listed": "listed on",
    "relisted": "listed again on",
}
