"""Whether probabilities keep their word: of the papers said to be liked with .8, are eight in ten?

Papers are put into bins by what was said of them; in each, what was said is compared with what held (the reliability
diagram of Murphy and Winkler 1977). The expected calibration error is the mean gap between the two, bins counting by
their papers.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Exact = NDArray[np.float64]

EDGES = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 1.0)
RESAMPLES = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """The papers of one list: what was `said` of each, which were liked (`held`), and how much each counts."""

    said: "NDArray[np.floating]"
    held: "NDArray[np.bool_]"
    weight: "Exact"

    @classmethod
    def as_usual(cls, said: "NDArray[np.floating]", held: "NDArray[np.bool_]", share: float) -> "Asked":
        """Weighted so that liked papers are this share of the list, and lists count alike: a day of a protocol may
        hold one liked paper, which is rarer than what readers mark.
        """
        many = max(int(held.sum()), 1)
        return cls(said, held, np.where(held, share / many, (1 - share) / max(len(held) - many, 1)))


def reliability(lists: "Sequence[Asked]", seed: int = 0) -> dict[str, Any]:
    """The calibration error with its 95 % interval (lists are redrawn), and the bins that hold any paper."""
    sums = np.array([_sums(one) for one in lists])  # (lists, bins, [weight, said, held])
    rng = np.random.default_rng(seed)
    draws = rng.integers(0, len(lists), (RESAMPLES, len(lists)))
    errors = [_error(sums[rows].sum(axis=0)) for rows in draws]
    whole = sums.sum(axis=0)
    low, high = np.percentile(errors, [2.5, 97.5]).tolist()
    bins = [
        {"from": least, "to": most, "said": said / weight, "held": held / weight}
        for (weight, said, held), least, most in zip(whole.tolist(), EDGES, EDGES[1:], strict=False)
        if weight > 0
    ]
    return {"lists": len(lists), "error": {"value": _error(whole), "low": low, "high": high}, "bins": bins}


def _sums(asked: Asked) -> "Exact":
    place = np.clip(np.searchsorted(EDGES, asked.said, side="right") - 1, 0, len(EDGES) - 2)
    columns = (asked.weight, asked.weight * asked.said, asked.weight * asked.held)
    return np.stack([np.bincount(place, column, len(EDGES) - 1) for column in columns], axis=1)


def _error(sums: "Exact") -> float:
    return float(np.abs(sums[:, 1] - sums[:, 2]).sum() / max(float(sums[:, 0].sum()), 1e-12))
