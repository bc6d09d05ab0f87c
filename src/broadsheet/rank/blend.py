"""Several interests in one list: each gets its share of every stretch of it, as far as it has something to say.

Places go to interests one by one by Sainte-Lague's quotients, share / (2 * places so far + 1), the method that keeps
every beginning of a list close to the shares. An interest without a paper left passes its places on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from broadsheet.rank.diversify import Variety

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Place:
    """A paper of the list and the interest it is there for; `held`: others to be listed that tell the same."""

    paper: int
    interest: int
    held: tuple[int, ...] = ()


def blend(
    probabilities: "Floats", listed: "NDArray[np.bool_]", shares: Sequence[float], variety: Variety, most: int
) -> list[Place]:
    """At most `most` places, in the order of the list.

    `probabilities` and `listed` are of shape (interests, papers); an interest takes only papers that it lists. A
    paper that several list is there for the one that took it first. Ties fall to the interest that comes first.
    """
    worth = [variety.weighed(_stretched(row, may)) for row, may in zip(probabilities, listed, strict=True)]
    places = dict.fromkeys((i for i, share in enumerate(shares) if share > 0), 0)
    sought = set(np.flatnonzero(listed[list(places)].any(axis=0)).tolist()) if places else set()
    merged: list[Place] = []
    while places and len(merged) < most:
        turn = max(places, key=lambda i: shares[i] / (2 * places[i] + 1))
        paper = variety.best(worth[turn])
        if paper is None:
            del places[turn]
            continue
        merged.append(Place(paper, turn, tuple(held for held in variety.take(paper) if held in sought)))
        places[turn] += 1
    return merged


def _stretched(row: "Floats", listed: "NDArray[np.bool_]") -> "Floats":
    """From 0, the least that is listed, to 1, the most; -inf for what is not."""
    if not listed.any():
        return np.full(len(row), -np.inf, np.float32)
    low, high = row[listed].min(), row[listed].max()
    reach = max(float(high - low), 1e-9)
    return np.where(listed, (row - low) / np.float32(reach), -np.inf).astype(np.float32)
