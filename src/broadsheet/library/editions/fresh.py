"""What is new in an edition to a reader who was here before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from broadsheet.rank.order import Entry
from broadsheet.rank.spans import Span

if TYPE_CHECKING:
    from broadsheet.store import Connection
    from broadsheet.store.editions import Day

DAYS: Final = 7
"""Other days with new papers that are named, the newest."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """Papers that came into the library after `since`: how many of an edition, the first of them, and other days'."""

    since: datetime
    count: int
    first: Entry | None
    elsewhere: "tuple[Day, ...]"

    def has(self, entry: Entry) -> bool:
        """Whether a paper is new."""
        return entry.paper.added > self.since


def fresh(conn: "Connection", span: Span, ranked: Sequence[Entry], since: datetime) -> Fresh:
    """What came after `since`; `ranked` is all of the edition of these days, in the reader's order."""
    from broadsheet.store import editions

    new = [entry for entry in ranked if entry.paper.added > since]
    days = editions.days_with_new(conn, (since - timedelta(days=1)).date(), since)
    others = [found for found in reversed(days) if not span.first <= found.day <= span.last]
    return Fresh(since, len(new), new[0] if new else None, tuple(others[:DAYS]))
