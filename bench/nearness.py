"""What the first pass over vectors loses against scoring every row, with filters too.

The vectors are made: each leans on one real paper's, a little on another's, and a little on chance, so that a million
lie among each other as densely as papers of one field do, and take minutes to make where encoding takes an hour.
"""

import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from bench import corpus
from bench.isolate import isolated
from bench.report import Table, ms, percentile
from bench.searches import TOP, queries

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from broadsheet.search.vectors import VectorFilter, VectorSet

ROWS, ROWS_QUICK, ASKED = 1_000_000, 20_000, 40
RECALL_WANTED = 0.97
SHARES = 0.8, 0.35, 0.15  # of one paper, of another, of chance
STEP = 20_000
FIRST, LAST = date(2000, 1, 1), date(2025, 12, 31)

Papers = tuple["NDArray[np.float32]", list[tuple[str, ...]]]


def made_set(count: int) -> Path:
    """The folder of so many made vectors, built if it is not there."""
    from broadsheet.search.vector_writer import VectorWriter

    folder = corpus.SCRATCH / f"vectors-{count}"
    if (folder / "complete").exists():
        return folder
    chance = np.random.default_rng(corpus.SEED)
    vectors, categories = _papers()
    days = FIRST.toordinal() + ((np.arange(count) / count) ** 0.6 * (LAST - FIRST).days).astype(int)  # ever more
    with VectorWriter(folder, model="made", dim=vectors.shape[1]) as writer:
        for start in range(0, count, STEP):
            many = min(STEP, count - start)
            one, other = chance.integers(0, len(vectors), (2, many))
            parts = vectors[one], vectors[other], chance.normal(0, vectors.shape[1] ** -0.5, (many, vectors.shape[1]))
            mixed = sum(share * part for share, part in zip(SHARES, parts, strict=True))
            mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
            rows = range(start, start + many)
            writer.append(rows, mixed.astype(np.float32), days[rows].tolist(), [categories[i] for i in one])
            writer.commit(start)
    (folder / "complete").touch()
    return folder


def _papers() -> Papers:
    """The vectors and the categories of all papers of the listing."""
    from broadsheet.search.encoder_wordllama import WordLlama

    rows = list({row["id"]: row for row in corpus.listing_rows()}.values())
    texts = [f"{row['title']}. {row['abstract'] or ''}" for row in rows]
    encoder = WordLlama()
    vectors = [encoder.encode(texts[start : start + 512]) for start in range(0, len(texts), 512)]
    return np.concatenate(vectors), [tuple(row["categories"]) for row in rows]


def recalls(folder: str) -> list[dict[str, Any]]:
    """Recall of the first pass against exact scores, and both times, for several filters."""
    from broadsheet.search.encoder_wordllama import WordLlama
    from broadsheet.search.vectors import VectorFilter, VectorSet

    years = VectorFilter(since=date(2015, 1, 1), until=date(2017, 12, 31))
    filters = {
        "no filter": None,
        "category cs.CL": VectorFilter(categories=("cs.CL",)),
        "archive stat": VectorFilter(categories=("stat",)),
        "three months": VectorFilter(since=date(2015, 1, 16), until=date(2015, 4, 15)),
        "three years": years,
        "three years and cs.CL": replace(years, categories=("cs.CL",)),
    }
    vectors, asked = VectorSet(Path(folder)), WordLlama().encode(queries(ASKED), query=True)
    return [{"name": name, **_recall(vectors, asked, where)} for name, where in filters.items()]


def _recall(vectors: "VectorSet", asked: "NDArray[np.float32]", where: "VectorFilter | None") -> dict[str, Any]:
    from broadsheet.search.meaning import CANDIDATES

    near, exact, found, wanted = [], [], {TOP: 0, CANDIDATES: 0}, 0
    for query in asked:
        began = time.perf_counter()
        truth = set(vectors.exact(query, TOP, where=where)[0].tolist())
        exact.append(time.perf_counter() - began)
        wanted += len(truth)
        for many in found:
            began = time.perf_counter()
            ids = vectors.search(query, many, where=where)[0]
            seconds = time.perf_counter() - began
            found[many] += len(truth & set(ids[:TOP].tolist()))
        near.append(seconds)
    return {"alone": found[TOP] / wanted, "hybrid": found[CANDIDATES] / wanted, "near": near, "exact": exact}


def run(*, quick: bool) -> Table:
    """Recall@10 of the two-pass vector search against scoring every row."""
    from broadsheet.search.meaning import CANDIDATES

    rows = []
    for count in (ROWS_QUICK,) if quick else (ROWS_QUICK, ROWS):
        for row in isolated("bench.nearness", "recalls", folder=str(made_set(count))).value:
            times = (ms(percentile(row["near"], 0.5)), ms(percentile(row["near"], 0.95)))
            recall = (f"{row['hybrid']:.3f}", f"{row['alone']:.3f}")
            rows.append((f"{count:,}, {row['name']}", *recall, *times, ms(percentile(row["exact"], 0.5))))
    note = (
        f"Made vectors of {len(SHARES) - 1} real papers each and chance; {ASKED} pieces of titles; recall@{TOP} where "
        f"{CANDIDATES} are asked for, as a search does, and where only {TOP} are; {RECALL_WANTED} is wanted."
    )
    columns = ("vectors, filter", f"of {CANDIDATES}", f"of {TOP}", "p50 ms", "p95 ms", "exact p50 ms")
    return Table("Vectors", columns, tuple(rows), note)
