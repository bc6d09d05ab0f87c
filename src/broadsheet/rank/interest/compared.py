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
    """n papers in the kernel's space; the kernel `among` them (n, n), and `across` to the background's (n, m)."""

    keys: tuple[str, ...]
    blocks: Blocks
    among: "Floats"
    across: "Floats"

    def take(self, rows: Sequence[int]) -> Self:
        """These papers in this order."""
        at = np.asarray(rows, np.int64)
        return type(self)(
            tuple(self.keys[i] for i in at), self.blocks.take(at), self.among[np.ix_(at, at)], self.across[at]
        )

    def with_more(self, papers: Features, background: Background) -> Self:
        """These papers and then further ones."""
        more = compare(papers, background)
        between = self.blocks.gram(more.blocks)
        return type(self)(
            self.keys + more.keys,
            Blocks(
                np.vstack([self.blocks.dense, more.blocks.dense]),
                SparseRows.joined([self.blocks.terms, more.blocks.terms]),
            ),
            np.block([[self.among, between], [between.T, more.among]]),
            np.vstack([self.across, more.across]),
        )


def compare(papers: Features, background: Background, before: Compared | None = None) -> Compared:
    """Compare papers. `before`: of the same background, with papers that are taken from there by their keys."""
    if before is None or not set(papers.keys) & set(before.keys):
        blocks = background.kernel.blocks(papers)
        return Compared(papers.keys, blocks, blocks.gram(blocks), background.blocks.gram(blocks).T)
    place = {key: at for at, key in enumerate(before.keys)}
    new = [at for at, key in enumerate(papers.keys) if key not in place]
    old = before.take([place[key] for key in papers.keys if key in place])
    every = old.with_more(papers.take(new), background) if new else old
    now = {key: at for at, key in enumerate(every.keys)}
    return every.take([now[key] for key in papers.keys])
