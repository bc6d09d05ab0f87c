"""Which mark teaches which interest.

- A liked or saved paper (up, save) teaches more of this, a `down` less of this; what was read, hidden or noted says
  nothing about taste. Seeds and words of the profile are liked papers that never grow old; marks count half after
  `HALF_LIFE` days.
- A mark teaches the interest under which the paper was shown, or that the reader named. Another liked paper teaches
  the interest that it belongs to most (see `rank.interest.belonging`), and the general one, MAIN, where it belongs to
  none: what is unlike all that an interest was begun with would turn it into another. Another disliked one teaches all:
  it costs an interest nothing to learn that something far away is not wanted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Final

import numpy as np

from broadsheet.library.handle import Library
from broadsheet.library.interest.space import Space
from broadsheet.rank.interest import Features, Rules, belonging, decay
from broadsheet.rank.profile import MAIN
from broadsheet.types import Interest, Mark, Profile

STEP: Final = timedelta(days=7)
"""Marks grow older in steps, so that a model that nobody taught anything stays the same for as long."""

_TEACHING: Final = ("up", "save", "down")


@dataclass(frozen=True, slots=True)
class Example:
    """A paper that teaches an interest: `label` 1 or -1, `weight` from 0 to 1; marked `at` a time, or a seed (None)."""

    paper_id: int
    label: int
    weight: float
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lessons:
    """What teaches each interest, by its id, and liked papers that belong to none while there is no general one."""

    examples: Mapping[int, list[Example]]
    strays: Sequence[Example]


def lessons(
    lib: Library,
    space: Space,
    interests: Sequence[Interest],
    seeds: Mapping[int, Sequence[int]],
    said: Sequence[Mark],
) -> Lessons:
    """What teaches each interest; the module says which mark does."""
    now = lib.now()
    ours = {i.id for i in interests}
    own: dict[int, dict[int, Example]] = {i.id: {s: Example(s, 1, 1.0) for s in seeds[i.id]} for i in interests}
    loose: list[Example] = []
    since = {i.id: i.profile.since for i in interests}
    for paper_id, mark in _strongest(m for m in said if m.kind in _TEACHING).items():
        example = Example(paper_id, -1 if mark.kind == "down" else 1, _weight(now - mark.at), mark.at)
        if mark.interest_id is None:
            loose.append(example)
        elif mark.interest_id in ours and _counts(example, since[mark.interest_id]):
            own[mark.interest_id][paper_id] = example
    liked = [e.paper_id for e in loose if e.label > 0]
    theirs = _belonging(lib, space, interests, own, liked)
    general = [i.id for i in interests if i.name == MAIN]
    strays = []
    for example in loose:
        taught = ours if example.label < 0 else theirs.get(example.paper_id) or general
        for interest_id in taught:
            if _counts(example, since[interest_id]):
                own[interest_id].setdefault(example.paper_id, example)
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
    lib: Library,
    space: Space,
    interests: Sequence[Interest],
    own: Mapping[int, Mapping[int, Example]],
    liked: Sequence[int],
) -> dict[int, list[int]]:
    """The interests, but for the general one, that each liked paper belongs to most: one, or several of which nothing
    else is known, or none.
    """
    named = [interest for interest in interests if interest.name != MAIN]
    if not (named and liked):
        return {}
    papers = lib.stream.features(space, liked)
    kernel, found = space.background.kernel, {}
    blocks = kernel.blocks(papers)
    for interest in named:
        teaching = [i for i, e in own[interest.id].items() if e.label > 0]
        given = example_features(lib, space, interest.profile, teaching)
        theirs = None if given is None else kernel.blocks(given)
        found[interest.id] = belonging(space.background, rules_of(interest.profile), theirs, papers, blocks)
    nearest = np.max([*found.values(), np.full(len(liked), -np.inf)], axis=0)
    return {
        paper_id: [i for i, near in found.items() if near[at] == nearest[at] > -np.inf]
        for at, paper_id in enumerate(liked)
    }


def rules_of(profile: Profile) -> Rules:
    """What a reader laid down."""
    return Rules(profile.include, profile.exclude, profile.categories, profile.authors)


def example_features(lib: Library, space: Space, profile: Profile, papers: Sequence[int]) -> Features | None:
    """Papers by store id, then the profile's words; None for nothing at all."""
    parts = [lib.stream.features(space, papers)] if papers else []
    parts += [lib.stream.words(space, text) for text in profile.about]
    return Features.joined(parts) if parts else None
