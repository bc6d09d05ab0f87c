"""From scores to probabilities: a logistic curve through what is known of the reader's marks (Platt 1999).

The scores of marked papers are those of a model that had not seen them (left out one by one), because a model flatters
what it was trained on. Papers of the background stand for the stream, of which a small share is of interest.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

USUAL_SHARE = 0.03
"""Share of the stream that a reader would mark as liked, before anything is known."""

_APART = 2.0
"""How many standard deviations of the stream liked papers lie above it, before anything is known: an AUC of .92.

For two such bell curves the logarithm of the odds is APART * score - APART^2 / 2 + log of the odds of the share."""

_SLOPE_SPREAD, _LEVEL_SPREAD = 0.7, 1.5  # how sure that is
_UNIT = 0.2  # the stream's standard deviation where there is no mark, and rules alone give scores
_LEAST_UNIT = 1e-3
_ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Calibration:
    """p = 1 / (1 + exp(-(slope * score + level)))."""

    slope: float
    level: float

    def probabilities(self, scores: "Floats") -> "Floats":
        """Of each score; 0 for -inf."""
        with np.errstate(over="ignore"):
            out: Floats = 1 / (1 + np.exp(-(np.float32(self.slope) * scores + np.float32(self.level))))
        return out


def calibrate(left_out: "Floats", labels: "Floats", weights: "Floats", ordinary: "Floats") -> Calibration:
    """The curve through marks (scores left out, labels 1 and -1, weights) and scores of background papers.

    The most likely one, given that slopes and levels are as usual unless the marks say otherwise.
    """
    share = USUAL_SHARE
    liked = float(weights[labels > 0].sum())
    unit = max(float(ordinary.std()), _LEAST_UNIT) if len(labels) else _UNIT
    scores = np.concatenate([left_out, ordinary]).astype(np.float64) / unit
    truth = np.concatenate([labels > 0, np.zeros(len(ordinary))]).astype(np.float64)
    each = liked * (1 - share) / share / max(1, len(ordinary))
    weight = np.concatenate([weights, np.full(len(ordinary), each)]).astype(np.float64)
    usual = np.array([_APART, np.log(share / (1 - share)) - _APART**2 / 2])
    certainty = np.diag([1 / _SLOPE_SPREAD**2, 1 / _LEVEL_SPREAD**2])
    rows = np.stack([scores, np.ones(len(scores))], axis=1)
    curve = usual.copy()
    for _ in range(_ROUNDS):
        p = 1 / (1 + np.exp(-np.clip(rows @ curve, -30, 30)))
        slope = rows.T @ (weight * (truth - p)) - certainty @ (curve - usual)
        bend = (rows * (weight * p * (1 - p))[:, None]).T @ rows + certainty
        curve += np.linalg.solve(bend, slope)
    return Calibration(float(max(curve[0], 0.0)) / unit, float(curve[1]))
