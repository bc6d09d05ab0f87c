"""`broadsheet eval recs` on a small collection of two protocols, and its figures beside the protocols' own scorer."""

import gzip
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.config import load
from broadsheet.errors import FormatError
from broadsheet.library.evaluation.other_readers import OtherReaders
from broadsheet.library.evaluation.recs import ANY_OTHER, COLLABORATIVE, OURS, evaluate_recs
from broadsheet.library.evaluation.space import Space
from broadsheet.library.handle import Library
from broadsheet.rank.evaluate_recs import case_metrics, read_collection
from broadsheet.rank.recs_baselines import Others, newest_first_weights, svm
from tests.conftest import SHARED

TOPICS = ("songbird wing nest plumage", "hull keel rudder ballast", "broth onion ladle stock")
DAY = "2026-03-10"


def _text(number: int) -> dict[str, str]:
    rng = np.random.default_rng(number)
    words = TOPICS[number % 3].split()
    return {"title": " ".join(rng.permutation(words)[:2]), "abstract": " ".join(rng.permutation(words)[:3])}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty papers of three topics; three readers with libraries of one topic each, and an author."""
    place = tmp_path_factory.mktemp("recs")
    ours = [{"id": f"cu:{n}", **_text(n)} for n in range(60)]
    daily = [{"id": f"ax:{n}", **_text(n), "categories": "cs.CL"} for n in range(60)]
    lines = "".join(json.dumps(row) + "\n" for row in [*ours, *daily])
    (place / "papers.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    (place / "arxiv_days.json").write_text(json.dumps({DAY: [f"ax:{n}" for n in range(30, 60)]}))
    (place / "arxiv_background.json").write_text(json.dumps({"background": [f"ax:{n}" for n in range(30)]}))
    (place / "dev").mkdir()
    libraries = [
        {"reader": str(r), "folds": [[f"cu:{3 * (2 * k + i) + r % 3}" for i in range(2)] for k in range(5)]}
        for r in range(6)
    ]
    (place / "dev" / "citeulike_readers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in libraries))
    author = {
        "reader": "ab",
        "profile": ["ax:0", "ax:3", "ax:6", "ax:9"],
        "profile_days": ["2025-05-01", "2025-06-01", "2025-07-01", "2026-01-01"],
        "cases": {DAY: ["ax:33", "ax:45"]},
        "new_team": ["ax:45"],
    }
    (place / "dev" / "arxiv_readers.jsonl").write_text(json.dumps(author) + "\n")
    return place


@pytest.fixture(scope="module")
def answer(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home = tmp_path_factory.mktemp("home")
    with Library(load({"BROADSHEET_HOME": str(home), "BROADSHEET_ENCODER": "wordllama"})) as lib:
        return evaluate_recs(lib, folder, run_out=folder / "run.tsv")


@pytest.mark.slow
def test_each_protocol_has_our_figures_beside_known_ways(answer: dict[str, Any]) -> None:
    """Every metric has an interval around it, and what uses other readers says so."""
    methods = answer["protocols"]["citeulike"]["methods"]
    assert answer["split"] == "dev"
    assert {OURS, COLLABORATIVE, ANY_OTHER, "popularity"} <= set(methods)
    assert set(answer["protocols"]["arxiv"]["methods"][OURS]) == {"mrr", "recall@10", "recall@20", "auc", "median_pct"}
    for found in methods.values():
        assert all(m["low"] <= m["value"] <= m["high"] for m in found.values())


@pytest.mark.slow
def test_a_topic_is_learnt(answer: dict[str, Any]) -> None:
    """On texts of three topics nearly all that was hidden is found among the first twenty."""
    assert answer["protocols"]["citeulike"]["methods"][OURS]["auc"]["value"] > 0.9
    assert answer["protocols"]["arxiv_new_team"]["methods"][OURS]["recall@10"]["value"] == 1


def test_differences_say_whether_they_are_real(answer: dict[str, Any]) -> None:
    """A difference whose interval leaves out nothing is real, and no other."""
    for metrics in answer["protocols"]["citeulike"]["ahead"].values():
        assert all(d["real"] == (d["low"] > 0 or d["high"] < 0) for d in metrics.values())


def test_answers_are_measured_beside_answers_by_lot(answer: dict[str, Any]) -> None:
    """An interest of one liked paper is told with the answers that it asked for, with as many by lot, and without."""
    told = answer["protocols"]["citeulike"]["questions"]

    assert {"one liked paper", "3 answers, asked", "3 answers, by lot"} <= set(told["methods"])
    assert set(told["gained"]) == set(told["methods"]) - {"one liked paper"}


@pytest.mark.slow
def test_readers_of_the_other_half_are_other_readers(folder: Path, tmp_path: Path) -> None:
    """Where a folder has both halves one is measured, and libraries of the other count among those of other readers."""
    both = shutil.copytree(folder, tmp_path / "both")
    (both / "heldout").mkdir()
    library = {"reader": "9", "folds": [["cu:0"], ["cu:1"], [], [], []]}
    (both / "heldout" / "citeulike_readers.jsonl").write_text(json.dumps(library) + "\n")
    found = read_collection(both)
    assert (found.split, found.beside) == ("dev", (("cu:0", "cu:1"),))

    with Library(load({"BROADSHEET_HOME": str(tmp_path / "home"), "BROADSHEET_ENCODER": "none"})) as lib:
        space = Space.prepared(lib, found, "citeulike", tmp_path, lambda stage, done, total: None)
    case = next(case for case in found.cases["citeulike"] if {"cu:0", "cu:1"} <= set(case.candidates))
    alone, more = (dict(OtherReaders(space, [case], beside).popular())[case.id] for beside in ((), found.beside))
    assert not alone.any()
    assert [p for p, many in zip(case.candidates, more, strict=True) if many] == ["cu:0", "cu:1"]


@pytest.mark.skipif(not (SHARED / "eval" / "recs").is_dir(), reason="the protocols are not beside the checkout")
@pytest.mark.parametrize(("protocol", "option"), [("citeulike", ()), ("arxiv", ()), ("arxiv", ("--new-team",))])
def test_the_scorer_of_the_protocols_agrees(
    answer: dict[str, Any], folder: Path, protocol: str, option: tuple[str, ...]
) -> None:
    """The written run has the same figures by the scorer that came with the data."""
    command = [
        sys.executable,
        str(SHARED / "eval" / "recs" / "score_recs.py"),
        protocol,
        "dev",
        str(folder / "run.tsv"),
    ]
    command += ["--data", str(folder), "--json", "--boot", "0", *option]
    theirs = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    ours = answer["protocols"][protocol + ("_new_team" if option else "")]["methods"][OURS]
    assert {name: theirs[name]["value"] for name in ours} == pytest.approx({n: m["value"] for n, m in ours.items()})
    assert theirs["missing_cases"] == 0


def test_a_folder_that_is_no_collection_is_told(tmp_path: Path) -> None:
    """The error names what is missing or broken."""
    with pytest.raises(FormatError, match="neither dev nor heldout"):
        read_collection(tmp_path)
    (tmp_path / "heldout").mkdir()
    (tmp_path / "papers.jsonl.gz").write_bytes(b"no")
    with pytest.raises(FormatError, match="papers"):
        read_collection(tmp_path)


@pytest.mark.slow
@given(st.sets(st.integers(1, 40), min_size=1, max_size=10))
def test_metrics_are_shares(positions: set[int]) -> None:
    """Whatever the positions, every metric lies between 0 and 1, and the best order has 1."""
    found = case_metrics(sorted(positions), 40)
    assert all(0 <= value <= 1 for value in found.values())
    best = case_metrics(list(range(1, len(positions) + 1)), 40)
    assert best["auc"] == best["ndcg@20"] == best["mrr"] == 1


def test_the_svm_meets_its_optimality_conditions() -> None:
    """Every weight is where its dual wants it: no paper is pushed further than its own error pays for."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(40, 8)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    liked = np.arange(5)
    weights = svm(rows @ rows.T, [liked])[:, 0]
    side = np.where(np.arange(40) < 5, 1, -1)
    costs = np.where(side > 0, 0.1 * 40 / 10, 0.1 * 40 / 70)
    margins = side * (rows @ rows.T @ weights + weights.sum())
    assert weights * side == pytest.approx(2 * costs * np.maximum(0, 1 - margins), abs=2e-3)


def test_other_readers_count_without_the_reader() -> None:
    """Neither popularity nor co-reading knows what the reader has hidden."""
    libraries = np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]], np.float32)
    others = Others(libraries)
    assert others.popularity(0).tolist() == [1, 1, 1]
    changed = Others(np.array([[1, 0, 1], [1, 1, 0], [0, 0, 1]], np.float32))
    assert others.likeness(0, [0]).tolist() == changed.likeness(0, [0]).tolist()


def test_the_newest_counts_most() -> None:
    """Weights fall with age and add up to 1."""
    weights = newest_first_weights([30.0, 2.0, 400.0])
    assert weights.sum() == pytest.approx(1)
    assert weights[1] > weights[0] > weights[2]
