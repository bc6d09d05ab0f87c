"""What trends now, over a day, week or month, in all fields or one; and what is rising."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from broadsheet.errors import UsageError
from broadsheet.library.editions.attention import Listed, attention, candidate, counts_of, featured
from broadsheet.library.handle import Library
from broadsheet.rank.order import Entry

if TYPE_CHECKING:
    from broadsheet.rank.trending import Weights, Window
    from broadsheet.store import Connection


@dataclass(frozen=True, slots=True)
class Trend:
    """A page of what trends. `total` counts all papers that were ranked; `note` says why there are none."""

    window: str
    field: str
    rising: bool
    total: int
    entries: tuple[Entry, ...]
    note: str | None


def trending(
    lib: Library,
    *,
    window: str = "week",
    field: str = "",
    rising: bool = False,
    limit: int | None = None,
    offset: int = 0,
) -> Trend:
    """The papers with most attention for their age and field, or those whose votes are still to come.

    Listed are the papers that were news within the window, and older ones whose votes were counted in it. Raises
    UsageError for a window that is none.
    """
    from broadsheet.rank import trending as rank

    if window not in rank.WINDOWS:
        raise UsageError(f"window {window}", "is none", f"use {', '.join(rank.WINDOWS)}")
    now = lib.now()
    since = now - timedelta(days=rank.DAYS[window])
    with lib.store.reading() as conn:
        listed = _listed(conn, since, now, field)
        found = ranked(lib, conn, listed, window, since)
    entries = rank.rising(found) if rising else found
    page = tuple(entries[offset : None if limit is None else offset + limit])
    return Trend(window, field, rising, len(entries), page, None if entries else _why_empty(rising=rising, field=field))


def ranked(
    lib: Library, conn: "Connection", listed: Sequence[Listed], window: "Window", since: datetime | None
) -> list[Entry]:
    """These papers by the trending score now. `since`: from when attention counts; all of it for an edition."""
    from broadsheet.store import state

    now = lib.now()
    asked = (window, since and since.date(), tuple(paper_id for paper_id, _, _ in listed))
    return list(lib.rankings.get(state.read(conn), now, asked, lambda: _scored(lib, conn, listed, window, since, now)))


def _scored(
    lib: Library,
    conn: "Connection",
    listed: Sequence[Listed],
    window: "Window",
    since: datetime | None,
    now: datetime,
) -> list[Entry]:
    from broadsheet.rank import trending as rank

    standing = attention(lib, conn, listed, now)
    counts = counts_of(conn, [paper_id for paper_id, _, _ in listed])
    ask = rank.Ask(window, now, weights(lib), since)
    return rank.trending([candidate(row, counts) for row in listed], standing.attention, standing.usual, ask)


def weights(lib: Library) -> "Weights":
    """The weights of the score, as the settings give them."""
    from dataclasses import fields

    from broadsheet.rank.trending import Weights

    given = lib.settings.trending
    return Weights(**{f.name: getattr(given, f.name) for f in fields(Weights) if hasattr(given, f.name)})


def _listed(conn: "Connection", since: datetime, now: datetime, field: str) -> list[Listed]:
    from broadsheet.store import editions, papers, signals

    wanted = [field] if field else None
    found = {row[0]: row for row in editions.papers(conn, since.date(), now.date(), wanted)}
    older = [paper_id for paper_id in signals.counted(conn, since) if paper_id not in found]
    for paper_id, paper in papers.by_ids(conn, older):
        announcement = featured(paper, now)
        if announcement and (wanted is None or editions.is_in(paper.categories, wanted)):
            found[paper_id] = (paper_id, paper, announcement)
    return list(found.values())


def _why_empty(*, rising: bool, field: str) -> str:
    where = f" in {field}" if field else ""
    if rising:
        return f"Nothing is rising{where}: no paper of the last days has votes that more are expected for."
    return f"No paper was news{where} in this time; `broadsheet pull` fetches what there is."
