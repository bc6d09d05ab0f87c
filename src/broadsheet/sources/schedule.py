"""When a count is looked at again: often while a paper is news, less and less as it ages, and one day not at all. Pure.

A pause is `every`, or half the paper's age where that is more, and doubles for each look in a row that found nothing
moved. So the looks at a paper lie at ages that grow by half each time: about 2 + log(drop / every) / log(1.5) of them,
for a day and a year some sixteen.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

AGE_SHARE: Final = 0.5
"""A count seen at age t is looked at again by 1.5 t: what happens over a life is seen as evenly in its logarithm, which
is how attention to papers fades."""

MOST_DOUBLINGS: Final = 3
"""A count that rests may still wake: a pause is at most eight times what age alone asks for."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """`first`: the age of the first look. `every`: the shortest pause. `drop`: the age after which nothing is asked."""

    first: timedelta
    every: timedelta
    drop: timedelta


def due_at(schedule: Schedule, born: datetime, asked: datetime | None, still: int = 0) -> datetime | None:
    """When the next look is due, None for never again.

    `born`: when the paper was last news; `asked`: the last look, which counts for nothing if it was before that;
    `still`: how many looks in a row found nothing moved.
    """
    if asked is None or asked < born:
        return born + schedule.first
    pause = max(schedule.every, (asked - born) * AGE_SHARE) * 2 ** min(max(still, 0), MOST_DOUBLINGS)
    # Compared as lengths of time: a date may be so far ahead that there is no such day.
    return asked + pause if pause <= born + schedule.drop - asked else None


def is_due(schedule: Schedule, born: datetime, asked: datetime | None, still: int, now: datetime) -> bool:
    """Whether a look is due at `now`; never before the paper is news."""
    if not timedelta(0) <= now - born <= schedule.drop:
        return False
    due = due_at(schedule, born, asked, still)
    return due is not None and due <= now
