"""Vectors of an encoder as nearness to landmarks, so that a model that is linear in them can like several topics.

Nearness of two papers is exp(WIDTH * (cosine - 1)), a Gaussian of their distance: what is near counts more than in
proportion, so a paper near one of a reader's topics is not lost between them. Its features are those of Nystroem
(Williams and Seeger 2001): nearness to the papers of the background, along the main axes that these have among
themselves. Random Fourier features of the same size are no match (citeulike's recall@20 .351 at 1,536, .364 here): the
stream, unlike chance, knows where papers lie.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

WIDTH = 2.0
"""How fast nearness falls with the cosine: at a right angle to .14. At 1 it is nearly linear, at 4 libraries of several
topics fall apart (recall@20 on citeulike .358, .365, .359 at 1, 2, 4; the first with half the share of vectors)."""

AXES = 512
"""Features of an encoder: of a thousand landmarks 384 to 1,000 rank alike."""

_LEAST = 1e-4  # of an axis' eigenvalue: below lies rounding


@dataclass(frozen=True, slots=True)
class Landmarks:
    """`middle` (d,) of the encoder's vectors, `papers` (n, d) as rows of length one about it, `axes` (n, r) that make
    features of nearness to them, and `origin` (r,): the mean of the landmarks' own features.
    """

    middle: "Floats"
    papers: "Floats"
    axes: "Floats"
    origin: "Floats"

    @classmethod
    def among(cls, vectors: "Floats") -> Self:
        """With these papers' vectors as landmarks."""
        middle = vectors.mean(axis=0)
        papers = directions(vectors, middle)
        near = _near(papers, papers)
        values, axes = np.linalg.eigh(near.astype(np.float64))
        values, axes = values[-AXES:], axes[:, -AXES:]
        kept = values > _LEAST
        scaled = (axes[:, kept] / np.sqrt(values[kept])).astype(np.float32)
        return cls(middle, papers, scaled, (near @ scaled).mean(axis=0))

    def features(self, vectors: "Floats") -> "Floats":
        """Rows (m, r) whose inner products are the nearness of papers, less what all papers have in common; rows of
        zeros, which know nothing, stay so.
        """
        rows = _near(directions(vectors, self.middle), self.papers) @ self.axes - self.origin
        return np.where(vectors.any(axis=1, keepdims=True), rows, np.float32(0))


def directions(vectors: "Floats", middle: "Floats") -> "Floats":
    """Vectors about their middle, of length one; rows of zeros stay so."""
    rows = np.where(vectors.any(axis=1, keepdims=True), vectors - middle, np.float32(0))
    unit: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1e-12))
    return unit


def _near(rows: "Floats", others: "Floats") -> "Floats":
    near: Floats = np.exp(np.float32(WIDTH) * (rows @ others.T - np.float32(1)))
    return near
