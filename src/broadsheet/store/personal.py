"""What is a reader's, out of one library and into another: papers by key, interests by name, times as they were."""

from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeVar

from msgspec.structs import replace
from sqlalchemy import Connection, Table, select

from broadsheet.store import (
    collections,
    comments,
    deliveries,
    digests,
    interests,
    logins,
    marks,
    outlets,
    papers,
    passkeys,
    readers,
    searches,
    shown,
    visits,
)
from broadsheet.store.schema.papers import paper
from broadsheet.store.schema.readers import collection, collection_paper, comment, interest, mark
from broadsheet.store.schema.readers import shown as shown_table
from broadsheet.types import About, Collected, Collection, Comment, Interest, Mark, Personal, Preferences, Reader, Shown

PIECE: Final = 1000
"""Rows of one piece."""

_Said = TypeVar("_Said", Mark, Shown, Comment)
_Row = tuple[str, About, Collected]


def read(conn: Connection, reader: Reader) -> Iterator[Personal]:
    """All that is a reader's, in pieces, what has a name in the first. Ended marks too: the past goes along."""
    yield Personal(
        reader,
        tuple(interests.of(conn, [reader.id])),
        preferences=readers.preferences(conn, reader.id),
        delivery=deliveries.get(conn, reader.id),
        collections=tuple(collections.of(conn, reader.id)),
        searches=tuple(searches.of(conn, reader.id)),
        outlets=tuple(outlets.of(conn, [reader.id]).get(reader.id, ())),
        passkeys=tuple(passkeys.of_reader(conn, reader.id)),
        logins=tuple(logins.of_reader(conn, reader.id)),
        visit=visits.get(conn, reader.id),
    )
    for got in digests.of(conn, reader.id):
        yield Personal(reader, digests=(got,))
    for rows in _pieces(conn, reader, mark):
        yield Personal(reader, marks=tuple((_about(r), _mark(r)) for r in rows))
    for rows in _pieces(conn, reader, shown_table):
        yield Personal(reader, shown=tuple((_about(r), shown.read(r)) for r in rows))
    for collected in _collected(conn, reader):
        yield Personal(reader, collected=tuple(collected))
    yield from (Personal(reader, comments=some) for some in _comments(conn, reader))


def write(conn: Connection, given: Personal) -> list[About]:
    """Add a piece to the reader of that name, who is made if need be. Returns what is about papers that are not here.

    What is there already stays; of two profiles of one name the one edited later counts.
    """
    reader = readers.named(conn, given.reader.name) or _make(conn, given.reader)
    _write_wishes(conn, reader, given)
    for one in given.interests:
        _write_interest(conn, reader, one)
    for got in given.digests:
        if digests.by_secret(conn, got.secret) is None:
            digests.add(conn, replace(got, reader_id=reader.id))
    own = {i.name: i.id for i in interests.of(conn, [reader.id])}
    about = [a for a, _ in (*given.marks, *given.shown, *given.comments)]
    ids = papers.ids(conn, {name for a in about for name in (a.part, a.key)})
    said, parts = _placed(given.marks, ids, own)
    marks.insert(conn, reader.id, said, parts)
    seen, parts = _placed(given.shown, ids, own)
    shown.record(conn, reader.id, seen, parts)
    spoken, parts = _placed(given.comments, ids, own)
    comments.put(conn, zip((replace(c, reader_id=reader.id) for c in spoken), parts, strict=True))
    lost = [a for a in about if a.part not in ids and a.key not in ids]
    _write_searches(conn, reader, given)
    return lost + _write_collections(conn, reader, given)


def _collected(conn: Connection, reader: Reader) -> Iterator[list[_Row]]:
    c, p = collection.c, collection_paper.c
    query = (
        select(c.name, paper.c.key, p.part, p.paper_id, p.added, p.at, p.place)
        .join(collection, c.id == p.collection_id)
        .join(paper, paper.c.id == p.paper_id)
        .where(c.reader_id == reader.id, c.ended.is_(None), p.ended.is_(None))
        .order_by(c.id, p.place, p.paper_id, p.part)
        .execution_options(yield_per=PIECE)
    )
    for rows in conn.execute(query).partitions():
        yield [(r.name, About(r.key, r.part), Collected(r.paper_id, r.added, r.at, r.place)) for r in rows]


def _write_collections(conn: Connection, reader: Reader, given: Personal) -> list[About]:
    """Private here, whoever saw them elsewhere. Returns what is about papers that are not here."""
    own = {c.name: c for c in collections.of(conn, reader.id)}
    for one in given.collections:
        if one.name not in own:
            own[one.name] = collections.create(
                conn, reader.id, one.name, one.created, note=one.note, saved=one.saved and not _has_saved(own.values())
            )
    ids = papers.ids(conn, {name for _, a, _ in given.collected for name in (a.part, a.key)})
    by_name: dict[str, list[tuple[str, Collected]]] = {}
    for name, about, what in given.collected:
        paper_id = ids.get(about.part) or ids.get(about.key)
        if paper_id is not None and name in own:
            by_name.setdefault(name, []).append((about.part, replace(what, paper_id=paper_id)))
    for name, rows in by_name.items():
        collections.insert_members(conn, own[name], rows)
    return [a for _, a, _ in given.collected if a.part not in ids and a.key not in ids]


def _has_saved(own: Iterable[Collection]) -> bool:
    return any(c.saved for c in own)


def _write_searches(conn: Connection, reader: Reader, given: Personal) -> None:
    """Of those that come from elsewhere nothing here is new."""
    there = {s.name for s in searches.of(conn, reader.id)} if given.searches else set()
    for one in given.searches:
        if one.name not in there:
            made = searches.create(conn, reader.id, one.name, one.query, one.mode, one.created)
            searches.change(conn, replace(made, muted=one.muted, looked=one.looked))
            there.add(one.name)


def _pieces(conn: Connection, reader: Reader, table: Table) -> Iterator[list[Any]]:
    t = table.c
    query = (
        select(table, paper.c.key.label("key"), interest.c.name.label("interest"))
        .join(paper, paper.c.id == t.paper_id)
        .outerjoin(interest, interest.c.id == t.interest_id)
        .where(t.reader_id == reader.id)
        .order_by(t.at, t.paper_id, t.part)
        .execution_options(yield_per=PIECE)
    )
    for rows in conn.execute(query).partitions():
        yield list(rows)


def _comments(conn: Connection, reader: Reader) -> Iterator[tuple[tuple[About, Comment], ...]]:
    c = comment.c
    query = (
        select(comment, paper.c.key.label("key"))
        .join(paper, paper.c.id == c.paper_id)
        .where(c.reader_id == reader.id)
        .order_by(c.at, c.id)
        .execution_options(yield_per=PIECE)
    )
    for rows in conn.execute(query).partitions():
        yield tuple((About(row.key, row.part), comments.read(row)) for row in rows)


def _about(row: Any) -> About:
    return About(row.key, row.part, row.interest)


def _mark(row: Any) -> Mark:
    return Mark(row.paper_id, row.kind, row.at, row.ended, row.interest_id, row.text)


def _make(conn: Connection, given: Reader) -> Reader:
    role = given.role if readers.count(conn) else "admin"
    return readers.add(
        conn, given.name, given.created, display=given.display, email=given.email, zone=given.zone, role=role
    )


def _write_wishes(conn: Connection, reader: Reader, given: Personal) -> None:
    """How pages and digests are wanted and when the reader was here, where nothing else was said here."""
    if given.preferences and readers.preferences(conn, reader.id) == Preferences():
        readers.prefer(conn, reader.id, given.preferences)
    if given.visit and visits.get(conn, reader.id) is None:
        visits.put(conn, reader.id, given.visit)
    if given.delivery and deliveries.get(conn, reader.id) is None:
        deliveries.put(conn, replace(given.delivery, reader_id=reader.id))
    for one in given.outlets:
        outlets.add(conn, replace(one, reader_id=reader.id))


def _write_interest(conn: Connection, reader: Reader, given: Interest) -> None:
    there = interests.named(conn, reader.id, given.name)
    if there is None:
        there = interests.add(conn, reader.id, given.name, given.profile, given.created, given.share)
    elif given.edited <= there.edited:
        return
    interests.change(conn, replace(there, share=given.share, profile=given.profile), given.edited)


def _placed(
    rows: Iterable[tuple[About, _Said]], ids: dict[str, int], own: dict[str, int]
) -> tuple[list[_Said], list[str]]:
    said, parts = [], []
    for about, what in rows:
        paper_id = ids.get(about.part) or ids.get(about.key)
        if paper_id is not None:
            said.append(_at_home(what, paper_id, own.get(about.interest or "")))
            parts.append(about.part)
    return said, parts


def _at_home(what: _Said, paper_id: int, interest_id: int | None) -> _Said:
    if isinstance(what, Comment):
        return replace(what, paper_id=paper_id)
    return replace(what, paper_id=paper_id, interest_id=interest_id)
