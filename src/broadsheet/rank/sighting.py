"""What was known of a paper at a moment, and what became of it: the records that forecasts learn from and speak of."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Look:
    """The counts that were seen at a time."""

    at: datetime
    votes: int
    comments: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A paper as it stood at `at`: what it is, who put it forward, and the looks that were had so far, oldest first.

    Without a look nobody has counted votes yet. `day` is the day it was news; papers of a day are compared. `stars` are
    those of its code when they were first counted, as for a paper of the past later ones tell what became of it; None
    where unknown.
    """

    key: str
    day: date
    at: datetime
    title: str
    abstract: str = ""
    looks: tuple[Look, ...] = ()
    submitted: datetime | None = None
    published: datetime | None = None
    submitter: str | None = None
    organisation: str | None = None
    authors: int = 0
    code: bool = False
    project: bool = False
    media: bool = False
    stars: int | None = None


@dataclass(frozen=True, slots=True)
class Ceiling:
    """At this time the paper was missing from a list of the most voted, so it had at most `votes` (censored)."""

    at: datetime
    votes: float


@dataclass(frozen=True, slots=True)
class Course:
    """A paper of the past: its sighting with every look that was ever had, and the ceilings that are known beside."""

    sighting: Sighting
    ceilings: tuple[Ceiling, ...] = ()
