"""How alike two papers are: a weighted sum of their vectors' nearness and of inner products of terms and categories.

All are inner products of features (see `landmarks`), so what is learnt is a weight for each feature, each term and each
category, and scoring is a matrix product.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from broadsheet.rank.interest.features import Features
from broadsheet.rank.interest.landmarks import Landmarks, directions
from broadsheet.rank.interest.sparse import SparseRows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

TERMS, CATEGORIES = 8.0, 0.4
"""Shares in the kernel. Terms have many, because inner products of sparse rows are small: with fewer the vectors would
decide alone, and a reader's own methods and data sets, which only words name, would be lost.
"""

TRANSFORMER, WORD_VECTORS = 4.0, 2.0
"""Shares of each encoder: one that reads sentences, or one that adds up its words' vectors (or learnt them here)."""

MEANINGS = (0.25, 1.0, 4.0)
"""How many times these shares everything but terms may have; see `mixture`. Libraries want 4, authors want .25."""

_OF_WORDS = ("wordllama", "own", "learnt")


def share(encoder: str) -> float:
    """The share of an encoder by its name."""
    return WORD_VECTORS if encoder.startswith(_OF_WORDS) else TRANSFORMER


@dataclass(frozen=True, slots=True)
class Blocks:
    """Papers in the kernel's space: dense columns (features of vectors, then categories) and terms, each weighted."""

    dense: "Floats"
    terms: SparseRows

    @classmethod
    def joined(cls, parts: "Sequence[Blocks]") -> "Blocks":
        """The papers of all parts, one after the other."""
        return cls(np.vstack([part.dense for part in parts]), SparseRows.joined([part.terms for part in parts]))

    def quick(self) -> "Blocks":
        """The same, for papers that many models are asked of."""
        return Blocks(self.dense, self.terms.quick())

    def take(self, rows: "Sequence[int] | NDArray[np.integer]") -> "Blocks":
        """These papers in this order."""
        at = np.asarray(rows, np.int64)
        return Blocks(self.dense[at], self.terms.take(at))

    def grams(self, other: "Blocks") -> "Floats":
        """The kernel between all papers here and there in two parts, dense columns and terms: shape (2, n, m)."""
        return np.stack([self.dense @ other.dense.T, self.terms.gram(other.terms)])

    def gram(self, other: "Blocks") -> "Floats":
        """The kernel between all papers here and there, shape (n, m)."""
        out: Floats = self.grams(other).sum(axis=0)
        return out

    def squares(self) -> "Floats":
        """The kernel of each paper with itself, shape (n,)."""
        out: Floats = np.square(self.dense).sum(axis=1) + self.terms.squares()
        return out


@dataclass(frozen=True, slots=True)
class Kernel:
    """The landmarks of each encoder's vectors, and which categories there are."""

    landmarks: "Mapping[str, Landmarks]"
    categories: tuple[str, ...]

    @classmethod
    def among(cls, papers: Features) -> "Kernel":
        """With these papers as landmarks."""
        names = sorted({name for found in papers.categories for name in found})
        return cls({name: Landmarks.among(rows) for name, rows in papers.dense.items()}, tuple(names))

    @property
    def width(self) -> int:
        """Dense columns of a paper."""
        return sum(len(known.origin) for known in self.landmarks.values()) + len(self.categories)

    def blocks(self, papers: Features) -> Blocks:
        """Raises ValueError for papers with vectors of other encoders."""
        self._check(papers)
        whole = TERMS + CATEGORIES + sum(share(name) for name in self.landmarks)
        dense = [
            known.features(papers.dense[name]) * _root(share(name) / whole) for name, known in self.landmarks.items()
        ]
        dense.append(_unit(self._memberships(papers)) * _root(CATEGORIES / whole))
        terms = papers.terms
        values = terms.values * _root(TERMS / whole)
        return Blocks(np.hstack(dense), SparseRows(terms.columns, values, terms.starts, terms.width))

    @property
    def mixes(self) -> "Floats":
        """For each of MEANINGS what the two parts of the kernel are to be multiplied by, so that shares add up to 1."""
        meant = CATEGORIES + sum(share(name) for name in self.landmarks)
        often = np.array(MEANINGS)
        parts = np.stack([often, np.ones(len(often))], axis=1)
        mixes: Floats = (parts * ((TERMS + meant) / (TERMS + often * meant))[:, None]).astype(np.float32)
        return mixes

    def directions(self, papers: Features) -> "Floats":
        """What papers are about, as rows of length one whose inner products are cosines; zeros without vectors."""
        self._check(papers)
        rows = [
            directions(papers.dense[name], known.middle) * _root(share(name)) for name, known in self.landmarks.items()
        ]
        return _unit(np.hstack(rows)) if rows else np.zeros((len(papers), 0), np.float32)

    def _check(self, papers: Features) -> None:
        if papers.dense.keys() != self.landmarks.keys():
            there, wanted = ", ".join(papers.dense), ", ".join(self.landmarks)
            raise ValueError(f"vectors of the encoders {there or '(none)'}; the model knows {wanted or '(none)'}")

    def _memberships(self, papers: Features) -> "Floats":
        place = {name: i for i, name in enumerate(self.categories)}
        out = np.zeros((len(papers), len(place)), np.float32)
        for row, names in zip(out, papers.categories, strict=True):
            row[[place[name] for name in names if name in place]] = 1
        return out


def _root(part: float) -> np.float32:
    return np.float32(np.sqrt(part))


def _unit(rows: "Floats") -> "Floats":
    unit: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1e-12))
    return unit
