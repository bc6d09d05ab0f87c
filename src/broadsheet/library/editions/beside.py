"""The papers before and after one in its edition, so that a reader can go through it page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from broadsheet.library.editions.edition import edition
from broadsheet.library.handle import Library
from broadsheet.rank.spans import span_of
from broadsheet.types import Reader

if TYPE_CHECKING:
    from broadsheet.store import Connection


@dataclass(frozen=True, slots=True)
class Beside:
    """Where a paper stands in an edition, and its neighbours there as key and title.

    `day` is that of the edition of one; `is_own`: in the reader's own order.
    """

    edition: str
    day: date | None
    place: int
    total: int
    earlier: tuple[str, str] | None
    later: tuple[str, str] | None
    is_own: bool = False


def beside(lib: Library, paper_id: int, key: str) -> Beside | None:
    """The paper's place in the newest edition that it was news in; None for a paper of none.

    The order is the one in which readers saw the edition last; while nobody has looked at it, that of its sources. To
    rank it anew would take longer than the page itself.
    """
    from broadsheet.store import editions

    with lib.store.reading() as conn:
        day = editions.latest_of(conn, paper_id)
        if day is None:
            return None
        order = lib.rankings.seen(day.isoformat()) or _as_told(lib, conn, day, paper_id)
    return _within(lib, order, key, day.isoformat(), day)


def beside_in_own_order(lib: Library, reader: Reader, name: str, paper_id: int) -> Beside | None:
    """The paper's place in an edition as the reader saw it last in their own order; None for a paper that is not in it.

    Where nobody knows any more how they saw it, it is put in order anew.
    """
    from broadsheet.store import papers

    span = span_of(name)
    if span is None:
        return None
    order = _own_order(lib, reader, span.name)
    if not order:
        edition(lib, span.name, sort="mine", reader=reader.name, limit=0)
        order = _own_order(lib, reader, span.name)
    if paper_id not in order:
        return None
    at = order.index(paper_id)
    with lib.store.reading() as conn:
        found = dict(papers.by_ids(conn, [*order[max(0, at - 1) : at], *order[at + 1 : at + 2]]))
    near = [found.get(order[i]) if 0 <= i < len(order) else None for i in (at - 1, at + 1)]
    earlier, later = ((other.key, other.title) if other else None for other in near)
    day = span.first if span.is_day else None
    return Beside(span.name, day, at + 1, len(order), earlier, later, is_own=True)


def _own_order(lib: Library, reader: Reader, edition: str) -> tuple[int, ...]:
    from broadsheet.store import own_orders

    with lib.store.reading() as conn:
        return own_orders.get(conn, reader.id, edition) or lib.rankings.seen_own(edition, reader.id)


def _within(lib: Library, order: Sequence[str], key: str, edition: str, day: date) -> Beside | None:
    from broadsheet.store import papers

    if key not in order:
        return None
    at = order.index(key)
    near = [order[i] if 0 <= i < len(order) else "" for i in (at - 1, at + 1)]
    with lib.store.reading() as conn:
        found = papers.by_keys(conn, near)
    earlier, later = ((other, found[other].title) if other in found else None for other in near)
    return Beside(edition, day, at + 1, len(order), earlier, later)


def _as_told(lib: Library, conn: "Connection", day: date, paper_id: int) -> Sequence[str]:
    """The papers of a day in the order of its sources: the keys of this one and those beside it, and of others none.

    A key lies with its paper, so that to read those of a day takes as long as to read its papers.
    """
    from broadsheet.store import editions, papers, state

    name = (state.read(conn).harvested, "as told", day)
    ids = lib.rankings.get(name, lambda: editions.ids_of(conn, day))
    at = ids.index(paper_id) if paper_id in ids else len(ids)
    keys = papers.keys(conn, ids[max(0, at - 1) : at + 2])
    return [keys.get(i, "") for i in ids]
