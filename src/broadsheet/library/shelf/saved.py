"""Searches that a reader keeps: what is new in them since they looked, and their feeds.

New is what the words of the query find among the papers that came into the library later, in every mode: meaning ranks
all papers and finds none.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from msgspec import structs

from broadsheet.errors import NotFound, UsageError
from broadsheet.library import names
from broadsheet.library.access import secret
from broadsheet.library.address import address
from broadsheet.library.find import LONGEST
from broadsheet.library.handle import Library
from broadsheet.library.readers import find_reader, let_in
from broadsheet.types import SEARCH_MODES, Paper, Reader, SavedSearch, SearchMode
from broadsheet.words.said import said

if TYPE_CHECKING:
    from broadsheet.store import Connection

LONGEST_NAME, MOST_SEARCHES = 120, 200
LISTED: Final = 100
"""New papers that are listed; of more only the number is told."""


@dataclass(frozen=True, slots=True)
class SearchView:
    """A saved search. `new`: how many papers came since its reader looked, `papers` the newest of them if asked for."""

    search: SavedSearch
    reader: str
    new: int
    papers: tuple[Paper, ...] = ()
    feed: str | None = None


def searches_of(lib: Library, reader: str | None) -> list[SearchView]:
    """A reader's saved searches, by name, with how much is new in each; a muted one has nothing new."""
    who = find_reader(lib, reader)
    return [_view(lib, who, there, 0 if there.muted else _new(lib, there, 1)[0]) for there in searches(lib, who)]


def searches(lib: Library, who: Reader) -> list[SavedSearch]:
    """A reader's saved searches, by name; nothing is looked for."""
    from broadsheet.store import searches as store

    with lib.store.reading() as conn:
        return store.of(conn, who.id)


def save(lib: Library, reader: str | None, name: str, query: str, mode: str = "hybrid") -> SearchView:
    """Keep a search; without a name its query is its name. Raises UsageError for one that cannot be."""
    from broadsheet.store import searches as store

    who = find_reader(lib, reader)
    asked = query.strip()
    if not asked:
        raise UsageError("search", "is empty", "write what to look for")
    if len(asked) > LONGEST:
        raise UsageError("search", said("has more than %(most)s letters", most=LONGEST), "shorten it")
    with lib.store.writing() as conn:
        own = store.of(conn, who.id)
        if len(own) >= MOST_SEARCHES:
            raise UsageError("search", said("there are %(many)s saved ones already", many=len(own)), "remove one")
        named = free_name(own, name.strip() or asked[:LONGEST_NAME])
        made = store.create(conn, who.id, named, asked, _mode(mode), lib.now())
    return _view(lib, who, made, 0)


def find(lib: Library, reader: str | None, name: str) -> SavedSearch:
    """A reader's saved search by name or id. Raises NotFound."""
    who = find_reader(lib, reader)
    with lib.store.reading() as conn:
        return _named(conn, who, name)


def look(lib: Library, reader: str | None, name: str, *, keep: bool = False) -> SearchView:
    """What is new in a search; from now on it is not new any more, unless it shall `keep` so. Raises NotFound."""
    from broadsheet.store import papers
    from broadsheet.store import searches as store

    who = find_reader(lib, reader)
    there = find(lib, who.name, name)
    new, ids = _new(lib, there, LISTED)
    with lib.store.reading() as conn:
        found = tuple(paper for _, paper in papers.by_ids(conn, ids))
        newest = store.newest_paper(conn)
    if not keep and (new or newest != there.seen):
        with lib.store.writing() as conn:
            store.change(conn, structs.replace(_named(conn, who, str(there.id)), seen=newest, looked=lib.now()))
    return replace(_view(lib, who, there, new), papers=found)


def unlook(lib: Library, reader: str | None, name: str, seen: int) -> SavedSearch:
    """Let be new again what came after the paper with this store id. Raises NotFound."""
    return _changed(lib, reader, name, lambda s: structs.replace(s, seen=max(0, min(s.seen, seen))))


def change(
    lib: Library, reader: str | None, name: str, *, called: str | None = None, muted: bool | None = None
) -> SavedSearch:
    """Rename a search, or let it be silent. Raises NotFound, UsageError for a name that is taken or none."""
    from broadsheet.store import searches as store

    who = find_reader(lib, reader)
    with lib.store.writing() as conn:
        there = _named(conn, who, name)
        others = [s for s in store.of(conn, who.id) if s.id != there.id]
        wanted = there.name if called is None else free_name(others, called)
        changed = structs.replace(there, name=wanted, muted=there.muted if muted is None else muted)
        store.change(conn, changed)
    return changed


def delete(lib: Library, reader: str | None, name: str) -> SavedSearch:
    """Delete a search and end its feeds' address; undoing brings the search back. Raises NotFound."""
    from broadsheet.store import searches as store

    who = find_reader(lib, reader)
    with lib.store.writing() as conn:
        there = _named(conn, who, name)
        store.remove(conn, there, lib.now())
    return there


def feed(lib: Library, reader: str | None, name: str, *, on: bool) -> SavedSearch:
    """Give the feeds of a search a new secret address, or take it back. Raises NotFound."""
    return _changed(lib, reader, name, lambda s: structs.replace(s, secret=secret.make() if on else None))


def by_secret(lib: Library, shown: str) -> SavedSearch:
    """The search whose feeds have this secret in their address. Raises NotFound for one that was taken back."""
    from broadsheet.store import searches as store

    with lib.store.reading() as conn:
        found = store.by_secret(conn, shown)
    if found is None:
        raise NotFound("feed", "is at no such address", "it may have been taken back")
    let_in(lib, found.reader_id)
    return found


def _new(lib: Library, there: SavedSearch, most: int) -> tuple[int, list[int]]:
    return lib.engine.matching_since(there.query, there.seen, most)


def _view(lib: Library, who: Reader, there: SavedSearch, new: int) -> SearchView:
    link = address(lib, f"feed/{there.secret}.atom") if there.secret else None
    return SearchView(there, who.name, new, feed=link)


def _named(conn: "Connection", who: Reader, name: str) -> SavedSearch:
    from broadsheet.store import searches as store

    own = store.of(conn, who.id)
    folded = name.strip().casefold()
    found = next((s for s in own if folded in (s.name.casefold(), str(s.id))), None)
    if found is None:
        subject = said("saved search %(name)s", name=repr(name))
        raise names.not_there(subject, [s.name for s in own], said("save one first"))
    return found


def free_name(own: Sequence[SavedSearch], name: str) -> str:
    """The name of a search as it is stored. Raises UsageError for one that cannot be or that one of these has."""
    return names.free(said("saved search"), name, LONGEST_NAME, [s.name for s in own])


def _mode(name: str) -> SearchMode:
    for mode in SEARCH_MODES:
        if mode == name:
            return mode
    raise UsageError(
        said("mode %(name)s", name=name), "is not known", said("use %(known)s", known=", ".join(SEARCH_MODES))
    )


def _changed(lib: Library, reader: str | None, name: str, changed: Callable[[SavedSearch], SavedSearch]) -> SavedSearch:
    from broadsheet.store import searches as store

    who = find_reader(lib, reader)
    with lib.store.writing() as conn:
        there = changed(_named(conn, who, name))
        store.change(conn, there)
    return there
