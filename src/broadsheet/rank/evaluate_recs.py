"""Two protocols of how well a reader's interest is learnt: reading their folder, and scoring rankings.

`citeulike`: a fifth of a library is hidden, to be found among all papers by the other four fifths. `arxiv`: an
author's earlier papers stand for what they like, and each day's list is to be ranked so that their new papers come
first; `arxiv_new_team` counts only those that share no co-author with the earlier ones. All figures are means over a
reader's cases, then over readers, except the median of the positives' percentiles.

    papers.jsonl.gz   arxiv_days.json   arxiv_background.json
    dev/ or heldout/: citeulike_readers.jsonl   arxiv_readers.jsonl
"""

import gzip
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import log2
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from broadsheet.errors import FormatError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Scores = NDArray[np.floating]

SPLITS = ("dev", "heldout")
CUT = date(2026, 3, 1)
"""Profiles end here, and ages of their papers are counted from here."""

METRICS = {
    "citeulike": ("recall@20", "recall@50", "ndcg@20", "auc"),
    "arxiv": ("mrr", "recall@10", "recall@20", "auc", "median_pct"),
    "arxiv_new_team": ("mrr", "recall@10", "recall@20", "auc", "median_pct"),
}
RESAMPLES = 1_000
LEAST_READERS = 6
"""Of five, not even all on one side are beyond chance: the sign test has 2 / 2^5 = .06."""


@dataclass(frozen=True, slots=True)
class Text:
    """A paper of the collection; nobody's name is in it."""

    id: str
    title: str
    abstract: str
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One ranking to be made. `training` are the papers that the reader likes, with their ages in days; `candidates`
    all papers to be ranked, among them the `positives`. `scored` are the candidates that count (all, mostly).
    """

    id: str
    reader: str
    training: tuple[str, ...]
    ages: tuple[float, ...]
    positives: frozenset[str]
    candidates: tuple[str, ...]
    dropped: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Collection:
    """A folder of the protocols: texts by id, cases by protocol, and the papers that may be learnt from.

    `beside`: libraries of the other half of citeulike's readers, where the folder has both; they are not measured.
    """

    split: str
    texts: Mapping[str, Text]
    cases: Mapping[str, tuple[Case, ...]]
    background: Mapping[str, tuple[str, ...]]
    beside: tuple[tuple[str, ...], ...] = ()


def read_collection(folder: Path) -> Collection:
    """Open a folder. Raises FormatError that names the file where one is missing or cannot be read."""
    halves = [name for name in SPLITS if (folder / name).is_dir()]
    if not halves:
        raise FormatError(f"collection {folder}", f"has neither {' nor '.join(SPLITS)}", "see docs/interests.md")
    split, *other = halves
    texts = {text.id: text for text in _read(folder / "papers.jsonl.gz", _text)}
    days = {day: tuple(ids) for day, ids in _json(folder / "arxiv_days.json").items()}
    past = _json(folder / "arxiv_background.json")
    own = tuple(sorted((i for i in texts if i.startswith("cu:")), key=lambda i: int(i[3:])))
    libraries = _read(folder / split / "citeulike_readers.jsonl", lambda row: row)
    authors = _read(folder / split / "arxiv_readers.jsonl", lambda row: row)
    beside = [library for name in other for library in _read(folder / name / "citeulike_readers.jsonl", _library)]
    return Collection(
        split,
        texts,
        {
            "citeulike": tuple(case for row in libraries for case in _folds(row, own)),
            "arxiv": tuple(case for row in authors for case in _days(row, days, new_team=False)),
            "arxiv_new_team": tuple(case for row in authors for case in _days(row, days, new_team=True)),
        },
        {"citeulike": own, "arxiv": tuple(past["background"] if isinstance(past, dict) else past)},
        tuple(beside),
    )


def rank(case: Case, scores: "Scores") -> list[str]:
    """The candidates of a case, best first; `scores` in the order of its candidates, ties by id."""
    order = sorted(range(len(case.candidates)), key=lambda i: (-float(scores[i]), case.candidates[i]))
    return [case.candidates[i] for i in order if case.candidates[i] not in case.dropped]


def case_metrics(positions: Sequence[int], count: int) -> dict[str, float]:
    """Of one case: 1-based positions of the positives, ascending, among so many candidates."""
    many = len(positions)
    found = {f"recall@{k}": sum(at <= k for at in positions) / many for k in (10, 20, 50)}
    gain = sum(1 / log2(at + 1) for at in positions if at <= 20)
    found["ndcg@20"] = gain / sum(1 / log2(i + 2) for i in range(min(many, 20)))
    found["mrr"] = 1 / positions[0]
    worse = sum(at - i for i, at in enumerate(positions, 1))
    found["auc"] = 1 - worse / (many * (count - many)) if count > many else 1.0
    return found


@dataclass(frozen=True, slots=True)
class Table:
    """Figures by reader: `means` (readers, metrics) of `names`, and the percentiles of each reader's positives."""

    names: tuple[str, ...]
    means: "NDArray[np.float64]"
    percentiles: "tuple[NDArray[np.float64], ...]"

    def resampled(self, metric: str, seed: int) -> "NDArray[np.float64]":
        """The metric over all readers, then over each of RESAMPLES draws of readers, the same draws for any table."""
        count = len(self.means)
        draws = np.random.default_rng(seed).integers(0, count, (RESAMPLES, count))
        every = np.concatenate([np.arange(count)[None], draws])
        if metric != "median_pct":
            means: NDArray[np.float64] = self.means[:, self.names.index(metric)][every].mean(axis=1)
            return means
        return np.array([np.median(np.concatenate([self.percentiles[i] for i in rows])) for rows in every.tolist()])


def tabulate(cases: Sequence[Case], ranked: Mapping[str, Sequence[str]]) -> Table:
    """Figures by reader, in the order of their ids."""
    by_reader: dict[str, list[tuple[dict[str, float], list[float]]]] = {}
    for case in cases:
        ranking = ranked[case.id]
        at = [i for i, paper in enumerate(ranking, 1) if paper in case.positives]
        percentiles = [100 * (i - 1) / (len(ranking) - 1) for i in at]
        by_reader.setdefault(case.reader, []).append((case_metrics(at, len(ranking)), percentiles))
    names = tuple(case_metrics([1], 2))
    means = [np.mean([[m[name] for name in names] for m, _ in by_reader[r]], axis=0) for r in sorted(by_reader)]
    pooled = [np.array([p for _, some in by_reader[r] for p in some]) for r in sorted(by_reader)]
    return Table(names, np.array(means), tuple(pooled))


def figures(table: Table, metrics: Sequence[str], seed: int = 0) -> dict[str, dict[str, float]]:
    """Each metric with its 95 % interval (percentiles of resampled readers)."""
    return {name: _told(table.resampled(name, seed)) for name in metrics}


def difference(ours: Table, theirs: Table, metrics: Sequence[str], seed: int = 0) -> dict[str, dict[str, Any]]:
    """How much higher our figures are than theirs on the same readers, with 95 % intervals of the paired bootstrap.

    `real` says whether the interval leaves out 0; the difference of fewer than LEAST_READERS may always be chance.
    """
    told = {name: _told(ours.resampled(name, seed) - theirs.resampled(name, seed)) for name in metrics}
    enough = len(ours.means) >= LEAST_READERS
    return {name: {**t, "real": enough and bool(t["low"] > 0 or t["high"] < 0)} for name, t in told.items()}


def run_lines(ranked: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The lines of a run: case, paper and rank, with tabs between."""
    for case, papers in ranked.items():
        yield from (f"{case}\t{paper}\t{place}\n" for place, paper in enumerate(papers, 1))


def _told(values: "NDArray[np.float64]") -> dict[str, float]:
    """The first as it is, and between which ends 95 % of the others lie."""
    low, high = np.percentile(values[1:], [2.5, 97.5]).tolist()
    return {"value": float(values[0]), "low": low, "high": high}


def _library(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(paper for fold in row["folds"] for paper in fold)


def _folds(row: Mapping[str, Any], papers: Sequence[str]) -> Iterator[Case]:
    for number, hidden in enumerate(row["folds"]):
        training = tuple(p for other, fold in enumerate(row["folds"]) if other != number for p in fold)
        known = set(training)
        candidates = tuple(paper for paper in papers if paper not in known)
        name = str(row["reader"])
        yield Case(f"{name}/{number}", name, training, (0.0,) * len(training), frozenset(hidden), candidates)


def _days(row: Mapping[str, Any], days: Mapping[str, tuple[str, ...]], *, new_team: bool) -> Iterator[Case]:
    ages = tuple(float((CUT - date.fromisoformat(day)).days) for day in row["profile_days"])
    for day, positives in row["cases"].items():
        wanted = frozenset(positives).intersection(row["new_team"]) if new_team else frozenset(positives)
        if wanted:
            dropped = frozenset(positives) - wanted
            name = f"{row['reader']}/{day}"
            yield Case(name, row["reader"], tuple(row["profile"]), ages, wanted, days[day], dropped)


def _text(row: Mapping[str, Any]) -> Text:
    return Text(row["id"], row["title"], row.get("abstract") or "", tuple((row.get("categories") or "").split()))


def _read(path: Path, made: Callable[[dict[str, Any]], Any]) -> list[Any]:
    found: list[Any] = []
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
            found.extend(made(json.loads(line)) for line in file)
    except (OSError, ValueError, KeyError, AttributeError, EOFError) as e:
        raise _bad(path, f"line {len(found) + 1}: {e}") from e
    return found


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as e:
        raise _bad(path, str(e)) from e


def _bad(path: Path, why: str) -> FormatError:
    return FormatError(f"collection {path}", f"cannot be read ({why})", "see docs/interests.md for its form")
