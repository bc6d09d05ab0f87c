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

DENSE_SHARE, TERMS_SHARE, CATEGORIES_SHARE = 1.0, 1.0, 0.1
"""Weights in the kernel: of each encoder, of the terms, of the categories."""


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
        dense = [
            np.sqrt(np.float32(DENSE_SHARE)) * _unit(_centred(papers.dense[n], m)) for n, m in self.middles.items()
        ]
        dense.append(np.sqrt(np.float32(CATEGORIES_SHARE)) * _unit(self._memberships(papers)))
        terms = papers.terms
        scaled = SparseRows(terms.columns, terms.values * np.sqrt(np.float32(TERMS_SHARE)), terms.starts, terms.width)
        return Blocks(np.hstack(dense), scaled)

    def _memberships(self, papers: Features) -> "Floats":
        place = {name: i for i, name in enumerate(self.categories)}
        out = np.zeros((len(papers), len(place)), np.float32)
        for row, names in zip(out, papers.categories, strict=True):
            row[[place[name] for name in names if name in place]] = 1
        return out


def _centred(rows: "Floats", middle: "Floats") -> "Floats":
    """Rows of zeros, which know nothing, stay so."""
    return np.where(rows.any(axis=1, keepdims=True), rows - middle, np.float32(0))


def _unit(rows: "Floats") -> "Floats":
    unit: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1e-12))
    return unit
