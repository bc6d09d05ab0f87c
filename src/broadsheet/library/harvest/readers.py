"""Readers out of an export: what the library takes in of them, under names that it would let a reader give.

A part whose name it would not is left out with all that is in it; the rest of its reader comes in.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from broadsheet.digest.content import from_json
from broadsheet.errors import UsageError
from broadsheet.library import names
from broadsheet.library.interest import profiles
from broadsheet.library.outlets import keep
from broadsheet.library.readers import Details, check_details, checked_name
from broadsheet.library.shelf import collections, saved
from broadsheet.store import personal, readers
from broadsheet.types import About, Collection, Digest, Drop, Interest, Outlet, Personal, Reader, SavedSearch

if TYPE_CHECKING:
    from broadsheet.store import Connection

_SHOWN = 80  # letters of a name that is refused

_Named = TypeVar("_Named", Interest, Collection, SavedSearch, Outlet)
_What = TypeVar("_What")


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a piece of a reader, who may be none here; whether they were made for it, and what was left out."""

    reader: Reader | None
    is_new: bool
    drops: tuple[Drop, ...]


def take_in(conn: "Connection", given: Personal) -> Taken:
    """Add a piece of a reader to the one of that name, who is made if need be.

    Readers come after the papers in a file, so what they marked is here or was never in it.
    """
    try:
        name = checked_name(given.reader.name)
    except UsageError as e:
        return Taken(None, False, (Drop("import", e.subject, e.cause),))
    drops: list[Drop] = []
    reader = replace(given.reader, name=name)
    is_new = readers.named(conn, name) is None
    if is_new:
        reader = _described(reader, drops)
    lost = personal.write(conn, _kept(replace(given, reader=reader), drops))
    reason = "a mark on a paper that is not in the library"
    drops += [Drop("import", f"{name}: {_shown(about.key)}", reason) for about in lost]
    return Taken(readers.named(conn, name), is_new, tuple(drops))


def _described(reader: Reader, drops: list[Drop]) -> Reader:
    """The reader without what could not be said of one."""
    for field, nothing in (("display", ""), ("email", None), ("zone", "")):
        try:
            check_details(Details(**{field: getattr(reader, field)}))
        except UsageError as e:
            drops.append(Drop("import", f"{reader.name}: {e.subject}", e.cause))
            reader = replace(reader, **{field: nothing})
    return reader


def _kept(given: Personal, drops: list[Drop]) -> Personal:
    """A piece without what cannot be read or has a name that cannot be given; names are folded wherever they stand."""

    def named(what: str, check: Callable[[_Named], str], parts: Iterable[_Named]) -> Iterator[_Named]:
        for one in parts:
            try:
                yield replace(one, name=check(one))
            except UsageError as e:
                drops.append(Drop("import", f"{given.reader.name}: {what} {_shown(one.name)}", e.cause))

    delivery = given.delivery
    try:
        check_details(Details(email=delivery.email if delivery else ""))
    except UsageError as e:
        drops.append(Drop("import", f"{given.reader.name}: digests to {e.subject}", e.cause))
        delivery = None
    broken = {d.edition for d in given.digests if not _is_readable(d)}
    for edition in sorted(broken):
        at = f"{given.reader.name}: digest {_shown(edition)}"
        drops.append(Drop("import", at, "what was in it cannot be read"))
    return replace(
        given,
        delivery=delivery,
        digests=tuple(d for d in given.digests if d.edition not in broken),
        interests=tuple(named("interest", lambda i: profiles.checked_name(i.name), given.interests)),
        collections=tuple(named("collection", _collection_name, given.collections)),
        searches=tuple(named("saved search", lambda s: saved.free_name((), s.name), given.searches)),
        outlets=tuple(named("outlet", lambda o: keep.checked_name(o.name), given.outlets)),
        marks=tuple(_under_folded(given.marks)),
        shown=tuple(_under_folded(given.shown)),
        collected=tuple((names.folded(name), about, what) for name, about, what in given.collected),
    )


def _collection_name(one: Collection) -> str:
    return collections.SAVED if one.saved else collections.free_name((), one.name)


def _under_folded(rows: Iterable[tuple[About, _What]]) -> Iterator[tuple[About, _What]]:
    for about, what in rows:
        yield replace(about, interest=names.folded(about.interest)) if about.interest else about, what


def _is_readable(digest: Digest) -> bool:
    try:
        from_json(digest.content)
    except (KeyError, TypeError, ValueError, AttributeError):
        return False
    return True


def _shown(name: str) -> str:
    """A name that may have been refused, as no terminal obeys it."""
    return name if name.isprintable() and len(name) <= _SHOWN else repr(name[:_SHOWN])
