"""Marks: what readers said of papers, each holding from a time until another, so that any past day can be seen again.

Each action of a reader has a time of its own, later than the one before it; so undoing the last action is to take out
what began at that time and to let hold again what ended then.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from msgspec.structs import replace
from sqlalchemy import Connection, and_, bindparam, delete, func, or_, select, update

from broadsheet.store import actions, bulk, state
from broadsheet.store.actions import How
from broadsheet.store.columns import to_micros
from broadsheet.store.papers import keys as keys_of
from broadsheet.store.prepared import Prepared
from broadsheet.store.schema.papers import paper
from broadsheet.store.schema.readers import mark, preference, reader
from broadsheet.types import Mark, MarkKind

KINDS: Final[tuple[MarkKind, ...]] = ("up", "down", "save", "read", "hide", "note")

INSTEAD: Final[dict[MarkKind, tuple[MarkKind, ...]]] = {"up": ("down", "hide"), "down": ("up",)}
"""What a mark takes the place of, beside one of its own kind. Who likes a paper does not want it hidden."""

_COLUMNS: Final = "reader_id, paper_id, kind, part, at, ended, interest_id, text"

_m = mark.c
_HELD: Final = Prepared(
    select(paper.c.key, _m.paper_id, _m.kind, _m.at)
    .join(paper, paper.c.id == _m.paper_id)
    .where(
        _m.reader_id == bindparam("reader"),
        _m.paper_id.in_(select(paper.c.id).where(bulk.among(paper.c.key, "keys"))),
        _m.ended.is_(None),
    )
    .order_by(_m.at.desc(), _m.paper_id, _m.kind)
)
_SAID: Final = (
    select(_m.paper_id, _m.kind, _m.at, _m.ended, _m.interest_id, _m.text)
    .where(_m.reader_id == bindparam("reader"))
    .order_by(_m.at.desc(), _m.paper_id, _m.kind)
)
_STANDING: Final = _SAID.where(_m.ended.is_(None))
_hide = mark.alias()
_HIDDEN: Final = Prepared(
    _STANDING.where(
        _m.paper_id.in_(
            select(_hide.c.paper_id).where(
                _hide.c.reader_id == bindparam("reader"), _hide.c.kind == "hide", _hide.c.ended.is_(None)
            )
        )
    )
)
_NOTES: Final = Prepared(
    select(_m.text)
    .where(
        _m.reader_id == bindparam("reader"), _m.paper_id == bindparam("paper"), _m.kind == "note", _m.ended.is_(None)
    )
    .order_by(_m.at.desc())
)
_SAVERS: Final = Prepared(
    select(reader.c.name, reader.c.display)
    .join_from(mark, reader, reader.c.id == _m.reader_id)
    .join(preference, preference.c.reader_id == _m.reader_id)
    .where(
        *(_m.paper_id == bindparam("paper"), _m.kind == "save", _m.ended.is_(None)),
        *(preference.c.saves, reader.c.disabled.is_(None)),
    )
    .distinct()
    .order_by(reader.c.name)
)
_STATE_OF: Final = Prepared(
    select(_m.reader_id, func.max(_m.at), func.max(_m.ended), func.count())
    .where(bulk.among(_m.reader_id, "readers"))
    .group_by(_m.reader_id)
)


@dataclass(frozen=True, slots=True)
class Undone:
    """An action that was taken back: the papers that it was about, what it had begun and what holds again."""

    papers: tuple[int, ...]
    removed: tuple[MarkKind, ...]
    restored: tuple[MarkKind, ...]


def put(conn: Connection, reader_id: int, said: Iterable[Mark]) -> int:
    """Write what a reader says now; returns how many marks are new. `at` is when, moved behind the last action.

    A mark that holds already stays as it is; what it takes the place of ends. All marks of one call are one action.
    """
    marks = list(said)
    before: dict[int, dict[MarkKind, Mark]] = defaultdict(dict)
    for held in standing(conn, reader_id, papers={m.paper_id for m in marks}):
        before[held.paper_id][held.kind] = held
    fresh = [m for m in marks if not _says(before[m.paper_id].get(m.kind), m)]
    if not fresh:
        return 0
    at = actions.moment(conn, reader_id, max(m.at for m in fresh))
    for m in fresh:
        _end(conn, reader_id, [m.paper_id], (m.kind, *INSTEAD.get(m.kind, ())), at)
    insert(conn, reader_id, [replace(m, at=at) for m in fresh])
    return len(fresh)


def take_back(
    conn: Connection, reader_id: int, papers: Collection[int], now: datetime, kinds: Collection[MarkKind] = KINDS
) -> int:
    """End marks of a reader on papers, of these kinds; returns how many."""
    at = actions.moment(conn, reader_id, now)
    _note_votes(conn, kinds, at)
    return _end(conn, reader_id, papers, kinds, at)


def done_at(conn: Connection, reader_id: int, at: datetime) -> list[tuple[int, MarkKind, How]]:
    """The marks that an action began or ended, those begun first."""
    own = mark.c.reader_id == reader_id
    ways: tuple[tuple[How, Any], ...] = (("begun", mark.c.at), ("ended", mark.c.ended))
    return [
        (row.paper_id, row.kind, how)
        for how, when in ways
        for row in conn.execute(select(mark.c.paper_id, mark.c.kind).where(own, when == at).order_by(mark.c.paper_id))
    ]


def undo(conn: Connection, reader_id: int) -> Undone | None:
    """Take back the last action of a reader as if it had not been; None where there is none."""
    at = _last(conn, reader_id)
    if at is None:
        return None
    own = mark.c.reader_id == reader_id
    begun, ended = and_(own, mark.c.at == at), and_(own, mark.c.ended == at)
    removed = conn.execute(select(mark.c.paper_id, mark.c.kind).where(begun)).all()
    restored = conn.execute(select(mark.c.paper_id, mark.c.kind).where(ended)).all()
    conn.execute(delete(mark).where(begun))
    conn.execute(update(mark).where(ended).values(ended=None))
    _note_votes(conn, [row.kind for row in (*removed, *restored)], at)
    about = tuple(dict.fromkeys(row.paper_id for row in (*removed, *restored)))
    return Undone(about, tuple(row.kind for row in removed), tuple(row.kind for row in restored))


def standing(
    conn: Connection,
    reader_id: int,
    *,
    papers: Collection[int] | None = None,
    kinds: Collection[MarkKind] = KINDS,
    at: datetime | None = None,
) -> list[Mark]:
    """The marks of a reader that hold, or held at a time, newest first. `papers`: only those on these papers."""
    query = _STANDING if at is None else _SAID.where(_m.at <= at, or_(_m.ended.is_(None), _m.ended > at))
    if papers is not None:
        query = query.where(bulk.one_of(_m.paper_id, papers))
    found = [Mark(*row) for row in conn.execute(query, {"reader": reader_id})]
    return [held for held in _agreed(found) if held.kind in kinds]


def held(conn: Connection, reader_id: int, keys: Collection[str]) -> dict[str, frozenset[MarkKind]]:
    """The kinds of marks of a reader that hold on papers, by the papers' keys; those without any are left out."""
    found = _HELD.all(conn, reader=reader_id, keys=keys)
    key_of = {row.paper_id: row.key for row in found}
    kinds: dict[str, set[MarkKind]] = defaultdict(set)
    for said in _agreed(Mark(row.paper_id, row.kind, row.at) for row in found):
        kinds[key_of[said.paper_id]].add(said.kind)
    return {key: frozenset(there) for key, there in kinds.items()}


def notes(conn: Connection, reader_id: int, paper_id: int) -> list[str]:
    """A reader's notes on a paper, the newest first: of papers that were joined there may be several."""
    return [text for (text,) in _NOTES.all(conn, reader=reader_id, paper=paper_id) if text]


def hidden(conn: Connection, reader_id: int) -> frozenset[int]:
    """The papers that a reader has hidden."""
    found = [Mark(*row) for row in _HIDDEN.all(conn, reader=reader_id)]
    return frozenset(held.paper_id for held in _agreed(found) if held.kind == "hide")


def standing_of(conn: Connection, readers: Collection[int]) -> dict[int, list[Mark]]:
    """As `standing`, all marks of each of these readers."""
    m = mark.c
    query = select(m.reader_id, m.paper_id, m.kind, m.at, m.ended, m.interest_id, m.text)
    own = query.where(bulk.one_of(m.reader_id, readers), m.ended.is_(None))
    found: dict[int, list[Mark]] = {reader_id: [] for reader_id in readers}
    for reader_id, *row in conn.execute(own.order_by(m.at.desc(), m.paper_id, m.kind)):
        found[reader_id].append(Mark(*row))
    return {reader_id: _agreed(said) for reader_id, said in found.items()}


def likes(conn: Connection, kinds: Collection[MarkKind] = ("up", "save")) -> list[tuple[int, int]]:
    """(reader, paper) wherever one of these marks holds, of all readers, by reader and paper."""
    m = mark.c
    query = select(m.reader_id, m.paper_id).where(m.kind.in_(kinds), m.ended.is_(None)).distinct()
    return [(row.reader_id, row.paper_id) for row in conn.execute(query.order_by(m.reader_id, m.paper_id))]


def savers(conn: Connection, paper_id: int) -> list[tuple[str, str]]:
    """Name and display name of the readers who save a paper and let others see that, by name."""
    return list(_SAVERS.all(conn, paper=paper_id))


def latest(conn: Connection, reader_id: int) -> datetime | None:
    """When a reader last said or took back something: what was learnt before does not know it."""
    return _last(conn, reader_id)


def state_of(conn: Connection, readers: Collection[int]) -> dict[int, tuple[datetime, int]]:
    """Of each of these readers who said anything the `latest`, and how many marks: old ones may come with a file."""
    rows = _STATE_OF.all(conn, readers=readers)
    return {reader_id: (max(at, ended) if ended else at, many) for reader_id, at, ended, many in rows}


def insert(conn: Connection, reader_id: int, marks: Iterable[Mark], parts: Iterable[str] | None = None) -> None:
    """Write marks as they are; one that is there already stays. `parts`: the parts that they are about."""
    listed = list(marks)
    keys = keys_of(conn, {m.paper_id for m in listed})
    about = parts or (keys[m.paper_id] for m in listed)
    rows = [_row(reader_id, m, part) for m, part in zip(listed, about, strict=True)]
    bulk.insert(conn, "mark", _COLUMNS, rows, "ON CONFLICT (reader_id, paper_id, kind, part, at) DO NOTHING")
    if listed:
        _note_votes(conn, [m.kind for m in listed], max(m.at for m in listed))


def _note_votes(conn: Connection, kinds: Iterable[MarkKind], at: datetime) -> None:
    """Votes are shown to all, so they move the state of the library; what else a reader says shows nowhere."""
    if not {"up", "down"}.isdisjoint(kinds):
        state.vote(conn, at)


def _row(reader_id: int, m: Mark, part: str) -> bulk.Row:
    ended = to_micros(m.ended) if m.ended else None
    return (reader_id, m.paper_id, m.kind, part, to_micros(m.at), ended, m.interest_id, m.text)


def _says(held: Mark | None, said: Mark) -> bool:
    """Whether a mark that holds says the same."""
    return held is not None and held.text == said.text and said.interest_id in (None, held.interest_id)


def _end(conn: Connection, reader_id: int, papers: Collection[int], kinds: Collection[MarkKind], at: datetime) -> int:
    m = mark.c
    open_ones = and_(m.reader_id == reader_id, m.ended.is_(None), m.kind.in_(kinds))
    done = conn.execute(update(mark).where(open_ones, bulk.one_of(m.paper_id, papers)).values(ended=at))
    return done.rowcount


def _last(conn: Connection, reader_id: int) -> datetime | None:
    own = mark.c.reader_id == reader_id
    times = conn.execute(select(func.max(mark.c.at), func.max(mark.c.ended)).where(own)).one()
    return max((at for at in times if at is not None), default=None)


def _agreed(found: Iterable[Mark]) -> list[Mark]:
    """Of marks, newest first, those that no newer one speaks against: joined papers may have been marked twice."""
    over: dict[int, set[MarkKind]] = defaultdict(set)
    agreed = []
    for m in found:
        if m.kind not in over[m.paper_id]:
            agreed.append(m)
            # Of two notes on papers that were joined since, none shall be lost.
            over[m.paper_id].update(INSTEAD.get(m.kind, ()), () if m.kind == "note" else (m.kind,))
    return agreed
