"""What is believed before a library has seen anything: how votes grow with age, and what a text alone lets expect.

Growth and what a text is worth were fitted on Hugging Face's daily papers of April and May 2025, level and spread on
those from June 2024 to December 2025, and rounded. A library that has counts of its own learns what differs from them.
"""

from math import log1p, log2, sqrt

from broadsheet.rank.sighting import HOUR, Sighting

DAY_HOURS, RIPE_HOURS = 24.0, 168.0
"""A day, and the week in which nine tenths of a paper's votes come."""
FIRST_DAY, FIRST_WEEK = 0.35, 0.10
"""By how much log(1 + votes) grows for each doubling of age: until a day, and from there until a week."""
FIRST_DAY_SPREAD, FIRST_WEEK_SPREAD, LEAST_SPREAD = 0.37, 0.11, 0.1
"""The standard error of that for one doubling, and what stays unsure of a count that hardly grows any more."""
LEVEL, SPREAD = 2.8, 0.9
"""log(1 + votes) of a featured paper after a week: mean, and standard deviation among papers."""
TEXT_SPREAD = 0.45
"""Standard deviation among papers of what a text lets expect: it explains a quarter of the variance."""
CODE, PROJECT, AUTHORS, LAG = 0.05, 0.2, 0.2, -0.25
"""What code, a project page, a unit of log(1 + authors) and of log(1 + days since publication) add to it.

Of the authors' 0.4 half is believed until the library's own past teaches more: else a list without votes would be in
the order of their number, as of most papers little else is known.
"""
USUAL_AUTHORS, USUAL_LAG = 2.0, 1.0
"""The averages of those two logs."""
MOST_AUTHORS, MOST_LAG = 50, 60.0


def growth(age_hours: float, until_hours: float) -> float:
    """By how much log(1 + votes) grows from one age to another, usually; nothing after a week."""
    day, week = _doublings(age_hours, until_hours)
    return FIRST_DAY * day + FIRST_WEEK * week


def growth_spread(age_hours: float, until_hours: float) -> float:
    """The standard error of `growth`, each doubling of age being a step of its own."""
    day, week = _doublings(age_hours, until_hours)
    return sqrt(FIRST_DAY_SPREAD**2 * day + FIRST_WEEK_SPREAD**2 * week + LEAST_SPREAD**2)


def text_prior(sighting: Sighting) -> float:
    """How far from the average, in logs, attention is to be expected by what the paper is, before any vote."""
    lag = 0.0 if sighting.published is None else (sighting.at - sighting.published) / HOUR / 24
    return (
        CODE * sighting.code
        + PROJECT * sighting.project
        + AUTHORS * (log1p(min(sighting.authors, MOST_AUTHORS)) - USUAL_AUTHORS)
        + LAG * (log1p(min(max(lag, 0.0), MOST_LAG)) - USUAL_LAG)
    )


def _doublings(age_hours: float, until_hours: float) -> tuple[float, float]:
    """How often age doubles between two ages: within the first day, and within the rest of the first week."""
    start = max(age_hours, 1.0)
    end = max(until_hours, start)
    day = log2(max(min(end, DAY_HOURS), min(start, DAY_HOURS)) / min(start, DAY_HOURS))
    late = min(max(start, DAY_HOURS), RIPE_HOURS)
    week = log2(max(min(max(end, DAY_HOURS), RIPE_HOURS), late) / late)
    return day, week
