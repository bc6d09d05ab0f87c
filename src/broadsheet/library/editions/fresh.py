"""What is new in an edition to a reader who was here before."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from broadsheet.library.editions.roll import Roll
from broadsheet.rank.order import Entry, Place
from broadsheet.rank.spans import Span

if TYPE_CHECKING:
    from broadsheet.store.editions import Day

DAYS: Final = 7
"""Other days with new papers that are named, the newest."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """Papers that came into the library after `since`: how many of an edition, the first of them, and other days'."""

    since: datetime
    count: int
    first: Place | None
    elsewhere: "tuple[Day, ...]"

    def has(self, entry: Entry) -> bool:
        """Whether a paper is new."""
        return entry.paper.added > self.since


def fresh(span: Span, places: Sequence[Place], listed: Roll, days: "Sequence[Day]", since: datetime) -> Fresh:
    """What came after `since`; `places` are all of the list in the reader's order, `days` those with new papers."""
    count = len(listed) - bisect_right(listed.came, since)
    new = (place for place in places if listed.by_key[place.key][1].added > since)
    others = [found for found in reversed(days) if not span.first <= found.day <= span.last]
    return Fresh(since, count, next(new, None), tuple(others[:DAYS]))
