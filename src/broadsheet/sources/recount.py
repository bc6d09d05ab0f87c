"""Which days' votes are counted again, and how a cursor remembers when each was last looked at. Pure.

A page of a day has the counts of all its papers, so a look costs one request however many they are. Votes of the last
days are counted with each harvest anyway; older ones follow the schedule that all counts do.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from broadsheet.sources import moments
from broadsheet.sources.schedule import Schedule, is_due

EVERY = timedelta(days=1)

Looks = Mapping[date, datetime]


def read(text: str) -> dict[date, datetime]:
    """The days and when each was last looked at, out of a cursor; what cannot be read was not looked at."""
    try:
        kept = json.loads(text or "{}")
        found = {date.fromisoformat(day): moments.utc(at) for day, at in kept.items()}
    except (ValueError, AttributeError, RecursionError):
        return {}
    return {day: at for day, at in found.items() if at is not None}


def write(looks: Looks, now: datetime, days: int) -> str:
    """As `read` takes it; days that are not counted any more are forgotten."""
    kept = {f"{day}": f"{at:%Y-%m-%dT%H:%M:%SZ}" for day, at in sorted(looks.items()) if _age(day, now).days <= days}
    return json.dumps(kept, separators=(",", ":"))


def due(looks: Looks, now: datetime, days: int) -> list[date]:
    """The days to look at again at `now`, up to `days` after each, the newest first."""
    schedule = Schedule(first=EVERY, every=EVERY, drop=timedelta(days=days))
    return sorted((day for day, at in looks.items() if is_due(schedule, _born(day), at, 0, now)), reverse=True)


def _born(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _age(day: date, now: datetime) -> timedelta:
    return now - _born(day)
