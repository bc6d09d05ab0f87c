"""A month at a glance: how much each day had, and why a day had nothing."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from typing import TYPE_CHECKING

from broadsheet.errors import UsageError
from broadsheet.library.editions.rankings import Moment
from broadsheet.library.handle import Library
from broadsheet.rank.spans import Span, beside, span_of

if TYPE_CHECKING:
    from broadsheet.store import Connection


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day. `note`: why it is empty, where that is known; `inside`: whether it belongs to the month.

    `weight` is 0 to 4: how much it had beside the fullest day that is shown.
    """

    day: date
    papers: int
    inside: bool
    note: str | None
    weight: int = 0


@dataclass(frozen=True, slots=True)
class Month:
    """Weeks from Monday to Sunday. `earlier`, `later`: names of the months beside."""

    name: str
    weeks: tuple[tuple[CalendarDay, ...], ...]
    earlier: str
    later: str


def month(lib: Library, name: str) -> Month:
    """The month called `2026-11`. Raises UsageError for a name that is none."""
    from broadsheet.store import state

    span = span_of(name)
    if span is None or span.is_day or "W" in name:
        raise UsageError(f"month {name!r}", "is no month", "write one such as 2026-11")
    with lib.store.reading() as conn:
        now = lib.now()
        moment = Moment.of(state.read(conn), now)
        made = lib.rankings.get((moment.told, "calendar", name), lambda: [_told(conn, span, now.date())])
    return made[0]


def _told(conn: "Connection", span: Span, today: date) -> Month:
    from broadsheet.store import editions

    weeks = calendar.Calendar().monthdatescalendar(span.first.year, span.first.month)
    counts = {found.day: found.papers for found in editions.days(conn, weeks[0][0], weeks[-1][-1])}
    most = max(counts.values(), default=1)

    def told(day: date) -> CalendarDay:
        papers = counts.get(day, 0)
        note = None if papers else _why_empty(day, today)
        return CalendarDay(day, papers, day.month == span.first.month, note, ceil(4 * papers / most))

    rows = tuple(tuple(told(day) for day in week) for week in weeks)
    return Month(span.name, rows, beside(span, -1).name, beside(span, 1).name)


def _why_empty(day: date, today: date) -> str | None:
    from broadsheet.sources import arxiv_calendar

    return None if day > today + timedelta(days=1) else arxiv_calendar.why_empty(day)
