"""Names of editions and the days they span."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.rank.spans import beside, span_of


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("2025-11-20", date(2025, 11, 20), date(2025, 11, 20)),
        ("2025-W47", date(2025, 11, 17), date(2025, 11, 23)),
        ("2020-W53", date(2020, 12, 28), date(2021, 1, 3)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
    ],
)
def test_days_weeks_and_months_span_their_days(name: str, first: date, last: date) -> None:
    """A day spans itself, an ISO week Monday to Sunday, a month its first to its last day."""
    span = span_of(name)

    assert span is not None
    assert (first, last) == (span.first, span.last)


@pytest.mark.parametrize("name", ["2025-02-30", "2025-W54", "2025-13", "today", "", "2025", "٢٠٢٥-١١-٢٠x"])
def test_what_is_no_date_has_no_span(name: str) -> None:
    """Text that names no real day, week or month has no span."""
    assert span_of(name) is None


@pytest.mark.parametrize("name", ["1900-01", "1900-01-01", "1900-W01", "2999-12", "2999-12-31", "2999-W52"])
def test_the_first_and_the_last_have_neighbours_and_beyond_is_nothing(name: str) -> None:
    """Every edition has one before and one behind; other centuries have none at all."""
    span = span_of(name)
    assert span is not None

    assert beside(span, -1).first < span.first < beside(span, 1).first
    assert span_of(name.replace("1900", "1899").replace("2999", "3000")) is None
    assert span_of(name.replace("1900", "0001").replace("2999", "9999")) is None


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    """Whatever is asked for, the answer is a span or None."""
    span = span_of(text)

    assert span is None or span.first <= span.last


@given(
    st.dates(date(1992, 1, 1), date(2090, 1, 1)), st.sampled_from(["%Y-%m-%d", "%G-W%V", "%Y-%m"]), st.integers(-30, 30)
)
def test_going_there_and_back_ends_where_it_began(day: date, form: str, step: int) -> None:
    """The edition `step` later has this one `step` earlier, and neighbours touch."""
    span = span_of(day.strftime(form))
    assert span is not None

    assert span == beside(beside(span, step), -step)
    assert (beside(span, 1).first - span.last).days == 1
