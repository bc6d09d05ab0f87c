"""What trends now, over a day, week or month, in all fields or one; and what is rising."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from broadsheet.errors import UsageError
from broadsheet.library.editions.attention import attention, candidate, counts_of, featured, outlook
from broadsheet.library.editions.rankings import Moment
from broadsheet.library.editions.roll import Roll, shown, slim
from broadsheet.library.handle import Library
from broadsheet.rank.order import Entry, Place
from broadsheet.types import Announcement, Outline
from broadsheet.words.said import said

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
        raise UsageError(f"window {window}", "is no window of time", f"use {', '.join(rank.WINDOWS)}")
    from broadsheet.store import state

    now = lib.now()
    since = now - timedelta(days=rank.DAYS[window])
    with lib.store.reading() as conn:
        moment = Moment.of(state.read(conn), now)
        found = _roll(lib, conn, moment, window, field, since, now)
        places: Sequence[Place] = ranked(lib, conn, moment, found, window, since)
        if rising:
            places = rank.rising(places)
        entries = shown(conn, places[offset : None if limit is None else offset + limit])
    note = None if places else _why_empty(rising=rising, field=field)
    return Trend(window, field, rising, len(places), entries, note)


def ranked(
    lib: Library, conn: "Connection", moment: Moment, found: Roll, window: "Window", since: datetime | None
) -> tuple[Place, ...]:
    """These papers by the trending score now. `since`: from when attention counts; all of it for an edition."""
    from broadsheet.rank import trending as rank

    now = lib.now()

    def make() -> tuple[Place, ...]:
        about = (moment.told, "outlook", found.name)
        expected = lib.rankings.get(about, lambda: outlook(lib, conn, found.listed, now))
        counts, ask = counts_of(conn, found.ids), rank.Ask(window, now, weights(lib), since)
        candidates = [candidate(row, counts) for row in found.listed]
        return tuple(rank.trending(candidates, attention(conn, found.listed, expected), expected.usual, ask))

    return lib.rankings.get((moment.voted, "trending", found.name), make)


def weights(lib: Library) -> "Weights":
    """The weights of the score, as the settings give them."""
    from dataclasses import fields

    from broadsheet.rank.trending import Weights

    given = lib.settings.trending
    return Weights(**{f.name: getattr(given, f.name) for f in fields(Weights) if hasattr(given, f.name)})


def _roll(
    lib: Library, conn: "Connection", moment: Moment, window: str, field: str, since: datetime, now: datetime
) -> Roll:
    """The papers that were news since then, and older ones whose votes were counted."""
    from broadsheet.store import editions, papers, signals

    wanted = [field] if field else None

    def read() -> Roll:
        rows = editions.outlines(conn, since.date(), now.date(), wanted)
        found = {i: slim((i, paper, _dated(paper, listed, now))) for i, paper, listed in rows}
        older = [paper_id for paper_id in signals.counted(conn, since) if paper_id not in found]
        for paper_id, paper in papers.outlines(conn, older):
            announcement = featured(paper, now)
            if announcement and (wanted is None or editions.is_in(paper.categories, wanted)):
                found[paper_id] = slim((paper_id, paper, announcement))
        return Roll(("window", window, field), list(found.values()))

    return lib.rankings.get((moment.told, "roll", window, field), read)


def _dated(paper: Outline, listed: Announcement, now: datetime) -> Announcement:
    """Votes begin when a paper is featured, which may be some days after it was listed."""
    known = featured(paper, now)
    return known if known and known.kind == "featured" and known.day >= listed.day else listed


def _why_empty(*, rising: bool, field: str) -> str:
    if rising and field:
        return said(
            "Nothing is rising in %(field)s: no paper of the last days has votes that more are expected for.",
            field=field,
        )
    if rising:
        return said("Nothing is rising: no paper of the last days has votes that more are expected for.")
    if field:
        return said(
            "No paper was news in %(field)s in this time; `broadsheet pull` fetches what there is.", field=field
        )
    return said("No paper was news in this time; `broadsheet pull` fetches what there is.")
