"""When counts are looked at again: pauses that grow with age and rest, and an end."""

import math
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.sources.schedule import Schedule, due_at, is_due

DAY = timedelta(days=1)
BORN = datetime(2025, 11, 20, tzinfo=UTC)
DAILY = Schedule(first=timedelta(0), every=DAY, drop=365 * DAY)

ages = st.timedeltas(timedelta(0), 400 * DAY)
stills = st.integers(0, 20)
schedules = st.builds(
    Schedule,
    st.timedeltas(timedelta(0), 10 * DAY),
    st.timedeltas(timedelta(hours=1), 30 * DAY),
    st.timedeltas(30 * DAY, 800 * DAY),
)


def looks(schedule: Schedule, still: int = 0) -> list[timedelta]:
    """The ages at which a paper is looked at, where each look comes as soon as it is due."""
    asked, found = None, []
    while (due := due_at(schedule, BORN, asked, still if asked else 0)) is not None and due - BORN <= schedule.drop:
        found.append(due - BORN)
        asked = due
    return found


def test_a_daily_schedule_looks_often_then_rarely() -> None:
    """At once, then daily, then at ages that grow by half each time, some sixteen times in a year."""
    days = [round(age / DAY, 1) for age in looks(DAILY)]
    assert days[:6] == [0, 1, 2, 3, 4.5, 6.8]
    assert 14 <= len(days) <= 17
    assert days[-1] <= 365


def test_counts_that_rest_are_looked_at_less() -> None:
    """Each look that finds nothing moved doubles the pause, eightfold at most."""
    asked = BORN + DAY
    pauses = [due_at(DAILY, BORN, asked, still) for still in range(6)]
    assert [due and (due - asked) / DAY for due in pauses] == [1, 2, 4, 8, 8, 8]


@given(schedules, ages, stills)
def test_a_pause_is_never_shorter_than_told(schedule: Schedule, age: timedelta, still: int) -> None:
    """Whatever was seen, `every` lies between two looks, and no look is later than the drop."""
    due = due_at(schedule, BORN, BORN + age, still)
    assert due is None or (due - (BORN + age) >= schedule.every and due - BORN <= schedule.drop)


@given(schedules, ages, ages, stills, stills)
def test_pauses_grow(schedule: Schedule, age: timedelta, more: timedelta, still: int, longer: int) -> None:
    """An older paper, or one that has rested for longer, does not wait less."""

    def pause(age: timedelta, still: int) -> timedelta:
        due = due_at(schedule, BORN, BORN + age, still)
        return timedelta.max if due is None else due - BORN - age

    assert pause(age + more, still + longer) >= pause(age, still)


@given(schedules)
def test_a_life_has_few_looks(schedule: Schedule) -> None:
    """The looks lie between the first and the drop, and their number grows with the logarithm of the time."""
    found = looks(schedule)
    assert found[0] == schedule.first
    assert found[-1] <= schedule.drop
    assert len(found) <= 4 + math.log(max(schedule.drop / schedule.every, 1)) / math.log(1.5)


@given(schedules, stills, st.timedeltas(timedelta(microseconds=1), 300 * DAY))
def test_news_begins_a_life_anew(schedule: Schedule, still: int, earlier: timedelta) -> None:
    """A look from before a paper was news again counts for nothing."""
    assert due_at(schedule, BORN, BORN - earlier, still) == due_at(schedule, BORN, None) == BORN + schedule.first


def test_the_very_old_and_the_far_future_are_no_error() -> None:
    """Dates at the ends of the calendar are due or not, never an error."""
    last = datetime.max.replace(tzinfo=UTC)
    assert due_at(DAILY, datetime.min.replace(tzinfo=UTC), last, 5) is None
    assert not is_due(DAILY, BORN, BORN + timedelta(hours=23), 0, BORN + timedelta(hours=46))
    assert is_due(DAILY, BORN, BORN + timedelta(hours=23), 0, BORN + timedelta(hours=47))
    assert not is_due(DAILY, BORN, None, 0, BORN + 366 * DAY)
    assert not is_due(DAILY, last, None, 0, BORN)
