"""Papers as a curated daily list has them: who was featured on which days, with the newest counts.

A library that harvests no such list has its own editions in that place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Literal

from broadsheet.errors import UsageError
from broadsheet.library.editions.edition import edition
from broadsheet.library.handle import Library
from broadsheet.library.listing import edition_name
from broadsheet.rank.spans import span_of
from broadsheet.types import Announcement, AnnouncementKind, Paper

if TYPE_CHECKING:
    from broadsheet.store import Connection

RECENT = timedelta(days=14)
"""How far the list without a date reaches back."""

Counts = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Daily:
    """A paper, the announcement that put it into the list, and its newest counts by (source, kind)."""

    paper: Paper
    announcement: Announcement | None
    counts: Counts

    def count(self, kind: str, first: str = "huggingface") -> int | None:
        """A count as that source gives it, else the sum of the others'; None where nobody counts."""
        told = {source: value for (source, counted), value in self.counts.items() if counted == kind}
        return told[first] if first in told else sum(told.values()) if told else None


@dataclass(frozen=True, slots=True)
class DailyAsk:
    """Which days (`2025-11-20`, `2025-W47`, `2025-11`, empty: the most recent), by whom, in which order."""

    name: str = ""
    submitter: str = ""
    sort: Literal["publishedAt", "trending"] = "publishedAt"
    limit: int = 50
    offset: int = 0


def daily(lib: Library, ask: DailyAsk) -> list[Daily]:
    """A piece of the list: day by day, the newest first, in a day those with most votes first."""
    from broadsheet.store import editions, signals

    with lib.store.reading() as conn:
        first, last = _days(conn, ask.name, lib.now().date())
        kinds: tuple[AnnouncementKind, ...] | None = ("featured",) if _is_curated(conn) else None
        found = editions.papers(conn, first, last, kinds=kinds)
        counts = signals.latest(conn, [paper_id for paper_id, _, _ in found])
    listed = [
        Daily(paper, announcement, counts.get(paper_id, {}))
        for paper_id, paper, announcement in found
        if ask.submitter in ("", announcement.by)
    ]
    ranked = _by_trend(lib, ask.name, listed) if ask.sort == "trending" else sorted(listed, key=_place)
    return ranked[ask.offset : ask.offset + ask.limit]


def with_counts(lib: Library, papers: Sequence[Paper]) -> list[Daily]:
    """Papers, each with the announcement that featured it, if any, and its newest counts."""
    from broadsheet.store import papers as stored
    from broadsheet.store import signals

    with lib.store.reading() as conn:
        ids = stored.ids(conn, [paper.key for paper in papers])
        counts = signals.latest(conn, list(ids.values()))
    return [Daily(paper, _featured(paper), counts.get(ids.get(paper.key, 0), {})) for paper in papers]


def _days(conn: "Connection", name: str, today: date) -> tuple[date, date]:
    from broadsheet.store import editions

    if not name:
        last = editions.latest_day(conn) or today
        return last - RECENT, last
    span = span_of(name)
    if span is None:
        raise UsageError(f"date {name}", "is no day, week or month", "write 2025-11-20, 2025-W47 or 2025-11")
    return span.first, span.last


def _is_curated(conn: "Connection") -> bool:
    """Whether a source has featured papers of late."""
    from broadsheet.store import editions

    last = editions.latest_day(conn)
    return last is not None and any(day.kinds.get("featured") for day in editions.days(conn, last - RECENT, last))


def _featured(paper: Paper) -> Announcement | None:
    return min((a for a in paper.announcements if a.kind == "featured"), key=lambda a: a.day, default=None)


def _place(one: Daily) -> tuple[int, int, str]:
    day = one.announcement.day.toordinal() if one.announcement else 0
    return -day, -(one.count("upvotes") or 0), one.paper.key


def _by_trend(lib: Library, name: str, listed: Sequence[Daily]) -> list[Daily]:
    """In the order of the edition; what is in another edition than the newest month comes after, as in the list."""
    entries = edition(lib, name or edition_name(lib, "month"), sort="trending").entries
    ranks = {entry.paper.key: entry.rank for entry in entries}
    return sorted(listed, key=lambda one: (ranks.get(one.paper.key, len(ranks) + 1), _place(one)))
