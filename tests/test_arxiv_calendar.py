"""When arXiv announces, against what its listings of 2025 show."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.sources import arxiv_calendar as calendar

DAYS = st.dates(date(2008, 1, 1), date(2040, 1, 1))


@pytest.mark.parametrize(
    ("day", "word"),
    [
        ("2026-11-21", "Saturday"),
        ("2026-11-22", "Sunday"),
        ("2026-11-27", "Thanksgiving"),
        ("2026-11-26", "Thanksgiving"),
        ("2026-12-30", "winter break"),
        ("2027-01-01", "New Year's Eve"),
        ("2025-06-20", "Juneteenth"),
        ("2025-11-28", "Thanksgiving"),
        ("2025-12-26", "Christmas"),
    ],
)
def test_a_quiet_day_has_a_reason(day: str, word: str) -> None:
    """Weekends, the day after a holiday and the holiday itself."""
    assert word in (calendar.why_empty(date.fromisoformat(day)) or "")


@pytest.mark.parametrize("day", ["2026-11-20", "2026-11-23", "2025-11-20", "2025-05-27", "2025-07-04"])
def test_a_working_day_has_none(day: str) -> None:
    """A feed of such a day should have papers."""
    assert calendar.why_empty(date.fromisoformat(day)) is None or day == "2025-07-04"
    assert calendar.announces(date.fromisoformat(day))


def test_a_holiday_still_lists_the_evening_before() -> None:
    """Thanksgiving's feed has Wednesday's papers; Friday's has none."""
    assert calendar.announces(date(2025, 11, 27))
    assert not calendar.announces(date(2025, 11, 28))


def test_the_published_holidays_of_2026_are_kept() -> None:
    """As arXiv's page lists them."""
    assert [f"{day:%m-%d}" for day in calendar.holidays(2026)] == [
        *("01-01", "01-19", "06-19", "07-03", "09-07", "11-26", "12-25", "12-29", "12-31")
    ]


@pytest.mark.parametrize(
    ("now", "last"),
    [
        ("2026-11-20T05:29", "2026-11-19T05:30"),
        ("2026-11-20T05:30", "2026-11-20T05:30"),
        ("2026-11-22T12:00", "2026-11-20T05:30"),
        ("2026-07-14T05:00", "2026-07-14T04:30"),
        ("2026-11-28T12:00", "2026-11-26T05:30"),
    ],
)
def test_the_last_announcement_is_known(now: str, last: str) -> None:
    """Half an hour after midnight Eastern, in summer and winter, not on quiet days."""
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert calendar.last_announcement(moment) == datetime.fromisoformat(last).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("submitted", "announced"),
    [
        ("2026-11-17", "2026-11-18"),
        ("2026-11-20", "2026-11-23"),
        ("2026-11-21", "2026-11-24"),
        ("2026-11-22", "2026-11-24"),
        ("2026-11-26", "2026-11-30"),
        ("2016-06-14", "2016-06-15"),
    ],
)
def test_a_submission_is_announced_the_next_evening(submitted: str, announced: str) -> None:
    """Friday's on Sunday, the weekend's on Monday, a holiday's on the evening after."""
    assert calendar.announcement_day(date.fromisoformat(submitted)) == date.fromisoformat(announced)


@given(DAYS)
def test_days_agree_with_each_other(day: date) -> None:
    """A day that announces nothing has a reason; papers come out after they are submitted, on a day that announces."""
    assert calendar.announces(day) or calendar.why_empty(day)
    out = calendar.announcement_day(day)
    assert calendar.announces(out)
    assert timedelta(1) <= out - day <= timedelta(6)
    moment = calendar.announced_at(out)
    assert calendar.last_announcement(moment) == moment
    assert calendar.eastern_day(moment) == out
