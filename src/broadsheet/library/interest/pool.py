"""The papers of some days, as all models see them."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from broadsheet.rank.interest import Features
from broadsheet.rank.interest.kernel import Blocks, Kernel
from broadsheet.types import Announcement

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NEWEST: Final = 400
"""Papers of a pool on which a retrained model is compared with the one before."""


@dataclass(frozen=True)
class Pool:
    """The papers that were news on some days, as all models see them: the same for every reader. `withdrawn`: whether
    the authors took each back; such papers are in editions, and nobody is recommended one.
    """

    kernel: Kernel
    ids: tuple[int, ...]
    announced: tuple[Announcement, ...]
    papers: Features
    blocks: Blocks
    withdrawn: "NDArray[np.bool_]"

    @cached_property
    def places(self) -> dict[int, int]:
        """Where each paper stands, by store id."""
        return {paper_id: place for place, paper_id in enumerate(self.ids)}

    @cached_property
    def directions(self) -> "NDArray[np.float32]":
        """What the papers are about, as the kernel tells it."""
        return self.kernel.directions(self.papers)

    @cached_property
    def newest(self) -> "Pool":
        """Its first NEWEST papers."""
        ids, some = self.ids[:NEWEST], range(len(self.ids[:NEWEST]))
        papers, blocks = self.papers.take(some), self.blocks.take(some)
        return Pool(self.kernel, ids, self.announced[:NEWEST], papers, blocks, self.withdrawn[:NEWEST])
