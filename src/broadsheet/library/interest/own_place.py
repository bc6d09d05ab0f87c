"""Where a paper stands in a reader's list of today, to go through it page by page, and why it is there."""

from dataclasses import dataclass

from broadsheet.library.handle import Library
from broadsheet.library.interest.recommendation import Recommended
from broadsheet.library.interest.todays import looked_at
from broadsheet.types import Reader


@dataclass(frozen=True, slots=True)
class OwnPlace:
    """A paper's place in the list, its neighbours there as key and title, and the reasons in words."""

    place: int
    total: int
    earlier: tuple[str, str] | None
    later: tuple[str, str] | None
    why: tuple[str, ...]


def own_place(lib: Library, reader: Reader, key: str) -> OwnPlace | None:
    """The paper's place in the list as it was shown today; None where it was not in it."""
    seen = looked_at(lib, reader)
    if seen is None:
        return None
    entries = seen.entries
    at = next((i for i, entry in enumerate(entries) if entry.paper.key == key), None)
    if at is None:
        return None
    earlier, later = (_told(entries[i]) if 0 <= i < len(entries) else None for i in (at - 1, at + 1))
    return OwnPlace(at + 1, len(entries), earlier, later, entries[at].why)


def _told(entry: Recommended) -> tuple[str, str]:
    return entry.paper.key, entry.paper.title
