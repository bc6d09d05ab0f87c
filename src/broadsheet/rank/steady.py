"""Steady lists: a model that was learnt anew without news moves a paper only where it changed its mind by a margin.

A new encoder, or a week that made all marks older, changes every score by a little, and with it the order of papers
that a reader has seen in another. A mark or a word of the reader is a reason, and moves what it moves.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

MARGIN: Final = 0.5
"""In log-odds, so that it means the same for rare and for likely papers: from 4 % to 6.5 %, or from 50 % to 62 %."""


def settled(fresh: "Floats", before: "Floats", margin: float = MARGIN) -> "Floats":
    """Probabilities that stay what they were where they changed by less than the margin. NaN before: not known then.

    What is 0 now breaks a rule, and stays out.
    """
    stays = (np.abs(_log_odds(fresh) - _log_odds(before)) < margin) & (fresh > 0)
    return np.where(stays, before, fresh).astype(np.float32)


def churn(before: Sequence[int] | Sequence[str], after: Sequence[int] | Sequence[str], k: int) -> float:
    """Share of the first k of a list that are not among the first k of the list that took its place."""
    first = set(before[:k])
    return len(first.difference(after[:k])) / len(first) if first else 0.0


def _log_odds(p: "Floats") -> "Floats":
    inside = np.clip(p, np.float32(1e-6), np.float32(1 - 1e-6))
    odds: Floats = np.log(inside / (1 - inside))
    return odds
