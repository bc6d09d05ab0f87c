"""Writing decided papers: rows, aliases, blocking keys, parts, announcements, signals and outbox in one transaction.

A whole chunk goes to each table in one statement. Whose row a paper gets is read from the aliases, so writing the
same decision twice does no harm, and an id that would belong to two papers is refused.
"""

import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, select

from broadsheet.codec import paper_to_json
from broadsheet.errors import StoreError
from broadsheet.store import bulk, earlier, following, state
from broadsheet.store.announced import first_announcements
from broadsheet.store.columns import to_micros
from broadsheet.store.neighbours import Stored
from broadsheet.store.schema.papers import alias, announcement, paper
from broadsheet.types import Paper

_PAPER_COLUMNS = "key, added, updated, categories, blocks, doc"
_ANNOUNCEMENT_KEY = "day, paper_id, source, kind"
_SIGNAL_COLUMNS = "source, kind, at, part, value"


def apply(conn: Connection, decided: Sequence[Stored], now: datetime) -> list[int]:
    """Write decided papers in the caller's transaction; returns their store ids, in order.

    Papers named in `absorbs` give their aliases, announcements, signals and marks to the survivor and are deleted. An
    intent of action "same" writes its signals only. Raises StoreError where an id already belongs to another paper.
    """
    ids: list[int] = []
    for wave in _waves(decided):
        ids += _apply(conn, wave, now)
    if ids:
        state.move(conn, now)
    return ids


@dataclass(frozen=True, slots=True)
class _Row:
    """One paper to be written: its id, whether that is new, and the ids of the papers that end in it."""

    id: int
    is_new: bool
    item: Stored
    gone: tuple[int, ...]

    @property
    def paper(self) -> Paper:
        return self.item.intent.paper


@dataclass(frozen=True, slots=True)
class _Before:
    """What the database holds of papers that are about to change."""

    aliases: Mapping[int, set[str]] = field(default_factory=dict)
    blocks: Mapping[int, frozenset[int]] = field(default_factory=dict)
    keys: Mapping[int, str] = field(default_factory=dict)
    announcements: Mapping[int, set[bulk.Row]] = field(default_factory=dict)


def _names(item: Stored) -> set[str]:
    return {item.intent.paper.key, *item.intent.paper.aliases, *item.intent.absorbs}


def _waves(decided: Sequence[Stored]) -> Iterator[list[Stored]]:
    """Cut where a decision is upon a paper that an earlier one touches: it must find that one written."""
    wave: list[Stored] = []
    seen: set[str] = set()
    for item in decided:
        names = _names(item)
        if not seen.isdisjoint(names):
            yield wave
            wave, seen = [], set()
        wave.append(item)
        seen |= names
    if wave:
        yield wave


def _apply(conn: Connection, wave: list[Stored], now: datetime) -> list[int]:
    rows = _rows(conn, wave)
    written = [row for row in rows if row.is_new or row.gone or row.item.intent.action != "same"]
    before = _before(conn, [i for row in written if not row.is_new for i in (row.id, *row.gone)])
    _move_aliases(conn, written, before)
    _retire(conn, written, before)
    _write_papers(conn, written, before, to_micros(now))
    _write_parts(conn, written)
    _write_announcements(conn, written, before)
    _write_signals(conn, rows)
    earlier.keep(conn, [(row.id, text) for row in rows for text in row.item.earlier])
    _write_outbox(conn, written)
    _write_lineage(conn, written, before, to_micros(now))
    return [row.id for row in rows]


def _rows(conn: Connection, wave: list[Stored]) -> list[_Row]:
    query = select(alias.c.alias, alias.c.paper_id)
    names = set().union(*map(_names, wave))
    owners: dict[str, int] = dict(conn.execute(query.where(bulk.one_of(alias.c.alias, names))).all())
    placed = [_place(item, owners) for item in wave]
    fresh = bulk.take_numbers(conn, "paper", many) if (many := sum(ids is None for ids in placed)) else 0
    rows = []
    for item, ids in zip(wave, placed, strict=True):
        if ids is None:
            fresh += 1
            rows.append(_Row(fresh, True, item, ()))
        else:
            rows.append(_Row(ids[0], False, item, ids[1:]))
    return rows


def _place(item: Stored, owners: Mapping[str, int]) -> tuple[int, ...] | None:
    """The ids of the stored papers that are this one, the survivor first; None for a new paper."""
    intent = item.intent
    gone = {owners[key] for key in intent.absorbs if key in owners}
    own = [owners[name] for name in (intent.paper.key, *intent.paper.aliases) if name in owners]
    found = dict.fromkeys(own) | dict.fromkeys(sorted(gone))
    if not found:
        return None
    survivor = next((i for i in own if i not in gone), next(iter(found)))
    foreign = [i for i in found if i != survivor and i not in gone]
    if foreign:
        claimed = next(name for name in intent.paper.aliases if owners.get(name) == foreign[0])
        cause = f"its id {claimed} belongs to another stored paper that it does not absorb"
        raise StoreError(f"paper {intent.paper.key}", cause, "join the two with `broadsheet merge`")
    return (survivor, *(i for i in found if i != survivor))


def _before(conn: Connection, ids: list[int]) -> _Before:
    if not ids:
        return _Before()
    aliases: dict[int, set[str]] = defaultdict(set)
    announcements: dict[int, set[bulk.Row]] = defaultdict(set)
    of_alias = select(alias.c.paper_id, alias.c.alias).where(bulk.one_of(alias.c.paper_id, ids))
    for paper_id, name in conn.execute(of_alias):
        aliases[paper_id].add(name)
    a = announcement.c
    of_announcement = select(a.day, a.paper_id, a.source, a.kind, a.by, a.first).where(bulk.one_of(a.paper_id, ids))
    for day, paper_id, *rest in conn.execute(of_announcement):
        announcements[paper_id].add((day.isoformat(), paper_id, *rest))
    of_paper = select(paper.c.id, paper.c.key, paper.c.blocks).where(bulk.one_of(paper.c.id, ids))
    found = conn.execute(of_paper).all()
    blocks = {row.id: unpack_blocks(row.blocks) for row in found}
    return _Before(aliases, blocks, {row.id: row.key for row in found}, announcements)


def _move_aliases(conn: Connection, rows: list[_Row], before: _Before) -> None:
    lost: list[tuple[str]] = []
    gained: list[tuple[str, int]] = []
    for row in rows:
        if row.is_new:
            continue
        wanted = {row.paper.key, *row.paper.aliases}
        own = before.aliases.get(row.id, set())
        held = own.union(*(before.aliases.get(i, ()) for i in row.gone))
        lost += [(name,) for name in held - wanted]
        gained += [(name, row.id) for name in wanted - own]
    bulk.delete(conn, "alias", "alias", lost)
    bulk.insert(
        conn, "alias", "alias, paper_id", gained, "ON CONFLICT (alias) DO UPDATE SET paper_id = excluded.paper_id"
    )


def _retire(conn: Connection, rows: list[_Row], before: _Before) -> None:
    """Take the absorbed papers out; their text comes back with the survivor's document."""
    pairs = [(gone, row.id) for row in rows for gone in row.gone]
    if not pairs:
        return
    following.join(conn, pairs)
    bulk.delete(
        conn, "block", "key, paper_id", [(key, gone) for gone, _ in pairs for key in before.blocks.get(gone, ())]
    )
    for table in ("announcement", "part", "poll"):
        bulk.delete(conn, table, "paper_id", [(gone,) for gone, _ in pairs])
    bulk.delete(conn, "paper", "id", [(gone,) for gone, _ in pairs])


def _write_papers(conn: Connection, rows: list[_Row], before: _Before, now: int) -> None:
    blocks = {row.id: _blocks(row, before) for row in rows}
    values = {row.id: (*_columns(row.item, blocks[row.id], now), row.id) for row in rows}
    bulk.update(conn, "paper", _PAPER_COLUMNS, "id", [values[row.id] for row in rows if not row.is_new])
    bulk.insert(conn, "paper", f"{_PAPER_COLUMNS}, id", [values[row.id] for row in rows if row.is_new])
    fresh = [(name, row.id) for row in rows if row.is_new for name in {row.paper.key, *row.paper.aliases}]
    bulk.insert(conn, "alias", "alias, paper_id", sorted(fresh))
    stale = [(key, i) for i, wanted in blocks.items() for key in before.blocks.get(i, frozenset()) - wanted]
    bulk.delete(conn, "block", "key, paper_id", stale)
    missing = [(key, i) for i, wanted in blocks.items() for key in wanted - before.blocks.get(i, frozenset())]
    bulk.insert(conn, "block", "key, paper_id", sorted(missing))  # sorted: neighbours in the tree are written together


def _blocks(row: _Row, before: _Before) -> frozenset[int]:
    if row.item.blocks is None:
        return before.blocks.get(row.id, frozenset())
    return frozenset(row.item.blocks)


def _columns(item: Stored, blocks: frozenset[int], now: int) -> bulk.Row:
    paper = item.intent.paper
    doc = item.doc or paper_to_json(paper).decode()
    return paper.key, to_micros(paper.added), now, " ".join(paper.categories), pack_blocks(blocks), doc


def pack_blocks(keys: Iterable[int]) -> bytes:
    """Keys of `block` as the column `paper.blocks` has them."""
    ordered = sorted(keys)
    return struct.pack(f"<{len(ordered)}i", *ordered)


def unpack_blocks(packed: bytes) -> frozenset[int]:
    """What `pack_blocks` was given."""
    return frozenset(struct.unpack(f"<{len(packed) // 4}i", packed))


def _write_parts(conn: Connection, rows: list[_Row]) -> None:
    bulk.delete(conn, "part", "paper_id", [(row.id,) for row in rows if not row.is_new])
    parts = [(row.id, row.item.intent.parts) for row in rows if len(row.item.intent.parts) > 1]
    values = [(i, part.key, at, paper_to_json(part).decode()) for i, own in parts for at, part in enumerate(own)]
    bulk.insert(conn, "part", "paper_id, key, position, doc", values)


def _write_announcements(conn: Connection, rows: list[_Row], before: _Before) -> None:
    lost: list[bulk.Row] = []
    gained: list[bulk.Row] = []
    for row in rows:
        if row.is_new:
            gained += mirror(row.id, row.paper)
            continue
        wanted = set(mirror(row.id, row.paper))
        own = before.announcements.get(row.id, set())
        lost += [held[:4] for held in own - wanted]
        gained += wanted - own
    bulk.delete(conn, "announcement", _ANNOUNCEMENT_KEY, lost)
    bulk.insert(conn, "announcement", f"{_ANNOUNCEMENT_KEY}, by, first", gained)


def mirror(paper_id: int, paper: Paper) -> list[bulk.Row]:
    """The rows of `announcement` for a paper: one for each day, source and kind."""
    if not paper.announcements:
        return []
    first = first_announcements(paper.announcements)
    if len(paper.announcements) == 1:  # nearly all papers of an import
        a = paper.announcements[0]
        return [(a.day.isoformat(), paper_id, a.source, a.kind, a.by, a in first)]
    rows: dict[bulk.Row, bulk.Row] = {}
    for a in sorted(paper.announcements, key=lambda a: a not in first):
        key = (a.day.isoformat(), paper_id, a.source, a.kind)
        rows.setdefault(key, (*key, a.by, a in first))
    return list(rows.values())


def _write_signals(conn: Connection, rows: list[_Row]) -> None:
    values = [
        (row.id, s.source, s.kind, to_micros(s.at), part, s.value) for row in rows for part, s in row.item.signals
    ]
    write_signals(conn, values)


def write_signals(conn: Connection, values: Sequence[bulk.Row]) -> None:
    """Append rows of `signal`; one that is there already stays, and of two values at one time the later word counts."""
    conflict = "ON CONFLICT (paper_id, source, kind, at, part) DO UPDATE SET value = excluded.value"
    bulk.insert(conn, "signal", f"paper_id, {_SIGNAL_COLUMNS}", values, conflict)


def _write_outbox(conn: Connection, rows: list[_Row]) -> None:
    changes = [(i, "delete") for row in rows for i in row.gone] + [(row.id, "put") for row in rows]
    if changes:
        seq = bulk.take_numbers(conn, "outbox", len(changes))
        numbered = [(seq + at, *change) for at, change in enumerate(changes, 1)]
        bulk.insert(conn, "outbox", "seq, paper_id, op", numbered)


def _write_lineage(conn: Connection, rows: list[_Row], before: _Before, now: int) -> None:
    values = [
        (now, "merge", row.paper.key, before.keys[gone], row.item.intent.reason) for row in rows for gone in row.gone
    ]
    bulk.insert(conn, "lineage", "at, op, key, other, reason", values)
