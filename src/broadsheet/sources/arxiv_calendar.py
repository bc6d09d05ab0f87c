"""When arXiv announces, and why a day is empty (info.arxiv.org/help/availability.html).

Submissions close at 14:00 Eastern and are announced at 20:00 Eastern, Sunday to Thursday. The feed that carries them
is rebuilt at the midnight after, so an **announcement day** is the day of that feed: Monday to Friday. On a holiday
nothing is announced in the evening, so the day *after* it is empty: the listings of 2025 have papers on Thanksgiving
and none on the Friday after it.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from broadsheet.words.said import said
from broadsheet.words.weekdays import WEEKDAYS

EASTERN = ZoneInfo("America/New_York")
READY = time(0, 30)  # the feed is rebuilt at midnight; some minutes for the building
FRIDAY, SATURDAY, SUNDAY = 4, 5, 6
ONE = timedelta(days=1)
BEGAN = date(1991, 8, 14)
"""When it began, as an archive of hep-th."""

# As arXiv published them. The holidays of other years are those that recur.
PUBLISHED = {
    2026: {
        (1, 1): said("New Year's Day"),
        (1, 19): said("Martin Luther King Jr. Day"),
        (6, 19): said("Juneteenth"),
        (7, 3): said("Independence Day (observed)"),
        (9, 7): said("Labor Day"),
        (11, 26): said("Thanksgiving"),
        (12, 25): said("Christmas Day"),
        (12, 29): said("the winter break"),
        (12, 31): said("New Year's Eve"),
    }
}


@cache
def holidays(year: int) -> dict[date, str]:
    """The evenings of a year on which arXiv announces nothing, with their names."""
    if year in PUBLISHED:
        return {date(year, month, day): name for (month, day), name in PUBLISHED[year].items()}
    return {
        date(year, 1, 1): said("New Year's Day"),
        _nth_weekday(year, 1, 0, 3): said("Martin Luther King Jr. Day"),
        _observed(date(year, 6, 19)): said("Juneteenth"),
        _observed(date(year, 7, 4)): said("Independence Day"),
        _nth_weekday(year, 9, 0, 1): said("Labor Day"),
        _nth_weekday(year, 11, 3, 4): said("Thanksgiving"),
        date(year, 12, 25): said("Christmas Day"),
        date(year, 12, 31): said("New Year's Eve"),
    }


def _nth_weekday(year: int, month: int, weekday: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (n - 1))


def _observed(day: date) -> date:
    return day + {SATURDAY: -ONE, SUNDAY: ONE}.get(day.weekday(), timedelta())


def holiday(day: date) -> str | None:
    """The name of the holiday on that day, if it is one."""
    return holidays(day.year).get(day)


def announces(day: date) -> bool:
    """Whether `day` is an announcement day: its feed has papers."""
    evening = day - ONE
    return evening.weekday() not in {FRIDAY, SATURDAY} and holiday(evening) is None


def why_empty(day: date) -> str | None:
    """Why the feed of `day` is empty, or None where it should have papers.

    A holiday explains its own day too: whoever looks at an empty list on Thanksgiving has the reason.
    """
    evening = day - ONE
    if day.weekday() in {SATURDAY, SUNDAY}:
        weekday = WEEKDAYS[day.weekday()]
        return said("a %(weekday)s; arXiv announces in the evenings from Sunday to Thursday", weekday=weekday)
    for rest in (evening, day):
        name = holiday(rest)
        if name:
            return said(
                "a holiday; arXiv announces nothing in the evening of %(day)s, %(holiday)s", day=rest, holiday=name
            )
    return None


def eastern_day(moment: datetime) -> date:
    """The day in arXiv's zone."""
    return moment.astimezone(EASTERN).date()


def announced_at(day: date) -> datetime:
    """When the feed of an announcement day is ready, in UTC."""
    return datetime.combine(day, READY, EASTERN).astimezone(UTC)


def last_announcement(now: datetime) -> datetime:
    """When the newest feed with papers was ready, in UTC, not later than `now`."""
    day = eastern_day(now)
    while not announces(day) or announced_at(day) > now:
        day -= ONE
    return announced_at(day)


def next_announcement_day(day: date) -> date:
    """The first announcement day that is `day` or later."""
    while not announces(day):
        day += ONE
    return day


def announcement_day(submitted: date) -> date:
    """The day on which a paper submitted on that day is most likely announced.

    Three quarters of a UTC day lie before arXiv's 14:00 cut-off; what comes later, or is held by moderators, is later.
    """
    monday = timedelta(days=(7 - submitted.weekday()) % 7)
    evening = submitted + monday if submitted.weekday() in {SATURDAY, SUNDAY} else submitted
    return next_announcement_day(evening + ONE)
