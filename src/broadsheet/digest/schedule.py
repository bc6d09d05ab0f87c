"""Which digest of a reader is due: the hour is the reader's, whatever their zone does to its clocks. Pure.

Only the newest is ever due. Those that were missed before it are made up for by it, once: it reaches back to the last.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final

from broadsheet.types import Delivery

ONE: Final = timedelta(days=1)
_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Due:
    """A digest to be made: the edition's name, the reader's day, when it was due, and how many were missed before."""

    edition: str
    day: date
    at: datetime
    missed: int = 0


def due(wanted: Delivery, zone: tzinfo | None, last: date | None, now: datetime) -> Due | None:
    """The digest that is due now; None where there is none. `last`: the day of the newest that the reader has.

    `zone`: None is the system's. What was due before `wanted.since` is never due.
    """
    passed = (day for day in _days_before(wanted, zone, now) if moment(wanted, zone, day) <= now)
    day = next(passed, None)
    if day is None or (last is not None and (day <= last or name_of(wanted, day) == name_of(wanted, last))):
        return None
    at = moment(wanted, zone, day)
    return Due(name_of(wanted, day), day, at, _missed(wanted, day, last)) if at >= wanted.since else None


def following(wanted: Delivery, zone: tzinfo | None, last: date | None, now: datetime) -> datetime:
    """When the next digest will be due, the one that is due now left aside."""
    day = now.astimezone(zone).date() - ONE
    while True:
        taken = last is not None and (day <= last or name_of(wanted, day) == name_of(wanted, last))
        if _is_day(wanted, day) and not taken and moment(wanted, zone, day) > max(now, wanted.since):
            return moment(wanted, zone, day)
        day += ONE


def moment(wanted: Delivery, zone: tzinfo | None, day: date) -> datetime:
    """When the digest of a day is due, in UTC.

    An hour that summer time skips is due as long after midnight as it would be without; of one that comes twice the
    first counts.
    """
    return datetime.combine(day, wanted.at, zone).astimezone(UTC)


def name_of(wanted: Delivery, day: date) -> str:
    """The name of a day's digest: the day, or its ISO week."""
    return f"{day:%G-W%V}" if wanted.cadence == "weekly" else day.isoformat()


def _days_before(wanted: Delivery, zone: tzinfo | None, now: datetime) -> Iterator[date]:
    """Days that may be due, the newest first. A zone may set its clocks past midnight, so tomorrow is looked at too."""
    today = now.astimezone(zone).date()
    return (day for back in range(-1, _WEEK + 1) if _is_day(wanted, day := today - back * ONE))


def _is_day(wanted: Delivery, day: date) -> bool:
    return wanted.cadence != "weekly" or day.weekday() == wanted.weekday


def _missed(wanted: Delivery, day: date, last: date | None) -> int:
    if last is None:
        return 0
    days = (day - last) // ONE
    return max(days // _WEEK if wanted.cadence == "weekly" else days, 1) - 1
