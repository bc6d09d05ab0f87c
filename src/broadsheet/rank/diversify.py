"""A list of different things: near-duplicates held back, and one topic kept from filling it.

Maximal marginal relevance (Carbonell and Goldstein 1998): papers are taken one by one, each time the one with the most

    (1 - dial) * worth - dial * likeness to the most alike one taken

where worth goes from 0 to 1, so that the dial means the same for a sure model and for a cautious one.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

DIAL: Final = 0.3
"""How much difference counts: 0 is by worth alone, 1 as different as can be. At .3 the best paper stays first."""

SAME: Final = 0.95
"""Likeness from which two papers tell the same: a paper under two titles, a talk and its article."""


class Variety:
    """Papers, by their places, of which some are taken one after the other.

    `rows` (n, d) are of length one, or zero for papers of which nothing is known.
    """

    def __init__(self, rows: "Floats", dial: float = DIAL) -> None:
        self._rows, self._dial = rows, dial
        self._costs = np.zeros(len(rows), np.float32)  # dial * likeness to what is taken; inf: not free

    def weighed(self, worth: "Floats") -> "Floats":
        """What worth (n,) from 0 to 1 counts beside likeness; -inf stays what is never taken."""
        return np.where(worth >= 0, np.float32(1 - self._dial) * np.maximum(worth, 0), worth)

    def best(self, weighed: "Floats") -> int | None:
        """The free place with the most worth and least likeness. Ties: the smaller place."""
        if not len(weighed):
            return None
        gain = weighed - self._costs
        place = int(gain.argmax())
        return place if gain[place] > -np.inf else None

    def take(self, place: int) -> list[int]:
        """Take a place; returns the free ones that tell the same, which are held back from now on."""
        near = self._rows @ self._rows[place]
        np.maximum(self._costs, np.float32(self._dial) * near, out=self._costs)
        self._costs[place] = np.inf
        same = (near >= SAME).nonzero()[0].tolist() if self._dial > 0 else []
        held = [i for i in same if self._costs[i] < np.inf]
        if held:
            self._costs[held] = np.inf
        return held
