"""Who is in a list, and what to say of all of them: kept while nothing is harvested, so that a page reads its own
papers alone.
"""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec.structs import replace

from broadsheet.library.editions.rankings import Moment
from broadsheet.library.handle import Library
from broadsheet.rank.order import Entry, Place
from broadsheet.rank.spans import Span, beside
from broadsheet.types import Announcement, Outline

if TYPE_CHECKING:
    from broadsheet.store import Connection

Listed = tuple[int, Outline, Announcement]
"""Store id, outline, and the announcement that lists the paper."""

_TOLD = frozenset(("code", "project"))
"""Links that orders look at."""


@dataclass(frozen=True)  # without slots, as it remembers what follows from it
class Roll:
    """The papers of a list, `name` telling lists apart; `earlier` and `later` are the editions beside it."""

    name: Hashable
    listed: Sequence[Listed]
    earlier: str | None = None
    later: str | None = None

    def __len__(self) -> int:
        return len(self.listed)

    @property
    def ids(self) -> list[int]:
        """Store ids, in the order of the roll."""
        return [paper_id for paper_id, _, _ in self.listed]

    @cached_property
    def by_key(self) -> dict[str, Listed]:
        """The papers by key."""
        return {row[1].key: row for row in self.listed}

    @cached_property
    def came(self) -> list[datetime]:
        """When the papers came into the library, in order."""
        return sorted(paper.added for _, paper, _ in self.listed)

    @cached_property
    def facets(self) -> tuple[tuple[str, int], ...]:
        """Categories with how many papers are in each, most first."""
        found = Counter(category for _, paper, _ in self.listed for category in dict.fromkeys(paper.categories))
        return tuple(sorted(found.items(), key=lambda row: (-row[1], row[0])))

    @cached_property
    def is_invented(self) -> bool:
        """Whether all papers are those of the sample edition."""
        return bool(self.listed) and all(announcement.source == "demo" for _, _, announcement in self.listed)

    def within(self, categories: Sequence[str]) -> "Roll":
        """The papers in one of these categories, an archive standing for all its categories."""
        if not categories:
            return self
        rows = [row for row in self.listed if _in_categories(row[1].categories, categories)]
        return Roll((self.name, tuple(categories)), rows, self.earlier, self.later)


def roll(lib: Library, conn: "Connection", moment: Moment, span: Span) -> Roll:
    """The papers that were news on these days."""
    from broadsheet.store import editions

    def read() -> Roll:
        rows = [slim(row) for row in editions.outlines(conn, span.first, span.last)]
        return Roll(span.name, rows, *_neighbours(conn, span, lib.now().date()))

    return lib.rankings.get((moment.told, "roll", span.name), read)


def slim(row: Listed) -> Listed:
    """A row with nothing that orders do not ask for: months of them are kept."""
    paper_id, paper, announcement = row
    links = tuple([link for link in paper.links if link.kind in _TOLD])
    return paper_id, replace(paper, links=links, announcements=()), announcement


def shown(conn: "Connection", places: Sequence[Place]) -> tuple[Entry, ...]:
    """Places with their papers, read now; a paper that is no more is left out."""
    from broadsheet.store import papers

    found = papers.by_keys(conn, [place.key for place in places])
    return tuple(place.of(found[place.key]) for place in places if place.key in found)


def _in_categories(have: Sequence[str], wanted: Sequence[str]) -> bool:
    folded = [c.lower() for c in have]
    return any(c == w.lower() or c.startswith(w.lower() + ".") for w in wanted for c in folded)


def _neighbours(conn: "Connection", span: Span, today: date) -> tuple[str | None, str | None]:
    """Of a day the nearest days that have papers, of a week or month the ones beside it."""
    from broadsheet.store import editions

    if not span.is_day:
        later = beside(span, 1)
        return beside(span, -1).name, later.name if later.first <= today else None
    before = editions.latest_day(conn, span.first - timedelta(days=1)) if span.first > date.min else None
    after = editions.next_day(conn, span.last)
    return (before.isoformat() if before else None, after.isoformat() if after else None)
