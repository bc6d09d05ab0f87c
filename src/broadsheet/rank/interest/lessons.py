"""Which mark teaches which interest. Pure.

- A liked or saved paper (up, save) teaches more of this, a `down` less of this; what was read, hidden or noted says
  nothing about taste. Seeds and words of the profile are liked papers that never grow old; marks count half after
  `HALF_LIFE` days. A seed that is disliked is a seed no more.
- A mark teaches the interest under which the paper was shown, or that the reader named. Another liked paper teaches
  the interest that it belongs to most (see `belonging`), and the general one, MAIN, where it belongs to none: what is
  unlike all that an interest was begun with would turn it into another. Another disliked one teaches all: it costs an
  interest nothing to learn that something far away is not wanted.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from broadsheet.rank.interest.model import decay
from broadsheet.rank.profile import MAIN
from broadsheet.types import Interest, Mark, MarkKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Claim = Callable[[Interest, Sequence[int], Sequence[int]], NDArray[np.float32]]

STEP: Final = timedelta(days=7)
"""Marks grow older in steps, so that a model that nobody taught anything stays the same for as long."""

_TEACHING: Final = ("up", "save", "down")


@dataclass(frozen=True, slots=True)
class Example:
    """A paper that teaches an interest: `label` 1 or -1, `weight` from 0 to 1; marked `at` a time, as of a `kind`, or a
    seed (None).
    """

    paper_id: int
    label: int
    weight: float
    at: datetime | None = None
    kind: MarkKind | None = None


@dataclass(frozen=True, slots=True)
class Lessons:
    """What teaches each interest, by its id, and liked papers that belong to none while there is no general one."""

    examples: Mapping[int, list[Example]]
    strays: Sequence[Example]


def lessons(
    interests: Sequence[Interest],
    seeds: Mapping[int, Sequence[int]],
    said: Sequence[Mark],
    claim: "Claim",
    now: datetime,
) -> Lessons:
    """What teaches each interest of a reader, from the seeds of each and all marks.

    `claim` says how near papers are to an interest, given the papers that it has of its own; -inf if not at all.
    """
    ours = {i.id for i in interests}
    own: dict[int, dict[int, Example]] = {i.id: {s: Example(s, 1, 1.0) for s in seeds[i.id]} for i in interests}
    loose: list[Example] = []
    since = {i.id: i.profile.since for i in interests}
    for paper_id, mark in _strongest(m for m in said if m.kind in _TEACHING).items():
        example = Example(paper_id, -1 if mark.kind == "down" else 1, _weight(now - mark.at), mark.at, mark.kind)
        if mark.interest_id is None:
            loose.append(example)
        elif mark.interest_id in ours and _counts(example, since[mark.interest_id]):
            own[mark.interest_id][paper_id] = example
    liked = [e.paper_id for e in loose if e.label > 0]
    theirs = _belonging(interests, own, liked, claim)
    general = [i.id for i in interests if i.name == MAIN]
    strays = []
    for example in loose:
        taught = ours if example.label < 0 else theirs.get(example.paper_id) or general
        for interest_id in taught:
            if _counts(example, since[interest_id]) and (example.label < 0 or example.paper_id not in own[interest_id]):
                own[interest_id][example.paper_id] = example
        if not taught:
            strays.append(example)
    return Lessons({i: list(examples.values()) for i, examples in own.items()}, strays)


def _counts(example: Example, since: datetime | None) -> bool:
    return since is None or (example.at is not None and example.at > since)


def _strongest(said: Iterable[Mark]) -> dict[int, Mark]:
    """One mark a paper: a dislike before all, else the newest."""
    found: dict[int, Mark] = {}
    for mark in said:
        if mark.paper_id not in found or mark.kind == "down":
            found[mark.paper_id] = mark
    return found


def _weight(age: timedelta) -> float:
    return _decayed(age // STEP)


@cache
def _decayed(steps: int) -> float:
    return float(decay([steps * (STEP / timedelta(days=1))])[0])


def _belonging(
    interests: Sequence[Interest], own: Mapping[int, Mapping[int, Example]], liked: Sequence[int], claim: "Claim"
) -> dict[int, list[int]]:
    """The interests, but for the general one, that each liked paper belongs to most: one, or several of which nothing
    else is known, or none.
    """
    named = [interest for interest in interests if interest.name != MAIN]
    if not (named and liked):
        return {}
    near = np.stack([claim(i, [e.paper_id for e in own[i.id].values() if e.label > 0], liked) for i in named])
    most = near.max(axis=0)
    return {
        paper_id: [i.id for i, its in zip(named, near[:, at], strict=True) if its == most[at] > -np.inf]
        for at, paper_id in enumerate(liked)
    }
