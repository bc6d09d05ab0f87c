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
    def none(cls, mix: Mix) -> Self:
        """No papers."""
        return cls(np.zeros((0, len(mix.values)), np.float32), np.zeros((0, 0), np.float32))

    def take(self, at: "NDArray[np.int64]") -> Self:
        """These papers in this order."""
        return type(self)(self.along[at], self.among[at[:, None], at])

    def with_more(self, mix: Mix, across: "Floats", new: "Floats", between: "Floats") -> Self:
        """Further papers and then these: parts of the kernel from them to the background, themselves and these."""
        along = mix(across) @ mix.axes
        damped: Floats = along * np.sqrt(mix.held)
        held: Floats = along * mix.held
        among = _joined(mix(new) - damped @ damped.T, mix(between) - held @ self.along.T, self.among)
        return type(self)(np.concatenate([along, self.along]), among)


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
    def none(cls, background: Background) -> Self:
        """No papers."""
        nothing = np.zeros((2, 0, 0), np.float32)
        across = np.zeros((2, 0, len(background.papers)), np.float32)
        return cls((), background, background.blocks.take([]), nothing, across)

    def damped(self, number: int) -> Damped:
        """In one of the background's mixes."""
        if number not in self.in_mix:
            mix = self.background.mixes[number]
            nobody = np.zeros((2, len(self.keys), 0), np.float32)
            self.in_mix[number] = Damped.none(mix).with_more(mix, self.across, self.among, nobody)
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
        background, more = self.background, self.background.kernel.blocks(papers)
        across, new, between = (more.grams(others) for others in (background.blocks, more, self.blocks))
        return type(self)(
            papers.keys + self.keys,
            background,
            Blocks.joined([more, self.blocks]),
            _joined(new, between, self.among),
            np.concatenate([across, self.across], axis=1),
            {n: known.with_more(background.mixes[n], across, new, between) for n, known in self.in_mix.items()},
        )


def compare(papers: Features, background: Background, before: Compared | None = None) -> Compared:
    """Compare papers. `before`: of the same background, with papers that are taken from there by their keys."""
    known = set(papers.keys) & set(before.keys) if before else set()
    if not before or not known:
        return Compared.none(background).with_more(papers)
    new = [at for at, key in enumerate(papers.keys) if key not in known]
    every = before.with_more(papers.take(new)) if new else before
    if every.keys == papers.keys:
        return every
    place = {key: at for at, key in enumerate(every.keys)}
    return every.take([place[key] for key in papers.keys])


def _joined(new: "Floats", between: "Floats", old: "Floats") -> "Floats":
    """A symmetric matrix, or several, of new and old papers from its blocks."""
    return np.block([[new, between], [between.swapaxes(-1, -2), old]])
