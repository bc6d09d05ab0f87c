"""Which mark teaches which interest."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from numpy.typing import NDArray

from broadsheet.rank.interest.lessons import Lessons, lessons
from broadsheet.types import Interest, Mark, MarkKind, Profile

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BIRDS, SHIPS, MAIN = range(3)
NEAR = {BIRDS: {11: 0.9, 12: 0.8, 22: 0.3}, SHIPS: {21: 0.9, 22: 0.6}}
"""How near papers are to an interest; what is not here does not belong to it."""


def _interest(number: int, *, since: datetime | None = None) -> Interest:
    name = ("birds", "ships", "main")[number]
    return Interest(number, 1, name, number, 1.0, Profile(since=since), NOW, NOW)


def _claim(interest: Interest, own: Sequence[int], papers: Sequence[int]) -> NDArray[np.float32]:
    return np.array([NEAR[interest.id].get(paper, -np.inf) for paper in papers], np.float32)


def _mark(paper: int, kind: MarkKind = "up", *, interest: int | None = None, days: int = 1) -> Mark:
    return Mark(paper, kind, NOW - timedelta(days), interest_id=interest)


def _taught(interests: Sequence[int], *marks: Mark) -> tuple[dict[int, set[int]], list[int]]:
    found = lessons([_interest(i) for i in interests], {i: [] for i in interests}, marks, _claim, NOW)
    return _papers(found), [e.paper_id for e in found.strays]


def _papers(found: Lessons) -> dict[int, set[int]]:
    return {i: {e.paper_id for e in examples} for i, examples in found.examples.items()}


def test_a_liked_paper_teaches_the_interest_that_it_belongs_to_most() -> None:
    """Of several the nearest, whatever stands first."""
    assert _taught([BIRDS, SHIPS], _mark(11), _mark(22)) == ({BIRDS: {11}, SHIPS: {22}}, [])


def test_what_belongs_to_none_teaches_the_general_interest_or_strays() -> None:
    """Without a general interest it teaches nobody, and is told apart."""
    assert _taught([BIRDS, MAIN], _mark(21), _mark(12)) == ({BIRDS: {12}, MAIN: {21}}, [])
    assert _taught([BIRDS], _mark(21), _mark(12)) == ({BIRDS: {12}}, [21])
    assert _taught([MAIN], _mark(21), _mark(12)) == ({MAIN: {12, 21}}, [])


def test_a_named_interest_is_taught_whatever_it_is_near_to() -> None:
    """The reader knows best; and of an interest that is gone nobody learns."""
    marks = _mark(21, interest=BIRDS), _mark(11, interest=7)
    assert _taught([BIRDS, SHIPS], *marks) == ({BIRDS: {21}, SHIPS: set()}, [])


def test_a_dislike_teaches_all_and_outweighs_a_like() -> None:
    """It costs an interest nothing to learn that something far away is not wanted."""
    found = lessons([_interest(BIRDS), _interest(SHIPS)], {0: [], 1: []}, [_mark(11), _mark(11, "down")], _claim, NOW)
    assert [(e.paper_id, e.label) for examples in found.examples.values() for e in examples] == [(11, -1), (11, -1)]


def test_a_seed_that_is_disliked_is_a_seed_no_more() -> None:
    """Whatever an interest was begun with, a dislike is heard; a like leaves the seed as it is."""
    found = lessons([_interest(BIRDS)], {BIRDS: [11, 12]}, [_mark(11, "down"), _mark(12)], _claim, NOW)
    assert [(e.paper_id, e.label, e.at is None) for e in found.examples[BIRDS]] == [(11, -1, False), (12, 1, True)]


@pytest.mark.parametrize("kind", ["read", "hide", "note"])
def test_other_marks_teach_nothing(kind: MarkKind) -> None:
    """What was read, hidden or noted says nothing of taste."""
    assert _taught([BIRDS, MAIN], _mark(11, kind)) == ({BIRDS: set(), MAIN: set()}, [])


def test_older_marks_teach_nothing_after_a_reset() -> None:
    """An interest that began again learns from what was said since; its seeds stay."""
    birds = _interest(BIRDS, since=NOW - timedelta(days=5))
    found = lessons([birds], {BIRDS: [12]}, [_mark(11, days=6), _mark(22, days=4)], _claim, NOW)
    assert (_papers(found), found.strays) == ({BIRDS: {12, 22}}, [])
