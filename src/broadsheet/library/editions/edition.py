"""The edition of a day, ISO week or month: its papers in order, or why there are none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from broadsheet.errors import UsageError
from broadsheet.library.editions.attention import candidate, counts_of
from broadsheet.library.editions.emptiness import Emptiness, why_empty, why_none_today
from broadsheet.library.editions.fresh import Fresh, fresh
from broadsheet.library.editions.rankings import Moment
from broadsheet.library.editions.roll import Roll, roll, shown
from broadsheet.library.editions.trending import ranked
from broadsheet.library.handle import Library
from broadsheet.rank.order import Entry, Place, order
from broadsheet.rank.spans import Span, span_of
from broadsheet.types import SORTS
from broadsheet.words.said import Month, said

if TYPE_CHECKING:
    from broadsheet.rank.trending import Window
    from broadsheet.store import Connection
    from broadsheet.store.editions import Day

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
    from broadsheet.store import editions, state

    now, page = lib.now(), slice(offset, None if limit is None else offset + limit)
    with lib.store.reading() as conn:
        moment = Moment.of(state.read(conn), now)
        newest = None if name else lib.rankings.get((moment.told, "newest"), lambda: [editions.latest_day(conn)])[0]
        span = _span(name, newest or now.date())
        found = roll(lib, conn, moment, span)
        wanted = (moment.told, "roll", span.name, tuple(categories))
        chosen = lib.rankings.get(wanted, lambda: found.within(categories)) if categories else found
        places: Sequence[Place] = _ranked(lib, conn, moment, span, chosen, sort)
    if sort == "trending" and span.is_day and not categories:
        lib.rankings.saw(span.name, places)
    empty = None if found else why_empty(lib, span, now)
    told = None
    if sort == "mine" and reader is not None:
        from broadsheet.library.interest.mine import Ranked, in_own_order

        places, told = in_own_order(lib, reader, moment, span, Ranked(chosen, places), page)
    with lib.store.reading() as conn:
        entries = shown(conn, places[page])
        news = fresh(span, places, chosen, _new_days(lib, conn, moment, since), since) if since else None
    commonest, invented = found.facets[:MOST_FACETS], found.is_invented
    note = empty.note if empty else _note(told, commonest, len(found), () if chosen else categories, invented=invented)
    return Edition(
        name=span.name,
        title=_title(span),
        is_day=span.is_day,
        week=f"{span.first:%G-W%V}",
        month=f"{span.first:%Y-%m}",
        sort=sort,
        total=len(places),
        entries=entries,
        facets=commonest,
        state=empty.state if empty else "ok",
        note=note,
        earlier=found.earlier,
        later=found.later,
        empty=empty,
        today=None if name or invented or empty else why_none_today(lib, span.last, now),
        fresh=news,
    )


def _span(name: str | None, newest: date) -> Span:
    span = span_of(name if name is not None else newest.isoformat())
    if span is None:
        raise UsageError(
            said("edition %(name)s", name=repr(name)),
            "is no date",
            "write a day 2025-11-20, a week 2025-W47 or a month 2025-11",
        )
    return span


def _new_days(lib: Library, conn: "Connection", moment: Moment, since: datetime) -> "Sequence[Day]":
    """The days with papers that came after `since`: the same for as long as a visit lasts."""
    from broadsheet.store import editions

    first = (since - timedelta(days=1)).date()
    return lib.rankings.get((moment.told, "new days", since), lambda: editions.days_with_new(conn, first, since))


def _ranked(lib: Library, conn: "Connection", moment: Moment, span: Span, chosen: Roll, sort: str) -> tuple[Place, ...]:
    if sort in ("trending", "mine"):
        return ranked(lib, conn, moment, chosen, _WINDOWS[len(span.name)], None)

    def make() -> tuple[Place, ...]:
        counts = counts_of(conn, chosen.ids)
        return tuple(order([candidate(row, counts) for row in chosen.listed], "new" if sort == "new" else "votes"))

    return lib.rankings.get((moment.voted, sort, chosen.name), make)


_WINDOWS: dict[int, "Window"] = {10: "day", 8: "week", 7: "month"}
"""By the length of an edition's name."""


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


def _title(span: Span) -> str:
    if span.is_day:
        return said("%(day)s", day=span.first)
    if "W" in span.name:
        return said("Week %(week)s of %(year)s", week=f"{span.first:%V}", year=f"{span.first:%G}")
    return said("%(month)s", month=Month(span.first))
