"""Which mark teaches which interest.

- A liked or saved paper (up, save) teaches more of this, a `down` less of this; what was read, hidden or noted says
  nothing about taste. Seeds and words of the profile are liked papers that never grow old; marks count half after
  `HALF_LIFE` days.
- A mark teaches the interest under which the paper was shown, or that the reader named. Another liked paper teaches
  the interest whose own papers it is nearest to, or all while none has any; another disliked one teaches all: it costs
  an interest nothing to learn that something far away is not wanted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final

import numpy as np

from broadsheet.library.handle import Library
from broadsheet.library.interest.space import Space
from broadsheet.rank.interest import Features, decay
from broadsheet.types import Interest, Mark, Profile

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEP: Final = timedelta(days=7)
"""Marks grow older in steps, so that a model that nobody taught anything stays the same for as long."""

_TEACHING: Final = ("up", "save", "down")

_NEAREST: Final = 3
"""Papers of an interest that a loose mark is compared with: one alone may be an odd one."""


@dataclass(frozen=True, slots=True)
class Example:
    """A paper that teaches an interest: `label` 1 or -1, `weight` from 0 to 1; marked `at` a time, or a seed (None)."""

    paper_id: int
    label: int
    weight: float
    at: datetime | None = None


def lessons(
    lib: Library,
    space: Space,
    interests: Sequence[Interest],
    seeds: Mapping[int, Sequence[int]],
    said: Sequence[Mark],
) -> dict[int, list[Example]]:
    """What teaches each interest, by its id; the module says which mark does."""
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
    nearest = _nearest(lib, space, interests, own, [e.paper_id for e in loose if e.label > 0])
    for example in loose:
        for interest_id in nearest.get(example.paper_id, ours):
            if _counts(example, since[interest_id]):
                own[interest_id].setdefault(example.paper_id, example)
    return {interest_id: list(examples.values()) for interest_id, examples in own.items()}


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


def _nearest(
    lib: Library,
    space: Space,
    interests: Sequence[Interest],
    own: Mapping[int, Mapping[int, Example]],
    liked: Sequence[int],
) -> dict[int, tuple[int, ...]]:
    """The interest that each liked paper is nearest to; none are named while there is nothing to choose by."""
    if len(interests) == 1 or not liked:
        return {}
    papers = space.background.kernel.blocks(lib.stream.features(space, liked))
    nearness: dict[int, NDArray[np.float32]] = {}
    for interest in interests:
        features = example_features(
            lib, space, interest.profile, [i for i, e in own[interest.id].items() if e.label > 0]
        )
        if features is not None and len(features):
            near = np.sort(papers.gram(space.background.kernel.blocks(features)), axis=1)[:, -_NEAREST:]
            nearness[interest.id] = near.mean(axis=1)
    if not nearness:
        return {}
    ids = list(nearness)
    best = np.argmax(np.stack([nearness[i] for i in ids]), axis=0)
    return {paper_id: (ids[at],) for paper_id, at in zip(liked, best.tolist(), strict=True)}


def example_features(lib: Library, space: Space, profile: Profile, papers: Sequence[int]) -> Features | None:
    """Papers by store id, then the profile's words; None for nothing at all."""
    parts = [lib.stream.features(space, papers)] if papers else []
    parts += [lib.stream.words(space, text) for text in profile.about]
    return Features.joined(parts) if parts else None
