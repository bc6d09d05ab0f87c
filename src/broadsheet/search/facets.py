"""How many of the papers that a query finds have which categories, years and sources, and what else a paper can have.

To count all papers of a common word takes longer than to rank them, so its counts are remembered for one state of the
index once it is asked again. Of papers that have the one or the other of two words there are as many as have the one
and as have the other, less those that have both, who are few.
"""

from collections import Counter
from collections.abc import Sequence

import tantivy
from tantivy import Occur, Query

from broadsheet.search.lexical_query import Compiler, Counts, both, either, term_query
from broadsheet.search.lexical_read import these
from broadsheet.search.query import Node, items_of
from broadsheet.search.query_values import WAYS_TO

FACETS = ("category", "year", "source", "has")
FACET_SIZE = 20

_VALUES = 2_000
"""Of a field: where a library has more, words are not counted apart."""

_MOST_WORDS = 3
"""Of a query, all but one of them remembered: with more words papers that have several are not few any more."""

_COMMON = 1_000
"""Papers of a word from which its counts are worth a place."""

_REMEMBERED = 256
"""Words, some 20 kB each."""


def facets(
    compiler: Compiler, ast: Node, fields: Sequence[str], size: int, beside: Sequence[int] = ()
) -> dict[str, dict[str, int]]:
    """For each field the commonest values among the papers found and those `beside`, with how many have it."""
    if not fields:
        return {}
    found = _by_words(compiler, ast, beside)
    if found is None:
        query = either((compiler.query(ast), *([these(beside)] if beside else [])))
        found = _counted(compiler.searcher, query, fields, size)
    return {field: _commonest(found[field], size) for field in fields}


def _commonest(counts: Counter[str], size: int) -> dict[str, int]:
    some = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:size]
    return {value: count for value, count in some if count}


def _by_words(compiler: Compiler, ast: Node, beside: Sequence[int]) -> Counts | None:
    """The same by what is remembered of the words of a query; None where that does not do."""
    words = compiler.bare_words(ast) if len(items_of(ast)) <= _MOST_WORDS else ()
    if not 0 < len(words) <= _MOST_WORDS:
        return None
    known = {word: counts for word in words if (counts := _of_word(compiler, word))}
    heads = list(known)[:2]
    if not heads or len(heads) < len(words) - 1:
        return None
    found = {field: Counter(known[heads[0]][field]) for field in FACETS}
    held = {word: compiler.holders(word) for word in words}
    if len(heads) > 1:
        _change(found, known[heads[1]], 1)
        _change(found, _counted(compiler.searcher, both([held[word] for word in heads]), FACETS, _VALUES), -1)
    rest = [*(held[word] for word in words if word not in heads), *([these(beside)] if beside else [])]
    if rest:
        others = [(Occur.Must, either(rest)), *((Occur.MustNot, held[word]) for word in heads)]
        _change(found, _counted(compiler.searcher, Query.boolean_query(others), FACETS, _VALUES), 1)
    return found


def _change(found: Counts, more: Counts, by: int) -> None:
    for field, counts in more.items():
        values = found[field]
        for value, count in counts.items():
            values[value] += by * count


def _of_word(compiler: Compiler, word: str) -> Counts | None:
    """What is remembered of a common word, from the second time on that it is asked; of any other nothing."""
    memory = compiler.counts
    if (known := memory.get(word)) is not None:
        return known
    if word in memory:
        known = _counted(compiler.searcher, compiler.holders(word), FACETS, _VALUES)
        known = {} if any(len(values) >= _VALUES for values in known.values()) else known
    elif compiler.frequency(word) < _COMMON:
        return None
    if len(memory) >= _REMEMBERED:
        memory.clear()
    memory[word] = known
    return known


def _counted(searcher: tantivy.Searcher, query: Query, fields: Sequence[str], size: int) -> Counts:
    ask = {field: {"terms": {"field": field, "size": size}} for field in fields}
    found = searcher.aggregate(query, ask)
    counts = {field: Counter({_value(b["key"]): b["doc_count"] for b in found[field]["buckets"]}) for field in fields}
    if "source" in counts:
        _join_ways(searcher, query, counts["source"])
    return counts


def _join_ways(searcher: tantivy.Searcher, query: Query, counts: Counter[str]) -> None:
    """Count a source with the other way to it as one; papers that came on both are one paper each."""
    for source, way in WAYS_TO.items():
        other = counts.pop(way, 0)
        if other and counts[source]:
            ways = [query, *(term_query("source", name) for name in (source, way))]
            counts[source] -= searcher.search(both(ways), 1).count  # type: ignore[attr-defined]  # the stubs leave it out
        if other:
            counts[source] += other


def _value(key: object) -> str:
    return f"{key:.0f}" if isinstance(key, float) else str(key)
