"""Between which numbers a count will lie eight times in ten: conformal, from errors that the same method made before.

Each period of the past is forecast twice: by what was learnt from all other periods, and by what was learnt from those
before it. The first rests on about as many papers as the forecast in use, but knows what came later; the second is as
it would have been then, but rests on fewer. Neither alone is right with votes and without, so errors of both count.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from broadsheet.rank.ridge import Design, Line, Task, fit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]

COVERAGE = 0.8
"""The share of truths that an interval holds."""
PERIODS = 5
"""Parts of the past, of whole days with as many counted papers each."""
LEAST_ERRORS = 100
"""Counted papers below which the interval is that of the constants."""
LEAST_ERROR, SIZE_PENALTY = 0.05, 30.0
"""What is added to an error before its log is taken, and the papers' worth of doubt about what errors depend on."""
NORMAL_TENTH = 1.2816
"""A normal has 80 % within so many standard deviations."""


@dataclass(frozen=True, slots=True)
class Known:
    """Of each row that teaches: the log count by the constants, that at its last look, and whether its target was
    counted, neither censored nor read off an earlier count.
    """

    start: "Floats"
    seen: "Floats"
    counted: "Flags"


@dataclass(frozen=True, slots=True)
class Interval:
    """Two quantiles of errors in units of their usual size, which depends on the level and how much of it was seen."""

    low: float = -NORMAL_TENTH
    high: float = NORMAL_TENTH
    size: Line | None = None

    @classmethod
    def learnt(cls, task: Task, known: Known, learn: Callable[[Task], Line]) -> "Interval":
        """From the errors that `learn` makes on each period of the rows; the constants' where few were counted.

        Targets of the task are what a count adds to `known.start`.
        """
        period = _periods(task.day, known.counted)
        if known.counted.sum() < LEAST_ERRORS or len(np.unique(period[known.counted])) < PERIODS:
            return cls()
        errors, columns = [], []
        for number in range(PERIODS):
            out = known.counted & (period == number)
            for others in (period != number, period < number):
                if (known.counted & others).any():  # nothing comes before the first
                    change = learn(task.only(others))(task.columns[out])
                    errors.append(mirrored(task.target[out] - change))
                    columns += [_size_columns(known.start[out] + change, known.seen[out])] * 2
        error, column = np.concatenate(errors), np.concatenate(columns)
        size = fit(Task.plain(column, np.log(np.abs(error) + LEAST_ERROR)), Design.plain(column.shape[1], SIZE_PENALTY))
        return cls(*_conformal(np.sort(error / np.exp(size(column)))), size)

    def ends(self, level: "Floats", seen: "Floats", constant: "Floats") -> tuple["Floats", "Floats"]:
        """Low and high of log counts of which `level` is expected; `constant`: how large errors are without a past."""
        size = constant if self.size is None else np.exp(self.size(_size_columns(level, seen)))
        return level + self.low * size, level + self.high * size


def _periods(day: "NDArray[np.intp]", counted: "Flags") -> "NDArray[np.intp]":
    """The number of each row's period."""
    if not counted.any():
        return np.zeros(len(day), dtype=np.intp)
    borders = np.quantile(day[counted], np.arange(1, PERIODS) / PERIODS)
    return np.searchsorted(borders, day, side="right")


def mirrored(error: "Floats") -> "Floats":
    """The errors of a period, and once more with their mean turned round.

    What all papers of a period had in common was too high by chance and may be too low the next time; a handful of
    periods is too few to show both.
    """
    return np.concatenate([error, error - 2 * error.mean()])


def _size_columns(level: "Floats", seen: "Floats") -> "Floats":
    return np.column_stack([level, level**2, level - seen, seen])


def _conformal(scaled: "Floats") -> tuple[float, float]:
    """The two ends that hold COVERAGE of exchangeable errors (split conformal, Vovk 2005: ranks out of n + 1)."""
    n, tail = len(scaled), (1 - COVERAGE) / 2
    low = max(int(np.floor(tail * (n + 1))) - 1, 0)
    high = min(int(np.ceil((1 - tail) * (n + 1))) - 1, n - 1)
    return float(scaled[low]), float(scaled[high])
