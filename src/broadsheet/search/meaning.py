"""Ranking by meaning and words together: candidates from every part, each scored by every part, fused, fed back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from broadsheet.search.fusion import (
    FEEDBACK_HITS,
    TRUST_LEARNT,
    TRUST_LEARNT_ALONE,
    TRUST_STATIC,
    TRUST_TRANSFORMER,
    Fused,
    Part,
    feedback,
    fuse,
)
from broadsheet.search.result import Ranked
from broadsheet.search.vectors import VectorFilter, VectorSet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from broadsheet.search.encoder import Encoder

    Ids = NDArray[np.int64]
    Found = tuple[Ids, NDArray[np.float32]]

CANDIDATES = 200
"""How many candidates each part proposes: 200 to 800 gave the same within .003, 100 find less at 100."""


@dataclass(frozen=True, slots=True)
class Source:
    """A set of vectors with the query as its model sees it. `trust` is its weight against words (see fusion)."""

    name: str
    trust: float
    vectors: VectorSet
    query: "NDArray[np.float32]"


@dataclass(frozen=True, slots=True)
class Pool:
    """The candidates in their order, with their cosines under the first source; `beyond`: found by meaning only."""

    fused: Fused
    cosines: "NDArray[np.float32]"
    beyond: "Ids"

    def __len__(self) -> int:
        return len(self.fused.ids)

    def ids(self) -> frozenset[int]:
        """Who is in it."""
        return frozenset(self.fused.ids.tolist())

    def nearest(self, count: int) -> "Pool":
        """The first alone of a pool to which words gave nothing."""
        fused = self.fused
        first = Fused(fused.ids[:count], fused.scores[:count], fused.shares[:, :count], fused.names)
        return Pool(first, self.cosines[:count], first.ids)

    def among(self, ids: "Ids") -> "Pool":
        """Those alone that are of these, of a pool to which words gave nothing."""
        fused = self.fused
        there = _marked(fused.ids, ids)
        kept = Fused(fused.ids[there], fused.scores[there], fused.shares[:, there], fused.names)
        return Pool(kept, self.cosines[there], kept.ids)

    def cut(self, offset: int, limit: int) -> list[Ranked]:
        """A piece of it."""
        piece, fused = slice(offset, offset + limit), self.fused
        semantic = fused.shares[1:, piece].sum(axis=0)
        columns = (fused.ids[piece], fused.scores[piece], fused.shares[0, piece], semantic, self.cosines[piece])
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return [Ranked(i, s, words, meaning, None if c != c else c) for i, s, words, meaning, c in rows]


Scores = Callable[["Ids"], "NDArray[np.float64]"]
"""Word scores of papers: 0 without any word, NaN where the query shuts the paper out."""


def rank(
    proposed: Mapping[int, float],
    scores: Scores,
    sources: Sequence[Source],
    where: VectorFilter,
    semantic_weight: float,
    narrowed_from: VectorFilter | None = None,
) -> Pool:
    """Order the candidates of words (`proposed`, with what `scores` gives them) and of every source.

    `where` must allow what `scores` allows. Papers without a word are candidates only where a source proposes them
    under `narrowed_from`, if there is one.
    """
    near = _nearest(sources, where)
    wide = _nearest(sources, narrowed_from) if narrowed_from else []
    # What is nearer than the last one that `where` let through has been let through, or never is.
    late = [ids[cos <= last[-1]] for (ids, cos), (_, last) in zip(wide, near, strict=False) if len(last) == CANDIDATES]
    ids = _distinct([np.fromiter(proposed, np.int64, len(proposed)), *(found for found, _ in near), *late])
    words = _word_scores(ids, proposed, scores)
    kept = ~np.isnan(words)
    if wide:
        kept &= (words > 0) | _marked(ids, np.concatenate([found for found, _ in wide]))
    ids, words = ids[kept], words[kept]
    stored = [source.vectors.some(ids) for source in sources]
    cosines = [some.cosines(source.query) for source, some in zip(sources, stored, strict=True)]
    fused = _fuse(ids, words, sources, cosines, semantic_weight)
    if semantic_weight > 0:
        top, said = np.searchsorted(ids, fused.ids[:FEEDBACK_HITS]), fused.scores[:FEEDBACK_HITS]
        moved = [
            some.cosines(feedback(source.query, some.vectors(top), said))
            for source, some in zip(sources, stored, strict=True)
        ]
        fused = _fuse(ids, words, sources, moved, semantic_weight)
    return Pool(fused, cosines[0][np.searchsorted(ids, fused.ids)], ids[words <= 0])


def _nearest(sources: Sequence[Source], where: VectorFilter) -> "list[Found]":
    return [source.vectors.search(source.query, CANDIDATES, where=where) for source in sources]


def _distinct(parts: "Sequence[Ids]") -> "Ids":
    """All ids, ascending. np.unique imports masked arrays when first called, which takes longer than a search."""
    ids = np.sort(np.concatenate(parts))
    first = np.ones(len(ids), np.bool_)
    first[1:] = ids[1:] != ids[:-1]
    return ids[first]


def _marked(ids: "Ids", some: "Ids") -> "NDArray[np.bool_]":
    """Which of the ids are among some others. np.isin asks np.unique."""
    return np.fromiter(map(frozenset(some.tolist()).__contains__, ids.tolist()), np.bool_, len(ids))


def _word_scores(ids: "Ids", proposed: Mapping[int, float], scores: Scores) -> "NDArray[np.float64]":
    """The scores of all candidates; only those are looked up that the words did not propose with one."""
    words = np.zeros(len(ids))
    words[np.searchsorted(ids, np.fromiter(proposed, np.int64, len(proposed)))] = np.fromiter(
        proposed.values(), np.float64, len(proposed)
    )
    unknown = words == 0
    if unknown.any():
        words[unknown] = scores(ids[unknown])
    return words


def make_source(encoder: "Encoder", vectors: VectorSet, text: str, trust: float) -> tuple[Source, ...]:
    """The source that a set is for a text; none where its model knows no word of it, or there are no vectors."""
    query = encoder.encode([text], query=True)[0]
    return (Source(encoder.name, trust, vectors, query),) if query.any() and len(vectors) else ()


def source_like(encoder: "Encoder", vectors: VectorSet, paper_id: int, text: str, trust: float) -> tuple[Source, ...]:
    """The source that a set is for a paper, by its vector; by its text where it has none yet."""
    stored = vectors.vectors_of([paper_id])[0]
    if not stored.any():
        return make_source(encoder, vectors, text, trust)
    return (Source(encoder.name, trust, vectors, stored / np.linalg.norm(stored)),)


def trust_of(kind: str, model: str, *, alone: bool) -> float:
    """What a set weighs against words; `alone` says that no other set is asked."""
    if kind == "learnt":
        return TRUST_LEARNT_ALONE if alone else TRUST_LEARNT
    return TRUST_STATIC if model.startswith("wordllama") else TRUST_TRANSFORMER


def nearest(paper_id: int, sources: Sequence[Source], limit: int) -> list[Ranked]:
    """The papers nearest to one, under all sources."""
    found = [source.vectors.search(source.query, CANDIDATES)[0] for source in sources]
    ids = _distinct(found)
    ids = ids[ids != paper_id]
    cosines = [source.vectors.cosines_of(source.query, ids) for source in sources]
    fused = _fuse(ids, np.zeros(len(ids)), sources, cosines, 1.0)
    return Pool(fused, cosines[0][np.searchsorted(ids, fused.ids)], ids).cut(0, limit)


def _fuse(
    ids: "Ids",
    words: "NDArray[np.float64]",
    sources: Sequence[Source],
    cosines: "Sequence[NDArray[np.float32]]",
    weight: float,
) -> Fused:
    meaning = [Part(s.name, found, s.trust) for s, found in zip(sources, cosines, strict=True)]
    return fuse(ids, Part("words", words), meaning, weight)
