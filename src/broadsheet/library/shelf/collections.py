"""Collections of papers: made, filled, put in order, shared and taken back; the one of saved papers is made of marks.

A collection is called by its name, by its id, or `saved`. Who may see one of another reader is decided here alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final, get_args

from msgspec import structs

from broadsheet.errors import NotFound, UsageError
from broadsheet.library import names
from broadsheet.library.access import secret
from broadsheet.library.address import address
from broadsheet.library.handle import Library
from broadsheet.library.readers import find_reader, let_in
from broadsheet.library.shelf.mark import paper_id_of, save_all
from broadsheet.types import Collection, Drop, Paper, Reader, Sharing
from broadsheet.words.said import said

if TYPE_CHECKING:
    from broadsheet.store import Connection

SAVED: Final = "Saved"
"""The name of the collection that every reader has."""

LONGEST_NAME, LONGEST_NOTE, MOST_COLLECTIONS = 120, 5_000, 500
SHARINGS: Final[tuple[Sharing, ...]] = get_args(Sharing)


@dataclass(frozen=True, slots=True)
class InCollection:
    """A paper of a collection, at its place from 1, and since when it is in it."""

    paper: Paper
    place: int
    added: datetime


@dataclass(frozen=True, slots=True)
class CollectionView:
    """A collection as somebody may see it. `papers` are those of a piece of it, None where they were not asked for.

    `reader`: the name of the one whose it is, `by`: the name of theirs that people see; `own`: whether they are the one
    who looks. `link`: the page of whoever has its address.
    """

    collection: Collection
    reader: str
    by: str
    own: bool
    total: int
    papers: tuple[InCollection, ...] | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Filed:
    """What came of adding papers: how many were new in the collection or `there` before, and `fetched` on the way."""

    collection: Collection
    added: int
    there: int = 0
    fetched: int = 0
    dropped: tuple[Drop, ...] = ()


def collections_of(lib: Library, reader: str | None) -> list[CollectionView]:
    """A reader's own collections, the saved papers first, then by name."""
    from broadsheet.store import collections as store

    who = find_reader(lib, reader)
    with lib.store.reading() as conn:
        own = _own(conn, who)
        many = store.counts(conn, own)
    return [_view(lib, c, who, own=True, total=many[c.id]) for c in own]


def shared_with(lib: Library, who: Reader) -> list[CollectionView]:
    """The collections of other readers that every reader may see, by name."""
    from broadsheet.store import collections as store
    from broadsheet.store import readers

    with lib.store.reading() as conn:
        found = [c for c in store.for_all(conn) if c.reader_id != who.id]
        many, there = store.counts(conn, found), {r.id: r for r in readers.every(conn)}
    return [_view(lib, c, there[c.reader_id], own=False, total=many[c.id]) for c in found]


def make(lib: Library, reader: str | None, name: str, note: str = "", papers: Sequence[str] = ()) -> Filed:
    """A new collection with these papers in it, as one action. Raises UsageError for a name that is taken or none."""
    from broadsheet.store import collections as store

    who = find_reader(lib, reader)
    with lib.store.writing() as conn:
        own = _own(conn, who)
        if len(own) >= MOST_COLLECTIONS:
            raise UsageError("collection", said("there are %(many)s already", many=len(own)), "remove one")
        made = store.create(conn, who.id, free_name(own, name), lib.now(), note=_note(note))
        ids = [paper_id_of(conn, key) for key in papers]
        return Filed(made, store.put(conn, made, ids, lib.now(), as_made=True))


def find(lib: Library, reader: str | None, name: str) -> Collection:
    """A reader's own collection by name or id. Raises NotFound."""
    who = find_reader(lib, reader)
    with lib.store.reading() as conn:
        return _named(conn, who, name)


def papers(lib: Library, reader: str | None, name: str, *, limit: int | None = None, offset: int = 0) -> CollectionView:
    """A piece of a reader's own collection, in its order. Raises NotFound."""
    who = find_reader(lib, reader)
    with lib.store.reading() as conn:
        return _with_papers(lib, conn, _named(conn, who, name), who, own=True, piece=slice(offset, _end(offset, limit)))


def seen_by(lib: Library, who: Reader, ref: str, *, limit: int | None = None, offset: int = 0) -> CollectionView:
    """A piece of a collection that a reader may see: their own, or one for every reader.

    Raises NotFound for any other, whether there is one or not.
    """
    from broadsheet.store import collections as store
    from broadsheet.store import readers

    with lib.store.reading() as conn:
        if ref == "saved":
            there: Collection | None = _saved(_own(conn, who))
        else:
            there = store.by_id(conn, int(ref)) if ref.isdecimal() and len(ref) < 19 else None
        if there is None or (there.reader_id != who.id and there.sharing != "lab"):
            raise NotFound(
                said("collection %(ref)s", ref=ref),
                "is not there, or not shared with you",
                "all of yours are on /collections",
            )
        owner = who if there.reader_id == who.id else readers.by_id(conn, there.reader_id)
        assert owner is not None
        own = there.reader_id == who.id
        return _with_papers(lib, conn, there, owner, own=own, piece=slice(offset, _end(offset, limit)))


Stamped = tuple[Collection, tuple[tuple[object, ...], datetime]]
"""A collection, what is the same while it is, and about when it changed (see `store.collections.stamp`)."""


def by_link(lib: Library, shown: str, *, page: bool = True) -> Stamped:
    """The collection whose link this is.

    `page`: as a page; the feeds of one that is not shared have an address, too. Raises NotFound for a link that is
    none or was taken back, and where its owner is disabled.
    """
    from broadsheet.store import collections as store

    with lib.store.reading() as conn:
        found = store.by_secret(conn, shown)
        if found is None or (page and found.sharing == "private"):
            raise NotFound("link", "leads to no collection", "it may have been taken back; ask who gave it to you")
        stamp = store.stamp(conn, found)
    let_in(lib, found.reader_id)
    return found, stamp


def stamped(lib: Library, there: Collection) -> Stamped:
    """A collection, and what is the same while it is."""
    from broadsheet.store import collections as store

    with lib.store.reading() as conn:
        return there, store.stamp(conn, there)


def opened(lib: Library, there: Collection, *, limit: int | None = None, offset: int = 0) -> CollectionView:
    """A piece of a collection for somebody who may see it."""
    from broadsheet.store import readers

    with lib.store.reading() as conn:
        owner = readers.by_id(conn, there.reader_id)
        assert owner is not None
        return _with_papers(lib, conn, there, owner, own=False, piece=slice(offset, _end(offset, limit)))


def add(lib: Library, reader: str | None, name: str, keys: Sequence[str]) -> Filed:
    """Put papers of the library into a reader's collection, at its end, as one action; into the saved ones by a mark.

    Raises NotFound for a collection or a paper that is not there; nothing is added then.
    """
    who = find_reader(lib, reader)
    with lib.store.writing() as conn:
        there = _named(conn, who, name)
        ids = list(dict.fromkeys(paper_id_of(conn, key) for key in keys))
        return put(conn, who, there, ids, lib.now())


def put(conn: "Connection", who: Reader, there: Collection, ids: Sequence[int], now: datetime) -> Filed:
    """`add` of papers by store id, in the caller's transaction."""
    from broadsheet.store import collections as store

    added = save_all(conn, who, ids, now) if there.saved else store.put(conn, there, ids, now)
    return Filed(there, added, len(ids) - added)


def remove(lib: Library, reader: str | None, name: str, keys: Sequence[str]) -> int:
    """Take papers out of a reader's collection, as one action; returns how many were in it. Raises NotFound."""
    from broadsheet.store import collections as store
    from broadsheet.store import marks

    who = find_reader(lib, reader)
    with lib.store.writing() as conn:
        there = _named(conn, who, name)
        ids = [paper_id_of(conn, key) for key in keys]
        if there.saved:
            return marks.take_back(conn, who.id, ids, lib.now(), ["save"])
        return store.take_out(conn, there, ids, lib.now())


def move(lib: Library, reader: str | None, name: str, key: str, place: int) -> bool:
    """Put a paper of a collection at a place, from 1; False where it stands there. Raises NotFound."""
    from broadsheet.store import collections as store

    who = find_reader(lib, reader)
    with lib.store.writing() as conn:
        there = _kept(conn, lib, who, _named(conn, who, name))
        order = [m.paper_id for m in store.members(conn, there)]
        paper_id = paper_id_of(conn, key)
        if paper_id not in order:
            raise NotFound(said("paper %(key)s", key=key), said("is not in %(name)s", name=there.name), "add it first")
        order.remove(paper_id)
        order.insert(min(max(place - 1, 0), len(order)), paper_id)
        return store.arrange(conn, there, order, lib.now())


def arrange(lib: Library, reader: str | None, name: str, keys: Sequence[str]) -> bool:
    """Put these papers of a collection first, in this order; the others follow as they stand. Raises NotFound."""
    from broadsheet.store import collections as store

    who = find_reader(lib, reader)
    with lib.store.writing() as conn:
        there = _kept(conn, lib, who, _named(conn, who, name))
        held = [m.paper_id for m in store.members(conn, there)]
        first = [i for i in dict.fromkeys(paper_id_of(conn, key) for key in keys) if i in set(held)]
        return store.arrange(conn, there, [*first, *(i for i in held if i not in set(first))], lib.now())


def describe(
    lib: Library, reader: str | None, name: str, *, called: str | None = None, note: str | None = None
) -> Collection:
    """Give a collection another name or note. Raises NotFound, UsageError for a name that is taken or none."""
    from broadsheet.store import collections as store

    who = find_reader(lib, reader)
    with lib.store.writing() as conn:
        there = _kept(conn, lib, who, _named(conn, who, name))
        wanted = there.name if called is None or called == there.name else called
        if wanted != there.name:
            if there.saved:
                raise UsageError(there.name, "is where saved papers are, and keeps its name", "make another collection")
            wanted = free_name([c for c in _own(conn, who) if c.id != there.id], wanted)
        return store.describe(conn, there, wanted, there.note if note is None else _note(note), lib.now())


def delete(lib: Library, reader: str | None, name: str) -> Collection:
    """Delete a collection and end its link; the papers stay in the library. It can be undone for 30 days."""
    from broadsheet.store import collections as store

    who = find_reader(lib, reader)
    with lib.store.writing() as conn:
        there = _named(conn, who, name)
        if there.saved:
            raise UsageError(there.name, "is where saved papers are, and stays", "take papers out of it")
        store.remove(conn, there, lib.now())
    return there


def share(lib: Library, reader: str | None, name: str, sharing: str) -> CollectionView:
    """Say who may see a collection. To make it private takes its link back, and its feeds'.

    Raises NotFound, UsageError for what is no way of sharing.
    """
    wanted = next((s for s in SHARINGS if s == sharing), None)
    if wanted is None:
        raise UsageError(
            said("sharing %(sharing)s", sharing=repr(sharing)),
            "is not known",
            said("use %(known)s", known=", ".join(SHARINGS)),
        )
    return _shared(lib, reader, name, lambda c: structs.replace(c, sharing=wanted, secret=_secret(c, wanted)))


def renew(lib: Library, reader: str | None, name: str) -> CollectionView:
    """Give a collection a new link, for its feeds too; the old one leads nowhere from now on. Raises NotFound."""
    return _shared(lib, reader, name, lambda c: structs.replace(c, secret=secret.make()))


def _own(conn: "Connection", who: Reader) -> list[Collection]:
    """The saved papers are there before they have a row: id 0."""
    from broadsheet.store import collections as store

    own = store.of(conn, who.id)
    if _saved(own):
        return own
    return [Collection(0, who.id, SAVED, "", True, "private", None, who.created, who.created), *own]


def _saved(own: Sequence[Collection]) -> Collection | None:
    return next((c for c in own if c.saved), None)


def _named(conn: "Connection", who: Reader, name: str) -> Collection:
    own = _own(conn, who)
    folded = name.strip().casefold()
    found = next((c for c in own if folded in (c.name.casefold(), c.ref)), None)
    if found is None:
        raise names.not_there(said("collection %(name)s", name=repr(name)), [c.name for c in own])
    return found


def _kept(conn: "Connection", lib: Library, who: Reader, there: Collection) -> Collection:
    """The collection with a row of its own."""
    from broadsheet.store import collections as store

    return there if there.id else store.create(conn, who.id, SAVED, lib.now(), saved=True)


def free_name(own: Sequence[Collection], name: str) -> str:
    """The name of a collection as it is stored. Raises UsageError for one that cannot be or that one of these has."""
    return names.free(said("collection"), name, LONGEST_NAME, ("saved", *(c.name for c in own)))


def _note(text: str) -> str:
    if len(text) > LONGEST_NOTE:
        raise UsageError("note", said("is longer than %(most)s characters", most=LONGEST_NOTE), "shorten it")
    return text.strip()


def _secret(there: Collection, sharing: Sharing) -> str | None:
    return None if sharing == "private" else there.secret or secret.make()


def _shared(lib: Library, reader: str | None, name: str, changed: Callable[[Collection], Collection]) -> CollectionView:
    from broadsheet.store import collections as store

    who = find_reader(lib, reader)
    with lib.store.writing() as conn:
        there = changed(_kept(conn, lib, who, _named(conn, who, name)))
        store.share(conn, there)
        return _view(lib, there, who, own=True, total=store.counts(conn, [there])[there.id])


def _view(lib: Library, there: Collection, owner: Reader, *, own: bool, total: int) -> CollectionView:
    is_open = there.secret is not None and there.sharing != "private"
    link = address(lib, f"shared/{there.secret}") if is_open and (own or there.sharing == "lab") else None
    return CollectionView(there, owner.name, owner.display or owner.name, own, total, link=link)


def _with_papers(
    lib: Library, conn: "Connection", there: Collection, owner: Reader, *, own: bool, piece: slice
) -> CollectionView:
    from broadsheet.store import collections as store
    from broadsheet.store import papers

    inside = store.members(conn, there)
    listed = {m.paper_id: (place, m.added) for place, m in list(enumerate(inside, 1))[piece]}
    found = papers.by_ids(conn, list(listed))
    view = _view(lib, there, owner, own=own, total=len(inside))
    return replace(view, papers=tuple(InCollection(paper, *listed[i]) for i, paper in found))


def _end(offset: int, limit: int | None) -> int | None:
    return None if limit is None else offset + limit
