"""Measuring forecasts of attention: the protocol's numbers, nothing from the future, runs that its scorer reads."""

import gzip
import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from broadsheet import config
from broadsheet.errors import FormatError
from broadsheet.library.evaluation.trending import evaluate_trending
from broadsheet.library.handle import Library
from broadsheet.rank.evaluate_trending import baselines, read_cases, truth
from broadsheet.rank.trending_metrics import Prediction, Truth, compare, spearman, summary, top_precision

DAYS = 40


def collection(folder: Path, days: int = DAYS, papers: int = 9, seed: int = 0) -> Path:
    """An invented collection: late votes are three times the early ones, with luck; those with few are not listed."""
    rng = np.random.default_rng(seed)
    folder.mkdir()
    items, counts = [], ["id\tday\ttarget\tt\tgap_d\tlate\tfloor\tlisted\n"]
    for number in range(days):
        day = date(2025, 9, 1) + timedelta(days=number)
        first = datetime(day.year, day.month, day.day, 8, tzinfo=UTC)
        for i in range(papers):
            early = int(rng.lognormal(2, 1))
            late = round((early + 1) * 3 * float(np.exp(rng.normal(0, 0.4))))
            listed = late > 6
            items.append(item(f"25{number:02}.{i:05}", day, first, early, int((early + late) / 2)))
            for target, gap in (("week", 5.0), ("month", 25.0)):
                at = (first + timedelta(days=gap)).isoformat()
                row = (items[-1]["id"], day, target, at, gap, late if listed else "", 6, int(listed))
                counts.append("\t".join(map(str, row)) + "\n")
    with gzip.open(folder / "items.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(one) + "\n" for one in items)
    (folder / "truth.tsv").write_text("".join(counts), encoding="utf-8")
    return folder


def item(key: str, day: date, first: datetime, early: int, later: int) -> dict[str, object]:
    """A line of items.jsonl.gz."""
    return {
        "id": key,
        "day": day.isoformat(),
        "t0": first.isoformat(),
        "upvotes0": early,
        "comments0": 1,
        "stars0": None,
        "age_h": 8.0,
        "age_sub_h": 5.0,
        "obs30h": [[24.0, later]],
        "published_at": None,
        "submitter": None,
        "organization": None,
        "github": False,
        "project_page": False,
        "media": False,
        "n_authors": 4,
        "title": f"On {key}",
        "abstract": "",
        "keywords": None,
    }


def library(tmp_path: Path) -> Library:
    """A library that encodes no texts."""
    return Library(config.load({"BROADSHEET_ENCODER": "none"}, home=tmp_path / "home"))


def test_ranks_and_tops_are_those_of_the_protocol() -> None:
    """Ties share ranks; a tie at the cut is drawn by lot."""
    assert spearman(np.array([1.0, 2, 2, 3]), np.array([10.0, 20, 20, 30])) == pytest.approx(1.0)
    assert spearman(np.array([1.0, 1, 1]), np.array([1.0, 2, 3])) == 0.0
    assert top_precision(np.array([9.0, 5, 5, 1]), np.array([4.0, 3, 2, 1]), 2) == pytest.approx(0.75)


@pytest.mark.slow
def test_every_metric_has_an_interval_that_holds_it() -> None:
    """Value, low and high, and p of the paired test against another method."""
    rng = np.random.default_rng(1)
    late = rng.lognormal(3, 1, 400).round()
    known = Truth(tuple(f"d{i // 10:02}" for i in range(400)), np.where(late > 8, late, np.nan), np.full(400, 8.0))
    near, far = late * rng.lognormal(0, 0.2, 400), late * rng.lognormal(0, 2, 400)
    good = Prediction(near, near, near / 1.5, near * 1.5)
    told = summary(known, good)

    assert set(told) == {"rho_day", "p@3", "p@5", "rmse", "coverage", "interval_score", "ap_listed"}
    assert all(m["low"] <= m["value"] <= m["high"] for m in told.values())
    assert compare(known, good, Prediction(far, far))["rho_day"] < 0.001
    assert compare(known, good, good)["rmse"] == 1.0


@pytest.mark.slow
def test_a_collection_is_measured_on_every_track(tmp_path: Path) -> None:
    """Tracks, tasks and methods are there, and what is learnt beats what is not where there are intervals."""
    folder = collection(tmp_path / "dev")
    with library(tmp_path) as lib:
        answer = evaluate_trending(lib, folder, since=date(2025, 10, 4))

    assert list(answer["tracks"]) == ["t0", "t24", "novotes"]
    assert all(set(tasks) == {"week", "week4", "month"} for tasks in answer["tracks"].values())
    week = answer["tracks"]["t0"]["week"]
    assert set(week) == {"broadsheet", "current", "velocity", "hacker_news", "reddit"}
    assert week["broadsheet"]["rmse"]["value"] < 0.7 * week["current"]["rmse"]["value"]
    assert 0.6 <= week["broadsheet"]["coverage"]["value"] <= 0.95
    assert week["current"]["p"]["rmse"] < 0.01
    second = answer["tracks"]["t24"]["week"]
    assert second["broadsheet"]["rho_day"]["value"] > week["broadsheet"]["rho_day"]["value"]
    assert "count_24h" in second


@pytest.mark.slow
def test_nothing_is_learnt_from_the_day_itself_or_later(tmp_path: Path) -> None:
    """Other counts of the asked and of later days change no forecast."""
    folder = collection(tmp_path / "dev", days=40)
    lines = (folder / "truth.tsv").read_text().splitlines(keepends=True)
    changed = tmp_path / "changed"
    changed.mkdir()
    (changed / "items.jsonl.gz").write_bytes((folder / "items.jsonl.gz").read_bytes())
    kept = [row if "\t2025-09-" in row or row.startswith("id") else _other(row) for row in lines]
    (changed / "truth.tsv").write_text("".join(kept))
    outs = []
    with library(tmp_path) as lib:
        for name in (folder, changed):
            evaluate_trending(lib, name, since=date(2025, 10, 1), run_out=tmp_path / f"{name.name}.tsv")
            outs.append((tmp_path / f"{name.name}.tsv").read_text().splitlines()[: 1 + 7 * 9])

    assert len(outs[0]) == 64
    assert outs[0] == outs[1]


def _other(row: str) -> str:
    columns = row.rstrip("\n").split("\t")
    return "\t".join([*columns[:5], "999", *columns[6:]]) + "\n"


@pytest.mark.slow
def test_history_teaches_and_own_counts_do_not(tmp_path: Path) -> None:
    """With a history the folder's late counts are for measuring alone."""
    history, later = collection(tmp_path / "dev"), collection(tmp_path / "later", days=4, seed=5)
    text = gzip.decompress((later / "items.jsonl.gz").read_bytes()).decode()
    with gzip.open(later / "items.jsonl.gz", "wt") as file:
        file.write(text.replace('"2025-09-', '"2026-01-'))
    rows = (later / "truth.tsv").read_text().replace("2025-09-", "2026-01-")
    (later / "truth.tsv").write_text(rows)
    outs = []
    with library(tmp_path) as lib:
        for text in (rows, "".join(map(_other, rows.splitlines(keepends=True)[1:]))):
            head = rows.splitlines(keepends=True)[0]
            (later / "truth.tsv").write_text(text if text.startswith(head) else head + text)
            answer = evaluate_trending(lib, later, history=history, run_out=tmp_path / "run.tsv")
            outs.append((tmp_path / "run.tsv").read_text())

    assert outs[0] == outs[1]
    assert answer["papers"] == 36


def test_a_folder_that_is_no_collection_is_one_sentence(tmp_path: Path) -> None:
    """A missing file, a broken line and a missing field name the file and the line."""
    with pytest.raises(FormatError, match=r"truth\.tsv"):
        read_cases(tmp_path)
    folder = collection(tmp_path / "dev", days=2)
    (folder / "truth.tsv").write_text("id\tday\n2501.1\t2025-01-01\n")
    with pytest.raises(FormatError, match=r"truth\.tsv line 2"):
        read_cases(folder)
    folder = collection(tmp_path / "other", days=2)
    with gzip.open(folder / "items.jsonl.gz", "wt") as file:
        file.write('{"id": "1"}\n')
    with pytest.raises(FormatError, match=r"items\.jsonl\.gz line 1"):
        read_cases(folder)


@pytest.mark.slow
def test_runs_agree_with_the_protocols_scorer(shared: Path, tmp_path: Path) -> None:
    """On real days the scorer computes from the run what the command printed."""
    folder, scorer = shared / "eval" / "trending", shared / "eval" / "trending" / "score_trending.py"
    whole = read_cases(folder / "dev")
    late = tmp_path / "dev"
    late.mkdir()
    (late / "items.jsonl.gz").write_bytes((folder / "dev" / "items.jsonl.gz").read_bytes())
    rows = (folder / "dev" / "truth.tsv").read_text().splitlines(keepends=True)
    (late / "truth.tsv").write_text("".join([rows[0], *(r for r in rows[1:] if r.split("\t")[1] >= "2025-12-01")]))
    with library(tmp_path) as lib:
        answer = evaluate_trending(lib, late, since=date(2025, 12, 1), run_out=tmp_path / "run.tsv")
    (tmp_path / "score_trending.py").write_bytes(scorer.read_bytes())
    assert len(whole) == 5839
    names = {
        "rho_day": "spearman_per_day",
        "p@3": "p_at_3",
        "p@5": "p_at_5",
        "rmse": "rmse_log1p",
        "coverage": "coverage80_observed",
        "interval_score": "interval_score",
        "ap_listed": "ap_listed",
    }
    for track in ("t0", "t24", "novotes"):
        for task in ("week", "month"):
            run = tmp_path / f"run.{track}.{task}.tsv"
            command = [sys.executable, str(tmp_path / "score_trending.py"), str(run), "--split", "dev", "--task", task]
            theirs = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
            ours = answer["tracks"][track][task]["broadsheet"]
            for name, value in ours.items():
                assert value["value"] == pytest.approx(theirs[names[name]], abs=6e-5), (track, task, name)


def test_simple_methods_are_those_of_the_protocol(tmp_path: Path) -> None:
    """The order of the count, of the count over the hours up, and the two published formulas."""
    cases, known = truth(read_cases(collection(tmp_path / "dev", days=2)), "week")
    simple = baselines(cases, "t0")
    first = np.array([case.sighting.looks[0].votes for case in cases], dtype=float)

    assert np.array_equal(simple["current"].score, first)
    assert np.allclose(simple["velocity"].score, first / 5)
    assert np.allclose(simple["hacker_news"].score, (first - 1) / 7**1.8)
    assert np.allclose(simple["reddit"].score, np.log10(np.maximum(first, 1)) - 5 * 3600 / 45000)
    assert set(baselines(cases, "novotes")) == {"lot"}
    assert len(known.days) == len(cases)
