"""From courses of the past to rows that teach: what was seen at a like age, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from math import exp, inf, log
from typing import TYPE_CHECKING

import numpy as np

from broadsheet.rank.ridge import Design, Task, fit
from broadsheet.rank.sighting import HOUR, Course, Look, Sighting

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

AGE_BAND = 0.35
"""How unlike two ages may be, as a difference of logs: 8 h speaks for 11 h with weight .6, for 17 h with .1."""
GAP_BAND = (0.5, 1.5)
"""A count stands for the time asked about if it was taken at half to one and a half times the gap."""
BRIDGED = 0.8
"""Weight of a row whose target was read off an earlier count: it carries a third of a real target's variance."""
LATE = 0.5
"""Weight of a count that was taken later than the band, where that serves at all."""
LEAST_BRIDGES = 30
"""Rows that have both counts, below which no target is read off."""


@dataclass(frozen=True, slots=True)
class Rows:
    """What teaches: sightings as they stood at the age asked about, one row each.

    `target`: log(1 + votes) at `gap_days` from the sighting, NaN where it is only known to be at most `ceiling`.
    `exact`: counted, neither censored nor read off an earlier count. A weight of 0 is a row without target, kept
    because the day's others are compared with it.
    """

    sightings: list[Sighting]
    target: "Floats"
    ceiling: "Floats"
    gap_days: "Floats"
    weight: "Floats"
    exact: "NDArray[np.bool_]"


def hours_old(sighting: Sighting, at: datetime) -> float:
    """Hours since the day of the sighting began in UTC, at least one."""
    return max((at - datetime.combine(sighting.day, time(), UTC)) / HOUR, 1.0)


def rows(courses: Sequence[Course], like: Sighting, gap_days: float) -> Rows:
    """The rows that courses give for a question about a sighting like `like`, `gap_days` ahead."""
    cut = [_cut(course, like) for course in courses]
    kept = [(course, *found) for course, found in zip(courses, cut, strict=True) if found]
    target, ceiling, weight = (np.full(len(kept), np.nan) for _ in range(3))
    most = GAP_BAND[1] if like.looks else inf  # what a text is worth can be read off any late count
    middle, gap = np.full(len(kept), np.nan), np.full(len(kept), gap_days)
    for i, (course, sighting, closeness) in enumerate(kept):
        weight[i] = closeness
        start = sighting.looks[-1].at + HOUR if sighting.looks else sighting.at
        later = [look for look in course.sighting.looks if look.at >= start]
        count = _nearest(later, sighting.at, gap_days, most)
        if count:
            target[i], gap[i] = np.log1p(count.votes), _days(sighting.at, count.at)
            weight[i] *= 1 if gap[i] <= GAP_BAND[1] * gap_days else LATE
        else:
            ceiling[i] = _ceiling(course, sighting.at, gap_days)
        before = [look for look in later if _days(sighting.at, look.at) < GAP_BAND[0] * gap_days]
        if before:
            middle[i] = np.log1p(before[-1].votes)
    exact = ~np.isnan(target) & (gap <= GAP_BAND[1] * gap_days)
    own = np.array([np.log1p(s.looks[-1].votes) if s.looks else 0.0 for _, s, _ in kept])
    bridged = np.isnan(target) & np.isnan(ceiling) & ~np.isnan(middle)
    target[bridged] = _read_off(middle, own, target, ceiling, bridged)
    weight *= np.where(bridged, BRIDGED, 1.0) * ~(np.isnan(target) & np.isnan(ceiling))
    return Rows([s for _, s, _ in kept], target, ceiling, gap, weight, exact)


def _cut(course: Course, like: Sighting) -> tuple[Sighting, float] | None:
    """The course's sighting as it stood at the ages of `like`'s first and last look, and how close those ages are."""
    own = course.sighting
    if not like.looks:
        return replace(own, looks=(), at=own.looks[0].at if own.looks else own.at), 1.0
    asked = [hours_old(like, look.at) for look in like.looks]
    last = _closest(own, own.looks, asked[-1])
    if last is None:
        return None
    if len(asked) == 1:
        return replace(own, looks=(last[0],), at=last[0].at), last[1]
    first = _closest(own, [look for look in own.looks if look.at < last[0].at], asked[0])
    if first is None:
        return None
    return replace(own, looks=(first[0], last[0]), at=last[0].at), first[1] * last[1]


def _closest(own: Sighting, looks: Sequence[Look], hours: float) -> tuple[Look, float] | None:
    unlike = [(abs(log(hours_old(own, look.at) / hours)), i) for i, look in enumerate(looks)]
    if not unlike or min(unlike)[0] > 3 * AGE_BAND:
        return None
    distance, i = min(unlike)
    return looks[i], exp(-((distance / AGE_BAND) ** 2) / 2)


def _nearest(looks: Sequence[Look], at: datetime, gap_days: float, most: float) -> Look | None:
    """The look that stands for a time ahead, if one is near enough; `most` is the longest gap as a share of that."""
    near = [look for look in looks if GAP_BAND[0] <= _days(at, look.at) / gap_days <= most]
    return min(near, key=lambda look: abs(_days(at, look.at) - gap_days), default=None)


def _ceiling(course: Course, at: datetime, gap_days: float) -> float:
    """log(1 + votes) that the paper had at most, by a list read at about that time; NaN where none was."""
    near = [c.votes for c in course.ceilings if GAP_BAND[0] <= _days(at, c.at) / gap_days <= GAP_BAND[1]]
    return float(np.log1p(min(near))) if near else float("nan")


def _days(start: datetime, end: datetime) -> float:
    return (end - start) / timedelta(days=1)


def _read_off(
    middle: "Floats", own: "Floats", target: "Floats", ceiling: "Floats", wanted: "NDArray[np.bool_]"
) -> "Floats":
    """Targets from counts half way, by the line that joins both where both are known."""
    both = ~np.isnan(middle) & ~(np.isnan(target) & np.isnan(ceiling))
    if (both & ~np.isnan(target)).sum() < LEAST_BRIDGES:
        return np.full(int(wanted.sum()), np.nan)
    columns = np.column_stack([middle, middle - own, middle**2])
    line = fit(Task.plain(columns[both], (target - middle)[both], (ceiling - middle)[both]), Design.plain(3, 3.0))
    return middle[wanted] + line(columns[wanted])
