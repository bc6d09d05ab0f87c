"""The protocol of early forecasts of attention: papers as they stood early, what became of them, and simple methods.

A folder holds `items.jsonl.gz`, a line for each paper that was featured with the counts of its first hours, and
`truth.tsv` with the counts of later days, empty where a paper was missing from a full page of the most voted.
"""

import csv
import gzip
import json
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from broadsheet.errors import FormatError
from broadsheet.rank.sighting import HOUR, Ceiling, Course, Look, Sighting
from broadsheet.rank.trending_metrics import Prediction, Truth

Track = Literal["t0", "t24", "novotes"]
TRACKS: tuple[Track, ...] = get_args(Track)
"""First sight; a second look after about a day; nothing but text and metadata."""

TARGETS = {"week": ("week", 3.0, 7.5), "week4": ("week", 4.0, 8.0), "month": ("month", 20.0, 45.0)}
"""Of each task the target in `truth.tsv` and the days after first sight between which it was read."""
FORECAST_AS = {"week": "week", "week4": "week", "month": "month"}
"""`week4` is a part of `week`, with the same forecasts."""


@dataclass(frozen=True, slots=True)
class Late:
    """A count of `truth.tsv`: when it was read, days after first sight, and the votes; None: at most `floor`."""

    target: str
    at: datetime
    gap_days: float
    votes: int | None
    floor: float


@dataclass(frozen=True, slots=True)
class Case:
    """A paper of the collection: its course of the first 30 hours, and what was counted later."""

    sighting: Sighting
    late: tuple[Late, ...]

    @property
    def day(self) -> str:
        """The day it was featured."""
        return self.sighting.day.isoformat()

    def seen(self, track: Track) -> Sighting:
        """What a method may know of it on this track."""
        looks = {"t0": self.sighting.looks[:1], "t24": self.sighting.looks, "novotes": ()}[track]
        known = replace(self.sighting, looks=looks, at=looks[-1].at if looks else self.sighting.at)
        return replace(known, stars=None) if track == "novotes" else known

    def course(self, now: datetime, *, with_late: bool) -> Course:
        """What was known of it by `now`; `with_late`: whether later counts may be learnt from."""
        late = [count for count in self.late if with_late and count.at <= now]
        counted = [Look(count.at, count.votes) for count in late if count.votes is not None]
        looks = sorted((*(look for look in self.sighting.looks if look.at <= now), *counted), key=lambda look: look.at)
        ceilings = tuple(Ceiling(count.at, count.floor) for count in late if count.votes is None)
        return Course(replace(self.sighting, looks=tuple(looks)), ceilings)

    def wanted(self, task: str) -> Late | None:
        """The count that a task asks for."""
        target, least, most = TARGETS[task]
        return next((c for c in self.late if c.target == target and least <= c.gap_days <= most), None)


def read_cases(folder: Path) -> list[Case]:
    """The papers of a folder, by day and id. Raises FormatError that names the file and line."""
    late = _truth(folder / "truth.tsv")
    cases = [Case(sighting, tuple(late.get(sighting.key, ()))) for sighting in _items(folder / "items.jsonl.gz")]
    return sorted(cases, key=lambda case: (case.sighting.day, case.sighting.key))


def truth(cases: Sequence[Case], task: str) -> tuple[list[Case], Truth]:
    """The cases that a task is about, by id, and what came of them."""
    wanted = sorted(
        ((case, late) for case in cases if (late := case.wanted(task))), key=lambda pair: pair[0].sighting.key
    )
    return [case for case, _ in wanted], Truth(
        tuple(case.day for case, _ in wanted),
        np.array([np.nan if late.votes is None else late.votes for _, late in wanted], dtype=float),
        np.array([late.floor for _, late in wanted], dtype=float),
    )


def baselines(cases: Sequence[Case], track: Track) -> dict[str, Prediction]:
    """What simple methods make of the counts that a track allows: the order of the count itself, of the count over the
    hours up, of Hacker News' and Reddit's published formulas; where there are no counts, an order by lot.
    """
    if track == "novotes":
        return {"lot": Prediction(np.array([zlib.crc32(case.sighting.key.encode()) for case in cases], dtype=float))}
    seen = [case.seen(track) for case in cases]
    first = np.array([case.sighting.looks[0].votes for case in cases], dtype=float)
    votes = np.array([s.looks[-1].votes for s in seen], dtype=float)
    hours = np.array([8.0 if s.submitted is None else max((s.at - s.submitted) / HOUR, 0.5) for s in seen])
    told = {
        "current": Prediction(first, first),
        "velocity": Prediction(votes / hours),
        "hacker_news": Prediction((votes - 1) / (hours + 2) ** 1.8),
        "reddit": Prediction(np.log10(np.maximum(votes, 1)) - hours * 3600 / 45_000),
    }
    return told | ({"count_24h": Prediction(votes, votes)} if track == "t24" else {})


def run_lines(cases: Sequence[Case], found: Prediction) -> Iterator[str]:
    """The prediction as the protocol's scorer reads it: id, score, pred, lo, hi."""
    yield "id\tscore\tpred\tlo\thi\n"
    columns = (found.score, found.votes, found.low, found.high)
    for i, case in enumerate(cases):
        yield "\t".join([case.sighting.key, *("" if c is None else repr(float(c[i])) for c in columns)]) + "\n"


def _items(path: Path) -> Iterator[Sighting]:
    for number, line in _lines(path):
        try:
            yield _sighting(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError) as e:
            raise FormatError(f"{path} line {number}", f"is no paper of this protocol ({e!r})", permanent=True) from e


def _sighting(item: Mapping[str, Any]) -> Sighting:
    day, first = date.fromisoformat(item["day"]), datetime.fromisoformat(item["t0"])
    midnight = datetime.combine(day, time(), UTC)
    later = tuple(Look(midnight + timedelta(hours=hours), int(votes)) for hours, votes in item.get("obs30h") or ())
    return Sighting(
        key=str(item["id"]),
        day=day,
        at=first,
        title=item["title"],
        abstract=item["abstract"] or "",
        looks=(Look(first, int(item["upvotes0"]), int(item["comments0"] or 0)), *later),
        submitted=first - timedelta(hours=item["age_sub_h"]) if item.get("age_sub_h") is not None else None,
        published=datetime.fromisoformat(item["published_at"]) if item.get("published_at") else None,
        submitter=item.get("submitter"),
        organisation=item.get("organization"),
        authors=item.get("n_authors") or 0,
        code=bool(item.get("github")),
        project=bool(item.get("project_page")),
        media=bool(item.get("media")),
        stars=item.get("stars0"),
    )


def _truth(path: Path) -> dict[str, list[Late]]:
    found: dict[str, list[Late]] = defaultdict(list)
    lines = [line for _, line in _lines(path)]
    for number, row in enumerate(csv.DictReader(lines, delimiter="\t"), 2):
        try:
            votes = int(float(row["late"])) if row["late"] else None
            at = datetime.fromisoformat(row["t"])
            found[row["id"]].append(Late(row["target"], at, float(row["gap_d"]), votes, float(row["floor"])))
        except (ValueError, KeyError, TypeError) as e:
            raise FormatError(f"{path} line {number}", f"is no count of this protocol ({e!r})", permanent=True) from e
    return found


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
            yield from enumerate(file, 1)
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as e:
        reason = getattr(e, "strerror", None) or str(e)
        way = "give a folder with items.jsonl.gz and truth.tsv"
        raise FormatError(str(path), f"cannot be read ({reason})", way, permanent=True) from e
