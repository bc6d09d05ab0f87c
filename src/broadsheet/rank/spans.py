"""Names of editions: a day, an ISO week or a month, and the days each spans."""

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_WEEK = re.compile(r"(\d{4})-W(\d{2})")
_MONTH = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, slots=True)
class Span:
    """An edition's name and its first and last day."""

    name: str
    first: date
    last: date

    @property
    def is_day(self) -> bool:
        """Whether it is the edition of one day."""
        return self.first == self.last

    def __str__(self) -> str:
        """`2025-11-20`, or `2025-11-17 to 2025-11-23`."""
        return self.first.isoformat() if self.is_day else f"{self.first.isoformat()} to {self.last.isoformat()}"


FIRST_YEAR, LAST_YEAR = 1900, 2999
"""Nothing was announced before or will be after, and the neighbours of an edition must be dates that Python has."""


def span_of(name: str) -> Span | None:
    """The days of `YYYY-MM-DD`, `YYYY-Www` or `YYYY-MM`; None for what is none of these or no date of our centuries."""
    if not FIRST_YEAR <= int(name[:4] if re.match(r"[0-9]{4}", name) else 0) <= LAST_YEAR:
        return None
    return _read(name)


def _read(name: str) -> Span | None:
    try:
        if _DAY.fullmatch(name):
            day = date.fromisoformat(name)
            return Span(name, day, day)
        if week := _WEEK.fullmatch(name):
            monday = date.fromisocalendar(int(week[1]), int(week[2]), 1)
            return Span(name, monday, monday + timedelta(days=6))
        if month := _MONTH.fullmatch(name):
            first = date(int(month[1]), int(month[2]), 1)
            return Span(name, first, first.replace(day=calendar.monthrange(first.year, first.month)[1]))
    except ValueError:
        return None
    return None


def beside(span: Span, step: int) -> Span:
    """The edition of the same kind `step` places later (negative: earlier)."""
    if span.is_day:
        return _named(span.first + timedelta(days=step), "%Y-%m-%d")
    if "W" in span.name:
        return _named(span.first + timedelta(weeks=step), "%G-W%V")
    months = span.first.year * 12 + span.first.month - 1 + step
    return _named(date(months // 12, months % 12 + 1, 1), "%Y-%m")


def _named(day: date, form: str) -> Span:
    found = _read(day.strftime(form))
    assert found is not None
    return found
