"""What a source of counts is: it is handed the papers that are due and says what it found of each.

Another shape than harvesting: a harvest brings papers, a poll counts those that are there. A source gets everything as
an argument, takes as many papers as its limits allow, yields after each answer and stores nothing. What it wants to
know again the next time, such as an ETag, is a paper's `memory`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from broadsheet.config import Settings
from broadsheet.sources.contract import Answer
from broadsheet.sources.schedule import Schedule
from broadsheet.types import Link


class Reply(Answer, Protocol):
    """An answer with its headers, names in lower case: they say how much of a limit is left."""

    @property
    def headers(self) -> Mapping[str, str]: ...


class Web(Protocol):
    """Ask as one of the rate group `host`; `private` headers hold keys. Raises FetchError unless it is 200 or 304."""

    def get(
        self,
        url: str,
        *,
        host: str,
        params: Mapping[str, str] | None = None,
        etag: str | None = None,
        accept: str | None = None,
        private: Mapping[str, str] | None = None,
    ) -> Reply: ...

    def post(
        self,
        url: str,
        *,
        host: str,
        json: object,
        params: Mapping[str, str] | None = None,
        private: Mapping[str, str] | None = None,
    ) -> Reply: ...


@dataclass(frozen=True, slots=True)
class Subject:
    """A paper that is due: its store id, what it may be asked for by, and what the source remembers of it."""

    id: int
    aliases: tuple[str, ...]
    links: tuple[Link, ...] = ()
    memory: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Poll:
    """One poll. `subjects` are the papers that are due, the youngest first, read from the store as they are taken."""

    settings: Settings
    subjects: Iterable[Subject]


@dataclass(frozen=True, slots=True)
class Look:
    """What was found of one paper: its counts by kind, or why there are none.

    `unknown`: the source does not know the paper. `skipped`: there was nothing to ask by. Neither is a count of zero.
    """

    id: int
    state: Literal["counted", "unknown", "skipped"]
    counts: Mapping[str, int] = field(default_factory=dict)
    memory: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Looks:
    """What one answer brought; `note` is what a person should know, such as that a limit is nearly used up."""

    looks: tuple[Look, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class SignalSource:
    """`enabled` and `schedule` are read from the settings; `fetch` ends when the papers or its limits do."""

    name: str
    enabled: Callable[[Settings], bool]
    schedule: Callable[[Settings], Schedule]
    fetch: Callable[[Web, Poll], Iterator[Looks]]

    @property
    def group(self) -> str:
        """Its rate group: a service of its own."""
        return self.name
