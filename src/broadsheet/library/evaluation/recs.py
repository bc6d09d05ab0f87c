"""Measuring interests by the same functions that serve readers, beside known ways to recommend papers."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from broadsheet.library.evaluation.known_ways import Scored, mean_cosine, svm
from broadsheet.library.evaluation.other_readers import OtherReaders
from broadsheet.library.evaluation.questions import asked
from broadsheet.library.evaluation.search import write_run
from broadsheet.library.evaluation.space import Space
from broadsheet.library.handle import Library, Progress, no_progress
from broadsheet.rank.evaluate_recs import (
    METRICS,
    Case,
    difference,
    figures,
    rank,
    read_collection,
    run_lines,
    tabulate,
)
from broadsheet.rank.interest import Examples, InterestModel, decay, train
from broadsheet.rank.interest.calibrate import USUAL_SHARE
from broadsheet.rank.reliability import Asked, reliability

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

FEW = (1, 3, 10)  # liked papers that models are taught for the reliability of probabilities
OURS = "broadsheet"
COLLABORATIVE = "broadsheet with other readers (collaborative)"
ANY_OTHER = "broadsheet with any other reader (collaborative)"


def evaluate_recs(
    lib: Library, folder: Path, *, run_out: Path | None = None, progress: Progress = no_progress
) -> dict[str, Any]:
    """The figures of both protocols with 95 % intervals, for Broadsheet and simple ways, with the differences.

    The encoder is the one that the settings name. `run_out` gets Broadsheet's rankings, all protocols in one file.
    Raises FormatError for a folder that is no collection.
    """
    collection = read_collection(folder)
    lines: list[str] = []
    protocols: dict[str, Any] = {}
    with TemporaryDirectory(prefix="broadsheet-eval-") as place:
        for source, names in (("citeulike", ("citeulike",)), ("arxiv", ("arxiv", "arxiv_new_team"))):
            space = Space.prepared(lib, collection, source, Path(place) / source, progress)
            cases = collection.cases[source]
            scored = {name: dict(score()) for name, score in methods(space, cases, progress).items()}
            if source == "citeulike":
                others = OtherReaders(space, cases, collection.beside)
                scored["popularity"] = dict(others.popular())
                scored["item k-nn (collaborative)"] = dict(others.together())
                scored[COLLABORATIVE] = dict(others.beside(scored[OURS], lib.settings.recommend.fellows))
                scored[ANY_OTHER] = dict(others.beside(scored[OURS], 1))
            for name in names:
                protocols[name], ranked = measured(collection.cases[name], scored, METRICS[name])
                lines += run_lines(ranked) if name == source else ()
            protocols[source]["reliability"] = _reliability(space, cases, progress)
            if source == "citeulike":
                protocols[source]["questions"] = asked(space, cases, METRICS[source], progress)
    if run_out:
        write_run(run_out, lines)
    return {"split": collection.split, "protocols": protocols}


def measured(
    cases: Sequence[Case], scored: "Mapping[str, Mapping[str, Floats]]", metrics: Sequence[str]
) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Figures of all methods, how far Broadsheet is ahead of each, and its rankings."""
    ranked = {name: {case.id: rank(case, by_case[case.id]) for case in cases} for name, by_case in scored.items()}
    tables = {name: tabulate(cases, found) for name, found in ranked.items()}
    methods = {name: figures(table, metrics) for name, table in tables.items()}
    ahead = {n: difference(tables[OURS], table, metrics) for n, table in tables.items() if n != OURS}
    return {"readers": len({case.reader for case in cases}), "methods": methods, "ahead": ahead}, ranked[OURS]


def methods(space: Space, cases: Sequence[Case], progress: Progress) -> dict[str, Callable[[], Scored]]:
    """Broadsheet and simple ways that use nobody else's papers, by their names."""
    known: dict[str, Callable[[], Scored]] = {
        OURS: lambda: _ours(space, cases, progress),
        "tfidf svm (arxiv-sanity-lite)": lambda: svm(space, cases, progress),
    }
    if space.plain is not None:
        known["mean cosine (zotero-arxiv-daily)"] = lambda: mean_cosine(space, cases)
    return known


def _ours(space: Space, cases: Sequence[Case], progress: Progress) -> Scored:
    """As a list is ranked: a model for each reader. Scores are log-odds."""
    scores = judge(space, cases)
    models: dict[tuple[str, ...], InterestModel] = {}
    for done, case in enumerate(cases):
        if case.training not in models:
            models = {case.training: _model(space, case)}
        model = models[case.training]
        yield case.id, model.calibration.log_odds(scores(model, case))
        progress("broadsheet", done + 1, len(cases))


def judge(space: Space, cases: Sequence[Case]) -> "Callable[[InterestModel, Case], Floats]":
    """How a model scores the candidates of a case, which are prepared once for all readers."""
    kernel = space.background.kernel
    if lists := _shared_lists(cases):
        days = {ids: kernel.blocks(space.papers.take(space.at(ids))) for ids in lists}
        return lambda model, case: model.learnt(days[case.candidates])
    everything = kernel.blocks(space.papers)
    return lambda model, case: model.learnt(everything)[space.at(case.candidates)]


def _shared_lists(cases: Sequence[Case]) -> list[tuple[str, ...]]:
    """The lists that several readers have in common; none where each has candidates of their own."""
    lists = list(dict.fromkeys(case.candidates for case in cases))
    return lists if len(lists) * 4 < len(cases) else []


def _model(space: Space, case: Case, newest: int = 0) -> InterestModel:
    """Of the whole profile, or of its newest papers."""
    papers = space.papers.take(space.at(case.training[-newest:]))
    examples = Examples(papers, np.ones(len(papers), np.float32), decay(case.ages[-newest:]))
    return train(examples, space.background)


def _reliability(space: Space, cases: Sequence[Case], progress: Progress) -> dict[str, Any]:
    """By how many papers were liked: whether probabilities keep their word, on the first list of each reader."""
    scores = judge(space, cases)
    first = {case.reader: case for case in reversed(cases)}.values()
    found = {}
    for number, liked in enumerate(FEW):
        lists = []
        for case in (case for case in first if len(case.training) >= liked):
            model = _model(space, case, liked)
            said = model.calibration.probabilities(scores(model, case))
            held = np.array([paper in case.positives for paper in case.candidates])
            lists.append(Asked.as_usual(said, held, USUAL_SHARE))
        if lists:
            found[str(liked)] = reliability(lists)
        progress("reliability", number + 1, len(FEW))
    return found
