"""Active learning: which papers' marks would teach an interest most."""

from typing import TYPE_CHECKING

import numpy as np

from broadsheet.rank.interest.features import Features
from broadsheet.rank.interest.kernel import Blocks
from broadsheet.rank.interest.model import InterestModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

ASKED = 3
"""Questions a reader answers without being bored."""


def most_telling(
    model: InterestModel, candidates: Features, blocks: Blocks, *, count: int = ASKED
) -> "NDArray[np.int64]":
    """Indices of the candidates to ask about, most telling first. `blocks`: the same papers in the kernel's space."""
    scores = model.scores(candidates, blocks).astype(np.float64)
    chosen: list[int] = []
    while len(chosen) < count and np.isfinite(scores).any():
        best = int(scores.argmax())
        chosen.append(best)
        like = blocks.gram(blocks.take([best]))[:, 0]
        scores -= np.abs(scores[best]) * like / max(float(like[best]), 1e-12)
        scores[best] = -np.inf
    return np.array(chosen, np.int64)
