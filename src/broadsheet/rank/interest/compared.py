"""The papers of an interest compared with each other and with the background, which is most of the work of learning.

With one more mark nearly all papers are those of before, and so is what they have in common.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np

from broadsheet.rank.interest.background import Background, Mix
from broadsheet.rank.interest.features import Features
from broadsheet.rank.interest.kernel import Blocks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Damped:
    """n papers in one mix of the kernel: `along` the main axes of the m papers of the background, shape (n, m), and
    alike `among` themselves, these axes damped, shape (n, n).
    """

    along: "Floats"
    among: "Floats"

    @classmethod
    def of(cls, mix: Mix, among: "Floats", across: "Floats") -> Self:
        """From the parts of the kernel among papers, and from them to the background."""
        along = mix(across) @ mix.axes
        damped: Floats = along * np.sqrt(mix.held)
        return cls(along, mix(among) - damped @ damped.T)

    def take(self, at: "NDArray[np.int64]") -> Self:
        """These papers in this order."""
        return type(self)(self.along[at], self.among[at[:, None], at])

    def after(self, more: Self, mix: Mix, between: "Floats") -> Self:
        """Further papers and then these, with the parts of the kernel between them."""
        held: Floats = more.along * mix.held
        among = _joined(more.among, mix(between) - held @ self.along.T, self.among)
        return type(self)(np.concatenate([more.along, self.along]), among)


@dataclass(frozen=True, slots=True)
class Compared:
    """n papers in the kernel's space, and the parts of the kernel `among` them, shape (2, n, n), and `across` to the m
    papers of the background, shape (2, n, m). `in_mix` remembers what was asked for, by the number of the mix.
    """

    keys: tuple[str, ...]
    background: Background
    blocks: Blocks
    among: "Floats"
    across: "Floats"
    in_mix: dict[int, Damped] = field(default_factory=dict)

    @classmethod
    def of(cls, papers: Features, background: Background) -> Self:
        """Papers of which none was compared before."""
        blocks = background.kernel.blocks(papers)
        return cls(papers.keys, background, blocks, blocks.grams(blocks), blocks.grams(background.blocks))

    def damped(self, number: int) -> Damped:
        """In one of the background's mixes."""
        if number not in self.in_mix:
            self.in_mix[number] = Damped.of(self.background.mixes[number], self.among, self.across)
        return self.in_mix[number]

    def take(self, rows: "Sequence[int] | NDArray[np.integer]") -> Self:
        """These papers in this order."""
        at = np.asarray(rows, np.int64)
        return type(self)(
            tuple(self.keys[i] for i in at),
            self.background,
            self.blocks.take(at),
            self.among[:, at[:, None], at],
            self.across[:, at],
            {number: known.take(at) for number, known in self.in_mix.items()},
        )

    def with_more(self, papers: Features) -> Self:
        """Further papers and then these: what was said last comes first."""
        more = type(self).of(papers, self.background)
        between = more.blocks.grams(self.blocks)
        return type(self)(
            more.keys + self.keys,
            self.background,
            Blocks.joined([more.blocks, self.blocks]),
            _joined(more.among, between, self.among),
            np.concatenate([more.across, self.across], axis=1),
            {n: old.after(more.damped(n), self.background.mixes[n], between) for n, old in self.in_mix.items()},
        )


def compare(papers: Features, background: Background, before: Compared | None = None) -> Compared:
    """Compare papers. `before`: of the same background, with papers that are taken from there by their keys."""
    known = set(papers.keys) & set(before.keys) if before else set()
    if not before or not known:
        return Compared.of(papers, background)
    new = [at for at, key in enumerate(papers.keys) if key not in known]
    every = before.with_more(papers.take(new)) if new else before
    if every.keys == papers.keys:
        return every
    place = {key: at for at, key in enumerate(every.keys)}
    return every.take([place[key] for key in papers.keys])


def _joined(new: "Floats", between: "Floats", old: "Floats") -> "Floats":
    """A symmetric matrix, or several, of new and old papers from its blocks."""
    return np.block([[new, between], [between.swapaxes(-1, -2), old]])
