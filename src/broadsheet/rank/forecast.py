"""How many votes a paper will have in some days, and between which numbers, from its first hours and its text.

One ridge on the columns of `features`, learnt anew from the courses that the library has seen, weighted by how like
their age was to the one asked about. It starts from a growth curve of documented constants and learns what differs from
that, so a new library forecasts by the constants and an old one by its own past. `interval` says how sure that is.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import log1p, log2
from typing import TYPE_CHECKING

import numpy as np

from broadsheet.rank import features, prior
from broadsheet.rank.courses import Rows, hours_old, rows
from broadsheet.rank.features import Vectors, last_log
from broadsheet.rank.interval import Interval, Known
from broadsheet.rank.ridge import Design, Line, Task, fit
from broadsheet.rank.sighting import Course, Sighting

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FIRM = 20.0
"""Rows that are added to what is learnt, saying "the constants are right"."""
LEAST_WEIGHT = 0.01
"""Weight of a row, below which it teaches nothing."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Votes expected at the time asked about, with an 80 % interval.

    `so_far` are the votes it was made from. `level` is log(1 + expected). `reasons`: what moved it most against an
    average paper, as (column, change of log). `learnt` is how many papers of the past it rests on.
    """

    key: str
    so_far: int
    expected: float
    low: float
    high: float
    level: float
    reasons: tuple[tuple[str, float], ...]
    learnt: int


def forecast(
    courses: Sequence[Course], asked: Sequence[Sighting], gap_days: Sequence[float], vectors: Vectors
) -> list[Forecast]:
    """A forecast for each sighting, `gap_days` after it. All papers of a day are asked about together: they compare.

    Courses must hold only what was known when the question is asked; those of papers asked about are not used.
    """
    own = {s.key for s in asked}
    past = [c for c in courses if c.sighting.key not in own]
    found: dict[str, Forecast] = {}
    for group in _alike(asked, gap_days):
        sightings = [_ends(asked[i]) for i in group]
        gaps = np.array([max(gap_days[i], 0.1) for i in group])
        found |= {made.key: made for made in _forecast(past, sightings, gaps, vectors)}
    return [found[s.key] for s in asked]


def _alike(asked: Sequence[Sighting], gap_days: Sequence[float]) -> list[list[int]]:
    """Questions that one fit can answer: whole days, with as many looks, ages within 1.4 and gaps within 4 times."""
    days: dict[tuple[date, int], list[int]] = defaultdict(list)
    for i, sighting in enumerate(asked):
        days[sighting.day, min(len(sighting.looks), 2)].append(i)
    groups: dict[tuple[int, int, int], list[int]] = defaultdict(list)
    for (_, looks), own in days.items():
        age, gap = _median_age([asked[i] for i in own]), float(np.median([gap_days[i] for i in own]))
        groups[looks, round(2 * log2(age)), round(log2(max(gap, 0.1)) / 2)] += own
    return list(groups.values())


def _ends(sighting: Sighting) -> Sighting:
    return replace(sighting, looks=sighting.looks[:1] + sighting.looks[1:][-1:])


def _forecast(past: Sequence[Course], asked: Sequence[Sighting], gaps: "Floats", vectors: Vectors) -> list[Forecast]:
    typical = min(asked, key=lambda s: (abs(hours_old(s, s.at) - _median_age(asked)), s.key))
    taught = rows(past, typical, float(np.median(gaps)))
    together, gap = [*taught.sightings, *asked], np.concatenate([taught.gap_days, gaps])
    start = np.array([_constant(s, days) for s, days in zip(together, gap, strict=True)])
    made = features.table(together, np.concatenate([_known(taught), np.full(len(asked), np.nan)]), gap, vectors)
    seen = last_log(together)
    if typical.looks:
        start += features.lifted(seen, made.column(features.WORDS)) - seen
    n = len(taught.sightings)
    matrix, asks = made.matrix[:n], made.matrix[n:]
    fitted = _learn(taught, matrix, start[:n], made.design)
    level = np.maximum(start[n:] + (fitted.line(asks) if fitted.line else 0.0), 0.0)
    spread = np.array([_constant_spread(s, days) for s, days in zip(asked, gaps, strict=True)])
    low, high = fitted.interval.ends(level, seen[n:], spread)
    low = np.maximum(low, seen[n:])  # votes are hardly ever taken back
    votes = np.expm1(np.stack([level, low, np.maximum(high, low)]))
    reasons = _reasons(made.names, fitted.line, asks)
    return [
        Forecast(s.key, _votes(s), expected, low_end, high_end, float(level[i]), reasons[i], fitted.rows)
        for i, (s, (expected, low_end, high_end)) in enumerate(zip(asked, votes.T.tolist(), strict=True))
    ]


def _votes(sighting: Sighting) -> int:
    return sighting.looks[-1].votes if sighting.looks else 0


def _median_age(asked: Sequence[Sighting]) -> float:
    return float(np.median([hours_old(s, s.at) for s in asked]))


def _known(taught: Rows) -> "Floats":
    """The log count that each past paper came to, as far as known: a censored one lies just below its ceiling."""
    return np.where(np.isnan(taught.target), taught.ceiling - 0.3, taught.target)


def _constant(sighting: Sighting, gap_days: float) -> float:
    """The forecast by the constants alone: the growth curve from the votes there are, or what a text lets expect."""
    if not sighting.looks:
        return prior.LEVEL + prior.text_prior(sighting)
    age = hours_old(sighting, sighting.at)
    return log1p(sighting.looks[-1].votes) + prior.growth(age, age + 24 * gap_days)


def _constant_spread(sighting: Sighting, gap_days: float) -> float:
    if not sighting.looks:
        return prior.SPREAD
    age = hours_old(sighting, sighting.at)
    return prior.growth_spread(age, age + 24 * gap_days)


@dataclass(frozen=True, slots=True)
class _Fitted:
    """What was learnt beyond the constants, from so many rows."""

    rows: int = 0
    line: Line | None = None
    interval: Interval = field(default_factory=Interval)


def _learn(taught: Rows, matrix: "Floats", start: "Floats", design: Design) -> _Fitted:
    use = taught.weight > LEAST_WEIGHT
    if not (use & ~np.isnan(taught.target)).any():
        return _Fitted()
    day = np.array([s.day.toordinal() for s in taught.sightings], dtype=np.intp)
    task = Task(matrix, taught.target - start, taught.ceiling - start, taught.weight, day).only(use)
    known = Known(start[use], last_log(taught.sightings)[use], taught.exact[use])
    return _Fitted(len(task.day), _firm(task, design), Interval.learnt(task, known, lambda part: _firm(part, design)))


def _firm(task: Task, design: Design) -> Line:
    """The line, held to the constants by FIRM rows."""
    line, mass = fit(task, design), float(task.weight.sum())
    believed = mass / (mass + FIRM)
    return replace(line, intercept=line.intercept * believed, weights=line.weights * believed)


def _reasons(names: Sequence[str], line: Line | None, matrix: "Floats") -> list[tuple[tuple[str, float], ...]]:
    """The three columns that moved each row most; a text's dimensions count together."""
    if line is None:
        return [()] * len(matrix)
    parts = line.parts(matrix)
    plain = [i for i, name in enumerate(names) if not name.startswith("text ")]
    told = np.column_stack([parts[:, plain], np.delete(parts, plain, axis=1).sum(axis=1)])
    labels = [*(names[i] for i in plain), "its text"]
    most = np.argsort(-np.abs(told), axis=1)[:, :3]
    return [tuple((labels[j], round(float(told[i, j]), 3)) for j in row) for i, row in enumerate(most)]
