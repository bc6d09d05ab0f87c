"""What an interest stands out from: papers drawn from the stream, prepared once for all readers.

A model takes them as papers that interest nobody in particular, and so learns what tells an interest from the stream
rather than what its papers have in common with everything. With l the eigenvalues of their kernel matrix, what lies
along an axis is kept by the factor 1 / (1 + I), where I = ln(1 + l) / 2 is what these papers tell of it in nats (the
information of values along the axis, variance l, that are seen with the variance 1 that marks have, too): all of it
where the stream says nothing, less along its main topics, and never little, as a logarithm grows slowly. (Ridge
regression on papers of value 0 keeps 1 / (1 + l), which thinks little of everything in the main topics.)
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from broadsheet.rank.interest.features import Features
from broadsheet.rank.interest.kernel import Blocks, Kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

WANTED = 1_000
"""Papers worth drawing; more change the rankings little and cost time that grows with their square."""

_LEAST = 1e-6  # an eigenvalue that is 0 but for rounding


@dataclass(frozen=True, slots=True)
class Mix:
    """Papers in one mix of the kernel's two parts, `shares` (2,): the main `axes` (n, n) that the background's papers
    have among themselves in it, with their eigenvalues, `values` (n,).
    """

    shares: "Floats"
    axes: "Floats"
    values: "Floats"

    def __call__(self, parts: "Floats") -> "Floats":
        """The kernel of papers from its two parts, shape (2, ...)."""
        mixed: Floats = np.tensordot(self.shares, parts, 1)
        return mixed

    @property
    def kept(self) -> "Floats":
        """How much of what lies along each axis is kept. Eigenvalues grow with the papers: they count as of WANTED."""
        of_wanted = self.values / np.float32(max(1.0, len(self.values) / WANTED))
        kept: Floats = 1 / (1 + np.log1p(of_wanted) / 2)
        return kept

    @property
    def held(self) -> "Floats":
        """The eigenvalues of P: what is subtracted of the kernel of two papers is `k(x, papers) P k(papers, y)`."""
        return (1 - self.kept) / self.values


@dataclass(frozen=True, slots=True)
class Background:
    """Papers, the kernel that compares them, and what they have among themselves in each of the kernel's mixes."""

    papers: Features
    kernel: Kernel
    blocks: Blocks
    mixes: tuple[Mix, ...]

    @classmethod
    def of(cls, papers: Features) -> "Background":
        """Prepare. Raises ValueError for no papers."""
        if not len(papers):
            raise ValueError("a background needs papers")
        kernel = Kernel.among(papers)
        blocks = kernel.blocks(papers)
        parts = blocks.grams(blocks).astype(np.float64)
        values, axes = np.linalg.eigh(np.stack([np.tensordot(shares, parts, 1) for shares in kernel.mixes]))
        found = zip(kernel.mixes, axes.astype(np.float32), np.maximum(values, _LEAST).astype(np.float32), strict=True)
        return cls(papers, kernel, blocks, tuple(Mix(*mix) for mix in found))
