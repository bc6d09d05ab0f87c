"""What is usual: how much attention a paper of some field and weekday comes to, learnt from the library's own past.

A mean of log(1 + count) in three steps, each held towards the one before by so many papers' worth of doubt: all papers
of a kind of count, those of a field, those of a field and weekday. So a field of two papers is judged as all are, and
one of two thousand by itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import expm1, log1p

from broadsheet.rank.prior import RIPE_HOURS, growth
from broadsheet.types import Signal

FIELD_DOUBT, WEEKDAY_DOUBT, KIND_DOUBT = 10.0, 20.0, 5.0
"""Papers of average attention that each mean is mixed with."""
STARTING = {"upvotes": 2.8, "comments": 0.9, "github_stars": 3.0, "citations": 0.7}
"""log(1 + count) before anything is known: 15 votes, 1 comment, 20 stars, 1 citation."""
UNKNOWN_START = 1.0
ALL_FIELDS = ""
"""The field of a paper without a category: it is compared with all papers, so that not to be known is no gain."""

FROM_NOTHING = frozenset(("upvotes", "comments"))
"""Counts that begin with the paper. Code may have had its stars for years: only their growth is about the paper."""

Kind = tuple[str, str]
"""Source and kind of a count."""


def gained(kind: Kind, counts: Sequence[Signal], since: datetime | None = None) -> int | None:
    """By how much a count grew: the newest value less the last one before `since`, or else what it began with.

    None where that is not known, as of stars that were counted once.
    """
    before = [signal.value for signal in counts if since is not None and signal.at <= since]
    if kind[1] not in FROM_NOTHING and len(counts) < 2:
        return None
    if not counts:
        return 0
    first = 0 if kind[1] in FROM_NOTHING else counts[0].value
    return max(counts[-1].value - (before[-1] if before else first), 0)


@dataclass(frozen=True, slots=True)
class Ripe:
    """A count of the past that has mostly come to its end."""

    kind: Kind
    field: str
    weekday: int
    count: int


@dataclass(slots=True)
class Usual:
    """The usual log(1 + count) by kind, field and weekday; without any past it is STARTING."""

    _sums: dict[tuple[object, ...], list[float]] = field(default_factory=lambda: defaultdict(lambda: [0.0, 0.0]))

    @classmethod
    def of(cls, past: Iterable[Ripe]) -> "Usual":
        """What the past says."""
        made = cls()
        for ripe in past:
            level = log1p(ripe.count)
            groups: set[tuple[object, ...]] = {(ripe.kind,)}
            for of in (ripe.field, ALL_FIELDS):
                groups |= {(ripe.kind, of), (ripe.kind, of, ripe.weekday)}
            for group in groups:
                made._sums[group][0] += level
                made._sums[group][1] += 1
        return made

    def level(self, kind: Kind, field: str, weekday: int) -> float:
        """log(1 + count) that a paper of this field and weekday usually comes to."""
        start = STARTING.get(kind[1], UNKNOWN_START)
        for group, doubt in (
            ((kind,), KIND_DOUBT),
            ((kind, field), FIELD_DOUBT),
            ((kind, field, weekday), WEEKDAY_DOUBT),
        ):
            total, many = self._sums.get(group, (0.0, 0.0))
            start = (total + doubt * start) / (many + doubt)
        return start

    def gain(self, kind: Kind, field: str, weekday: int, age_hours: float, window_hours: float) -> float:
        """log(1 + what is usually gained) in the last `window_hours` by a paper of this age."""
        ripe = self.level(kind, field, weekday)
        now, before = (max(ripe - growth(age, RIPE_HOURS), 0.0) for age in (age_hours, age_hours - window_hours))
        gained = expm1(now) - (expm1(before) if age_hours > window_hours else 0.0)
        return log1p(max(gained, 0.0))
