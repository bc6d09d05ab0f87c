"""Some places of a list for papers that the model would not have chosen, so that it does not only confirm itself.

Drawn by lot from what scored below the list, the better ones more often: with a chance in proportion to the root of
the probability. A mark on such a paper tells the model about a part of the stream that it knows little of.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_T = TypeVar("_T")


def draw(probabilities: "NDArray[np.float32]", count: int, seed: int) -> list[int]:
    """Places of `count` papers drawn without putting back; those of probability 0 break a rule and are never drawn."""
    chances = np.sqrt(np.maximum(probabilities, 0)).astype(np.float64)
    count = min(count, int(np.count_nonzero(chances)))
    if count <= 0:
        return []
    rng = np.random.default_rng(seed)
    drawn = rng.choice(len(chances), count, replace=False, p=chances / chances.sum())
    return [int(place) for place in drawn]


def places(length: int, share: float) -> list[int]:
    """Where in a list of this length explored papers stand: evenly, and never first."""
    count = round(length * min(max(share, 0.0), 1.0))
    return [round((i + 1) * length / count) - 1 for i in range(count) if length > 1]


def woven(chosen: Sequence[_T], explored: Sequence[_T], at: Sequence[int]) -> list[_T]:
    """The chosen ones in order, with the explored ones at their places as far as there are any."""
    out = list(chosen)
    for place, one in zip(at, explored, strict=False):
        out.insert(min(place, len(out)), one)
    return out
