"""How fast searches are at N papers, beside bare tantivy with the same words, interleaved query by query."""

import random
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import tantivy

from bench import corpus, made_library, plain
from bench.isolate import isolated
from bench.report import Table, ms, percentile, ratio

PAPERS, PAPERS_QUICK = 1_000_000, 20_000
QUERIES, ROUNDS, TOP = 200, 3, 10
WORDS_ASKED, HYBRID_ASKED, HYBRID_MS = 1.5, 3.0, 60
FILTERS = " cat:cs.CL since:2015 until:2017"


BARE = "bare tantivy"


def queries(count: int = QUERIES) -> list[str]:
    """Pieces of real titles, three to eight words each."""
    chance = random.Random(corpus.SEED)
    titles = sorted({row["title"] for row in corpus.listing_rows()})
    made = []
    for title in chance.sample(titles, count):
        words = re.findall(r"\w+", title)
        length = min(len(words), chance.randint(3, 8))
        start = chance.randint(0, len(words) - length)
        made.append(" ".join(words[start : start + length]))
    return made


def times(home: str, bare: str) -> dict[str, list[float]]:
    """The best of some rounds for each query, in seconds, by kind of search."""
    from broadsheet.library.find import SearchAsk, search

    index = tantivy.Index(plain.schema(), bare)
    searcher = index.searcher()

    def bare_search(text: str) -> object:
        hits = searcher.search(index.parse_query(text.lower(), ["title", "abstract"]), TOP).hits
        return searcher.fast_field_values("number", [address for _, address in hits])

    with made_library.library(Path(home)) as lib:

        def through(mode: str, more: str = "") -> Callable[[str], object]:
            return lambda text: search(lib, SearchAsk(text + more, mode, TOP))

        def numbers(mode: str) -> Callable[[str], object]:
            return lambda text: lib.engine.ranking(text, mode=mode, limit=TOP)

        modes = ("keyword", "hybrid", "semantic")
        kinds = {BARE: bare_search, **{mode: through(mode) for mode in modes}}
        kinds |= {f"{mode}, filtered": through(mode, FILTERS) for mode in modes}
        kinds |= {f"{mode}, ids alone": numbers(mode) for mode in modes}
        asked = queries()
        for text in asked[:10]:
            for ask in kinds.values():
                ask(text)
        return dict(zip(kinds, _best(kinds.values(), asked), strict=True))


def _best(kinds: Iterable[Callable[[str], object]], asked: list[str]) -> list[list[float]]:
    rounds = [[[_timed(ask, text) for ask in kinds] for text in asked] for _ in range(ROUNDS)]
    return [[min(r[q][k] for r in rounds) for q in range(len(asked))] for k in range(len(rounds[0][0]))]


def _timed(ask: Callable[[str], object], text: str) -> float:
    began = time.perf_counter()
    ask(text)
    return time.perf_counter() - began


def run(*, quick: bool) -> Table:
    """Words, meaning and both, in one process that stays open."""
    count = PAPERS_QUICK if quick else PAPERS
    home, bare = made_library.home_of(count), made_library.bare_of(count)
    done = isolated("bench.searches", "times", home=str(home), bare=str(bare))
    measured: dict[str, list[float]] = done.value
    base = percentile(measured[BARE], 0.95)
    asked = {"keyword": f"{WORDS_ASKED}x", "hybrid": f"{HYBRID_ASKED:.0f}x, {HYBRID_MS} ms"}
    rows = tuple(
        (name, ms(percentile(values, 0.5)), ms(p95 := percentile(values, 0.95)), ratio(p95, base), asked.get(name, ""))
        for name, values in measured.items()
    )
    note = (
        f"{QUERIES} pieces of titles over {count:,} made papers, the first {TOP} hits and how many there are, by one "
        f"process that stays open; best of {ROUNDS} rounds a query, interleaved. Bare tantivy searches title and "
        f"abstract and reads the hits' numbers. The modes give a reader's whole answer: papers, snippets with marks, "
        f"reasons; filtered, to `{FILTERS.strip()}`. Peak memory of all together {done.peak / 1e6:,.0f} MB."
    )
    return Table("Search", ("search", "p50 ms", "p95 ms", "p95 to bare", "asked"), rows, note)
