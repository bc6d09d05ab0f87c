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
        self._alike = np.zeros(len(rows), np.float32)
        self._free = np.ones(len(rows), np.bool_)

    def best(self, worth: "Floats") -> int | None:
        """The free place with the most worth (n,) and least likeness; -inf is never taken. Ties: the smaller place."""
        may = np.flatnonzero(self._free & (worth > -np.inf))
        if not len(may):
            return None
        gain = (1 - self._dial) * worth[may] - self._dial * self._alike[may]
        return int(may[gain.argmax()])

    def take(self, place: int) -> list[int]:
        """Take a place; returns the free ones that tell the same, which are held back from now on."""
        near = self._rows @ self._rows[place]
        self._free[place] = False
        held = np.flatnonzero(self._free & (near >= SAME)) if self._dial > 0 else np.zeros(0, np.int64)
        self._free[held] = False
        np.maximum(self._alike, near, out=self._alike)
        return [int(i) for i in held]
