"""How the scores of words and of meaning become one order: pure arithmetic on the candidates of one query.

Every candidate has a score from every part, whichever part proposed it. The scores of a part are put on a common
scale by the spread they have over the candidates (z-scores); a sum of these beat fused ranks and was as good as
min-max scores or better on SciFact, Cranfield and NFCorpus (docs/benchmarks.md). Feedback then moves each query
vector towards the first hits, and the same candidates are scored once more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

TRUST_TRANSFORMER = 1.0
"""What a sentence transformer's cosines weigh against words where `semantic_weight` is a half."""

TRUST_STATIC = 0.5
"""The same for a mean of static word vectors: alone they rank clearly below words (.55 to .70 nDCG@10 on SciFact)."""

TRUST_LEARNT = 0.5
"""The same for what the library itself taught, as a second opinion beside an encoder: .4 to .6 gave the same."""

TRUST_LEARNT_ALONE = 0.75
"""The same where nothing else finds by meaning: .75 to 1.25 gave the same."""

FEEDBACK_HITS = 5
FEEDBACK_WEIGHT = 0.4
"""Rocchio's beta for the mean of the first hits, against 1 for the query: .3 to .5 gave the same within .003."""

FEEDBACK_FALL = 8
"""Power of a hit's score, relative to the best, that it counts with in that mean: where one hit stands out it speaks
almost alone (half the score counts 1/256), where many are alike they speak together. 6 to 10 gave the same."""

_FLAT = 1e-9  # a spread below this share of the scores' size is rounding, not information


@dataclass(frozen=True, slots=True)
class Part:
    """The scores (n,) that one part gave the candidates: higher is better, NaN where it does not know one."""

    name: str
    scores: "NDArray[np.floating]"
    trust: float = 1.0


@dataclass(frozen=True, slots=True)
class Fused:
    """Candidates in their order. `scores` lie in 0 to 1, where 1 is the best candidate of every part at once.

    `shares` has a row per part, words first: what that part gave to the score; the rows add up to `scores`.
    """

    ids: "NDArray[np.int64]"
    scores: "Floats"
    shares: "Floats"
    names: tuple[str, ...]


def fuse(ids: "NDArray[np.int64]", words: Part, meaning: Sequence[Part], semantic_weight: float) -> Fused:
    """Order distinct candidates by (1 - w) * words + w * sum of trust * meaning, each in spreads; ties by id.

    With `semantic_weight` 0, or no part of meaning, the order is that of the words alone; with 1 they do not count.
    """
    weight = min(max(semantic_weight, 0.0), 1.0) if meaning else 0.0
    weights = [1.0 - weight, *(weight * part.trust for part in meaning)]
    parts = (words, *meaning)
    by_id = np.argsort(ids, kind="stable")
    shares = np.zeros((len(parts), len(ids)))
    for row, part, w in zip(shares, parts, weights, strict=True):
        if w > 0:
            row += w * above_least(np.asarray(part.scores, np.float64)[by_id])
    best = float(shares.max(axis=1).sum()) if len(ids) else 0.0
    if best > 0:
        shares /= best
    scores = shares.sum(axis=0)
    order = np.lexsort((ids[by_id], -scores))
    return Fused(ids[by_id][order], scores[order], shares[:, order], tuple(part.name for part in parts))


def above_least(scores: "Floats") -> "Floats":
    """How many standard deviations each score lies above the least; an unknown (NaN) counts as the mean.

    All zeros where there is no spread. The shift to the least changes no order and keeps shares positive.
    """
    known = scores[~np.isnan(scores)]
    if not len(known):
        return np.zeros(len(scores))
    spread = float(known.std())
    if spread <= _FLAT * float(np.abs(known).max()):
        return np.zeros(len(scores))
    filled = np.where(np.isnan(scores), known.mean(), scores)
    above: Floats = (filled - known.min()) / spread
    return above


def feedback(query: "NDArray[np.float32]", hits: "NDArray[np.float32]", scores: "Floats") -> "NDArray[np.float32]":
    """The unit query vector (dim,) moved towards the first hits, unit rows (n, dim), the more the higher their scores.

    Rocchio's relevance feedback with the first hits taken as relevant (SMART Retrieval System, 1971, chapter 14);
    a row of zeros is a hit without a vector.
    """
    best = float(scores.max()) if len(scores) else 0.0
    if best <= 0:
        return query
    counts = ((scores / best) ** FEEDBACK_FALL).astype(np.float32)
    return _unit(query + np.float32(FEEDBACK_WEIGHT) * _unit(np.einsum("n,nd->d", counts, hits)))


def _unit(vector: "NDArray[np.float32]") -> "NDArray[np.float32]":
    length = np.float32(np.linalg.norm(vector))
    return vector / length if length > 0 else vector
