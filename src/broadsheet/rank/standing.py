"""How earlier papers of the same names did: of the same submitter, organisation or words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Named:
    """Which names stand in which of so many rows: a pair for each, in order of day, and where each day's pairs end."""

    name: "NDArray[np.intp]"
    row: "NDArray[np.intp]"
    ends: tuple[int, ...]
    rows: int

    @classmethod
    def of(cls, names: Sequence[Iterable[str]], day: "NDArray[np.int64]") -> "Named":
        """From the names of each row, none twice, and the number of its day."""
        number: dict[str, int] = {}
        name = [[number.setdefault(one, len(number)) for one in own] for own in names]
        row = np.repeat(np.arange(len(names)), np.array([len(own) for own in name], dtype=np.intp))
        order = np.argsort(day[row], kind="stable")
        borders = np.flatnonzero(np.diff(day[row][order])) + 1
        flat = np.array([one for own in name for one in own], dtype=np.intp)
        return cls(flat[order], row[order], (0, *borders.tolist(), len(row)), len(names))

    def standing(self, value: "Floats", doubt: float) -> tuple["Floats", "Floats"]:
        """Of each row the mean of earlier days' values under its names, shrunk to 0, and how many there were.

        Of several names the mean of their means, so that a long abstract is no stronger than a short one.
        """
        total, many = np.zeros((2, self.name.max(initial=-1) + 1))
        told, papers = np.zeros((2, len(self.name)))
        came = value[self.row]
        for start, end in pairwise(self.ends):
            name, new = self.name[start:end], came[start:end]
            papers[start:end] = many[name]
            told[start:end] = total[name] / (many[name] + doubt)
            known = ~np.isnan(new)
            np.add.at(total, name[known], new[known])
            np.add.at(many, name[known], 1)
        mean, count, seen = (np.bincount(self.row, of, self.rows) for of in (told, papers, papers > 0))
        return mean / np.maximum(seen, 1), count.astype(np.float64)
