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
    from broadsheet.search.vectors import VectorFilter, VectorSet

PAPERS, PAPERS_QUICK = 1_000_000, 20_000
QUERIES, ROUNDS, TOP = 200, 3, 10


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
        return searcher.search(index.parse_query(text.lower(), ["title", "abstract"]), TOP).hits

    with made_library.library(Path(home)) as lib:

        def through(mode: str) -> Callable[[str], object]:
            return lambda text: search(lib, SearchAsk(text, mode, TOP))

        def numbers(mode: str) -> Callable[[str], object]:
            return lambda text: lib.engine.ranking(text, mode=mode, limit=TOP)

        modes = ("keyword", "semantic", "hybrid")
        kinds = {"bare tantivy": bare_search, **{f"{mode}, numbers": numbers(mode) for mode in modes}}
        kinds |= {mode: through(mode) for mode in modes}
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
    base = percentile(measured["bare tantivy"], 0.95)
    rows = tuple(
        (name, ms(percentile(values, 0.5)), ms(p95 := percentile(values, 0.95)), ratio(p95, base), ms(max(values)))
        for name, values in measured.items()
    )
    note = (
        f"{QUERIES} pieces of titles over {count:,} made papers, the first {TOP} hits: their numbers and scores alone, "
        f"and with their papers, snippets and reasons; best of {ROUNDS} rounds for each query, interleaved. Peak "
        f"memory of all together {done.peak / 1e6:,.0f} MB."
    )
    return Table("Search", ("mode", "p50 ms", "p95 ms", "p95 to bare", "slowest ms"), rows, note)


def recalls(home: str) -> list[dict[str, Any]]:
    """Recall of the vectors' first pass against exact scores, and both times, for several filters."""
    from datetime import date

    from broadsheet.search import shelf
    from broadsheet.search.encoder import get_encoder
    from broadsheet.search.vectors import VectorFilter, VectorSet

    filters = {
        "none": None,
        "category cs.CL": VectorFilter(categories=("cs.CL",)),
        "archive stat": VectorFilter(categories=("stat",)),
        "three months": VectorFilter(since=date(2015, 1, 16), until=date(2015, 4, 15)),
        "three years": VectorFilter(since=date(2015, 1, 1), until=date(2017, 12, 31)),
        "three years and cs.CL": VectorFilter(since=date(2015, 1, 1), until=date(2017, 12, 31), categories=("cs.CL",)),
    }
    place = shelf.read(Path(home)).serving["meaning"]
    encoder = get_encoder(made_library.ENCODER, Path(home) / "models")
    assert encoder
    vectors, asked = VectorSet(shelf.folder(Path(home), "meaning", place)), encoder.encode(queries(), query=True)
    return [{"name": name, **_recall(vectors, asked, where)} for name, where in filters.items()]


def _recall(vectors: "VectorSet", asked: Any, where: "VectorFilter | None") -> dict[str, Any]:
    near, exact, shared, wanted = [], [], 0, 0
    for query in asked:
        began = time.perf_counter()
        ids = vectors.search(query, TOP, where=where)[0]
        middle = time.perf_counter()
        truth = vectors.exact(query, TOP, where=where)[0]
        exact.append(time.perf_counter() - middle)
        near.append(middle - began)
        shared += len(set(ids.tolist()) & set(truth.tolist()))
        wanted += len(truth)
    return {"recall": shared / wanted, "near": near, "exact": exact}


def run_vectors(*, quick: bool) -> Table:
    """Recall@10 of the two-pass vector search against scoring every row."""
    count = PAPERS_QUICK if quick else PAPERS
    done = isolated("bench.searches", "recalls", home=str(made_library.home_of(count)))
    rows = tuple(
        (
            row["name"],
            f"{row['recall']:.4f}",
            ms(percentile(row["near"], 0.5)),
            ms(percentile(row["near"], 0.95)),
            ms(percentile(row["exact"], 0.5)),
        )
        for row in done.value
    )
    note = f"{QUERIES} queries over {count:,} vectors of {made_library.ENCODER}."
    return Table("Vectors", ("filter", "recall@10", "p50 ms", "p95 ms", "exact p50 ms"), rows, note)
