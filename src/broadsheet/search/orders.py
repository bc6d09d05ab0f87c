"""The total order of a search, from which every page is cut: the same whatever page is asked for.

What words and meaning propose is fused and comes first; what else the words find follows in the order of the words.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from functools import partial
from typing import TYPE_CHECKING, Protocol

from broadsheet.search.lexical import LexicalIndex
from broadsheet.search.lexical_schema import splitter
from broadsheet.search.query import And, Node, Word, filters, restrictions
from broadsheet.search.query_change import unnarrowed
from broadsheet.search.result import Ranked
from broadsheet.text import plain
from broadsheet.types import Paper

if TYPE_CHECKING:
    from broadsheet.search.meaning import Pool, Source
    from broadsheet.search.vectors import VectorFilter

_FEW = 16_384  # papers that are scored one by one as fast as a first pass would find them

BY_MEANING_ALONE = 20
"""Papers that a query gets of which no paper has a word: a page to look through. Some are always the nearest, also to
what means nothing, and nothing but their meaning speaks for them."""

Cut = Callable[[int, int], Sequence[Ranked]]
"""A piece of an order: from an offset, so many."""

Facets = Mapping[str, Mapping[str, int]]
"""For each field its commonest values with how many papers have them."""


class Order(Protocol):
    """A total order of what a search finds."""

    @property
    def total(self) -> int:
        """How many it finds; known once a page was cut."""

    @property
    def by_words(self) -> int:
        """How many of them the words find; known once a page was cut."""

    def page(self, offset: int, limit: int) -> Sequence[Ranked]:
        """A piece of it."""

    def facets(self) -> Facets:
        """Counts over all of it."""


class WordOrder:
    """What the words find, best first, or newest first."""

    def __init__(self, words: LexicalIndex, ast: Node, *, newest: bool) -> None:
        self._words, self._ast, self._newest = words, ast, newest
        self._best: float | None = None
        self.total = self.by_words = 0

    def page(self, offset: int, limit: int) -> Sequence[Ranked]:
        """A piece of it; scores are relative to the best hit's."""
        found = self._words.search(self._ast, limit, offset, order="date" if self._newest else "relevance")
        self.total = self.by_words = found.total
        best = found.hits[0][1] if offset == 0 and found.hits else self._highest()
        shares = [(paper_id, score / best if best else 0.0) for paper_id, score in found.hits]
        return [Ranked(paper_id, share, share, 0.0) for paper_id, share in shares]

    def facets(self) -> Facets:
        """Counts over all of it."""
        return self._words.facets(self._ast)

    def _highest(self) -> float:
        if self._best is None:
            first = self._words.search(self._ast, 1, count=False).hits
            self._best = first[0][1] if first else 0.0
        return self._best


class VotedOrder:
    """What the words find, those with votes first, in the order of `votes`; then the others, newest first."""

    def __init__(self, words: LexicalIndex, ast: Node, votes: Mapping[int, int]) -> None:
        self._words, self._ast = words, ast
        there = words.which(ast, list(votes))
        self._head = [paper_id for paper_id in votes if paper_id in there]
        self.total = self.by_words = 0

    def page(self, offset: int, limit: int) -> Sequence[Ranked]:
        """A piece of it, without scores: words have no say in it."""
        head = self._head[offset : offset + limit]
        start, wanted = max(0, offset - len(self._head)), limit - len(head)
        found = self._words.search(self._ast, start + wanted + len(self._head) if wanted else 0, order="date")
        self.total = self.by_words = found.total
        voted = set(self._head)
        others = [paper_id for paper_id, _ in found.hits if paper_id not in voted]
        return [Ranked(paper_id, 0.0, 0.0, 0.0) for paper_id in (*head, *others[start : start + wanted])]

    def facets(self) -> Facets:
        """Counts over all of it."""
        return self._words.facets(self._ast)


class PoolOrder:
    """Fused candidates, then the rest."""

    def __init__(self, pool: "Pool", rest: Cut, facets: Callable[[], Facets], *, total: int, by_words: int) -> None:
        self.pool, self._rest, self.facets = pool, rest, facets
        self.total, self.by_words = max(total, len(pool)), by_words

    def page(self, offset: int, limit: int) -> Sequence[Ranked]:
        """A piece of it."""
        head = self.pool.cut(offset, limit)
        if len(head) < limit and self.total > len(self.pool):
            head += self._rest(max(0, offset - len(self.pool)), limit - len(head))
        return head


def hybrid_order(words: LexicalIndex, ast: Node, sources: "Sequence[Source]", semantic_weight: float) -> PoolOrder:
    """Words and meaning fused, then what else the words find; of a query of which no paper has a word, the nearest.

    Of a narrowed query meaning alone finds what it finds of the whole one, as far as that satisfies the conditions.
    """
    from broadsheet.search.meaning import CANDIDATES, rank

    found, whole, where = words.search(ast, CANDIDATES), unnarrowed(ast), allowed(words, ast)
    wide, scores = None if whole == ast else allowed(words, whole), partial(words.scores, ast)
    pool = rank(dict(found.hits), scores, sources, where, semantic_weight, wide)
    if not found.total and wide:
        pool = pool.among(hybrid_order(words, whole, sources, semantic_weight).pool.beyond)
    if not found.total and not (wide and len(pool)):
        pool = (rank({}, scores, sources, where, semantic_weight) if wide else pool).nearest(BY_MEANING_ALONE)
    rest = _rest_of_words(words, ast, pool.ids(), len(found.hits))
    return PoolOrder(
        pool,
        rest,
        lambda: words.facets(ast, beside=pool.beyond.tolist()),
        total=found.total + len(pool.beyond),
        by_words=found.total,
    )


def semantic_order(words: LexicalIndex, ast: Node, sources: "Sequence[Source]") -> PoolOrder:
    """By meaning alone: the fused candidates, then all other papers that have vectors, by the first source.

    Of a query of which no paper has a word, whatever it is narrowed to, the nearest alone.
    """
    from broadsheet.search.meaning import rank

    where, by_words = allowed(words, ast), words.search(unnarrowed(ast), 0).total
    if not by_words:
        return hybrid_order(words, ast, sources, 1.0)
    pool = rank({}, lambda ids: words.scores(ast, ids), sources, where, 1.0)
    there = pool.ids()
    first = sources[0]

    def rest(offset: int, limit: int) -> Sequence[Ranked]:
        ids, cosines = first.vectors.search(first.query, offset + limit + 2 * len(there), where=where)
        shut_out = set(ids.tolist()) - words.which(restrictions(ast), ids.tolist()) if str(restrictions(ast)) else set()
        others = [(i, c) for i, c in zip(ids.tolist(), cosines.tolist(), strict=True) if i not in there | shut_out]
        return [Ranked(i, 0.0, 0.0, 0.0, c) for i, c in others[offset : offset + limit]]

    whole = restrictions(ast)
    return PoolOrder(pool, rest, lambda: words.facets(whole), total=words.search(whole, 0).total, by_words=by_words)


def allowed(words: LexicalIndex, ast: Node) -> "VectorFilter":
    """What meaning may find: days and categories, or the very papers where the query says more and they are few."""
    from broadsheet.search.vectors import VectorFilter

    wanted = filters(ast)
    if not wanted.complete:
        few = words.matching(restrictions(ast), _FEW)
        if few is not None:
            return VectorFilter(ids=few)
    return VectorFilter(since=wanted.since, until=wanted.until, categories=wanted.categories)


def like_words(words: LexicalIndex, paper_id: int, paper: Paper, limit: int) -> Sequence[Ranked]:
    """The papers that share the most and rarest words with a title."""
    ast = And(tuple(Word(word) for word in dict.fromkeys(splitter().analyze(plain(paper.title)))))
    found = [(i, score) for i, score in words.search(ast, limit + 1).hits if i != paper_id][:limit]
    best = found[0][1] if found else 0.0
    return [Ranked(i, score / best, score / best, 0.0) for i, score in found if best > 0]


def _rest_of_words(words: LexicalIndex, ast: Node, there: Set[int], proposed: int) -> Cut:
    """What the words find beyond the first `proposed`, without what is in the pool; scored 0."""

    def cut(offset: int, limit: int) -> Sequence[Ranked]:
        found = words.search(ast, offset + limit + len(there), proposed, count=False)
        others = [paper_id for paper_id, _ in found.hits if paper_id not in there]
        return [Ranked(paper_id, 0.0, 0.0, 0.0) for paper_id in others[offset : offset + limit]]

    return cut
