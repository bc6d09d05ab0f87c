"""What an interest stands out from: papers drawn from the stream, prepared once for all readers.

A model takes them as papers that interest nobody in particular. Their kernel matrix is factorised here, so that
training an interest costs what its own few marks cost.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from broadsheet.rank.interest.features import Features
from broadsheet.rank.interest.kernel import Blocks, Kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

WANTED = 1_000
"""Papers worth drawing; more change the rankings little and cost time that grows with their square."""

STIFFNESS = 1.0
"""Ridge of a background paper: how far it may be from 0 (an example of full weight has this, too)."""


@dataclass(frozen=True, slots=True)
class Background:
    """Papers, the kernel that compares them, and the inverse of their regularised kernel matrix (n, n)."""

    papers: Features
    kernel: Kernel
    blocks: Blocks
    inverse: "NDArray[np.float32]"

    @classmethod
    def of(cls, papers: Features) -> "Background":
        """Prepare. Raises ValueError for no papers."""
        if not len(papers):
            raise ValueError("a background needs papers")
        kernel = Kernel.centred_on(papers)
        blocks = kernel.blocks(papers)
        matrix = blocks.gram(blocks).astype(np.float64)
        matrix[np.diag_indices_from(matrix)] += STIFFNESS
        return cls(papers, kernel, blocks, np.linalg.inv(matrix).astype(np.float32))

    @property
    def encoders(self) -> Mapping[str, int]:
        """Names and dimensions of the vectors that models of this background take."""
        return {name: rows.shape[1] for name, rows in self.papers.dense.items()}
