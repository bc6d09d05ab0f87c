"""A list of papers that can be subscribed to: an edition, what is trending, a category, an author, a search.

Pages, feeds and citation files of a list are the same papers in the same order, because they all come from here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, Literal

from broadsheet.errors import UsageError
from broadsheet.library.editions.edition import edition
from broadsheet.library.editions.trending import trending
from broadsheet.library.find import SearchAsk, search
from broadsheet.library.handle import Library
from broadsheet.text import canonical_id
from broadsheet.types import Paper

if TYPE_CHECKING:
    from broadsheet.store.editions import Day

Kind = Literal["edition", "trending", "category", "author", "search"]

NEWEST: dict[str, str] = {"newest": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}
"""Names of editions that move on: the newest day with papers, its ISO week, its month."""

YEAR = 366
MOST_LISTED = 1_000
MOST_LETTERS = 500
"""Of the name of a list that is no query."""


@dataclass(frozen=True, slots=True)
class ListAsk:
    """Which list: `name` is the edition's name, the window of what trends, the category, the author or the query; what
    trends may be sorted as `rising`. Where from, and how many.
    """

    kind: Kind
    name: str = ""
    sort: str = ""
    mode: str = "hybrid"
    category: str = ""
    limit: int = 100
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Listed:
    """A paper of a list; `votes` is None where nobody counts, or where the list does not ask."""

    paper: Paper
    votes: int | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """A piece of a list. `total` counts the whole list, `note` says what a reader should know of it."""

    title: str
    about: str
    papers: tuple[Listed, ...]
    total: int
    note: str = ""


def listing(lib: Library, ask: ListAsk) -> Listing:
    """The papers of a list. Raises UsageError for a name, an order or a length that cannot be."""
    if not 0 < ask.limit <= MOST_LISTED or ask.offset < 0:
        raise UsageError(f"limit {ask.limit}", f"is not between 1 and {MOST_LISTED:,}", "long lists come in pages")
    if ask.kind != "search" and len(ask.name) > MOST_LETTERS:
        raise UsageError(f"{ask.kind}", f"has {len(ask.name):,} letters", f"at most {MOST_LETTERS} are taken")
    if ask.kind == "edition":
        return _edition(lib, ask)
    if ask.kind == "trending":
        return _trending(lib, ask)
    return _search(lib, ask)


def edition_name(lib: Library, name: str) -> str | None:
    """The edition that a moving name stands for now, None for the newest day; other names are returned as they are."""
    if name not in NEWEST:
        return name
    from broadsheet.store import editions

    with lib.store.reading() as conn:
        newest = editions.latest_day(conn)
    return newest.strftime(NEWEST[name]) if newest else None


def days(lib: Library, since: date | None = None, until: date | None = None) -> "list[Day]":
    """The days that have papers, in order; without `since` those of the last year."""
    from broadsheet.store import editions

    last = until or lib.now().date() + timedelta(days=1)
    first = since or date.fromordinal(max(last.toordinal() - YEAR, 1))
    with lib.store.reading() as conn:
        return editions.days(conn, first, last)


def papers_by_key(lib: Library, keys: Sequence[str]) -> dict[str, Paper]:
    """Papers under the names that were asked for, each a key or any spelling of an id; unknown ones are left out."""
    from broadsheet.store import papers

    spelled = {key: canonical_id(key) or key for key in keys}
    with lib.store.reading() as conn:
        found = papers.get(conn, {*keys, *spelled.values()})
    return {key: paper for key in keys if (paper := found.get(key) or found.get(spelled[key]))}


def _edition(lib: Library, ask: ListAsk) -> Listing:
    found = edition(
        lib,
        edition_name(lib, ask.name),
        sort=ask.sort or "trending",
        categories=(ask.category,) if ask.category else (),
        limit=ask.limit,
        offset=ask.offset,
    )
    named = {"newest": "Newest papers", "week": "Papers of the week", "month": "Papers of the month"}
    title = named.get(ask.name, found.title)
    if ask.category:
        title += f" in {ask.category}"
    return Listing(
        title=title,
        about=f"{found.title}, sorted by {found.sort}.",
        papers=tuple(Listed(entry.paper, entry.votes) for entry in found.entries),
        total=found.total,
        note=found.note or "",
    )


def _trending(lib: Library, ask: ListAsk) -> Listing:
    window, rising = ask.name or "week", ask.sort == "rising"
    found = trending(lib, window=window, field=ask.category, rising=rising, limit=ask.limit, offset=ask.offset)
    about = "Young papers by how many votes are still expected" if rising else "Papers by attention for age and field"
    return Listing(
        title=("Rising" if rising else "Trending") + " papers" + (f" in {ask.category}" if ask.category else ""),
        about=f"{about}, of the last {window}.",
        papers=tuple(Listed(entry.paper, entry.votes) for entry in found.entries),
        total=found.total,
        note=found.note or "",
    )


_ORDERS: Final = {"relevance": "best first", "new": "newest first", "votes": "most votes first"}


def _search(lib: Library, ask: ListAsk) -> Listing:
    query, title, about = _query(ask)
    sort = ask.sort or ("relevance" if ask.kind == "search" else "new")
    if sort not in _ORDERS:
        raise UsageError(f"sort {sort}", "is not an order of a search", f"use {', '.join(_ORDERS)}")
    found = search(lib, SearchAsk(query, ask.mode, ask.limit, ask.offset, None, sort))
    papers = tuple(Listed(hit.paper) for hit in found.hits)
    return Listing(title, f"{about}, {_ORDERS[sort]}.", papers, found.total, "; ".join(found.notes))


def _query(ask: ListAsk) -> tuple[str, str, str]:
    """Query, title and description of a list that is a search."""
    name = " ".join(ask.name.replace('"', " ").split())
    if not ask.name.strip():
        raise UsageError(ask.kind, "is empty", "name what to list")
    if ask.kind == "category":
        if any(letter in name for letter in " ():"):
            raise UsageError(
                f"category {ask.name!r}", "is no category", "write one such as cs.CL, or an archive such as math"
            )
        return f"cat:{name}", f"New papers in {name}", f"Papers in the category {name}"
    if ask.kind == "author":
        return f'author:"{name}"', f"Papers by {name}", f"Papers with an author called {name}"
    return ask.name, f"Search: {ask.name.strip()}", f"What the search for {ask.name.strip()} finds"
