"""A ridge with bounds on some weights, for targets of which some are only known from above.

Three plain methods, each with a source, in NumPy alone: ridge regression (Hoerl and Kennard 1970), an active set for
lower bounds (Lawson and Hanson 1974, simplified), and expectation-maximisation for a censored normal (the Tobit model,
Tobin 1958; Amemiya 1984).
"""

from dataclasses import dataclass, replace
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

LEAST_SCALE = 1e-6
CENSORED_ROUNDS = 6
"""Rounds of expectation and maximisation: with half of all rows censored, ten move a forecast by .04 at most."""


@dataclass(frozen=True, slots=True)
class Line:
    """A fitted line: target = intercept + (columns - centre) @ weights."""

    centre: "Floats"
    weights: "Floats"
    intercept: float
    spread: float

    def __call__(self, columns: "Floats") -> "Floats":
        """The expected target of each row."""
        return (columns - self.centre) @ self.weights + self.intercept

    def parts(self, columns: "Floats") -> "Floats":
        """How much each column adds to each row's target, measured from a row of mean columns."""
        return (columns - self.centre) * self.weights


@dataclass(frozen=True, slots=True)
class Design:
    """How strongly each column is held to zero, in rows of a standardised column, and the least weight it may have.

    `block`: columns of the same number above 0 share one scale, so that a vector's small dimensions stay small.
    `shared` (0 to below 1): how much of a row is common to its day; that much of the day's mean is taken off rows and
    targets before the fit, so that a loud day is not mistaken for its papers (the random-effects transformation of
    Fuller and Battese 1974 with one constant for all days).
    """

    penalty: "Floats"
    least: "Floats"
    block: "NDArray[np.intp]"
    shared: float = 0.0

    @classmethod
    def plain(cls, columns: int, penalty: float) -> "Design":
        """Columns that are all held alike and may have any weight."""
        return cls(np.full(columns, penalty), np.full(columns, -np.inf), np.zeros(columns, dtype=np.intp))


@dataclass(frozen=True, slots=True)
class Task:
    """Rows to fit: columns, targets (NaN: known to be at most `ceiling`), weights, and a number for each row's day."""

    columns: "Floats"
    target: "Floats"
    ceiling: "Floats"
    weight: "Floats"
    day: "NDArray[np.intp]"

    @classmethod
    def plain(cls, columns: "Floats", target: "Floats", ceiling: "Floats | None" = None) -> "Task":
        """Rows of one weight and no days."""
        n = len(target)
        bound = np.full(n, np.nan) if ceiling is None else ceiling
        return cls(columns, target, bound, np.ones(n), np.zeros(n, dtype=np.intp))

    def only(self, use: "Flags") -> "Task":
        """Some of the rows."""
        return Task(self.columns[use], self.target[use], self.ceiling[use], self.weight[use], self.day[use])


def fit(task: Task, design: Design) -> Line:
    """The line for the rows, of which at least one must have a known target.

    `spread` is the weighted standard deviation of what is left of the known targets.
    """
    known = ~np.isnan(task.target)
    guess = np.where(known, task.target, task.ceiling - _BELOW)
    equations = _Equations(task, design)
    line = equations.solve(guess)
    for _ in range(CENSORED_ROUNDS if not known.all() else 0):
        guess = np.where(known, task.target, _below(line(task.columns), task.ceiling, line.spread))
        line = equations.solve(guess)
    left = (task.target - line(task.columns))[known]
    return replace(line, spread=_deviation(left, task.weight[known]))


class _Equations:
    """The normal equations of one set of columns, solved for one target after another."""

    def __init__(self, task: Task, design: Design) -> None:
        self.task, self.shared = task, design.shared
        self.weight = task.weight / task.weight.sum()
        self.by_day = _by_day(task.day)
        self.centre = self.weight @ task.columns
        self.scale = self._scale(design.block)
        standard = self._own((task.columns - self.centre) / self.scale)
        self.middle = self.weight @ standard
        self.standard = standard - self.middle
        self.weighted = (self.standard * self.weight[:, None]).T
        rows = task.weight.sum() ** 2 / (task.weight**2).sum()
        self.matrix = self.weighted @ self.standard + np.diag(design.penalty / rows)
        self.least = design.least * self.scale

    def _scale(self, block: "NDArray[np.intp]") -> "Floats":
        """The standard deviation of each column, or of its block's."""
        scale = np.sqrt(self.weight @ (self.task.columns - self.centre) ** 2)
        # A column that never varied says nothing; its rounding must not be blown up into a weight.
        varied = scale > LEAST_SCALE
        for number in np.unique(block[(block > 0) & varied]):
            own = (block == number) & varied
            scale[own] = sqrt(float(np.mean(scale[own] ** 2)))
        return np.where(varied, scale, 1.0)

    def _own(self, values: "Floats") -> "Floats":
        """Values less the share that their day has in common."""
        if not self.shared:
            return values
        order, first, days = self.by_day
        weight = self.weight.reshape(-1, *(1,) * (values.ndim - 1))
        total = np.add.reduceat((values * weight)[order], first)
        mean = total / np.add.reduceat(weight[order], first)
        return np.asarray(values - self.shared * mean[days])

    def solve(self, target: "Floats") -> Line:
        own = self._own(target)
        mean = float(self.weight @ own)
        weights = _bounded(self.matrix, self.weighted @ (own - mean), self.least)
        intercept = (mean - float(self.middle @ weights)) / (1 - self.shared)
        line = Line(self.centre, weights / self.scale, intercept, 0.0)
        return replace(line, spread=_deviation(target - line(self.task.columns), self.weight))


def _by_day(day: "NDArray[np.intp]") -> "tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]":
    """Rows in order of day, where each day begins in that order, and the number of each row's day."""
    order = np.argsort(day, kind="stable")
    _, first, number = np.unique(day[order], return_index=True, return_inverse=True)
    days = np.empty_like(number)
    days[order] = number
    return order, first, days


def _bounded(matrix: "Floats", right: "Floats", least: "Floats") -> "Floats":
    """Solve for weights of at least `least`: those that fall below are held there, and the rest is solved again."""
    held = np.zeros(len(right), dtype=bool)
    while True:
        free = ~held
        weights = np.where(held, least, 0.0)
        weights[free] = np.linalg.solve(
            matrix[np.ix_(free, free)], right[free] - matrix[np.ix_(free, held)] @ least[held]
        )
        low = free & (weights < least)
        if not low.any():
            return weights
        held |= low


def _below(expected: "Floats", ceiling: "Floats", spread: float) -> "Floats":
    """The mean of a normal that is known to lie at or below a ceiling."""
    spread = max(spread, 1e-6)
    z = np.clip((ceiling - expected) / spread, -3.0, 6.0)
    density = np.exp(-z * z / 2) / sqrt(2 * np.pi)
    return np.minimum(expected - spread * density / normal_share(z), ceiling)


def normal_share(z: "Floats") -> "Floats":
    """The share of a standard normal below z, to 1e-4 (the tanh form of Page 1977)."""
    return 0.5 * (1 + np.tanh(sqrt(2 / np.pi) * (z + 0.044715 * z**3)))


def _deviation(left: "Floats", weight: "Floats") -> float:
    return sqrt(float((weight * left**2).sum() / max(weight.sum(), 1e-12)))


_BELOW = 0.2  # first guess of how far below its ceiling, in log counts, a censored target lies
