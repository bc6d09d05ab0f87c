"""Moments as people say them, in their own zone."""

from datetime import datetime, timedelta, tzinfo
from typing import Final

from broadsheet.words.said import said
from broadsheet.words.weekdays import WEEKDAYS

_WEEK: Final = timedelta(days=6)


def spoken(at: datetime, now: datetime, zone: tzinfo | None) -> str:
    """`today 8:14`, `yesterday 8:14`, `tomorrow 1:30`, `Monday 8:14` within the week, else the day.

    `zone` None is that of this machine.
    """
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    clock = f"{local.hour}:{local.minute:02}"
    away = local.date() - today
    if away.days == 0:
        return said("today %(clock)s", clock=clock)
    if away.days == -1:
        return said("yesterday %(clock)s", clock=clock)
    if away.days == 1:
        return said("tomorrow %(clock)s", clock=clock)
    if abs(away) <= _WEEK:
        return said("%(weekday)s %(clock)s", weekday=WEEKDAYS[local.weekday()], clock=clock)
    return said("%(day)s", day=local.date())
