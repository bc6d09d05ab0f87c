"""Known ways to recommend papers, as they are compared with ours: pure functions of features and libraries.

- a linear SVM on TF-IDF, one for each reader (arxiv-sanity-lite's way);
- the mean cosine to a reader's papers, the newer ones counting more (zotero-arxiv-daily's way);
- how many other readers have a paper, and how often other readers have it together with the reader's papers
  (item-based collaborative filtering; Sarwar et al. 2001).
"""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from broadsheet.rank.interest.sparse import SparseRows
from broadsheet.text import words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]
    Rows = NDArray[np.int64]

_COST = 0.1
_STEPS = 100


def svm(kernel: "Floats", liked: "Sequence[Sequence[int] | Rows]") -> "Floats":
    """Weights (papers, readers), so that `kernel @ weights` are the decisions of a linear SVM: one's papers or others.

    Squared hinge, C = .1, classes balanced, a regularised intercept, as LIBLINEAR has it; solved in the dual by
    accelerated projected gradients, on rows scaled by their own curvature.
    """
    side = np.full((len(kernel), len(liked)), -1, np.float32)
    for column, papers in enumerate(liked):
        side[papers, column] = 1
    share = np.where(side > 0, (side > 0).sum(axis=0), (side < 0).sum(axis=0)).astype(np.float32)
    ridge = share / np.float32(_COST * len(kernel))
    scale = 1 / np.sqrt(ridge + (kernel.mean(axis=1)[:, None] + 1) * share)
    pulled = side * scale
    step = np.float32(1) / _steepest(kernel, pulled, ridge * scale**2)
    at = here = np.zeros_like(side)
    pace = 1.0
    for _ in range(_STEPS):
        slope = _curved(kernel, pulled, here) + ridge * scale**2 * here - scale
        then = np.maximum(here - step * slope, 0)
        faster = (1 + np.sqrt(1 + 4 * pace**2)) / 2
        here = then + np.float32((pace - 1) / faster) * (then - at)
        at, pace = then, faster
    weights: Floats = at * pulled
    return weights


def _curved(kernel: "Floats", pulled: "Floats", vectors: "Floats") -> "Floats":
    pull = pulled * vectors
    out: Floats = pulled * (kernel @ pull + pull.sum(axis=0))
    return out


def _steepest(kernel: "Floats", pulled: "Floats", ridge: "Floats") -> "Floats":
    """The largest eigenvalue of each dual's curvature, or a little more."""
    vectors = np.abs(pulled)
    for _ in range(12):
        vectors = vectors / np.linalg.norm(vectors, axis=0)
        vectors = _curved(kernel, pulled, vectors) + ridge * vectors
    largest: Floats = np.linalg.norm(vectors, axis=0) * np.float32(1.05)
    return largest


def tfidf(texts: Sequence[str], fitted_on: Sequence[int]) -> SparseRows:
    """Words, their logarithmic counts and rarity among some of the texts, rows of length one."""
    counted = [Counter(words(text)) for text in texts]
    papers = Counter(word for i in fitted_on for word in counted[i])
    place = {word: i for i, word in enumerate(papers)}
    rarity = np.log((len(fitted_on) + 1) / (np.array(list(papers.values())) + 1)) + 1
    found = [sorted((place[w], n) for w, n in counts.items() if w in place) for counts in counted]
    starts = np.cumsum([0, *map(len, found)])
    columns, counts = np.array([pair for row in found for pair in row], np.int32).reshape(-1, 2).T
    values = (1 + np.log(counts)) * rarity[columns]
    rows = np.repeat(np.arange(len(texts)), np.diff(starts))
    lengths = np.sqrt(np.bincount(rows, values**2, len(texts)))
    return SparseRows(np.ascontiguousarray(columns), (values / lengths[rows]).astype(np.float32), starts, len(place))


def newest_first_weights(ages: Sequence[float]) -> "Floats":
    """1 / (1 + log10(place)) by age, the newest at place 1; they add up to 1. Equal ages keep their order."""
    place = np.empty(len(ages), np.int64)
    place[np.argsort(np.asarray(ages), kind="stable")] = np.arange(1, len(ages) + 1)
    weights = 1 / (1 + np.log10(place))
    shares: Floats = (weights / weights.sum()).astype(np.float32)
    return shares


class Others:
    """The libraries of all readers (readers, papers), 1 where a reader has a paper; asked without the reader's own."""

    def __init__(self, libraries: "Floats") -> None:
        self._has = libraries
        self._together = libraries.T @ libraries

    def popularity(self, reader: int) -> "Floats":
        """How many other readers have each paper."""
        out: Floats = np.diag(self._together) - self._has[reader]
        return out

    def likeness(self, reader: int, liked: "Sequence[int] | Rows") -> "Floats":
        """For each paper the sum of its cosines with the liked ones, as columns of the other readers' libraries."""
        own = self._has[reader]
        many = np.maximum(np.diag(self._together) - own, 0)
        together = self._together[:, liked] - np.outer(own, own[liked])
        np.maximum(together, 0, out=together)
        out: Floats = (together / np.sqrt(np.maximum(np.outer(many, many[liked]), 1))).sum(axis=1)
        return out
