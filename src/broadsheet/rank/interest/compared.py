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

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Compared:
    """n papers in the kernel's space, and the parts of the kernel `among` them, shape (2, n, n), and `across` to the m
    papers of the background, shape (2, n, m).
    """

    keys: tuple[str, ...]
    blocks: Blocks
    among: "Floats"
    across: "Floats"

    @classmethod
    def none(cls, background: Background) -> Self:
        """No papers."""
        nothing = np.zeros((2, 0, 0), np.float32)
        return cls((), background.blocks.take([]), nothing, np.zeros((2, 0, len(background.papers)), np.float32))

    def take(self, rows: "Sequence[int] | NDArray[np.integer]") -> Self:
        """These papers in this order."""
        at = np.asarray(rows, np.int64)
        keys = tuple(self.keys[i] for i in at)
        return type(self)(keys, self.blocks.take(at), self.among[:, at[:, None], at], self.across[:, at])

    def with_more(self, papers: Features, background: Background) -> Self:
        """Further papers and then these: what was said last comes first."""
        more, n, m = background.kernel.blocks(papers), len(papers), len(background.papers)
        blocks = Blocks.joined([more, self.blocks])
        across, new, between = np.split(Blocks.joined([background.blocks, blocks]).grams(more), [m, m + n], axis=1)
        return type(self)(
            papers.keys + self.keys,
            blocks,
            np.block([[new, between.transpose(0, 2, 1)], [between, self.among]]),
            np.concatenate([across.transpose(0, 2, 1), self.across], axis=1),
        )


def compare(papers: Features, background: Background, before: Compared | None = None) -> Compared:
    """Compare papers. `before`: of the same background, with papers that are taken from there by their keys."""
    known = set(papers.keys) & set(before.keys) if before else set()
    every = before if before and known else Compared.none(background)
    if new := [at for at, key in enumerate(papers.keys) if key not in known]:
        every = every.with_more(papers.take(new), background)
    if every.keys == papers.keys:
        return every
    place = {key: at for at, key in enumerate(every.keys)}
    return every.take([place[key] for key in papers.keys])
