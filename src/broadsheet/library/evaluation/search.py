"""Measuring by the same calls that serve a reader: relevance of search on test collections."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from msgspec.structs import replace

from broadsheet.errors import UsageError
from broadsheet.library.handle import Library, Progress, no_progress
from broadsheet.types import SEARCH_MODES, Change, Paper

DEPTH = 100
_SYNTAX = re.compile(r"(?<!\S)[-+]+|[\"()*]")
_OPERATOR = re.compile(r"\b(?:AND|OR|NOT)\b")
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def evaluate_search(
    lib: Library, folder: Path, *, run_out: Path | None = None, progress: Progress = no_progress
) -> dict[str, Any]:
    """nDCG@10, Recall@100 and MRR@10 of each mode with 95 % intervals, on a folder in BEIR form.

    The corpus is indexed in a temporary home by the engine and settings of this library. `run_out` gets the
    rankings as a TREC run, one tag a mode. Raises FormatError for a folder that is no collection.
    """
    from broadsheet.rank.evaluate_search import read_collection, score, trec_run

    collection = read_collection(folder)
    corpus = CorpusFeed(
        [Paper(key=d.id, aliases=(d.id,), title=d.title, abstract=d.text, added=_LONG_AGO) for d in collection.corpus()]
    )
    with TemporaryDirectory(prefix="broadsheet-eval-") as home:
        rankings = _rank_all(lib, Path(home), corpus, collection.queries, progress)
    if run_out:
        write_run(run_out, [line for mode, found in rankings.items() for line in trec_run(found, mode)])
    return {
        "collection": collection.name,
        "modes": {mode: score(found, collection) for mode, found in rankings.items()},
    }


class CorpusFeed:
    """Papers in memory as indexing reads them; the id of a paper is its place, from 1."""

    def __init__(self, papers: Sequence[Paper]) -> None:
        self._papers = papers

    def head(self) -> int:
        """As if each paper were one change."""
        return len(self._papers)

    def floor(self) -> int:
        """No change was ever forgotten."""
        return 0

    def epoch(self) -> str:
        """There is one past only."""
        return "corpus"

    def count(self) -> int:
        """How many papers there are."""
        return len(self._papers)

    def changes(self, after: int, limit: int) -> Sequence[tuple[Change, Paper | None]]:
        """The papers after a place, as changes."""
        return [(Change(i, i, "put"), paper) for i, paper in self.papers(after, limit)]

    def papers(self, after: int, limit: int) -> Sequence[tuple[int, Paper]]:
        """The papers after a place."""
        return list(enumerate(self._papers[after : after + limit], after + 1))

    def fetch(self, ids: Sequence[int]) -> Mapping[int, Paper]:
        """Papers by id."""
        return {i: self._papers[i - 1] for i in ids}


Found = dict[str, list[tuple[str, float]]]


def _rank_all(
    lib: Library, home: Path, corpus: CorpusFeed, queries: Mapping[str, str], progress: Progress
) -> dict[str, Found]:
    from broadsheet.search.engine import Engine

    engine = Engine(home, replace(lib.settings, home=home), corpus.fetch, models=lib.home / "models")
    try:
        engine.catch_up(corpus, progress)
        found: dict[str, Found] = {mode: {} for mode in SEARCH_MODES}
        for done, (query, text) in enumerate(queries.items(), 1):
            for mode in SEARCH_MODES:
                ranked = engine.ranking(_as_words(text), mode=mode, limit=DEPTH)
                papers = corpus.fetch([paper_id for paper_id, _ in ranked])
                found[mode][query] = [(papers[paper_id].key, score) for paper_id, score in ranked]
            progress("queries", done, len(queries))
    finally:
        engine.close()
    return found


def _as_words(text: str) -> str:
    """A sentence of a test collection without what our query language would read as syntax in it."""
    return _OPERATOR.sub(lambda match: match.group().lower(), _SYNTAX.sub(" ", text))


def write_run(path: Path, lines: Sequence[str]) -> None:
    """Write rankings. Raises UsageError for a file that cannot be written."""
    try:
        path.write_text("".join(lines), encoding="utf-8")
    except OSError as e:
        raise UsageError(f"run {path}", f"cannot be written ({e.strerror or e})", "give another file") from e
