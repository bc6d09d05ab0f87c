"""The papers of an interest compared with each other and with the background, which is most of the work of learning.

With one more mark nearly all papers are those of before, and so is what they have in common.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from broadsheet.rank.interest.background import Background
from broadsheet.rank.interest.features import Features
from broadsheet.rank.interest.kernel import Blocks
from broadsheet.rank.interest.sparse import SparseRows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Compared:
    """n papers in the kernel's space; the parts of the kernel `among` them, shape (2, n, n), and for each mix the
    kernel to the background's papers `along` the axes of these, shape (mixes, n, m).
    """

    keys: tuple[str, ...]
    blocks: Blocks
    among: "Floats"
    along: "Floats"

    def take(self, rows: "Sequence[int] | NDArray[np.integer]") -> Self:
        """These papers in this order."""
        at = np.asarray(rows, np.int64)
        return type(self)(
            tuple(self.keys[i] for i in at), self.blocks.take(at), self.among[:, at[:, None], at], self.along[:, at]
        )

    def with_more(self, papers: Features, background: Background) -> Self:
        """These papers and then further ones."""
        more = compare(papers, background)
        between = self.blocks.grams(more.blocks)
        return type(self)(
            self.keys + more.keys,
            Blocks(
                np.vstack([self.blocks.dense, more.blocks.dense]),
                SparseRows.joined([self.blocks.terms, more.blocks.terms]),
            ),
            np.block([[self.among, between], [between.transpose(0, 2, 1), more.among]]),
            np.concatenate([self.along, more.along], axis=1),
        )


def compare(papers: Features, background: Background, before: Compared | None = None) -> Compared:
    """Compare papers. `before`: of the same background, with papers that are taken from there by their keys."""
    if before is None or not set(papers.keys) & set(before.keys):
        blocks = background.kernel.blocks(papers)
        across = background.blocks.grams(blocks).transpose(0, 2, 1)
        along = np.stack(
            [
                np.tensordot(mix, across, 1) @ axes
                for mix, axes in zip(background.kernel.mixes, background.axes, strict=True)
            ]
        )
        return Compared(papers.keys, blocks, blocks.grams(blocks), along)
    place = {key: at for at, key in enumerate(before.keys)}
    new = [at for at, key in enumerate(papers.keys) if key not in place]
    every = before.with_more(papers.take(new), background) if new else before
    now = {key: at for at, key in enumerate(every.keys)}
    return every.take([now[key] for key in papers.keys])
