"""What is asked of one state of the word index: hits in a total order, scores of given papers, counts, reasons."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import tantivy
from msgspec import Struct
from tantivy import Occur, Query

from broadsheet.search import lexical_schema as lexical
from broadsheet.search.lexical_query import Compiler, either
from broadsheet.search.query import EVERYTHING, And, Node, Prefix, Word, items_of, restrictions, sought

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ids = NDArray[np.int64]

_DIGITS = 4  # of a score that count: the engine adds up a paper's words in an order that differs between segments
_UNITS = 10**_DIGITS
_FEW = 512  # ids up to which a choice of terms takes half the time of a set of them or less
_EXTRA, _MORE = 32, 512  # hits beyond the page that are looked at, to see whether a tie runs over its end
_DEPTH = 16_384  # hits that are looked at in the end; if all the last ones tie, they stay in the engine's order


class LexicalHits(Struct, frozen=True):
    """A page of the papers found: store ids with their scores, and how many there are in all."""

    total: int
    hits: tuple[tuple[int, float], ...]


def search(
    compiler: Compiler, ast: Node, limit: int, offset: int, *, by_date: bool = False, count: bool = True
) -> LexicalHits:
    """A page of a total order: by score and newest first in a tie, or by day."""
    query, searcher = compiler.query(ast), compiler.searcher
    wanted = max(0, min(limit, searcher.num_docs - max(0, offset)))
    if wanted == 0 or by_date or all(isinstance(leaf, Prefix) for leaf in sought(ast)):
        return _newest(searcher, query, wanted, max(0, offset), count=count)
    return _best(searcher, query, wanted, max(0, offset), count=count)


def _newest(searcher: tantivy.Searcher, query: Query, limit: int, offset: int, *, count: bool) -> LexicalHits:
    if limit == 0:
        return LexicalHits(_total(searcher.search(query, 1)) if count else 0, ())
    found = searcher.search(query, limit, count=count, order_by_field="recency", offset=offset)
    hits = tuple((key & lexical.ID_MASK, 0.0) for key, _ in found.hits)
    return LexicalHits(_total(found) if count else offset + len(hits), hits)


def _best(searcher: tantivy.Searcher, query: Query, limit: int, offset: int, *, count: bool) -> LexicalHits:
    """By score; hits of one score, newest first, are looked at together, so that pages of any size agree."""
    end = offset + limit
    deepest = max(_DEPTH, 1 << (2 * end).bit_length())
    for ask in (end + _EXTRA, end + _MORE, deepest):
        found = searcher.search(query, ask, count=count)
        scores = [round(score * _UNITS) for score, _ in found.hits]  # exact, as scores are of single precision
        whole = len(scores) < ask
        if whole or scores[-1] < scores[end - 1]:
            break
    ranked = list(zip(scores, _keys(searcher, found.hits), strict=True))
    cut = len(ranked) if whole else scores.index(scores[-1])
    order = sorted(ranked[:cut], reverse=True) + ranked[cut:]
    page = tuple((key & lexical.ID_MASK, score / _UNITS) for score, key in order[offset:end])
    return LexicalHits(_total(found) if count else len(scores), page)


def _keys(searcher: tantivy.Searcher, hits: Sequence[tuple[object, tantivy.DocAddress]]) -> list[int]:
    values = searcher.fast_field_values("recency", [address for _, address in hits])
    return [int(value) for value in values if value is not None]


def _total(found: tantivy.SearchResult) -> int:
    total: int = found.count  # type: ignore[attr-defined]  # the stubs leave it out
    return total


def score(compiler: Compiler, ast: Node, ids: Sequence[int]) -> dict[int, float]:
    """The scores of those of these papers that the query finds."""
    return _among(compiler.searcher, compiler.query(ast), ids)


def scores(compiler: Compiler, ast: Node, ids: "Ids") -> "NDArray[np.float64]":
    """A score for each paper, without the bare words it lacks; NaN where the query shuts it out."""
    import numpy as np

    asked, rest = ids.tolist(), restrictions(ast)
    words = And(tuple(item for item in items_of(ast) if isinstance(item, Word | Prefix)))
    clauses = [(Occur.Must, compiler.query(rest))] if rest != EVERYTHING else []
    if words.items:
        clauses.append((Occur.Should, compiler.query(words)))
    found = _scored(compiler.searcher, [*clauses, _unscored(asked)], len(asked))
    return np.array([found.get(i, np.nan) for i in asked], np.float64)


def which(compiler: Compiler, ast: Node, ids: Sequence[int]) -> frozenset[int]:
    """Those of these papers that the query finds."""
    return frozenset(_among(compiler.searcher, compiler.query(ast), ids))


def _among(searcher: tantivy.Searcher, query: Query, ids: Sequence[int]) -> dict[int, float]:
    return _scored(searcher, [(Occur.Must, query), _unscored(ids)], len(ids)) if ids else {}


def _scored(searcher: tantivy.Searcher, clauses: Sequence[tuple[Occur, Query]], most: int) -> dict[int, float]:
    hits = searcher.search(Query.boolean_query(clauses), most, count=False).hits
    return {key & lexical.ID_MASK: score for key, (score, _) in zip(_keys(searcher, hits), hits, strict=True)}


def _unscored(ids: Sequence[int]) -> tuple[Occur, Query]:
    """The demand that a paper is one of these."""
    return Occur.Must, Query.const_score_query(these(ids), 0.0)


def these(ids: Sequence[int]) -> Query:
    """What finds the papers of these ids."""
    schema = lexical.schema()
    if 0 < len(ids) <= _FEW:
        return either([Query.term_query(schema, "id", i, "freq") for i in ids])
    return Query.term_set_query(schema, "id", ids)


def since(compiler: Compiler, ast: Node, after: int, limit: int) -> tuple[int, list[int]]:
    """How many papers with an id above `after` a query finds, and the ids of the newest of them."""
    later = Query.range_query(lexical.schema(), "id", tantivy.FieldType.Integer, after + 1, lexical.ID_MASK)
    found = _newest(
        compiler.searcher,
        Query.boolean_query([(Occur.Must, compiler.query(ast)), (Occur.Must, later)]),
        limit,
        0,
        count=True,
    )
    return found.total, [paper_id for paper_id, _ in found.hits]


def matching(compiler: Compiler, ast: Node, limit: int) -> "Ids | None":
    """All papers the query finds, ids ascending; None if they are more than `limit`."""
    import numpy as np

    query, searcher = compiler.query(ast), compiler.searcher
    if limit <= 0 or _total(searcher.search(query, 1)) > limit:
        return None
    hits = searcher.search(query, limit, count=False, order_by_field="recency").hits
    keys = np.fromiter((key for key, _ in hits), np.int64, len(hits))
    return np.sort(keys & lexical.ID_MASK)


def why(compiler: Compiler, ast: Node, ids: Sequence[int]) -> dict[int, Mapping[str, float]]:
    """For each paper the words of the query that it has, with what they add to its score."""
    reasons: dict[int, dict[str, float]] = {paper_id: {} for paper_id in ids}
    among, searcher = _unscored(ids), compiler.searcher
    for name, query in compiler.leaves(ast) if ids else ():
        for paper_id, weight in _scored(searcher, [(Occur.Must, query), among], len(ids)).items():
            reasons[paper_id][name] = round(weight, _DIGITS)
    return dict(reasons)
