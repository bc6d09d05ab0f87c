"""How alike two papers are: a weighted sum of inner products of their vectors, terms and categories.

A sum of linear kernels is itself linear, so what is learnt with it is a vector for each encoder, a weight for each
term and one for each category, and scoring is a matrix product.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from broadsheet.rank.interest.features import Features
from broadsheet.rank.interest.sparse import SparseRows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

TERMS, CATEGORIES = 8.0, 0.4
"""Shares in the kernel. Terms have many, because inner products of sparse rows are small: at 1 the dense vectors would
decide alone, and a reader's own methods and data sets, which only words name, would be lost (arXiv's MRR .263 and
.302 at 1 and 8, citeulike's recall@20 .360 and .356).
"""

TRANSFORMER, WORD_VECTORS = 2.0, 1.0
"""Shares of each encoder: one that reads sentences, or one that adds up its words' vectors (or learnt them here)."""

_OF_WORDS = ("wordllama", "own", "learnt")


def share(encoder: str) -> float:
    """The share of an encoder by its name."""
    return WORD_VECTORS if encoder.startswith(_OF_WORDS) else TRANSFORMER


@dataclass(frozen=True, slots=True)
class Blocks:
    """Papers in the kernel's space: dense columns (centred vectors, then categories) and terms, each weighted."""

    dense: "Floats"
    terms: SparseRows

    def gram(self, other: "Blocks") -> "Floats":
        """The kernel between all papers here and there, shape (n, m)."""
        out: Floats = self.dense @ other.dense.T + self.terms.gram(other.terms)
        return out

    def squares(self) -> "Floats":
        """The kernel of each paper with itself, shape (n,)."""
        out: Floats = np.square(self.dense).sum(axis=1) + self.terms.squares()
        return out


@dataclass(frozen=True, slots=True)
class Kernel:
    """Where the middle of each encoder's vectors lies, and which categories there are."""

    middles: "Mapping[str, Floats]"
    categories: tuple[str, ...]

    @classmethod
    def centred_on(cls, papers: Features) -> "Kernel":
        """With the middle of these papers."""
        names = sorted({name for found in papers.categories for name in found})
        return cls({name: rows.mean(axis=0) for name, rows in papers.dense.items()}, tuple(names))

    def blocks(self, papers: Features) -> Blocks:
        """Raises ValueError for papers with vectors of other encoders."""
        if papers.dense.keys() != self.middles.keys():
            there, wanted = ", ".join(papers.dense), ", ".join(self.middles)
            raise ValueError(f"vectors of the encoders {there or '(none)'}; the model knows {wanted or '(none)'}")
        whole = TERMS + CATEGORIES + sum(share(name) for name in self.middles)
        dense = [
            _unit(_centred(papers.dense[name], middle)) * _root(share(name) / whole)
            for name, middle in self.middles.items()
        ]
        dense.append(_unit(self._memberships(papers)) * _root(CATEGORIES / whole))
        terms = papers.terms
        values = terms.values * _root(TERMS / whole)
        return Blocks(np.hstack(dense), SparseRows(terms.columns, values, terms.starts, terms.width))

    def _memberships(self, papers: Features) -> "Floats":
        place = {name: i for i, name in enumerate(self.categories)}
        out = np.zeros((len(papers), len(place)), np.float32)
        for row, names in zip(out, papers.categories, strict=True):
            row[[place[name] for name in names if name in place]] = 1
        return out


def _root(part: float) -> np.float32:
    return np.float32(np.sqrt(part))


def _centred(rows: "Floats", middle: "Floats") -> "Floats":
    """Rows of zeros, which know nothing, stay so."""
    return np.where(rows.any(axis=1, keepdims=True), rows - middle, np.float32(0))


def _unit(rows: "Floats") -> "Floats":
    unit: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1e-12))
    return unit
