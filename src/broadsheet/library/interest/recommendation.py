"""What a reader asks of their list, and the list: records that every face shows in its own way."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from broadsheet.rank.interest import Reason
from broadsheet.types import Announcement, Paper

State = Literal["ok", "nothing", "cold", "empty"]


@dataclass(frozen=True, slots=True)
class Ask:
    """What a reader asks for. None leaves it to interest or settings.

    `first`, `last`: days of announcement. `preview`: nothing is remembered as shown. `again`: all that was shown on
    the day `last`, or on the newest with a list, as it was shown. `channel`: where it is shown. `asks`: name papers
    whose marks would teach most; `teach`: however many marks there are.
    """

    reader: str | None = None
    interest: str | None = None
    limit: int | None = None
    first: date | None = None
    last: date | None = None
    preview: bool = False
    again: bool = False
    channel: str = "cli"
    diversity: float | None = None
    explore: float | None = None
    asks: bool = True
    teach: bool = False


@dataclass(frozen=True, slots=True)
class Recommended:
    """A paper of a list. `score` is comparable within one interest; `probability` is None where no model has judged.

    `explored`: drawn by lot. `alike`: keys of papers that tell the same and were held back. `why` in words says what
    `reasons` hold. `shown`, `channel`: when and where, in a list that is shown again.
    """

    rank: int
    paper: Paper
    announced: Announcement | None
    interest: str | None
    score: float
    probability: float | None
    why: tuple[str, ...]
    reasons: tuple[Reason, ...] = ()
    explored: bool = False
    alike: tuple[str, ...] = ()
    shown: datetime | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """A list, or why there is none: `nothing` is good enough, `cold` (no interest yet: what is trending), `empty`.

    `name`: its day. `interest`: the only one that was asked for. `asked`: papers whose marks would teach most.
    `candidates`: how many papers were looked at; 0 for a list as it was shown before.
    """

    reader: str
    name: str
    state: State
    interest: str | None = None
    first: date | None = None
    last: date | None = None
    note: str | None = None
    entries: tuple[Recommended, ...] = ()
    asked: tuple[Paper, ...] = ()
    candidates: int = 0
