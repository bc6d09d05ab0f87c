"""When digests are due: by the reader's clock, once each, whatever summer time and stopped machines do."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.digest.schedule import Due, changed, due, following, moment
from broadsheet.types import Cadence, Delivery

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FIRST = datetime(2011, 12, 20, tzinfo=UTC)  # Apia left out the 30th


def _wanted(**changed: Any) -> Delivery:
    given: dict[str, Any] = {
        "reader_id": 1,
        "on": True,
        "email": "ada@example.org",
        "confirmed": LONG_AGO,
        "cadence": "news",
        "weekday": 0,
        "at": time(7),
        "sections": ("interests",),
        "most": 10,
        "since": LONG_AGO,
    }
    return Delivery(**given | changed)


def _had(day: date, edition: str = "") -> Due:
    """A digest of that day."""
    return Due(edition or day.isoformat(), day, LONG_AGO)


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_a_digest_is_due_at_its_minute_of_the_readers_zone_in_winter_and_summer() -> None:
    """Seven in Berlin is six in UTC in November and five in July, and not a minute earlier."""
    for instant, day in (("2026-11-20T06:00+00:00", "2026-11-20"), ("2026-07-20T05:00+00:00", "2026-07-20")):
        before = _had(date.fromisoformat(day) - timedelta(days=1))

        assert due(_wanted(), BERLIN, before, _at(instant) - timedelta(seconds=1)) is None
        found = due(_wanted(), BERLIN, before, _at(instant))
        assert found is not None
        assert (found.edition, found.at, found.missed) == (day, _at(instant), 0)
        assert due(_wanted(), BERLIN, found, _at(instant) + timedelta(hours=10)) is None


def test_an_hour_that_does_not_exist_is_due_all_the_same_and_one_that_comes_twice_once() -> None:
    """At 2:30 Berlin sets its clocks: in March it is half past three then, in October the first of two counts."""
    wanted = _wanted(at=time(2, 30))

    assert moment(wanted, BERLIN, date(2026, 3, 29)) == _at("2026-03-29T01:30+00:00")
    assert moment(wanted, BERLIN, date(2026, 10, 25)) == _at("2026-10-25T00:30+00:00")


def test_a_weekday_that_a_zone_leaves_out_is_due_all_the_same() -> None:
    """Apia had no Friday at the end of 2011: half an hour into Saturday that of the week before is the newest."""
    friday = _wanted(cadence="weekly", weekday=4, at=time(1), since=FIRST)

    newest = due(friday, ZoneInfo("Pacific/Apia"), None, _at("2011-12-31T00:30+14:00"))
    assert newest is not None
    assert newest.day == date(2011, 12, 23)


def test_what_was_missed_is_made_up_for_once() -> None:
    """After four days of a stopped machine one digest is due, the newest, and it says how many were missed."""
    found = due(_wanted(), BERLIN, _had(date(2026, 11, 16)), _at("2026-11-20T20:00+00:00"))

    assert found is not None
    assert (found.edition, found.missed) == ("2026-11-20", 3)


def test_a_weekly_digest_is_named_by_its_week_and_comes_on_its_day() -> None:
    """Fridays: due from Friday on, also on the Monday after if it was missed, and not again within the week."""
    friday = _wanted(cadence="weekly", weekday=4)
    last = _had(date(2026, 11, 13), "2026-W46")

    assert due(friday, BERLIN, last, _at("2026-11-19T20:00+00:00")) is None
    for now in ("2026-11-20T06:00+00:00", "2026-11-23T12:00+00:00"):
        found = due(friday, BERLIN, last, _at(now))
        assert found is not None
        assert (found.edition, found.day, found.missed) == ("2026-W47", date(2026, 11, 20), 0)
    other_day = _wanted(cadence="weekly", weekday=6)
    assert due(other_day, BERLIN, _had(date(2026, 11, 20), "2026-W47"), _at("2026-11-22T20:00+00:00")) is None


def test_what_was_due_before_a_reader_asked_is_never_due() -> None:
    """Who switches the digest on at eight gets the first one the next morning."""
    wanted = _wanted(since=_at("2026-11-20T07:00+00:00"))

    assert due(wanted, BERLIN, None, _at("2026-11-20T09:00+00:00")) is None
    assert following(wanted, BERLIN, None, _at("2026-11-20T09:00+00:00")) == _at("2026-11-21T06:00+00:00")
    assert due(wanted, BERLIN, None, _at("2026-11-21T06:00+00:00")) is not None


def test_who_changes_to_weekly_gets_the_first_on_the_day_that_they_chose() -> None:
    """Daily until Tuesday, then on Fridays: this one's comes, by the name of its day, and then each week's."""
    friday = _wanted(cadence="weekly", weekday=4, since=_at("2026-11-17T12:00+00:00"))
    tuesday = _had(date(2026, 11, 17))

    assert following(friday, BERLIN, tuesday, _at("2026-11-17T12:00+00:00")) == _at("2026-11-20T06:00+00:00")
    first = due(friday, BERLIN, tuesday, _at("2026-11-20T06:00+00:00"))
    assert first is not None
    assert (first.edition, first.missed) == ("2026-11-20", 0)
    assert due(friday, BERLIN, first, _at("2026-11-22T06:00+00:00")) is None
    second = due(friday, BERLIN, first, _at("2026-11-27T06:00+00:00"))
    assert second is not None
    assert second.edition == "2026-W48"


def test_what_a_change_leaves_out_was_not_missed() -> None:
    """An hour moved before now, or a weekday that has passed, means the next one, which excuses itself for nothing."""
    since = _at("2026-11-18T09:00+00:00")  # a Wednesday
    early = _wanted(cadence="daily", at=time(7), since=since)  # it was at six in the evening
    yesterday = _had(date(2026, 11, 17))

    assert due(early, BERLIN, yesterday, since) is None
    found = due(early, BERLIN, yesterday, _at("2026-11-19T06:00+00:00"))
    assert found is not None
    assert found.missed == 0
    wednesdays = _wanted(cadence="weekly", weekday=2, since=since)  # it was on Fridays
    assert due(wednesdays, BERLIN, _had(date(2026, 11, 13), "2026-W46"), since) is None
    assert following(wednesdays, BERLIN, _had(date(2026, 11, 13), "2026-W46"), since).date() == date(2026, 11, 25)


ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Asia/Beirut", "Pacific/Apia")


@pytest.mark.parametrize("cadence", get_args(Cadence))
@given(
    zone=st.sampled_from(ZONES),
    start=st.integers(0, 15 * 365 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes)),
    at=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    weekday=st.integers(0, 6),
    steps=st.lists(st.integers(1, 60 * 60), min_size=1, max_size=40),
)
def test_each_edition_comes_once_and_none_too_early(
    cadence: Cadence, zone: str, start: datetime, at: time, weekday: int, steps: list[int]
) -> None:
    """However often and unevenly one looks, names never repeat, and what is next is never due before its moment."""
    asked = start + timedelta(seconds=1)  # moments are whole minutes: what is due when one asks is settled elsewhere
    wanted = _wanted(cadence=cadence, at=at, weekday=weekday, since=asked)
    there, now, last, names = ZoneInfo(zone), start, None, []
    for minutes in steps:
        expected = following(wanted, there, last, now)
        now += timedelta(minutes=minutes)
        found = due(wanted, there, last, now)
        assert (found is not None) == (expected <= now)
        if found is not None:
            assert found.at <= now
            assert found.missed >= 0
            names.append(found.edition)
            last = found

    assert len(set(names)) == len(names)


@given(
    start=st.integers(0, 3 * 365 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes)),
    changes=st.lists(
        st.tuples(
            st.sampled_from((0, 0, 2, 30)),
            st.integers(1, 80),
            st.sampled_from(get_args(Cadence)),
            st.integers(0, 6),
            st.integers(0, 23),
            st.sampled_from(ZONES),
        ),
        min_size=2,
        max_size=12,
    ),
)
def test_whatever_a_reader_changes_nothing_comes_twice_or_never_or_because_of_it(
    start: datetime, changes: list[tuple[int, int, Cadence, int, int, str]]
) -> None:
    """Names never repeat, what is told as next comes in less than two weeks, and at once only what was due already.

    Before each change the machine may have been off for some hours: what became due then is not lost by it.
    """
    start += timedelta(seconds=1)  # moments are whole minutes: what is due when one asks is settled elsewhere
    now, last, names, came = start, None, [], start
    wanted, zone = _wanted(since=now), BERLIN
    for off, hours, cadence, weekday, hour, name in changes:
        now += off * HOUR
        was_due, before, there = due(wanted, zone, last, now), zone, ZoneInfo(name)
        wanted = changed(wanted, before, _wanted(cadence=cadence, weekday=weekday, at=time(hour)), there, last, now)
        zone, told = there, following(wanted, there, last, now)
        assert told - max(came, now) < timedelta(days=14)
        at_once = due(wanted, zone, last, now)
        if was_due is None:
            assert at_once is None
        elif at_once is None:  # they have that of the newest day or week by the new clock
            assert last is not None
            assert cadence == "weekly" or told - now < timedelta(days=3)
        for step in range(hours + 1):
            found = due(wanted, zone, last, now + step * HOUR)
            if found is not None:
                assert step == 0 or (found.at, found.missed) == (told, 0)
                names.append(found.edition)
                last, came, told = found, now + step * HOUR, following(wanted, zone, found, now + step * HOUR)
        now += hours * HOUR
    assert len(set(names)) == len(names)
