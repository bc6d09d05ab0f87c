"""The papers before and after one in its edition, so that a reader can go through it page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from broadsheet.library.handle import Library

if TYPE_CHECKING:
    from broadsheet.store import Connection


@dataclass(frozen=True, slots=True)
class Beside:
    """Where a paper stands in the edition of a day, and its neighbours there as key and title."""

    edition: date
    place: int
    total: int
    earlier: tuple[str, str] | None
    later: tuple[str, str] | None


def beside(lib: Library, paper_id: int, key: str) -> Beside | None:
    """The paper's place in the newest edition that it was news in; None for a paper of none.

    The order is the one in which readers saw the edition last; while nobody has looked at it, that of its sources. To
    rank it anew would take longer than the page itself.
    """
    from broadsheet.store import editions, papers

    with lib.store.reading() as conn:
        day = editions.latest_of(conn, paper_id)
        if day is None:
            return None
        order = lib.rankings.seen(day.isoformat()) or _as_told(lib, conn, day)
        if key not in order:
            return None
        at = order.index(key)
        near = [order[i] if 0 <= i < len(order) else "" for i in (at - 1, at + 1)]
        found = papers.by_keys(conn, near)
    earlier, later = ((other, found[other].title) if other in found else None for other in near)
    return Beside(day, at + 1, len(order), earlier, later)


def _as_told(lib: Library, conn: "Connection", day: date) -> Sequence[str]:
    """The keys of a day's papers in the order of its sources."""
    from broadsheet.store import editions, state

    name = (state.read(conn).harvested, "as told", day)
    return lib.rankings.get(name, lambda: editions.keys_of(conn, day))
