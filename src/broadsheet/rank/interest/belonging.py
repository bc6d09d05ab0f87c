"""Whether a paper belongs to an interest of which its reader named none: it must be clearly nearer to what the interest
was given than the stream is, since what is far away would turn the interest into another.
"""

from typing import TYPE_CHECKING, Final

import numpy as np

from broadsheet.rank.interest.background import Background
from broadsheet.rank.interest.features import Features
from broadsheet.rank.interest.kernel import Blocks
from broadsheet.rank.interest.rules import Rules

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

_NEAREST: Final = 3  # papers of an interest that another is compared with: one alone may be an odd one
_COMPARED: Final = 64  # papers that stand for an interest, evenly from first to last

_FAR, _NEAR = 0.25, 0.99
"""Of the stream the lower quartile is far from an interest, even where most is near, and the last hundredth near."""


def belonging(background: Background, rules: Rules, own: Blocks | None, papers: Features) -> "Floats":
    """How near papers are to an interest's `own`; -inf for those that do not belong to it.

    They belong to it if its rules allow them, and if they are by an author followed, or at least halfway from what is
    far in the stream to what is near, and nearer than what is far, as nearly all of it may be. While it has none of its
    own, all count alike that are by an author followed, or, if it follows none, that have what it asks for.
    """
    belongs, found = rules.followed(papers), np.zeros(len(papers), np.float32)
    if own is not None:
        stand = own.take(np.unique(np.linspace(0, len(own.dense) - 1, min(len(own.dense), _COMPARED)).astype(np.int64)))
        far, near = np.quantile(_nearness(background.blocks, stand), (_FAR, _NEAR))
        found = _nearness(background.kernel.blocks(papers), stand)
        belongs |= (found >= (far + near) / 2) & (found > far)
    elif not rules.authors:
        belongs[:] = bool(rules.include or rules.categories)
    return np.where(belongs & rules.allows(papers), found, np.float32(-np.inf))


def _nearness(papers: Blocks, own: Blocks) -> "Floats":
    nearest: Floats = np.sort(papers.gram(own), axis=1)[:, -_NEAREST:].mean(axis=1)
    return nearest
