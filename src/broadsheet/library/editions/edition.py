"""The edition of a day, ISO week or month: its papers in order, or why there are none."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from broadsheet.errors import UsageError
from broadsheet.library.editions.attention import Listed, candidate, counts_of
from broadsheet.library.editions.emptiness import Emptiness, why_empty, why_none_today
from broadsheet.library.editions.fresh import Fresh, fresh
from broadsheet.library.handle import Library
from broadsheet.rank.order import Entry, order
from broadsheet.rank.spans import Span, beside, span_of
from broadsheet.words.said import Month, said

if TYPE_CHECKING:
    from broadsheet.rank.trending import Window
    from broadsheet.store import Connection

SORTS = ("trending", "votes", "new", "mine")
"""What may be asked for; `mine` begins from what trends."""

MOST_FACETS = 14


@dataclass(frozen=True, slots=True)
class Edition:
    """A page of an edition. `total` counts all its papers (of the categories asked for); `note` says why it is empty.

    `facets`: category and count over the whole edition, most frequent first. `earlier`, `later`: neighbouring names.
    `empty` says why it has no papers, `today` why the newest edition is not today's, `fresh` what is new to a reader.
    """

    name: str
    title: str
    is_day: bool
    week: str
    month: str
    sort: str
    total: int
    entries: tuple[Entry, ...]
    facets: tuple[tuple[str, int], ...]
    state: str
    note: str | None
    earlier: str | None
    later: str | None
    empty: Emptiness | None = None
    today: Emptiness | None = None
    fresh: Fresh | None = None


def edition(
    lib: Library,
    name: str | None = None,
    *,
    sort: str = "trending",
    categories: Sequence[str] = (),
    limit: int | None = None,
    offset: int = 0,
    reader: str | None = None,
    since: datetime | None = None,
) -> Edition:
    """The edition called `name`; without one the newest that has papers. Raises UsageError for a name that is none.

    `reader`: whose order `mine` is. It must be named: a list in somebody's order tells what they like. `since`: what
    came later is told as new.
    """
    if sort not in SORTS:
        raise UsageError(f"sort {sort}", "is not known", f"use {', '.join(SORTS)}")
    if sort == "mine" and reader is None:
        raise UsageError("sort mine", "is the order of a reader, and none is named", "use trending, votes or new")
    from broadsheet.store import editions

    now = lib.now()
    with lib.store.reading() as conn:
        span = _span(name, editions.latest_day(conn) or now.date())
        found = editions.papers(conn, span.first, span.last)
        facets = Counter(c for _, paper, _ in found for c in dict.fromkeys(paper.categories))
        commonest = tuple(sorted(facets.items(), key=lambda kv: (-kv[1], kv[0]))[:MOST_FACETS])
        chosen = [row for row in found if _in_categories(row[1].categories, categories)]
        earlier, later = _neighbours(conn, span, now.date())
        ranked = _ranked(lib, conn, span, chosen, sort)
    if sort == "trending" and not categories:
        lib.rankings.saw(span.name, ranked)
    empty = None if found else why_empty(lib, span, now)
    page, told = slice(offset, None if limit is None else offset + limit), None
    if sort == "mine" and reader is not None:
        from broadsheet.library.interest.mine import in_own_order

        ids = {paper.key: paper_id for paper_id, paper, _ in chosen}
        ranked, told = in_own_order(lib, reader, span, ranked, ids, page)
    invented = bool(found) and all(announcement.source == "demo" for _, _, announcement in found)
    note = empty.note if empty else _note(told, commonest, len(found), () if chosen else categories, invented=invented)
    return Edition(
        name=span.name,
        title=_title(span),
        is_day=span.is_day,
        week=f"{span.first:%G-W%V}",
        month=f"{span.first:%Y-%m}",
        sort=sort,
        total=len(ranked),
        entries=tuple(ranked[page]),
        facets=commonest,
        state=empty.state if empty else "ok",
        note=note,
        earlier=earlier,
        later=later,
        empty=empty,
        today=None if name or invented or empty else why_none_today(lib, span.last, now),
        fresh=_fresh(lib, span, ranked, since) if since else None,
    )


def _span(name: str | None, newest: date) -> Span:
    span = span_of(name if name is not None else newest.isoformat())
    if span is None:
        raise UsageError(
            f"edition {name!r}", "is no date", "write a day 2025-11-20, a week 2025-W47 or a month 2025-11"
        )
    return span


def _in_categories(have: Sequence[str], wanted: Sequence[str]) -> bool:
    folded = [c.lower() for c in have]
    return not wanted or any(c == w.lower() or c.startswith(w.lower() + ".") for w in wanted for c in folded)


def _ranked(lib: Library, conn: "Connection", span: Span, chosen: Sequence[Listed], sort: str) -> list[Entry]:
    if sort in ("trending", "mine"):
        from broadsheet.library.editions.trending import ranked

        return ranked(lib, conn, chosen, _WINDOWS[len(span.name)], None)
    counts = counts_of(conn, [paper_id for paper_id, _, _ in chosen])
    return order([candidate(row, counts) for row in chosen], "new" if sort == "new" else "votes")


_WINDOWS: dict[int, "Window"] = {10: "day", 8: "week", 7: "month"}
"""By the length of an edition's name."""


def _neighbours(conn: "Connection", span: Span, today: date) -> tuple[str | None, str | None]:
    """Of a day the nearest days that have papers, of a week or month the ones beside it."""
    from broadsheet.store import editions

    if not span.is_day:
        later = beside(span, 1)
        return beside(span, -1).name, later.name if later.first <= today else None
    before = editions.latest_day(conn, span.first - timedelta(days=1)) if span.first > date.min else None
    after = editions.next_day(conn, span.last)
    return (before.isoformat() if before else None, after.isoformat() if after else None)


def _note(
    told: str | None, commonest: Sequence[tuple[str, int]], total: int, missed: Sequence[str], *, invented: bool
) -> str | None:
    """What there is to say of an edition with papers. `missed`: the categories that none of them is in."""
    if missed:
        there = ", ".join(name for name, _ in commonest[:5])
        return said(
            "None of its %(count)s papers is in %(wanted)s; most are in %(there)s.",
            count=total,
            wanted=" / ".join(missed),
            there=there,
        )
    if not invented:
        return told
    sample = said("A sample: these papers are invented.")
    return said("%(sample)s %(note)s", sample=sample, note=told) if told else sample


def _fresh(lib: Library, span: Span, ranked: Sequence[Entry], since: datetime) -> Fresh:
    with lib.store.reading() as conn:
        return fresh(conn, span, ranked, since)


def _title(span: Span) -> str:
    if span.is_day:
        return said("%(day)s", day=span.first)
    if "W" in span.name:
        return said("Week %(week)s of %(year)s", week=f"{span.first:%V}", year=f"{span.first:%G}")
    return said("%(month)s", month=Month(span.first))
