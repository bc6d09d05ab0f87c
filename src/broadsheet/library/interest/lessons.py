"""What interests are taught, as models see it: the papers that teach them, what was said of them, what is near them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from broadsheet.library.handle import Library
from broadsheet.library.interest.space import Space
from broadsheet.rank.interest import Features, Rules, belonging
from broadsheet.rank.interest.lessons import Lessons, lessons
from broadsheet.types import Interest, Mark, Profile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def lessons_of(
    lib: Library,
    space: Space,
    interests: Sequence[Interest],
    seeds: Mapping[int, Sequence[int]],
    said: Sequence[Mark],
) -> Lessons:
    """What teaches each interest of a reader now, from the seeds of each and all marks."""
    kernel = space.background.kernel

    def claim(interest: Interest, own: Sequence[int], papers: Sequence[int]) -> "NDArray[np.float32]":
        given, asked = example_features(lib, space, interest.profile, own), lib.stream.features(space, papers)
        theirs = None if given is None else kernel.blocks(given)
        return belonging(space.background, Rules.of(interest.profile), theirs, asked)

    return lessons(interests, seeds, said, claim, lib.now())


def example_features(lib: Library, space: Space, profile: Profile, papers: Sequence[int]) -> Features | None:
    """Papers by store id, then the profile's words; None for nothing at all."""
    parts = [lib.stream.features(space, papers)] if papers else []
    parts += [lib.stream.words(space, text) for text in lib.stream.heeded(profile.about)]
    return Features.joined(parts) if parts else None
