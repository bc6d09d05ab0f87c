"""Search over a home: by words, by meaning and by both, at the newest commit of every index."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from broadsheet.config import Settings
from broadsheet.errors import SearchIndexError
from broadsheet.search import query as q
from broadsheet.search.opened import Opened
from broadsheet.search.result import Ranked, SearchResult, make_token, mark_of, read_token
from broadsheet.search.suggest import MISTAKES
from broadsheet.text import plain
from broadsheet.types import SEARCH_MODES, Hit, Paper
from broadsheet.words.said import Row, counted, said

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from broadsheet.search.filling import Feed
    from broadsheet.search.integrity import Found
    from broadsheet.search.lexical import LexicalIndex
    from broadsheet.search.meaning import Source
    from broadsheet.search.orders import Facets, Order
    from broadsheet.search.vectors import VectorSet
    from broadsheet.types import Progress

Fetch = Callable[[Sequence[int]], Mapping[int, Paper]]

NOTHING_SOUGHT = said("there is nothing in it to search for; write a word, an author or an id")

MOST = 1_000
"""Hits of one page."""

REMEMBERED = 64
"""Searches whose orders are kept, some 20 kB each: to turn a page, to mark a hit or to look again asks for the same."""

HITS_REMEMBERED = 100
"""Hits of a search that are kept, some 6 kB each: its first pages. Who reads on to the last fills no memory."""

_T = TypeVar("_T")

_readable = lru_cache(2_000)(plain)
"""Abstracts of hits, some kB each: many are those of another search, too."""


class _Plan(Struct, frozen=True):
    """A query as it will be run: `mode` is what can be done, `notes` say why it is not what was asked.

    `votes`: of the papers that come first, in their order.
    """

    ast: q.Node
    mode: str
    newest: bool
    notes: tuple[str, ...]
    sources: "tuple[Source, ...]" = ()
    votes: Mapping[int, int] | None = None


class _Ordered(Struct, frozen=True):
    """All that a search found, from which each of its pages is cut; facets are counted when they are asked for.

    `mark` names the order for the tokens of its pages. `hits`: those that were on a page, by store id.
    """

    plan: _Plan
    order: "Order"
    facets: "Callable[[], Facets]"
    mark: str
    hits: dict[int, Hit] = field(default_factory=dict)


class Engine:
    """Finds papers in a home, and keeps its indexes up. `fetch` gives papers by store id; missing ones are no hits."""

    def __init__(self, home: Path, settings: Settings, fetch: Fetch, *, models: Path | None = None) -> None:
        self._home, self._settings, self._fetch = home, settings, fetch
        self._models = models or home / "models"
        self._opened = Opened(home, self._models)
        self._ordered = lru_cache(REMEMBERED)(self._make_ordered)

    def search(
        self,
        text: str,
        *,
        mode: str = "hybrid",
        limit: int = 10,
        offset: int = 0,
        token: str | None = None,
        sort: str | Mapping[int, int] = "relevance",
        facets: bool = False,
    ) -> SearchResult:
        """A page of what a query finds. Nothing that a person types raises; `notes` tell how it was understood.

        `token` is the `next` of the page before and wins over `offset`. `sort` is `relevance` or `new`, or votes by
        store id in the order in which their papers are to come first.
        """
        started = time.perf_counter()
        page = _Page(max(0, min(limit, MOST)), max(0, offset), token)
        result = self._again(lambda: self._search(text, mode, page, sort, facets=facets))
        return replace(result, seconds=time.perf_counter() - started)

    def ranking(self, text: str, *, mode: str = "hybrid", limit: int = 100) -> list[tuple[int, float]]:
        """Store ids and scores of what `search` would list, and nothing else: for measuring."""
        words = self._opened.words()
        if words is None:
            return []
        order = self._order(words, self._plan(q.parse(text), mode, "relevance"))
        return [(r.id, r.score) for r in order.page(0, limit)]

    def related(self, paper_id: int, paper: Paper, limit: int = 10) -> tuple[Hit, ...]:
        """The papers most like this one: nearest in meaning, or without vectors those that share its title's words."""
        ranked = self._again(lambda: self._related(paper_id, paper, limit))
        found = self._fetch([r.id for r in ranked])
        return tuple(Hit(found[r.id], r.score, _why(r, {}), "") for r in ranked if r.id in found)

    def matching_ids(self, text: str, most: int) -> list[int]:
        """Store ids of what the words of a query find, best first."""
        words, parsed = self._opened.words(), q.parse(text)
        if words is None or _seeks_nothing(text, parsed):
            return []
        return [paper_id for paper_id, _ in words.search(parsed.ast, most).hits]

    def matching_since(self, text: str, after: int, most: int) -> tuple[int, list[int]]:
        """How many papers with a store id above `after` the words of a query find, and the newest of them."""
        return self._again(lambda: self._matching_since(text, after, most))

    def _matching_since(self, text: str, after: int, most: int) -> tuple[int, list[int]]:
        words, parsed = self._opened.words(), q.parse(text)
        return (0, []) if words is None or _seeks_nothing(text, parsed) else words.since(parsed.ast, after, most)

    def matching_among(self, text: str, ids: Sequence[int]) -> frozenset[int]:
        """Those of these papers that the words of a query find."""
        words, parsed = self._opened.words(), q.parse(text)
        return frozenset() if words is None or _seeks_nothing(text, parsed) else words.which(parsed.ast, ids)

    def known(self, words: Collection[str]) -> frozenset[str]:
        """Those of these words that papers have in their texts; all of them while there is no word index to ask."""
        index = self._opened.words()
        return frozenset(words) if index is None else index.known(words)

    def vector_sets(self) -> "tuple[dict[str, VectorSet], tuple[str, ...]]":
        """The complete sets of vectors that can be read, by a name that stands for this very set, and a sentence for
        each that cannot; none with `encoder = "none"`.
        """
        return ({}, ()) if self._settings.encoder == "none" else self._opened.vector_sets()

    def encoded(self, text: str) -> "dict[str, NDArray[np.float32]]":
        """A text as each of `vector_sets` has it, (dim,)."""
        return {} if self._settings.encoder == "none" else self._opened.encoded(text)

    def catch_up(self, feed: "Feed", progress: "Progress", *, learn: bool = True) -> None:
        """Bring every index to the newest change; what was cut short goes on from its last commit.

        Without `learn` what takes half a minute is left to `learn`.
        """
        from broadsheet.search.indexing import catch_up

        catch_up(self._home, self._models, self._settings.encoder, feed, progress, learn=learn)

    def learns_from(self, count: int) -> bool:
        """Whether a library of so many papers is learnt from at all."""
        from broadsheet.search.indexing import learns_from

        return learns_from(self._settings.encoder, count)

    def is_due_to_learn(self, count: int) -> bool:
        """Whether a library of so many papers should learn from them now."""
        from broadsheet.search.indexing import is_due_to_learn

        return is_due_to_learn(self._home, self._settings.encoder, count)

    def learn(self, feed: "Feed", progress: "Progress") -> None:
        """Learn from the papers what helps to find them by meaning: half a minute of work, and search goes on."""
        from broadsheet.search.indexing import learn

        learn(self._home, self._models, feed, progress)

    def rebuild(self, feed: "Feed", progress: "Progress") -> None:
        """Build every index anew beside the one that serves, and switch."""
        from broadsheet.search.indexing import catch_up

        catch_up(self._home, self._models, self._settings.encoder, feed, progress, anew=True)

    def stamps(self) -> tuple[tuple[int, int], ...]:
        """Number and time in ns of the files that commits of indexes replace: while they are the same, answers are."""
        return self._opened.stamps()

    def status(self, head: int) -> list[dict[str, object]]:
        """A row per index: name, count, seq, behind, state (ok, behind, filling, learning, damaged), size in bytes."""
        from broadsheet.search.indexing import states

        return states(self._home, head)

    def check(self, *, whole: bool = True) -> "list[Found]":
        """What is found of each index whose files are not what was written, or whose model cannot be read.

        Without `whole` nothing is read, and only models that are lost or cut off are told.
        """
        from broadsheet.search.integrity import Found, check, check_models

        found = check(self._home) if whole else []
        if self._settings.encoder != "none":
            found += check_models(self._home, self._models, whole=whole)
        found = list(dict.fromkeys(found))
        return found or ([Found(note) for note in self.vector_sets()[1]] if whole else [])

    def close(self) -> None:
        """Let go of all files."""
        self._opened = Opened(self._home, self._models)
        self._ordered.cache_clear()

    def _again(self, run: Callable[[], _T]) -> _T:
        """Run, and once more with all indexes opened anew: another process may have switched them meanwhile."""
        try:
            return run()
        except SearchIndexError:
            self.close()
            return run()

    def _search(
        self, text: str, mode: str, page: "_Page", sort: str | Mapping[int, int], *, facets: bool
    ) -> SearchResult:
        parsed = q.parse(text)
        if _seeks_nothing(text, parsed):
            return SearchResult(text, str(parsed.ast), mode, 0, (), notes=(*parsed.notes, NOTHING_SOUGHT))
        words = self._opened.words()
        if words is None:
            note = said(
                "nothing is indexed yet; `broadsheet up --once` or `import` fills the library, "
                "`broadsheet reindex` indexes what it has"
            )
            return SearchResult(text, str(parsed.ast), mode, 0, (), notes=(*parsed.notes, note))
        found = self._ordered(self.stamps(), text, mode, sort if isinstance(sort, str) else tuple(sort.items()))
        plan, order = found.plan, found.order
        offset, moved = page.start(found.mark)
        ranked = order.page(offset, page.limit)
        end = offset + len(ranked)
        lost = not ranked or not order.by_words
        return SearchResult(
            query=text,
            parsed=str(plan.ast),
            mode=plan.mode,
            total=order.total,
            hits=self._hits(words, found, ranked),
            facets=found.facets() if facets else {},
            notes=(*plan.notes, *moved, *([_by_meaning_alone(order.total)] if lost and ranked else [])),
            next=make_token(end, found.mark) if ranked and end < order.total else None,
            suggestion=words.suggest(plan.ast, None if lost else MISTAKES) if not offset else None,
        )

    def _make_ordered(self, _stamps: object, text: str, mode: str, sort: str | tuple[tuple[int, int], ...]) -> _Ordered:
        """What a search found, which is the same while the stamps of all indexes are."""
        words = self._opened.words()
        assert words is not None
        wanted = sort if isinstance(sort, str) else dict(sort)
        plan = self._plan(q.parse(text), mode, wanted)
        order = self._order(words, plan)
        mark = mark_of(str(plan.ast), plan.mode, wanted, words.seq, [s.vectors.manifest for s in plan.sources])
        return _Ordered(plan, order, cache(order.facets), mark)

    def _plan(self, parsed: q.Parsed, mode: str, sort: str | Mapping[int, int]) -> _Plan:
        """What can be done of what was asked."""
        ast, notes = parsed.ast, list(parsed.notes)
        if mode not in SEARCH_MODES:
            notes.append(said("there is no mode %(mode)s: searched hybrid; others are keyword and semantic", mode=mode))
            mode = "hybrid"
        votes, newest = (None, sort == "new") if isinstance(sort, str) else (sort, False)
        if (
            mode == "keyword"
            or newest
            or votes is not None
            or (mode == "hybrid" and self._settings.search.semantic_weight <= 0)
        ):
            if mode == "semantic":
                notes.append(said("this order lists what the words find"))
            return _Plan(ast, "keyword", newest, tuple(notes), votes=votes)
        text, why = q.text_of(ast), None
        if text and self._settings.encoder != "none":
            sources, troubles = self._opened.sources(text)
            if sources:
                return _Plan(ast, mode, newest, (*notes, *troubles), sources)
            why = Row(troubles) if troubles else said("there are no vectors yet")
        elif mode == "semantic":
            why = (
                said("meaning is switched off by the setting encoder")
                if text
                else said("nothing in the query has a meaning")
            )
        return _Plan(
            ast, "keyword", newest, (*notes, said("%(why)s: searched by words", why=why)) if why else tuple(notes)
        )

    def _order(self, words: "LexicalIndex", plan: _Plan) -> "Order":
        from broadsheet.search.orders import VotedOrder, WordOrder, hybrid_order, semantic_order

        if plan.votes is not None:
            return VotedOrder(words, plan.ast, plan.votes)
        if plan.mode == "keyword":
            return WordOrder(words, plan.ast, newest=plan.newest)
        if plan.mode == "semantic":
            return semantic_order(words, plan.ast, plan.sources)
        return hybrid_order(words, plan.ast, plan.sources, self._settings.search.semantic_weight)

    def _related(self, paper_id: int, paper: Paper, limit: int) -> Sequence[Ranked]:
        from broadsheet.search.orders import like_words

        text = f"{plain(paper.title)}. {plain(paper.abstract)}"
        sources = () if self._settings.encoder == "none" else self._opened.sources(text, paper_id)[0]
        if sources:
            from broadsheet.search.meaning import nearest

            return nearest(paper_id, sources, limit)
        words = self._opened.words()
        return like_words(words, paper_id, paper, limit) if words else ()

    def _hits(self, words: "LexicalIndex", found: _Ordered, ranked: Sequence[Ranked]) -> tuple[Hit, ...]:
        """The papers of a page with their reasons; those that are as they were on a page before are taken from it."""
        papers = self._fetch([r.id for r in ranked])
        hits = {i: hit for i, paper in papers.items() if (hit := found.hits.get(i)) and hit.paper == paper}
        fresh = [r for r in ranked if r.id in papers and r.id not in hits]
        if fresh:
            hits |= _explained(words, found.plan, fresh, papers)
        if len(found.hits) + len(fresh) <= HITS_REMEMBERED:
            found.hits.update(hits)
        return tuple(hits[r.id] for r in ranked if r.id in hits)


def _by_meaning_alone(count: int) -> str:
    return counted(
        "no paper has these words; this one is the nearest in meaning",
        "no paper has these words; these are the %(num)s nearest in meaning",
        count,
    )


def _seeks_nothing(text: str, parsed: q.Parsed) -> bool:
    """Whether something was typed, and nothing of it is a word or a condition: `+`, an emoji."""
    return parsed.ast == q.EVERYTHING and bool(text.strip())


class _Page(Struct, frozen=True):
    limit: int
    offset: int
    token: str | None

    def start(self, mark: str) -> tuple[int, tuple[str, ...]]:
        """Where the page begins, and a note if its token is of another order."""
        if self.token is None:
            return self.offset, ()
        read = read_token(self.token)
        if read is None:
            return self.offset, (said("the page's token is none of ours: this is the first page"),)
        if read[1] != mark:
            return read[0], (said("the library or the query has changed since the page before"),)
        return read[0], ()


def _explained(
    words: "LexicalIndex", plan: _Plan, ranked: Sequence[Ranked], papers: Mapping[int, Paper]
) -> Mapping[int, Hit]:
    """Hits by store id, each with its reasons and the passage that shows them."""
    from broadsheet.search.snippet import snippet, sought

    reasons, votes = words.why(plan.ast, [r.id for r in ranked]), plan.votes or {}
    wanted = sought(dict.fromkeys([*q.terms(plan.ast), *(term for found in reasons.values() for term in found)]))
    return {
        r.id: Hit(
            papers[r.id],
            r.score,
            _why(r, reasons[r.id]) | _voted(votes.get(r.id)),
            snippet(_readable(papers[r.id].abstract), wanted, reasons[r.id]),
        )
        for r in ranked
    }


def _voted(votes: int | None) -> dict[str, object]:
    """What an order by votes adds to the reasons."""
    return {} if votes is None else {"votes": votes}


def _why(ranked: Ranked, reasons: Mapping[str, float]) -> dict[str, object]:
    """Words with their weights, the shares of words and meaning in the score, and how near in meaning."""
    words = [{"word": word, "weight": round(weight, 3)} for word, weight in reasons.items()]
    words.sort(key=lambda row: (-float(str(row["weight"])), str(row["word"])))
    whole = ranked.lexical + ranked.semantic
    return {
        "words": words,
        "lexical": round(ranked.lexical / whole, 4) if whole else 0.0,
        "semantic": round(ranked.semantic / whole, 4) if whole else 0.0,
        "cosine": None if ranked.cosine is None else round(ranked.cosine, 4),
    }
