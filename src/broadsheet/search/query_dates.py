"""Days as people write them in a query: a year, a month, an ISO week, a day, or two of these joined by `..`."""

import re
from collections.abc import Callable
from datetime import date, timedelta

_DAY = timedelta(days=1)
_FORMS: tuple[tuple[re.Pattern[str], Callable[..., tuple[date, date]]], ...]


def span(text: str) -> tuple[date, date] | None:
    """First and last day of `2025`, `2025-03`, `2025-W12` or `2025-03-18`; None where it is none of these."""
    for form, days in _FORMS:
        found = form.fullmatch(text)
        if found is not None:
            try:
                return days(*map(int, found.groups()))
            except (ValueError, OverflowError):
                return None
    return None


def stretch(text: str) -> tuple[date | None, date | None] | None:
    """As `span`, and of `A..B`, `A..` and `..B` too; the earlier side comes first."""
    before, dots, after = text.partition("..")
    if not dots:
        return span(text)
    first, last = span(before), span(after)
    if (first is None and before) or (last is None and after) or not (first or last):
        return None
    if first and last and last[0] < first[0]:
        first, last = last, first
    return (first[0] if first else None, last[1] if last else None)


def _year(year: int) -> tuple[date, date]:
    return date(year, 1, 1), date(year, 12, 31)


def _month(year: int, month: int) -> tuple[date, date]:
    first = date(year, month, 1)
    later = date(year, 12, 31) if month == 12 else date(year, month + 1, 1) - _DAY
    return first, later


def _week(year: int, week: int) -> tuple[date, date]:
    return date.fromisocalendar(year, week, 1), date.fromisocalendar(year, week, 7)


def _day(year: int, month: int, day: int) -> tuple[date, date]:
    return date(year, month, day), date(year, month, day)


_FORMS = (
    (re.compile(r"([0-9]{4})"), _year),
    (re.compile(r"([0-9]{4})-([0-9]{1,2})"), _month),
    (re.compile(r"([0-9]{4})-?[Ww]([0-9]{1,2})"), _week),
    (re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"), _day),
)
