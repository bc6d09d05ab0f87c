"""What a source is: a name, a rate group, a way to fetch and a rule for when it is due.

A source gets everything as an argument, asks through `Get` and yields batches; it stores nothing and knows no clock.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from broadsheet.config import Settings
from broadsheet.types import Batch


class Answer(Protocol):
    """What a source reads of an HTTP answer; `status` is 200, or 304 where the sent `etag` still holds."""

    @property
    def status(self) -> int: ...
    @property
    def body(self) -> bytes: ...
    @property
    def etag(self) -> str | None: ...
    @property
    def url(self) -> str: ...


class Get(Protocol):
    """Ask for `url` as one of the rate group `host`. Raises FetchError for every answer that is not 200 or 304."""

    def __call__(
        self,
        url: str,
        *,
        host: str,
        params: Mapping[str, str] | None = None,
        etag: str | None = None,
        accept: str | None = None,
    ) -> Answer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One harvest: the cursor that was stored with the last batch, and how far back to reach.

    `since` is a day that a person named; without it a source goes on where its cursor ends, or back as far as the
    settings say. `categories` replace those of the settings. `now` carries a zone.
    """

    settings: Settings
    now: datetime
    cursor: Mapping[str, str] = field(default_factory=dict)
    since: date | None = None
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """`fetch` yields batches, each with the whole cursor, in which an empty value is nothing.

    `due` says if it is time, given the last run that ended well. Sources of one `group` share its pace and are asked
    one after the other.
    """

    name: str
    group: str
    fetch: Callable[[Get, Ask], Iterator[Batch]]
    due: Callable[[datetime | None, datetime, Settings], bool]
