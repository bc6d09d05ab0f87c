"""Works that a file lists again with not a word changed, as daily listings do with one record in four.

Such a record is stored with the one before it, as one that has the announcements of both. What comes of it is what
comes of the two in turn, without a second decision and a second write.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from msgspec.structs import replace

from broadsheet.sources.formats import Exported, Item
from broadsheet.types import Drop, Personal, Record

WAITING: Final = 1_000
"""Records that wait for their like: in a year of arXiv's listings all but 30 of 16,000 relistings are as close."""

_said = attrgetter(*(name for name in Record.__struct_fields__ if name not in ("announcements", "seen")))


@dataclass(slots=True, eq=False)
class Listed:
    """A record, and how often it was listed `again`."""

    record: Record
    again: int = 0

    def take(self, other: Record) -> None:
        """Add a relisting."""
        announcements = tuple(dict.fromkeys((*self.record.announcements, *other.announcements)))
        self.record = replace(self.record, announcements=announcements)
        self.again += 1


def united(items: Iterable[Item | Drop]) -> Iterator[Listed | Exported | Personal | Drop]:
    """Records with their relistings, in the order of the first; what is no record comes before those that wait.

    Only records that have an arXiv id and no other are united, and only where no others stand between: two such ids are
    two works, so nothing between is of the same work but what has the same id, and that is looked at.
    """
    waiting: deque[Listed] = deque()
    latest: dict[str, Listed] = {}  # by id
    for item in items:
        if not isinstance(item, Record):
            yield item
        elif len(item.ids) != 1 or not item.ids[0].startswith("arxiv:"):
            yield from waiting
            waiting.clear()
            latest.clear()
            yield Listed(item)
        elif (known := latest.get(item.ids[0])) and _said(known.record) == _said(item):
            known.take(item)
        else:
            latest[item.ids[0]] = listed = Listed(item)
            waiting.append(listed)
            if len(waiting) > WAITING:
                yield _first(waiting, latest)
    yield from waiting


def _first(waiting: deque[Listed], latest: dict[str, Listed]) -> Listed:
    """Take out the one that waits longest."""
    first = waiting.popleft()
    if latest[first.record.ids[0]] is first:
        del latest[first.record.ids[0]]
    return first
