"""Collections: named lists of papers in the order that their reader sets, with the way back of what was done.

A paper is in one from a time until another, as a mark holds, so an action is undone as one of marks is. In the
collection of saved papers is what is marked `save`: the mark alone says what is in it, rows here say only where.
"""

from bisect import bisect_left
from collections.abc import Collection as Many
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from msgspec.structs import replace
from sqlalchemy import Column, Connection, and_, bindparam, delete, func, insert, or_, select, update

from broadsheet.codec import time_to_text
from broadsheet.store import actions, bulk, marks
from broadsheet.store.actions import How
from broadsheet.store.columns import to_micros
from broadsheet.store.papers import keys as keys_of
from broadsheet.store.prepared import Prepared
from broadsheet.store.schema.papers import paper
from broadsheet.store.schema.readers import collection, collection_paper
from broadsheet.types import Collected, Collection

KEPT: Final = timedelta(days=30)
"""How long what was deleted or taken out can be brought back."""

NARROWEST: Final = 1e-6
"""Between two places that are nearer no third is put: all are numbered anew."""

_COLUMNS: Final = "collection_id, paper_id, part, at, ended, added, place, reader_id"
_c, _p = collection.c, collection_paper.c
_FIELDS: Final[tuple[Column[Any], ...]] = (
    _c.id,
    _c.reader_id,
    _c.name,
    _c.note,
    _c.saved,
    _c.sharing,
    _c.secret,
    _c.created,
    _c.edited,
)
_OWN: Final = Prepared(select(*_FIELDS).where(_c.reader_id == bindparam("reader"), _c.ended.is_(None)))
_HOLDING: Final = Prepared(
    select(paper.c.key, _p.collection_id)
    .join_from(collection_paper, collection, _c.id == _p.collection_id)
    .join(paper, paper.c.id == _p.paper_id)
    .where(
        _p.reader_id == bindparam("reader"),
        _p.paper_id.in_(select(paper.c.id).where(bulk.among(paper.c.key, "keys"))),
        _p.ended.is_(None),
        _c.ended.is_(None),
        _c.saved.is_(False),
    )
)
_PLACED: Final = Prepared(
    select(_p.paper_id, _p.added, _p.at, _p.place)
    .where(_p.collection_id == bindparam("collection"), _p.ended.is_(None))
    .order_by(_p.place.desc(), _p.paper_id)
)


def create(
    conn: Connection, reader_id: int, name: str, now: datetime, *, note: str = "", saved: bool = False
) -> Collection:
    """A new collection; the name must be free among its reader's. That of the saved ones is no action of theirs."""
    at = now if saved else actions.moment(conn, reader_id, now)
    number = bulk.take_numbers(conn, "collection", 1) + 1
    made = Collection(number, reader_id, name, note, saved, "private", None, at, at)
    conn.execute(insert(collection).values({column.name: getattr(made, column.name) for column in _FIELDS}))
    return made


def of(conn: Connection, reader_id: int) -> list[Collection]:
    """The collections of a reader, the saved ones first, then by name."""
    own = _OWN.all(conn, reader=reader_id)
    return sorted((Collection(*row) for row in own), key=lambda c: (not c.saved, c.name.casefold(), c.id))


def for_all(conn: Connection) -> list[Collection]:
    """Those that every reader of the library may see, by name."""
    shared = select(*_FIELDS).where(_c.sharing == "lab", _c.ended.is_(None))
    return sorted((Collection(*row) for row in conn.execute(shared)), key=lambda c: (c.name.casefold(), c.id))


def by_id(conn: Connection, collection_id: int) -> Collection | None:
    """The collection with this id, unless it was deleted."""
    return _one(conn, _c.id == collection_id)


def by_secret(conn: Connection, secret: str) -> Collection | None:
    """The collection whose link has this secret."""
    return _one(conn, _c.secret == secret)


def describe(conn: Connection, there: Collection, name: str, note: str, now: datetime) -> Collection:
    """Give a collection another name or note."""
    if (name, note) == (there.name, there.note):
        return there
    at = actions.moment(conn, there.reader_id, now)
    before = {"name": there.name, "note": there.note, "edited": time_to_text(there.edited)}
    values = {"name": name, "note": note, "edited": at, "before": orjson.dumps(before).decode()}
    conn.execute(update(collection).where(_c.id == there.id).values(values))
    return replace(there, name=name, note=note, edited=at)


def share(conn: Connection, changed: Collection) -> None:
    """Store who may see a collection; this is not undone, as what was taken back shall stay so."""
    values = {"sharing": changed.sharing, "secret": changed.secret}
    conn.execute(update(collection).where(_c.id == changed.id).values(values))


def remove(conn: Connection, there: Collection, now: datetime) -> None:
    """Delete a collection; for `KEPT` it can be brought back by undoing, but its link has ended."""
    _forget_old(conn, there.reader_id, now)
    at = actions.moment(conn, there.reader_id, now)
    values = {"ended": at, "secret": None, "sharing": "private"}
    conn.execute(update(collection).where(_c.id == there.id).values(values))


def members(conn: Connection, there: Collection) -> list[Collected]:
    """What is in a collection, in its order. Saved papers that have no place come first, the newest before."""
    placed = _placed(conn, there)
    if not there.saved:
        return sorted(placed.values(), key=_order)
    held = {m.paper_id: m for m in marks.standing(conn, there.reader_id, kinds=["save"])}
    new = [Collected(i, m.at, m.at, 0.0) for i, m in held.items() if i not in placed]
    old = (replace(placed[i], added=m.at) for i, m in held.items() if i in placed)
    return new + sorted(old, key=_order)


def counts(conn: Connection, there: Iterable[Collection]) -> dict[int, int]:
    """How many papers are in each of these collections."""
    listed = list(there)
    query = select(_p.collection_id, func.count(_p.paper_id.distinct())).where(
        _p.ended.is_(None), bulk.one_of(_p.collection_id, [c.id for c in listed if not c.saved])
    )
    found: dict[int, int] = dict(conn.execute(query.group_by(_p.collection_id)).all())
    saved = {c.id: len(marks.standing(conn, c.reader_id, kinds=["save"])) for c in listed if c.saved}
    return {c.id: found.get(c.id, 0) for c in listed} | saved


def holding(conn: Connection, reader_id: int, keys: Many[str]) -> dict[str, frozenset[int]]:
    """The collections of a reader that papers are in, by the papers' keys; not those that are saved by a mark."""
    found: dict[str, set[int]] = {}
    for key, collection_id in _HOLDING.all(conn, reader=reader_id, keys=keys):
        found.setdefault(key, set()).add(collection_id)
    return {key: frozenset(there) for key, there in found.items()}


def stamp(conn: Connection, there: Collection) -> tuple[tuple[object, ...], datetime]:
    """What is the same while a collection is the same, and about when it changed last."""
    query = select(func.max(_p.at), func.max(_p.ended)).where(_p.collection_id == there.id)
    times = [*conn.execute(query).one(), there.edited]
    if there.saved:
        times.append(marks.latest(conn, there.reader_id))
    known = [at for at in times if at is not None]
    return (there, *times), max(known)


def put(conn: Connection, there: Collection, papers: Sequence[int], now: datetime, *, as_made: bool = False) -> int:
    """Add papers at the end, in their order, as one action; returns how many were not in it.

    `as_made`: it is made with them in it, which is one action.
    """
    held = members(conn, there)
    fresh = list(dict.fromkeys(i for i in papers if i not in {m.paper_id for m in held}))
    if fresh:
        _forget_old(conn, there.reader_id, now)
        at = there.created if as_made else actions.moment(conn, there.reader_id, now)
        _set(conn, there, [*(m.paper_id for m in held), *fresh], at)
    return len(fresh)


def arrange(conn: Connection, there: Collection, order: Sequence[int], now: datetime) -> bool:
    """Put all papers of a collection into this order, as one action; False where they are in it."""
    if order == [m.paper_id for m in members(conn, there)]:
        return False
    _set(conn, there, order, actions.moment(conn, there.reader_id, now))
    return True


def take_out(conn: Connection, there: Collection, papers: Many[int], now: datetime) -> int:
    """Take papers out, as one action; returns how many were in it."""
    inside = {m.paper_id for m in _placed(conn, there).values()}.intersection(papers)
    if inside:
        at = actions.moment(conn, there.reader_id, now)
        open_ones = and_(_p.collection_id == there.id, _p.ended.is_(None), bulk.one_of(_p.paper_id, inside))
        conn.execute(update(collection_paper).where(open_ones).values(ended=at))
    return len(inside)


def done_at(conn: Connection, reader_id: int, at: datetime) -> list[tuple[str, How]]:
    """The collections, by name, that an action made, deleted or changed."""
    of_papers = select(_p.collection_id).where(_p.reader_id == reader_id, or_(_p.at == at, _p.ended == at))
    edited = and_(_c.edited == at, _c.before.is_not(None))
    about = or_(_c.created == at, _c.ended == at, edited, _c.id.in_(of_papers))
    rows = conn.execute(select(_c.name, _c.created, _c.ended).where(_c.reader_id == reader_id, about).order_by(_c.id))
    return [(r.name, "begun" if r.created == at else "ended" if r.ended == at else "changed") for r in rows]


def undo(conn: Connection, reader_id: int, at: datetime) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Take back what was done at that time; returns the papers and the names of the collections that it was about."""
    own = _p.reader_id == reader_id
    moved = conn.execute(select(_p.paper_id, _p.collection_id).where(own, or_(_p.at == at, _p.ended == at))).all()
    mine = _c.reader_id == reader_id
    edited = and_(_c.edited == at, _c.before.is_not(None))
    about = or_(_c.created == at, _c.ended == at, edited, _c.id.in_({row.collection_id for row in moved}))
    rows = conn.execute(select(_c.id, _c.name, _c.edited, _c.before).where(mine, about)).all()
    conn.execute(delete(collection_paper).where(own, _p.at == at))
    conn.execute(update(collection_paper).where(own, _p.ended == at).values(ended=None))
    conn.execute(delete(collection).where(mine, _c.created == at, _c.saved.is_(False)))
    conn.execute(update(collection).where(mine, _c.ended == at).values(ended=None))
    for row in rows:
        if row.before is not None and row.edited == at:
            _bring_back(conn, row.id, orjson.loads(row.before))
    return tuple(dict.fromkeys(row.paper_id for row in moved)), tuple(row.name for row in rows)


def insert_members(conn: Connection, there: Collection, rows: Iterable[tuple[str, Collected]]) -> None:
    """Write what is in a collection as it is, by part and paper; papers that are in it already stay where they are."""
    inside = _placed(conn, there)
    fresh = [
        (there.id, m.paper_id, part, to_micros(m.at), None, to_micros(m.added), m.place, there.reader_id)
        for part, m in rows
        if m.paper_id not in inside
    ]
    bulk.insert(conn, "collection_paper", _COLUMNS, fresh, "ON CONFLICT (collection_id, paper_id, part, at) DO NOTHING")


def new_places(order: Sequence[int], held: Mapping[int, float]) -> dict[int, float]:
    """The places that must change so that papers stand in this order: as few as can be. Pure."""
    kept = _longest_rise([(held[i], i) for i in order if i in held])
    changed: dict[int, float] = {}
    low: float | None = None
    run: list[int] = []
    for i in [*order, None]:
        if i is not None and i not in kept:
            run.append(i)
            continue
        high = held[i] if i is not None else None
        step, start = _steps(low, high, len(run))
        if run and step < NARROWEST:
            return {paper: float(at) for at, paper in enumerate(order, 1) if held.get(paper) != at}
        changed |= {paper: start + step * at for at, paper in enumerate(run, 1)}
        low, run = high, []
    return changed


def _steps(low: float | None, high: float | None, many: int) -> tuple[float, float]:
    """How far from each other places stand that come between two, and where counting starts."""
    if low is not None and high is not None:
        return (high - low) / (many + 1), low
    return 1.0, low if low is not None else (high - many - 1 if high is not None else 0.0)


def _longest_rise(items: Sequence[tuple[float, int]]) -> set[int]:
    """The most papers that can stay where they are (longest increasing subsequence, by patience sorting)."""
    tails: list[float] = []
    ends: list[int] = []
    before: list[int] = []
    for at, (place, _) in enumerate(items):
        pile = bisect_left(tails, place)
        tails[pile : pile + 1], ends[pile : pile + 1] = [place], [at]
        before.append(ends[pile - 1] if pile else -1)
    kept, at = set(), ends[-1] if ends else -1
    while at >= 0:
        kept.add(items[at][1])
        at = before[at]
    return kept


def _set(conn: Connection, there: Collection, order: Sequence[int], at: datetime) -> None:
    """Give papers their places, ending those that they have; papers that are not in it come into it."""
    changed = new_places(order, {i: m.place for i, m in _placed(conn, there).items()})
    open_ones = and_(_p.collection_id == there.id, _p.ended.is_(None), bulk.one_of(_p.paper_id, changed.keys()))
    there_now = conn.execute(select(_p.paper_id, _p.part, _p.added).where(open_ones)).all()
    conn.execute(update(collection_paper).where(open_ones).values(ended=at))
    keys = keys_of(conn, changed.keys() - {row.paper_id for row in there_now})
    parts = [(row.paper_id, row.part, row.added) for row in there_now] + [(i, key, at) for i, key in keys.items()]
    rows = [
        (there.id, i, part, to_micros(at), None, to_micros(added), changed[i], there.reader_id)
        for i, part, added in parts
    ]
    bulk.insert(conn, "collection_paper", _COLUMNS, rows)


def _placed(conn: Connection, there: Collection) -> dict[int, Collected]:
    """What has a place, each paper at its first: joined papers may both have been in it."""
    found: dict[int, Collected] = {}
    for row in _PLACED.all(conn, collection=there.id):
        found[row.paper_id] = Collected(*row)
    return found


def _order(m: Collected) -> tuple[float, int]:
    return m.place, m.paper_id


def _one(conn: Connection, which: Any) -> Collection | None:
    row = conn.execute(select(*_FIELDS).where(which, _c.ended.is_(None))).one_or_none()
    return Collection(*row) if row else None


def _bring_back(conn: Connection, collection_id: int, before: dict[str, str]) -> None:
    values = {"name": before["name"], "note": before["note"], "edited": datetime.fromisoformat(before["edited"])}
    conn.execute(update(collection).where(_c.id == collection_id).values(**values, before=None))


def _forget_old(conn: Connection, reader_id: int, now: datetime) -> None:
    conn.execute(delete(collection_paper).where(_p.reader_id == reader_id, _p.ended < now - KEPT))
    conn.execute(delete(collection).where(_c.reader_id == reader_id, _c.ended < now - KEPT))
