"""Which digest of a reader is due: the hour is the reader's, whatever their zone does to its clocks. Pure.

Only the newest is ever due. Those that were missed before it are made up for by it, once: it reaches back to the last.
So does the first one after a reader chose another day, hour or zone, which is at once only if one was due already.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Final, Protocol

from msgspec.structs import replace

from broadsheet.types import Delivery

ONE: Final = timedelta(days=1)
_WEEK: Final = 7


class Made(Protocol):
    """A digest that a reader has: its edition's name, and the reader's day that it was due on."""

    @property
    def edition(self) -> str: ...

    @property
    def day(self) -> date: ...


@dataclass(frozen=True, slots=True)
class Due:
    """A digest to be made: the edition's name, the reader's day, when it was due, and how many were missed before."""

    edition: str
    day: date
    at: datetime
    missed: int = 0


def due(wanted: Delivery, zone: tzinfo | None, last: Made | None, now: datetime) -> Due | None:
    """The digest that is due now; None where there is none. `last`: the newest that the reader has.

    `zone`: None is the system's. What was due before `wanted.since` is never due.
    """
    day, at = _newest_of(wanted, zone, now)
    name = name_of(wanted, day, last)
    if name is None or at < wanted.since:
        return None
    return Due(name, day, at, _missed(wanted, zone, day, last))


def changed(
    before: Delivery, zone: tzinfo | None, wanted: Delivery, new_zone: tzinfo | None, last: Made | None, now: datetime
) -> Delivery:
    """What a reader wants now, by the clock of a zone that may be new, beginning when it has to.

    Where nothing was due by what they wanted before, nothing is because of the change; where something was, the newest
    by the new clock is due in its place, unless they have it.
    """
    if due(before, zone, last, now) is None:
        return replace(wanted, since=now)
    return replace(wanted, since=min(before.since, _newest_of(wanted, new_zone, now)[1]))


def following(wanted: Delivery, zone: tzinfo | None, last: Made | None, now: datetime) -> datetime:
    """When the next digest will be due, the one that is due now left aside."""
    day = now.astimezone(zone).date() - ONE
    while True:
        open_ = _is_day(wanted, day) and name_of(wanted, day, last) is not None
        if open_ and moment(wanted, zone, day) > max(now, wanted.since):
            return moment(wanted, zone, day)
        day += ONE


def moment(wanted: Delivery, zone: tzinfo | None, day: date) -> datetime:
    """When the digest of a day is due, in UTC.

    An hour that summer time skips is due as long after midnight as it would be without; of one that comes twice the
    first counts.
    """
    return _moment(wanted.at, zone, day)


def name_of(wanted: Delivery, day: date, last: Made | None) -> str | None:
    """The name of a day's digest: the day, or its ISO week. None where the reader has it already.

    Who had digests of days in the week before choosing weekly ones gets the first by the name of its day, too: that of
    the week may have been given before they chose those of days.
    """
    if last is not None and day <= last.day:
        return None
    week = f"{day:%G-W%V}"
    if wanted.cadence != "weekly" or (last is not None and last.edition != week == f"{last.day:%G-W%V}"):
        return day.isoformat()
    return None if last is not None and last.edition == week else week


def _moment(at: time, zone: tzinfo | None, day: date) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


def _newest_of(wanted: Delivery, zone: tzinfo | None, now: datetime) -> tuple[date, datetime]:
    return _newest(wanted.weekday if wanted.cadence == "weekly" else None, wanted.at, zone, now)


@lru_cache(maxsize=1024)
def _newest(weekday: int | None, at: time, zone: tzinfo | None, now: datetime) -> tuple[date, datetime]:
    """The newest day, or day of the week, whose moment has come, and that: found once for all with the same wishes.

    A zone may set its clocks past midnight, or leave a day out, so tomorrow is looked at too, and eight days back.
    """
    today = now.astimezone(zone).date()
    days = (today - back * ONE for back in range(-1, _WEEK + 2))
    moments = ((day, _moment(at, zone, day)) for day in days if weekday in (None, day.weekday()))
    return next((day, due) for day, due in moments if due <= now)


def _is_day(wanted: Delivery, day: date) -> bool:
    return wanted.cadence != "weekly" or day.weekday() == wanted.weekday


def _missed(wanted: Delivery, zone: tzinfo | None, day: date, last: Made | None) -> int:
    """Those that were due since the last one, by what the reader wanted when they were."""
    if last is None:
        return 0
    between = (last.day + n * ONE for n in range(1, (day - last.day) // ONE))
    at = moment(wanted, zone, day)  # a day that the zone left out has the moment of the next, and was not missed
    return sum(
        name_of(wanted, one, last) is not None and wanted.since <= moment(wanted, zone, one) < at
        for one in between
        if _is_day(wanted, one)
    )
