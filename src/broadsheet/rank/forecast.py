"""How many votes a paper will have in some days, and between which numbers, from its first hours and its text.

One ridge on the columns of `features`, learnt anew from the courses that the library has seen, weighted by how like
their age was to the one asked about. It starts from a growth curve of documented constants and learns what differs from
that, so a new library forecasts by the constants and an old one by its own past. Intervals are conformal: the errors
that the same method made on periods from others, scaled by how large errors are for such papers.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import log1p, log2
from typing import TYPE_CHECKING

import numpy as np

from broadsheet.rank import features, prior
from broadsheet.rank.courses import Rows, hours_old, rows
from broadsheet.rank.features import Vectors, last_log
from broadsheet.rank.ridge import Design, Line, Task, fit
from broadsheet.rank.sighting import Course, Sighting

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]

COVERAGE = 0.8
"""The share of truths that an interval holds."""
PERIODS = 5
"""Parts of the past, whose errors make the interval. With votes each is forecast by a line fitted on all others, about
as many papers as teach the line in use; without, on those before it, as names and words drift and later ones flatter.
"""
LEAST_ERRORS = 100
"""Counted papers below which the interval is that of the constants."""
FIRM = 20.0
"""Rows that are added to what is learnt, saying "the constants are right"."""
LEAST_WEIGHT = 0.01
"""Weight of a row, below which it teaches nothing."""
LEAST_ERROR, SIZE_PENALTY = 0.05, 30.0
"""What is added to an error before its log is taken, and the papers' worth of doubt about what errors depend on."""
NORMAL_TENTH = 1.2816
"""A normal has 80 % within so many standard deviations."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Votes expected at the time asked about, with an 80 % interval.

    `level` is log(1 + expected). `reasons`: what moved it most against an average paper, as (column, change of log).
    `learnt` is how many papers of the past it rests on.
    """

    key: str
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
    if typical.looks:
        seen = last_log(together)
        start += features.lifted(seen, made.column(features.WORDS)) - seen
    n = len(taught.sightings)
    matrix, asks = made.matrix[:n], made.matrix[n:]
    fitted = _learn(taught, matrix, start[:n], made.design)
    level = np.maximum(start[n:] + (fitted.line(asks) if fitted.line else 0.0), 0.0)
    spread = np.array([_constant_spread(s, days) for s, days in zip(asked, gaps, strict=True)])
    low, high = fitted.interval(level, last_log(asked), spread)
    low = np.maximum(low, last_log(asked))  # votes are hardly ever taken back
    votes = np.expm1(np.stack([level, low, np.maximum(high, low)]))
    reasons = _reasons(made.names, fitted.line, asks)
    return [
        Forecast(s.key, expected, low_end, high_end, float(level[i]), reasons[i], fitted.rows)
        for i, (s, (expected, low_end, high_end)) in enumerate(zip(asked, votes.T.tolist(), strict=True))
    ]


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
    """What was learnt beyond the constants. `tenth`, `ninth`: quantiles of errors in units of their usual size."""

    rows: int
    line: Line | None = None
    size: Line | None = None
    tenth: float = -NORMAL_TENTH
    ninth: float = NORMAL_TENTH

    def interval(self, level: "Floats", seen: "Floats", constant: "Floats") -> tuple["Floats", "Floats"]:
        """Low and high of the log counts."""
        size = constant if self.size is None else np.exp(self.size(_size_columns(level, seen)))
        return level + self.tenth * size, level + self.ninth * size


def _learn(taught: Rows, matrix: "Floats", start: "Floats", design: Design) -> _Fitted:
    day = np.array([s.day.toordinal() for s in taught.sightings], dtype=np.intp)
    task = Task(matrix, taught.target - start, taught.ceiling - start, taught.weight, day)
    use = taught.weight > LEAST_WEIGHT
    if not (use & ~np.isnan(taught.target)).any():
        return _Fitted(0)
    many, line = int(use.sum()), _firm(task.only(use), design)
    counted = use & taught.exact
    period = _periods(day, counted)
    if counted.sum() < LEAST_ERRORS or len(np.unique(period[counted])) < PERIODS:
        return _Fitted(many, line)
    has_votes = bool(taught.sightings[0].looks)
    counted &= period >= (0 if has_votes else 1)
    change = np.zeros(len(day))
    for number in np.unique(period[counted]):
        others = (period != number) if has_votes else (period < number)
        out = counted & (period == number)
        change[out] = _firm(task.only(use & others), design)(matrix[out])
    level = (start + change)[counted]
    error = mirrored(taught.target[counted] - level, period[counted])
    columns = np.tile(_size_columns(level, last_log(taught.sightings)[counted]), (2, 1))
    size = fit(Task.plain(columns, np.log(np.abs(error) + LEAST_ERROR)), Design.plain(columns.shape[1], SIZE_PENALTY))
    return _Fitted(many, line, size, *_conformal(np.sort(error / np.exp(size(columns)))))


def _firm(task: Task, design: Design) -> Line:
    """The line, held to the constants by FIRM rows."""
    line, mass = fit(task, design), float(task.weight.sum())
    believed = mass / (mass + FIRM)
    return replace(line, intercept=line.intercept * believed, weights=line.weights * believed)


def _periods(day: "NDArray[np.intp]", counted: "Flags") -> "NDArray[np.intp]":
    """The number of each row's period: whole days in a row, with about as many counted rows each."""
    if not counted.any():
        return np.zeros(len(day), dtype=np.intp)
    borders = np.quantile(day[counted], np.arange(1, PERIODS) / PERIODS)
    return np.searchsorted(borders, day, side="right")


def mirrored(error: "Floats", period: "NDArray[np.intp]") -> "Floats":
    """The errors, and once more with the mean of each period turned round.

    What all papers of a period had in common was too high by chance and may be too low the next time; a handful of
    periods is too few to show both.
    """
    mean = np.bincount(period, error) / np.maximum(np.bincount(period), 1)
    return np.concatenate([error, error - 2 * mean[period]])


def _size_columns(level: "Floats", seen: "Floats") -> "Floats":
    """What the size of an error depends on: the level, and how much of it has been seen."""
    return np.column_stack([level, level**2, level - seen, seen])


def _conformal(scaled: "Floats") -> tuple[float, float]:
    """The two ends that hold COVERAGE of exchangeable errors (split conformal, Vovk 2005: ranks out of n + 1)."""
    n, tail = len(scaled), (1 - COVERAGE) / 2
    low = max(int(np.floor(tail * (n + 1))) - 1, 0)
    high = min(int(np.ceil((1 - tail) * (n + 1))) - 1, n - 1)
    return float(scaled[low]), float(scaled[high])


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
