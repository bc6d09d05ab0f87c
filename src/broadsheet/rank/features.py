"""What a forecast sees of a paper: a table of numbers, each of which a person can name and recompute.

Counts enter as log(1 + n), since attention multiplies. Every count stands beside those of the same day's other papers,
because the volume of a day says more of the day than of the paper. The paper's own votes enter only through columns
that never fall when the votes rise, and with weights of at least zero: one more vote cannot lower a forecast.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from broadsheet.rank.ridge import Design
from broadsheet.rank.sighting import HOUR, Sighting
from broadsheet.rank.standing import Named

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Vectors = Mapping[str, "NDArray[np.float32]"]
"""Unit vectors of papers' texts by key; a paper may lack one."""

KNOTS = (0.0, 1.1, 1.8, 2.5, 3.2, 4.0)
"""Where the effect of votes may bend: 0, 2, 5, 11, 24 and 54 of them."""
RECENT, RECENT_DOUBT = 14, 20
"""Days whose mean says how loud these weeks are, and the average papers that it is mixed with."""
SHARED = 0.5
"""How much of a count's distance from the average is its day's: see `ridge.Design`."""
PENALTY = 100.0
"""A hundred papers' worth of doubt about each plain column."""
TEXT_PENALTY = 8000.0
"""Of each dimension of a text's vector: there are hundreds, and each alone says little."""
TEXT = 1
"""The block of those dimensions: they share one scale."""
SUBMITTER_PENALTY, ORGANISATION_PENALTY, LEAST_PAPERS = 3000.0, 1000.0, 3
"""Of each submitter's and organisation's own column, which those with so many papers have: most are names of a few."""
WORDS = "past of its abstract's words"
"""The column that says how earlier papers of the same words did."""
FORESEEN, MOST_FORESEEN = 16.0, 1.0
"""How much more the words of an abstract say together than the mean of their pasts does, and the most that they may."""
SUBMITTER_DOUBT, ORGANISATION_DOUBT, WORD_DOUBT = 3.0, 3.0, 30.0
"""How many papers of average luck are added to each one's past before its mean is believed."""


@dataclass(slots=True)
class Table:
    """Columns under construction: names, values and how each may be used."""

    names: list[str] = field(default_factory=list)
    values: list["Floats"] = field(default_factory=list)
    penalty: list[float] = field(default_factory=list)
    least: list[float] = field(default_factory=list)
    block: list[int] = field(default_factory=list)

    def add(self, name: str, values: "Floats", *, penalty: float = 0.0, least: float = -inf, block: int = 0) -> None:
        """One more column; `least` is the smallest weight it may get."""
        self.names.append(name)
        self.values.append(values)
        self.penalty.append(penalty or PENALTY)
        self.least.append(least)
        self.block.append(block)

    def column(self, name: str) -> "Floats":
        """The values of one column."""
        return self.values[self.names.index(name)]

    @property
    def matrix(self) -> "Floats":
        """Rows of papers, columns in the order they were added."""
        return np.array(self.values, dtype=np.float64).T.copy()

    @property
    def design(self) -> Design:
        """How a fit may use the columns."""
        return Design(np.array(self.penalty), np.array(self.least), np.array(self.block, dtype=np.intp), SHARED)


def table(sightings: Sequence[Sighting], value: "Floats", gap_days: "Floats", vectors: Vectors) -> Table:
    """The columns of sightings, which are of one kind: all without looks, all with one, or all with several.

    `value`: the log count that each came to, as far as known at the time of asking, NaN where unknown; only values of
    earlier days speak of a row. `gap_days`: from each sighting to the time that is asked about.
    """
    made, sightings = Table(), _timed(sightings)
    day = _groups(s.day.toordinal() for s in sightings)
    _about(made, sightings)
    own, has_looks = last_log(sightings), bool(sightings and sightings[0].looks)
    ends = {"": value, "growth ": value - own} if has_looks else {"": value}
    _past(made, sightings, {kind: from_day_mean(end, day) for kind, end in ends.items()})
    made.add("days before", _recent(value - own, sightings))
    made.add("log days ahead", np.log(gap_days))
    made.add("log papers of the day", np.log1p(_day_size(day)))
    _names(made, sightings)
    if has_looks:
        _votes(made, sightings, day)
        if len(sightings[0].looks) > 1:
            _growth(made, sightings, day)
    _text(made, sightings, vectors)
    return made


def last_log(sightings: Sequence[Sighting]) -> "Floats":
    """log(1 + votes) at the last look; 0 without one."""
    made: Floats = np.log1p(np.array([s.looks[-1].votes if s.looks else 0 for s in sightings], dtype=float))
    return made


def lifted(own: "Floats", words: "Floats") -> "Floats":
    """Log votes, as if there had been e^(FORESEEN words) of them from the start instead of one.

    What the words let expect fades as votes come, and one more vote still makes it more.
    """
    start = np.clip(FORESEEN * words, -MOST_FORESEEN, MOST_FORESEEN)
    return np.asarray(np.log(np.expm1(own) + np.exp(start)))


def from_day_mean(values: "Floats", day: "NDArray[np.intp]") -> "Floats":
    """Each value less the mean of its day's known ones; NaN stays."""
    known = ~np.isnan(values)
    count = np.bincount(day, known, minlength=day.max(initial=-1) + 1)
    total = np.bincount(day, np.where(known, values, 0.0), minlength=len(count))
    return np.asarray(values - (total / np.maximum(count, 1))[day])


def _about(made: Table, sightings: Sequence[Sighting]) -> None:
    """What is known before any vote."""
    for name, flag in _FLAGS.items():
        made.add(name, np.array([float(flag(s)) for s in sightings]))
    for name, number in _NUMBERS.items():
        made.add(name, np.array([number(s) for s in sightings]))
    made.add("log stars of its code", np.log1p(np.array([s.stars or 0 for s in sightings], dtype=float)))
    for weekday, name in enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")):
        made.add(name, np.array([float(s.day.weekday() == weekday) for s in sightings]))


_FLAGS: dict[str, Callable[[Sighting], bool]] = {
    "code": lambda s: s.code,
    "project page": lambda s: s.project,
    "pictures": lambda s: s.media,
    "organisation": lambda s: s.organisation is not None,
    "stars unknown": lambda s: s.stars is None,
    "a name before a colon": lambda s: ":" in s.title[:30],
    "survey": lambda s: "survey" in s.title.lower() or "review" in s.title.lower(),
    "benchmark": lambda s: "bench" in s.title.lower(),
    "technical report": lambda s: "technical report" in s.title.lower(),
}


def _lag_days(s: Sighting) -> float:
    """Days from publication to being put forward, at most 60."""
    return 0.0 if s.published is None else min(max((_put_forward(s) - s.published) / HOUR / 24, 0.0), 60.0)


def _hours_up(s: Sighting) -> float:
    """Hours from being put forward to the last look; at least half of one."""
    at = s.looks[-1].at if s.looks else s.at
    return max((at - _put_forward(s)) / HOUR, 0.5)


def _timed(sightings: Sequence[Sighting]) -> Sequence[Sighting]:
    """Those of which the day alone is known are taken to have been put forward when half of the others were."""
    late = sorted(s.submitted - _midnight(s) for s in sightings if s.submitted)
    if len(late) in (0, len(sightings)):
        return sightings
    usual = late[len(late) // 2]
    return [s if s.submitted else replace(s, submitted=_midnight(s) + usual) for s in sightings]


def _put_forward(s: Sighting) -> datetime:
    return s.submitted or _midnight(s)


def _midnight(s: Sighting) -> datetime:
    return datetime.combine(s.day, time(), UTC)


_NUMBERS: dict[str, Callable[[Sighting], float]] = {
    "log authors": lambda s: float(np.log1p(s.authors)),
    "log days since published": lambda s: float(np.log1p(_lag_days(s))),
    "log hours up": lambda s: float(np.log1p(_hours_up(s))),
    "log hours up, squared": lambda s: float(np.log1p(_hours_up(s)) ** 2),
    "letters of the title": lambda s: float(len(s.title)),
    "log words of the abstract": lambda s: float(np.log1p(len(s.abstract.split()))),
}


def _votes(made: Table, sightings: Sequence[Sighting], day: "NDArray[np.intp]") -> None:
    own = last_log(sightings)
    seen = lifted(own, made.column(WORDS))
    for low, high in zip((-MOST_FORESEEN, *KNOTS[1:]), (*KNOTS[1:], inf), strict=True):
        # The target is the growth beyond the votes there are, so -1 would be "these votes do not matter".
        made.add(f"log votes above {max(np.expm1(low), 0):.0f}", np.clip(seen, low, high) - low, least=-1.0)
    made.add("log votes of the day's others", _others(own, day))
    comments = np.log1p(np.array([s.looks[-1].comments for s in sightings], dtype=float))
    made.add("log comments", comments)
    made.add("log comments of the day's others", _others(comments, day))


def _growth(made: Table, sightings: Sequence[Sighting], day: "NDArray[np.intp]") -> None:
    """What came since the first look: the first counts beside the last ones say it."""
    first = np.log1p(np.array([s.looks[0].votes for s in sightings], dtype=float))
    grown = last_log(sightings) - first
    made.add("log votes at the first look", first)
    made.add("growth since the first look", np.maximum(grown, 0.0), least=0.0)
    made.add("growth of the day's others", _others(grown, day))


def _recent(value: "Floats", sightings: Sequence[Sighting]) -> "Floats":
    """The mean of the known values of the RECENT days before each row's day, mixed with the mean of all."""
    day = np.array([s.day.toordinal() for s in sightings])
    known = ~np.isnan(value)
    if not known.any():
        return np.zeros(len(value))
    first = int(day.min()) - RECENT - 1
    total, count = (
        np.cumsum(np.bincount(day - first, weights=weight)) for weight in (np.where(known, value, 0.0), known)
    )
    before, start = day - first - 1, day - first - 1 - RECENT
    mean = float(value[known].mean())
    sums, many = total[before] - total[start], count[before] - count[start]
    return np.asarray((sums + mean * RECENT_DOUBT) / (many + RECENT_DOUBT))


def _past(made: Table, sightings: Sequence[Sighting], values: Mapping[str, "Floats"]) -> None:
    """How papers of the same submitter, organisation and words did before, each against its day, by kind of value."""
    day = np.array([s.day.toordinal() for s in sightings])
    for name, names_of, doubt in _STANDINGS:
        named = Named.of([names_of(s) for s in sightings], day)
        for kind, value in values.items():
            mean, count = named.standing(value, doubt)
            made.add(f"past {kind}of its {name}", mean)
            if not kind and doubt < WORD_DOUBT:
                made.add(f"log past papers of its {name}", np.log1p(count))


def _names(made: Table, sightings: Sequence[Sighting]) -> None:
    """Who put it forward, and for whom: a column for each who often does, all of a kind on one scale."""
    today = Counter((s.day, s.submitter) for s in sightings)
    own_papers = [today[s.day, s.submitter] if s.submitter else 1 for s in sightings]
    made.add("log papers of its submitter that day", np.log(own_papers))
    for block, (kind, name_of, penalty) in enumerate(_NAMES, TEXT + 1):
        own = np.array([name_of(s) for s in sightings])
        for name, papers in sorted(Counter(own.tolist()).items()):
            if name and papers >= LEAST_PAPERS:
                made.add(f"{kind} {name}", (own == name).astype(float), penalty=penalty, block=block)


_NAMES: tuple[tuple[str, Callable[[Sighting], str], float], ...] = (
    ("submitter", lambda s: s.submitter or "", SUBMITTER_PENALTY),
    ("organisation", lambda s: (s.organisation or "").lower(), ORGANISATION_PENALTY),
)

_WORD = re.compile(r"[a-z][a-z0-9-]+")
_STANDINGS: tuple[tuple[str, Callable[[Sighting], Iterable[str]], float], ...] = (
    ("submitter", lambda s: (s.submitter,) if s.submitter else (), SUBMITTER_DOUBT),
    ("organisation", lambda s: (s.organisation.lower(),) if s.organisation else (), ORGANISATION_DOUBT),
    ("abstract's words", lambda s: dict.fromkeys(_WORD.findall(s.abstract.lower())), WORD_DOUBT),
)


def _text(made: Table, sightings: Sequence[Sighting], vectors: Vectors) -> None:
    there = next((vectors[s.key] for s in sightings if s.key in vectors), None)
    if there is None:
        return
    empty = np.zeros(len(there), dtype=np.float32)
    rows = np.stack([vectors.get(s.key, empty) for s in sightings]).astype(np.float64)
    for i in range(rows.shape[1]):
        made.add(f"text {i}", rows[:, i], penalty=TEXT_PENALTY, block=TEXT)


def _groups(keys: Iterable[int]) -> "NDArray[np.intp]":
    return np.unique(np.array(list(keys), dtype=np.int64), return_inverse=True)[1].astype(np.intp)


def _day_size(day: "NDArray[np.intp]") -> "Floats":
    return np.bincount(day)[day].astype(np.float64) if len(day) else np.zeros(0)


def _others(values: "Floats", day: "NDArray[np.intp]") -> "Floats":
    """The mean of the day's other papers; of a lone paper its own value stands in no one's light: 0."""
    size = _day_size(day)
    total = np.bincount(day, values)[day]
    return np.where(size > 1, (total - values) / np.maximum(size - 1, 1), 0.0)
