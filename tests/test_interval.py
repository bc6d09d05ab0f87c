"""Intervals of forecasts: which errors they rest on, and how wide they are."""

import numpy as np
import pytest

from broadsheet.rank.interval import NORMAL_TENTH, PERIODS, Interval, Known, mirrored
from broadsheet.rank.ridge import Line, Task

DAYS, PAPERS = 50, 8
FLAT = Line(np.zeros(1), np.zeros(1), 0.0, 0.0)
"""What says that nothing differs from the constants."""


def errors_of(error: "np.typing.NDArray[np.float64]") -> tuple[Task, Known]:
    """Rows on DAYS days whose counts differ from the constants by these errors."""
    n = len(error)
    day = np.repeat(np.arange(DAYS), n // DAYS)
    task = Task(np.zeros((n, 1)), error, np.full(n, np.nan), np.ones(n), day)
    return task, Known(np.full(n, 3.0), np.full(n, 2.0), np.ones(n, dtype=bool))


def test_each_period_is_forecast_by_all_others_and_by_those_before() -> None:
    """No paper is forecast by its own days; every period but the first is forecast by earlier days alone, too."""
    taught: list[tuple[int, ...]] = []

    def learn(part: Task) -> Line:
        taught.append(tuple(np.unique(part.day)))
        return FLAT

    Interval.learnt(*errors_of(np.random.default_rng(1).standard_normal(DAYS * PAPERS)), learn)
    length = DAYS // PERIODS
    others = [tuple(day for day in range(DAYS) if day // length != number) for number in range(PERIODS)]
    before = [tuple(range(number * length)) for number in range(1, PERIODS)]

    assert sorted(taught) == sorted([*others, *before])


def test_two_ends_hold_eight_in_ten() -> None:
    """Of errors like those that it was learnt from, the interval holds 80 %, however lopsided they are."""
    error = np.random.default_rng(2).exponential(1.0, DAYS * PAPERS)
    made = Interval.learnt(*errors_of(error - np.median(error)), lambda _: FLAT)
    new = np.random.default_rng(3).exponential(1.0, 4000) - np.median(error)
    low, high = made.ends(np.full(4000, 3.0), np.full(4000, 2.0), np.ones(4000))

    assert np.mean((low <= 3 + new) & (3 + new <= high)) == pytest.approx(0.8, abs=0.08)


def test_few_counts_leave_the_constants() -> None:
    """With fewer than a hundred counted papers the interval is that of a normal with the constants' spread."""
    task, known = errors_of(np.zeros(DAYS))
    low, high = Interval.learnt(task, known, lambda _: FLAT).ends(np.array([3.0]), np.array([2.0]), np.array([0.5]))

    assert (low[0], high[0]) == (3 - 0.5 * NORMAL_TENTH, 3 + 0.5 * NORMAL_TENTH)


def test_what_a_period_shared_counts_with_either_sign() -> None:
    """An interval expects the luck of a past period and its opposite; how papers differ within it stays."""
    assert mirrored(np.array([1.0, 3.0, -1.0])).tolist() == [1.0, 3.0, -1.0, -1.0, 1.0, -3.0]
