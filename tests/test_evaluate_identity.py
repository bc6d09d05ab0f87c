"""Measuring identity: the protocol's numbers, intervals that hold them, and predictions its scorer reads."""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from broadsheet.errors import FormatError
from broadsheet.identity import compare
from broadsheet.rank.evaluate_identity import (
    BASELINES,
    Pair,
    evaluate,
    fuzzy_title,
    measure,
    predict,
    predictions,
    read_pairs,
    title_author,
    title_author_minhash,
)
from broadsheet.types import Author, Work

TEXT = " ".join(f"word{i}" for i in range(80))


def work(title: str, author: str = "Ada Byron", abstract: str = "") -> Work:
    return Work(title=title, abstract=abstract, authors=(Author(author),) if author else ())


def pair(id: str, same: bool, hard: bool) -> Pair:
    return Pair(id, work("A"), work("B"), same, hard)


def test_the_measures_are_those_of_the_protocol() -> None:
    """Three of four positives found, one of them hard, and one wrong merge."""
    pairs = [pair("1", True, True), pair("2", True, True), pair("3", True, False), pair("4", True, False)]
    pairs += [pair("5", False, True), pair("6", False, True)]
    measured = measure(pairs, np.array([0.5, 0.4, 0.9, 1.0, 0.8, 0.0]))

    assert {name: round(m["value"], 4) for name, m in measured.items()} == {
        "precision": 0.75,
        "recall": 0.75,
        "f1": 0.75,
        "hard_recall": 0.5,
    }
    assert all(m["low"] <= m["value"] <= m["high"] for m in measured.values())
    assert measured == measure(pairs, np.array([0.5, 0.4, 0.9, 1.0, 0.8, 0.0]))


def test_nothing_to_measure_is_no_error() -> None:
    """No pairs have no wrong merges and nothing found."""
    measured = measure([], np.array([]))

    assert (measured["precision"]["value"], measured["recall"]["value"]) == (1.0, 0.0)


def test_the_baselines_are_the_simple_ways() -> None:
    """Title, title and author, near title, and author with title or abstract."""
    assert title_author(work("The Café, 2"), work("the cafe 2", "Byron, A.")) == 1.0
    assert title_author(work("The Café"), work("The Café", "Mary Somerville")) == 0.0
    assert title_author(work("The Café"), work("The Café", "")) == 0.0
    assert fuzzy_title(work("a b c d e f g"), work("a b c d e f g h i j")) == pytest.approx(0.5)
    assert fuzzy_title(work("a b"), work("c d")) == 0.0
    assert title_author_minhash(work("x", abstract=TEXT), work("y", "A. Byron", TEXT[:400])) == 1.0
    assert title_author_minhash(work("x", abstract=TEXT), work("y", "A. Byron", "")) == 0.0
    assert title_author_minhash(work("x", abstract=TEXT), work("x", "M. Somerville", TEXT)) == 0.0


def test_a_folder_is_read(tmp_path: Path) -> None:
    """Pairs and labels are brought together; a year becomes a date."""
    row = {"title": "T", "authors": ["Ada Byron"], "abstract": "", "year": 2025}
    (tmp_path / "truth.tsv").write_text("pair\tlabel\thard\np1\t1\t0\n")
    with gzip.open(tmp_path / "pairs.jsonl.gz", "wt") as file:
        file.write(json.dumps({"pair": "p1", "a": row, "b": {**row, "year": None}}) + "\n")
    (found,) = read_pairs(tmp_path)

    assert (found.same, found.hard, found.a.published is not None, found.b.published) == (True, False, True, None)
    assert predictions([found], [1.0]) == ["pair\tscore\n", "p1\t1\n"]


@pytest.mark.parametrize(
    ("truth", "pairs", "named"),
    [
        (None, None, "truth.tsv"),
        ("nothing\n", b"", "truth.tsv"),
        ("pair\tlabel\thard\np1\t1\t0\n", None, "pairs.jsonl.gz"),
        ("pair\tlabel\thard\np1\t1\t0\n", b"no gzip", "pairs.jsonl.gz"),
        ("pair\tlabel\thard\np1\t1\t0\n", gzip.compress(b"{\n", mtime=0), "pairs.jsonl.gz"),
        ("pair\tlabel\thard\np1\t1\t0\n", gzip.compress(b'{"pair": "p2"}\n', mtime=0), "line 1"),
    ],
)
def test_a_broken_folder_is_named(tmp_path: Path, truth: str | None, pairs: bytes | None, named: str) -> None:
    """What is missing or cannot be read is named with its file and line."""
    if truth is not None:
        (tmp_path / "truth.tsv").write_text(truth)
    if pairs is not None:
        (tmp_path / "pairs.jsonl.gz").write_bytes(pairs)

    with pytest.raises(FormatError, match=named):
        read_pairs(tmp_path)


@pytest.mark.slow
def test_the_scorer_agrees(shared: Path, tmp_path: Path) -> None:
    """The numbers of the protocol's own scorer over our predictions are ours, for every method."""
    folder = shared / "eval" / "identity"
    pairs = read_pairs(folder / "dev")
    methods = {"broadsheet": lambda a, b: compare(a, b).score, **BASELINES}
    measured = evaluate(pairs, methods)

    for name in ("broadsheet", "fuzzy_title"):
        run = tmp_path / f"{name}.tsv"
        run.write_text("".join(predictions(pairs, list(predict(pairs, methods[name])))))
        command = [sys.executable, str(folder / "score_identity.py"), str(run), "--split", "dev"]
        scored = json.loads(subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout)

        for metric in ("precision", "recall", "f1"):
            assert measured[name][metric]["value"] == pytest.approx(scored["all"][metric], abs=1e-4)
        assert measured[name]["hard_recall"]["value"] == pytest.approx(scored["hard"]["recall"], abs=1e-4)
    assert measured["broadsheet"]["f1"]["value"] > max(measured[name]["f1"]["value"] for name in BASELINES)
