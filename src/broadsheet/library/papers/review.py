"""What was joined lately, for a person to look at: the least sure first, each to be confirmed or taken apart."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from broadsheet import identity
from broadsheet.errors import NotFound
from broadsheet.library.handle import Library
from broadsheet.library.papers.joining import BY_A_PERSON
from broadsheet.types import Known, Paper

if TYPE_CHECKING:
    from broadsheet.store import Connection
    from broadsheet.store.papers import Lineage

LATEST: Final = 300
"""Papers that are looked through; an import of a whole archive brings thousands, which nobody reads one by one."""

SURE: Final = 0.75
"""Likeness from which on a join by text was hardly ever wrong on labelled pairs."""


@dataclass(frozen=True, slots=True)
class Joined:
    """A paper, a part that came into it, and the part that it is most like. `likeness`: from .5 to 1; None for ids."""

    at: datetime
    reason: str
    paper: Paper
    part: Paper
    rest: Paper
    likeness: float | None

    @property
    def is_unsure(self) -> bool:
        """Whether a person should look."""
        return self.likeness is not None and self.likeness < SURE


@dataclass(frozen=True, slots=True)
class TakenApart:
    """Two papers that a person said are two works."""

    at: datetime
    one: Paper
    other: Paper


@dataclass(frozen=True, slots=True)
class Review:
    """`joined`: nobody has looked at these yet, the least sure first. `apart`: the latest first."""

    joined: tuple[Joined, ...]
    apart: tuple[TakenApart, ...]


def review(lib: Library, most: int = 50) -> Review:
    """What there is to look at."""
    from broadsheet.store import papers

    with lib.store.reading() as conn:
        lately = papers.joined_lately(conn, LATEST)
        said = _last_words(papers.latest_history(conn, LATEST))
        apart = [found for event in said if event.op == "split" and (found := _apart(conn, event))]
    looked_at = {event.other for event in said if event.op == "merge" and event.reason == BY_A_PERSON}
    joined = [one for at, known in lately for one in _joined(at, known, looked_at)]
    joined.sort(key=lambda j: (1.0 if j.likeness is None else j.likeness, -j.at.timestamp(), j.part.key))
    return Review(tuple(joined[:most]), tuple(apart[:most]))


def unsure(lib: Library) -> int:
    """How many joins a person should look at."""
    return sum(one.is_unsure for one in review(lib, LATEST).joined)


def confirm(lib: Library, key: str, part: str) -> None:
    """A person says that a part belongs to a paper. Raises NotFound where it is not in it."""
    from broadsheet.store import papers

    with lib.store.writing() as conn:
        known = papers.known_by_key(conn, key)
        if known is None or known.part_of(part) is None:
            raise NotFound(f"part {part}", f"is not in {key}", "the list shows those that are")
        papers.note_merge(conn, known.paper.key, part, BY_A_PERSON, lib.now())


def _last_words(events: "Iterable[Lineage]") -> "list[Lineage]":
    """What was done last with each pair of papers, the latest first."""
    last: dict[frozenset[str], Lineage] = {}
    for event in events:
        last.setdefault(frozenset((event.key, event.other)), event)
    return list(last.values())


def _joined(at: datetime, known: Known, looked_at: Collection[str]) -> Iterator[Joined]:
    """Each part but the one that the paper is named by, unless a person has looked at it."""
    first = known.part_of(known.paper.key) or known.parts[0]
    for part in known.parts:
        if part is first or set(part.aliases) & set(looked_at):
            continue
        verdicts = [(identity.compare(part, other), other) for other in known.parts if other is not part]
        verdict, nearest = max(verdicts, key=lambda pair: pair[0].score)
        reason = verdict.reason if verdict.same else f"by their ids ({verdict.reason})"
        yield Joined(at, reason, known.paper, part, nearest, verdict.score if verdict.same else None)


def _apart(conn: "Connection", event: "Lineage") -> TakenApart | None:
    from broadsheet.store import papers

    found = papers.get(conn, [event.key, event.other])
    one, other = found.get(event.key), found.get(event.other)
    return TakenApart(event.at, one, other) if one and other and one.key != other.key else None
