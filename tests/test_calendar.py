"""A month at a glance: what each day had and why a day had nothing."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from broadsheet.errors import UsageError
from broadsheet.library.editions.calendar import month
from broadsheet.library.editions.edition import edition
from broadsheet.library.handle import Library
from tests.libraries import sample_at


@pytest.fixture
def lib(tmp_path: Path) -> Iterator[Library]:
    """The sample edition of 20 November 2026."""
    with sample_at(tmp_path) as made:
        yield made


def test_each_day_has_as_many_papers_as_its_edition(lib: Library) -> None:
    """The numbers in the calendar are those of the lists that they lead to."""
    days = [day for week in month(lib, "2026-11").weeks for day in week if day.papers]

    assert len(days) > 1
    assert [day.papers for day in days] == [edition(lib, day.day.isoformat()).total for day in days]


def test_a_month_is_whole_weeks_and_knows_its_neighbours(lib: Library) -> None:
    """Weeks begin on Monday, and days of other months are told apart."""
    found = month(lib, "2026-11")

    assert found.weeks[0][0].day == date(2026, 10, 26)
    assert [day.inside for day in found.weeks[0]] == [False] * 6 + [True]
    assert (found.earlier, found.later) == ("2026-10", "2026-12")


def test_an_empty_weekend_has_a_reason_and_the_future_has_none(lib: Library) -> None:
    """Why there is nothing is said where it is known, and not of days that are to come."""
    days = {day.day: day for week in month(lib, "2026-11").weeks for day in week}

    assert "Saturday" in (days[date(2026, 11, 14)].note or "")
    assert days[date(2026, 11, 28)].note is None


@pytest.mark.parametrize("name", ["2026-W47", "2026-11-20", "2026-13", "x"])
def test_what_is_no_month_is_refused(lib: Library, name: str) -> None:
    """Only months have a calendar."""
    with pytest.raises(UsageError, match="2026-11"):
        month(lib, name)
