"""How fast searches are at N papers, beside bare tantivy with the same words, interleaved query by query."""

import random
import re
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tantivy

from bench import corpus, made_library, plain
from bench.isolate import isolated
from bench.report import Table, ms, percentile, ratio

if TYPE_CHECKING:
    from broadsheet.search.meaning import Source
    from broadsheet.search.vectors import VectorFilter

PAPERS, PAPERS_QUICK = 1_000_000, 20_000
QUERIES, ROUNDS, TOP = 200, 3, 10
WORDS_ASKED, HYBRID_ASKED, HYBRID_MS, RECALL_ASKED = 1.5, 3.0, 60, 0.97
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


def recalls(home: str) -> list[dict[str, Any]]:
    """Recall of the vectors' first pass against exact scores, and both times, for several filters."""
    from datetime import date

    from broadsheet.search.opened import Opened
    from broadsheet.search.vectors import VectorFilter

    filters = {
        "none": None,
        "category cs.CL": VectorFilter(categories=("cs.CL",)),
        "archive stat": VectorFilter(categories=("stat",)),
        "three months": VectorFilter(since=date(2015, 1, 16), until=date(2015, 4, 15)),
        "three years": VectorFilter(since=date(2015, 1, 1), until=date(2017, 12, 31)),
        "three years and cs.CL": VectorFilter(since=date(2015, 1, 1), until=date(2017, 12, 31), categories=("cs.CL",)),
    }
    opened = Opened(Path(home), Path(home) / "models")
    asked = [opened.sources(text)[0][0] for text in queries()]
    return [{"name": name, **_recall(asked, where)} for name, where in filters.items()]


def _recall(asked: "list[Source]", where: "VectorFilter | None") -> dict[str, Any]:
    from broadsheet.search.meaning import CANDIDATES

    near, exact, found, wanted = [], [], {TOP: 0, CANDIDATES: 0}, 0
    for source in asked:
        began = time.perf_counter()
        truth = set(source.vectors.exact(source.query, TOP, where=where)[0].tolist())
        exact.append(time.perf_counter() - began)
        wanted += len(truth)
        for many in found:
            began = time.perf_counter()
            ids = source.vectors.search(source.query, many, where=where)[0]
            seconds = time.perf_counter() - began
            found[many] += len(truth & set(ids[:TOP].tolist()))
        near.append(seconds)
    return {"alone": found[TOP] / wanted, "hybrid": found[CANDIDATES] / wanted, "near": near, "exact": exact}


def run_vectors(*, quick: bool) -> Table:
    """Recall@10 of the two-pass vector search against scoring every row."""
    from broadsheet.search.meaning import CANDIDATES

    rows = []
    for count in (PAPERS_QUICK,) if quick else (PAPERS_QUICK, PAPERS):
        for row in isolated("bench.searches", "recalls", home=str(made_library.home_of(count))).value:
            times = (ms(percentile(row["near"], 0.5)), ms(percentile(row["near"], 0.95)))
            recall = (f"{row['hybrid']:.3f}", f"{row['alone']:.3f}")
            rows.append((f"{count:,}, {row['name']}", *recall, *times, ms(percentile(row["exact"], 0.5))))
    note = (
        f"{QUERIES} pieces of titles under the encoder that searches use; recall@{TOP} where {CANDIDATES} are asked "
        f"for, as a search does, and where only {TOP} are; {RECALL_ASKED} is wanted."
    )
    columns = ("papers, filter", f"of {CANDIDATES}", f"of {TOP}", "p50 ms", "p95 ms", "exact p50 ms")
    return Table("Vectors", columns, tuple(rows), note)
