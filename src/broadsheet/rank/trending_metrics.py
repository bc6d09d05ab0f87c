"""How good forecasts of attention are: rank agreement inside each day, the top of the day, errors and intervals.

The definitions are those of the published protocol of early forecasts: a censored paper (missing from a full page of
the most voted) is tied with its like just below the page's lowest count.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from broadsheet.rank.metrics import measure, paired_p

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

LEAST_PAPERS = 8
"""Days with fewer papers say too little about an order."""
MISS = 10.0
"""What a miss of an 80 % interval costs for each unit beyond it: 2 / .2 (Gneiting and Raftery 2007)."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What came of each paper: its day, the late count (NaN: censored at `floor`)."""

    days: tuple[str, ...]
    late: "Floats"
    floor: "Floats"


@dataclass(frozen=True, slots=True)
class Prediction:
    """In the order of the truth: a score to rank by, and where the method forecasts, votes with an interval."""

    score: "Floats"
    votes: "Floats | None" = None
    low: "Floats | None" = None
    high: "Floats | None" = None


Values = dict[str, "Floats"]
"""Of each metric the values whose mean it is, one a day or one a paper, NaN where it is not defined."""


def values(truth: Truth, found: Prediction) -> Values:
    """The values behind every metric. `rmse` holds squared errors; `ap_listed` is of the whole and not here."""
    told = _daily(truth, found.score)
    seen = ~np.isnan(truth.late)
    late = np.log1p(truth.late[seen])
    if found.votes is not None:
        told["rmse"] = (_log(found.votes)[seen] - late) ** 2
    if found.low is not None and found.high is not None:
        low, high = _log(found.low)[seen], _log(found.high)[seen]
        told["coverage"] = ((low <= late) & (late <= high)).astype(float)
        told["interval_score"] = high - low + MISS * (np.maximum(0, low - late) + np.maximum(0, late - high))
    return told


def summary(truth: Truth, found: Prediction, seed: int = 0) -> dict[str, dict[str, float]]:
    """Every metric that the prediction allows, as value, low and high (bootstrapped 95 %)."""
    told = {}
    for name, parts in values(truth, found).items():
        known = measure(parts[~np.isnan(parts)], seed)
        ends = (known.value, known.low, known.high)
        told[name] = _ends(*(np.sqrt(ends) if name == "rmse" else ends))
    if np.isnan(truth.late).any():
        told["ap_listed"] = _ends(*_average_precision_interval(truth, found.score, seed))
    return told


def compare(truth: Truth, ours: Prediction, theirs: Prediction, seed: int = 0) -> dict[str, float]:
    """For each metric that both have, the p of the paired randomisation test over the same days or papers."""
    one, two = values(truth, ours), values(truth, theirs)
    both = {name: ~np.isnan(one[name]) & ~np.isnan(two[name]) for name in one.keys() & two.keys()}
    return {
        name: round(paired_p(one[name][known], two[name][known], seed), 5)
        for name, known in sorted(both.items())
        if name != "coverage" and known.any()
    }


def average_precision(score: "Floats", listed: "NDArray[np.bool_]") -> float:
    """The mean, over listed papers, of the share of listed ones down to it; ties in the order given."""
    hits = listed[np.argsort(-score, kind="stable")]
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean()) if hits.any() else 0.0


def spearman(one: "Floats", two: "Floats") -> float:
    """Rank correlation with mean ranks for ties; 0 where one side is all one value."""
    a, b = mean_ranks(one), mean_ranks(two)
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / scale if scale else 0.0


def mean_ranks(values: "Floats") -> "Floats":
    """Ranks from 0, ties sharing their mean."""
    _, at, many = np.unique(values, return_inverse=True, return_counts=True)
    first = np.cumsum(many) - many
    return np.asarray((first + (many - 1) / 2)[at], dtype=np.float64)


def top_precision(score: "Floats", late: "Floats", k: int) -> float:
    """Expected share of the k best-scored that are of the true top k: ties in score drawn by lot, in truth accepted."""
    least, cut = np.sort(late)[-k], np.sort(score)[-k]
    sure, tied = score > cut, score == cut
    hit = (late[sure] >= least).sum() + (k - sure.sum()) * (late[tied] >= least).mean()
    return float(hit / k)


def _daily(truth: Truth, score: "Floats") -> Values:
    ranked = np.where(np.isnan(truth.late), truth.floor - 0.5, truth.late)
    told: dict[str, list[float]] = {"rho_day": [], "p@3": [], "p@5": []}
    for rows in _days(truth.days):
        if len(rows) < LEAST_PAPERS:
            continue
        s, y, listed = score[rows], ranked[rows], int((~np.isnan(truth.late[rows])).sum())
        told["rho_day"].append(spearman(s, y) if len(np.unique(y)) > 1 else np.nan)
        for k in (3, 5):
            told[f"p@{k}"].append(top_precision(s, y, k) if listed >= k else np.nan)
    return {name: np.array(parts) for name, parts in told.items()}


def _days(days: Sequence[str]) -> list["NDArray[np.intp]"]:
    number = np.unique(np.array(days), return_inverse=True)[1]
    return [np.flatnonzero(number == day) for day in range(number.max(initial=-1) + 1)]


def _average_precision_interval(truth: Truth, score: "Floats", seed: int) -> tuple[float, float, float]:
    listed = ~np.isnan(truth.late)
    rng, by_day = np.random.default_rng(seed), _days(truth.days)
    drawn = []
    for _ in range(AP_RESAMPLES):
        rows = np.concatenate([by_day[i] for i in rng.integers(0, len(by_day), len(by_day))])
        drawn.append(average_precision(score[rows], listed[rows]))
    low, high = np.percentile(drawn, [2.5, 97.5])
    return average_precision(score, listed), float(low), float(high)


AP_RESAMPLES = 500


def _ends(value: float, low: float, high: float) -> dict[str, float]:
    return {"value": float(value), "low": float(low), "high": float(high)}


def _log(votes: "Floats") -> "Floats":
    return np.log1p(np.maximum(votes, 0.0))
