"""From a query's nodes to what tantivy runs. Any node has a query here; none raises."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import tantivy
from msgspec import Struct
from msgspec import field as struct_field
from tantivy import Occur, Query

from broadsheet.search import lexical_schema as lexical
from broadsheet.search.query import And, Field, Filter, Must, Node, Not, Or, Phrase, Prefix, Range, Word, items_of
from broadsheet.search.query_values import WAYS_TO, known_id
from broadsheet.text.function_words import FUNCTION_WORDS

STOP_WORDS = FUNCTION_WORDS
"""Bare words that are left out beside others: they cost the most to score, and without them ranking is better
(nDCG@10 +.002 on SciFact, +.008 on Cranfield, +.009 on NFCorpus)."""

_EXPANSIONS = 200  # words of titles that a beginning of a word is taken to mean beside all stems that begin so
_REMEMBERED = 256
_NAME_GAP = 1  # words that may stand between two words of a name: `Jane Doe` finds `Jane Q. Doe`


class FieldWeights(Struct, frozen=True):
    """What a bare word's BM25 counts in each field.

    A word in the title counts a little more: .1 to .3 all added .003 to .007 nDCG@10 on SciFact, Cranfield, NFCorpus.
    """

    text: float = 1.0
    title: float = 0.15
    authors: float = 1.0


Counts = dict[str, Counter[str]]
"""By field, how many papers have each value."""

Alike = Mapping[int, Sequence[tuple[str, int]]]
"""Words that begin alike, by their length, each with how many papers have it."""


class Compiler(Struct, frozen=True):
    """Compiles for one state of an index, whose vocabulary it looks up.

    `counts`: what `facets` remembers of words; `alike`: what `suggest` does.
    """

    searcher: tantivy.Searcher
    weights: FieldWeights = FieldWeights()
    known: dict[tuple[Node, str | None], Query] = struct_field(default_factory=dict)
    counts: dict[str, Counts | None] = struct_field(default_factory=dict)
    alike: dict[tuple[str, str], Alike] = struct_field(default_factory=dict)

    def query(self, node: Node, field: str | None = None) -> Query:
        """What finds and scores the papers of a node; `field` is the text field it is about, None for all.

        The last ones are remembered: a search asks for the same some five times.
        """
        found = self.known.get((node, field))
        if found is None:
            if len(self.known) >= _REMEMBERED:
                self.known.clear()
            found = self.known[node, field] = self._query(node, field)
        return found

    def _query(self, node: Node, field: str | None) -> Query:
        if isinstance(node, And):
            return self._sequence(node.items, field)
        if isinstance(node, Or):
            return either(self.query(item, field) for item in node.items)
        if isinstance(node, Word | Prefix | Not):
            return self._sequence((node,), field)
        if isinstance(node, Must):
            return self._sequence((node.body,), field)
        if isinstance(node, Field):
            return self.query(node.body, node.name)
        if isinstance(node, Phrase):
            return phrase(node.text, field)
        return filtered(node)

    def _sequence(self, items: Sequence[Node], field: str | None) -> Query:
        words = [item for item in items if isinstance(item, Word | Prefix)]
        clauses = [(Occur.Must, self.query(item, field)) for item in items if not isinstance(item, Word | Prefix | Not)]
        optional = self._optional(words, field)
        if optional:
            clauses.append((Occur.Must, either(optional)))
        elif words and not clauses:
            return Query.empty_query()
        excluded = [(Occur.MustNot, self.query(item.body, field)) for item in items if isinstance(item, Not)]
        if not clauses:
            clauses = [(Occur.Must, every_paper())]
        if len(clauses) == 1 and not excluded:
            return clauses[0][1]
        return Query.boolean_query(clauses + excluded)

    def _optional(self, words: Sequence[Word | Prefix], field: str | None) -> list[Query]:
        """A query for each thing of which at least one must occur; a word typed twice counts twice."""
        starts = [self._prefix(word.text, field) for word in words if isinstance(word, Prefix)]
        typed = [word.text for word in words if isinstance(word, Word)]
        if field is not None:
            return starts + [both([in_field(field, term) for term in terms]) for terms in _contentful(typed, field)]
        tokens = _tokens(typed)
        ids = [term_query("ident", id) for id in map(_id_in, typed) if id is not None]
        found = (boosted(query, count) for token, count in tokens.items() for query in self.word(token))
        return [*starts, *ids, *found]

    def leaves(self, node: Node, field: str | None = None) -> Iterator[tuple[str, Query]]:
        """Each word, phrase and prefix that a paper is found by, as typed, with its query."""
        if isinstance(node, And | Or):
            for item in node.items:
                yield from self.leaves(item, field)
        elif isinstance(node, Must):
            yield from self.leaves(node.body, field)
        elif isinstance(node, Field):
            yield from self.leaves(node.body, node.name)
        elif isinstance(node, Word | Phrase | Prefix):
            text = str(node) if field is None else str(Field(field, node))
            yield text, self.query(node, field)

    def word(self, token: str) -> list[Query]:
        """Where a bare word, in lower case, may occur."""
        stem, weights = lexical.stem(token), self.weights
        places = (("text", stem, weights.text), ("title", stem, weights.title), ("authors", token, weights.authors))
        return [boosted(term_query(name, term), weight) for name, term, weight in places if weight and term]

    def bare_words(self, node: Node) -> tuple[str, ...]:
        """The words, in lower case, one of which a paper must have to be found; none where the query says more."""
        items = items_of(node)
        typed = [item.text for item in items if isinstance(item, Word)]
        if len(typed) < len(items) or any(_id_in(text) is not None for text in typed):
            return ()
        return tuple(_tokens(typed))

    def holders(self, token: str) -> Query:
        """What finds the papers of `word`, without a score: what a title has is in the text, too."""
        stem, named = lexical.stem(token), self.searcher.doc_freq("authors", token)
        if not (self.weights.text and self.weights.authors and stem):
            return either(self.word(token))
        return either([term_query("text", stem), *([term_query("authors", token)] if named else [])])

    def frequency(self, token: str) -> int:
        """How many papers have a word in their texts, or had it before they were changed."""
        return self.searcher.doc_freq("text", lexical.stem(token))

    def _prefix(self, text: str, field: str | None) -> Query:
        """Words that begin so: stems that do, and stems of title words that do (`networks*` is the stem `network`)."""
        *before, last = lexical.splitter().analyze(text) or [""]
        if not last:
            return Query.empty_query()
        name = _index_field(field)
        if before:
            terms = before if field == "author" else [lexical.stem(word) for word in before]
            return Query.phrase_prefix_query(lexical.schema(), name, [*terms, last])
        found = Query.regex_query(lexical.schema(), name, f"{last}.*")
        if field == "author":
            return found
        words = self.searcher.terms_with_prefix("plain", last, limit=_EXPANSIONS)
        stems = {lexical.stem(word) for word, _ in words}
        extra = sorted(term for term in stems if not term.startswith(last))
        sets = [term_set(name, extra)] if extra else []
        return either([found, *sets])


def _tokens(texts: Iterable[str]) -> Mapping[str, int]:
    """The words of texts, in lower case, with how often each is there; words like `the` are left out beside others."""
    tokens = Counter(token for text in texts for token in lexical.splitter().analyze(text))
    return {token: count for token, count in tokens.items() if token not in STOP_WORDS} or tokens


def every_paper() -> Query:
    """All papers, but not the document that holds the state of the index."""
    return Query.const_score_query(Query.exists_query("recency"), 0.0)


def either(queries: Iterable[Query]) -> Query:
    """At least one; scores add up."""
    found = list(queries)
    return found[0] if len(found) == 1 else Query.boolean_query([(Occur.Should, query) for query in found])


def both(queries: Sequence[Query]) -> Query:
    """All of them; scores add up."""
    return queries[0] if len(queries) == 1 else Query.boolean_query([(Occur.Must, query) for query in queries])


def boosted(query: Query, factor: float) -> Query:
    """The query with its score multiplied."""
    return query if factor == 1 else Query.boost_query(query, float(factor))


def term_query(name: str, term: str | int) -> Query:
    """One term of a field of the index; text fields are scored by how often it occurs."""
    return Query.term_query(lexical.schema(), name, term, "freq")


def term_set(name: str, terms: Sequence[str]) -> Query:
    """Any of the terms, without a score."""
    return Query.const_score_query(Query.term_set_query(lexical.schema(), name, terms), 0.0)


def phrase(text: str, field: str | None) -> Query:
    """Words one after the other. A name may be given with either part first."""
    terms = _analysed(text, field)
    if not terms:
        return Query.empty_query()
    if len(terms) == 1:
        return in_field(field, terms[0])
    if field == "author":
        orders = [terms, [*terms[1:], terms[0]], [terms[-1], *terms[:-1]]]
        return either(Query.phrase_query(lexical.schema(), "authors", [*order], _NAME_GAP) for order in orders)
    found = Query.phrase_query(lexical.schema(), _index_field(field), [*terms])
    return both([found, *(in_field(field, term) for term in terms)]) if field == "abstract" else found


def in_field(field: str | None, term: str) -> Query:
    """One term within a text field of the query language."""
    found = term_query(_index_field(field), term)
    if field != "abstract":
        return found
    return Query.boolean_query([(Occur.Must, found), (Occur.MustNot, term_query("outside", term))])


def filtered(node: Filter | Range) -> Query:
    """An exact property or a range of days; they do not score."""
    return Query.const_score_query(_days(node) if isinstance(node, Range) else _property(node), 0.0)


def _property(node: Filter) -> Query:
    if node.name == "id":
        return term_query("ident", node.value)
    value = node.value.lower()
    if node.name == "source" and (way := WAYS_TO.get(value)):
        return either((term_query("source", value), term_query("source", way)))
    return term_query(node.name, value)


def _days(node: Range) -> Query:
    """Papers without a day are in no range."""
    first = lexical.recency(node.start, 0) if node.start else 1 << lexical.ID_BITS
    last = lexical.recency(node.end, lexical.ID_MASK) if node.end else None
    return Query.range_query(lexical.schema(), "recency", tantivy.FieldType.Unsigned, first, last)


def _index_field(field: str | None) -> str:
    return {None: "text", "abstract": "text", "author": "authors"}.get(field, field or "text")


def _analysed(text: str, field: str | None) -> list[str]:
    analyser = lexical.splitter() if field == "author" else lexical.stemmer()
    return list(analyser.analyze(text))


def _contentful(texts: Sequence[str], field: str) -> list[list[str]]:
    """The terms of each word; words like `the` are left out beside others."""
    kept = [text for text in texts if text.lower() not in STOP_WORDS] or texts
    return [terms for terms in (_analysed(text, field) for text in kept) if terms]


def _id_in(text: str) -> str | None:
    return known_id(text) if any(map(str.isdigit, text)) else None
