"""Papers: found by key, alias or id, looked up for a chunk of records, written, merged, split and walked through."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from itertools import product
from typing import Final, Literal

from msgspec import structs
from sqlalchemy import Connection, func, or_, select

from broadsheet.codec import outline_from_json, paper_from_json
from broadsheet.errors import NotFound, StoreError
from broadsheet.store import bulk, distinct, following
from broadsheet.store.changes import apply
from broadsheet.store.columns import to_micros
from broadsheet.store.neighbours import Neighbours, Stored, stored
from broadsheet.store.prepared import Prepared
from broadsheet.store.schema.papers import alias, block, lineage, paper, part
from broadsheet.types import Known, Outline, Paper

__all__ = [
    "Lineage",
    "Neighbours",
    "Stored",
    "apply",
    "by_ids",
    "by_keys",
    "count",
    "get",
    "history",
    "ids",
    "iterate",
    "iterate_docs",
    "joined_lately",
    "keys",
    "known",
    "known_by_id",
    "known_by_key",
    "latest_history",
    "lookup",
    "merge",
    "note_merge",
    "outlines",
    "split",
    "stored",
    "withdrawn",
]

MOST_IN_BLOCK: Final = 64
"""A blocking key that more papers share ("editorial", "preface") tells nothing; aliases still find those papers."""

PAGE: Final = 500

_WITHDRAWN: Final = '"withdrawn":true'
"""How `codec` writes it; quotes within a text are escaped, so no text has this."""

_IDS: Final = Prepared(select(alias.c.alias, alias.c.paper_id).where(bulk.among(alias.c.alias, "names")))
_KEYS: Final = Prepared(select(paper.c.id, paper.c.key).where(bulk.among(paper.c.id, "ids")))
_DOCS: Final = Prepared(select(paper.c.id, paper.c.doc).where(bulk.among(paper.c.id, "ids")))
_BY_KEYS: Final = Prepared(select(paper.c.key, paper.c.doc).where(bulk.among(paper.c.key, "keys")))
_PART_DOCS: Final = Prepared(
    select(part.c.paper_id, part.c.doc)
    .where(bulk.among(part.c.paper_id, "ids"))
    .order_by(part.c.paper_id, part.c.position)
)
_FEW: Final = 100
"""Papers that are read for a page, and not to go through all: only these are remembered."""

_read = lru_cache(2_000)(paper_from_json)
"""The papers that lists show, read once for as long as they stay the same; some 7 kB each."""

MayBe = Callable[[int, Collection[str]], bool]


@dataclass(frozen=True, slots=True)
class Lineage:
    """At that time the paper `other` became part of `key`, or was taken out of it."""

    at: datetime
    op: Literal["merge", "split"]
    key: str
    other: str
    reason: str


def ids(conn: Connection, keys: Collection[str]) -> dict[str, int]:
    """The store ids of papers by key or alias; unknown ones are left out."""
    return dict(_IDS.all(conn, names=keys))


def keys(conn: Connection, ids: Collection[int]) -> dict[int, str]:
    """The keys of papers by store id; those that are no more are left out."""
    return dict(_KEYS.all(conn, ids=ids)) if ids else {}


def get(conn: Connection, keys: Collection[str]) -> dict[str, Paper]:
    """Papers by key or alias, under the name that was asked for; unknown ones are left out."""
    found = ids(conn, keys)
    read = dict(by_ids(conn, list(set(found.values()))))
    return {key: read[found[key]] for key in keys if key in found}


def by_ids(conn: Connection, ids: Sequence[int]) -> list[tuple[int, Paper]]:
    """Papers by store id, in the order asked for; those that are no more are left out."""
    docs, read = _docs(conn, ids), _read if len(ids) <= _FEW else paper_from_json
    return [(i, read(docs[i])) for i in ids if i in docs]


def withdrawn(conn: Connection, ids: Collection[int]) -> set[int]:
    """Those of these papers that their authors took back."""
    query = select(paper.c.id).where(bulk.one_of(paper.c.id, ids), paper.c.doc.like(f"%{_WITHDRAWN}%"))
    return set(conn.scalars(query))


def by_keys(conn: Connection, keys: Collection[str]) -> dict[str, Paper]:
    """Papers by their own keys alone; those that are no more are left out."""
    return {key: _read(doc) for key, doc in _BY_KEYS.all(conn, keys=keys)} if keys else {}


def outlines(conn: Connection, ids: Sequence[int]) -> list[tuple[int, Outline]]:
    """As `by_ids`, without the texts."""
    docs = _docs(conn, ids)
    return [(i, outline_from_json(docs[i])) for i in ids if i in docs]


def count(conn: Connection) -> int:
    """How many papers are stored."""
    return conn.scalar(select(func.count()).select_from(paper)) or 0


def iterate(conn: Connection, after: int = 0) -> Iterator[tuple[int, Paper]]:
    """All papers with an id above `after`, by id, in constant memory."""
    for paper_id, doc in iterate_docs(conn, after):
        yield paper_id, paper_from_json(doc)


def iterate_docs(conn: Connection, after: int = 0) -> Iterator[tuple[int, str]]:
    """As `iterate`, each paper as the JSON that `broadsheet.codec` writes."""
    query = select(paper.c.id, paper.c.doc).order_by(paper.c.id).limit(PAGE)
    while page := conn.execute(query.where(paper.c.id > after)).all():
        yield from page
        after = page[-1][0]


def known_by_id(conn: Connection, paper_id: int) -> Known:
    """The paper with this store id, and its parts: one of a single part is its own. Raises NotFound."""
    found = by_ids(conn, [paper_id])
    if not found:
        raise NotFound(f"paper {paper_id}", "is not in the library")
    one, parts = found[0][1], _part_docs(conn, [paper_id]).get(paper_id, [])
    return Known(one, tuple(map(paper_from_json, parts)) or (one,))


def history(conn: Connection, keys: Collection[str]) -> list[Lineage]:
    """The merges and splits that papers under these keys took part in, oldest first."""
    row = lineage.c
    either = or_(bulk.one_of(row.key, keys), bulk.one_of(row.other, keys))
    query = select(row.at, row.op, row.key, row.other, row.reason).where(either).order_by(row.id)
    return [Lineage(*found) for found in conn.execute(query)]


def latest_history(conn: Connection, most: int) -> list[Lineage]:
    """The latest merges and splits, the newest first."""
    row = lineage.c
    query = select(row.at, row.op, row.key, row.other, row.reason).order_by(row.id.desc()).limit(most)
    return [Lineage(*found) for found in conn.execute(query)]


def note_merge(conn: Connection, key: str, other: str, reason: str, now: datetime) -> None:
    """Note that a merge that has been is right."""
    bulk.insert(conn, "lineage", "at, op, key, other, reason", [(to_micros(now), "merge", key, other, reason)])


def joined_lately(conn: Connection, most: int) -> list[tuple[datetime, Known]]:
    """Papers of several parts with when they last changed, the latest first."""
    several = select(part.c.paper_id).distinct()
    query = select(paper.c.id, paper.c.updated, paper.c.doc).where(paper.c.id.in_(several))
    rows = conn.execute(query.order_by(paper.c.updated.desc(), paper.c.id.desc()).limit(most)).all()
    parts = _part_docs(conn, [paper_id for paper_id, _, _ in rows])
    return [(at, Known(paper_from_json(doc), tuple(map(paper_from_json, parts[i])))) for i, at, doc in rows]


def known(conn: Connection, ids: Collection[str], blocks: Collection[int]) -> list[Known]:
    """The papers that share an alias or a blocking key with one record."""
    return lookup(conn, ids, blocks).known(ids, blocks)


def known_by_key(conn: Connection, key: str) -> Known | None:
    """The paper under a key or alias, with its parts."""
    return next(iter(known(conn, [key], [])), None)


def lookup(conn: Connection, ids: Collection[str], blocks: Collection[int], may_be: MayBe | None = None) -> Neighbours:
    """All papers that share an alias or a blocking key with a chunk of records, in six statements.

    `may_be` is asked with a blocking key and the aliases of a paper: False passes it over, unread, for that block.
    """
    aliases, keys = _alias_owners(conn, ids), _block_owners(conn, blocks)
    if may_be is not None:
        keys = _possible(conn, keys, may_be)
    wanted = sorted({*aliases, *keys})
    docs, part_docs = _docs(conn, wanted), _part_docs(conn, wanted)
    neighbours = Neighbours(frozenset(map(frozenset, distinct.pairs(conn))))
    for paper_id, doc in docs.items():
        neighbours.add(aliases.get(paper_id, ()), keys.get(paper_id, ()), doc, part_docs.get(paper_id, ()))
    return neighbours


def merge(conn: Connection, decided: Stored, now: datetime) -> int:
    """Join papers because a person says so: parts that were once taken apart may be together again."""
    distinct.forget(conn, [p.key for p in decided.intent.parts])
    return apply(conn, [decided], now)[0]


def split(conn: Connection, kept: Stored, taken: Stored, now: datetime) -> tuple[int, int]:
    """Take a paper apart: `kept` keeps the row, `taken` becomes a new paper with what was counted and said of it.

    Their parts are remembered as distinct. Returns the store ids of both.
    """
    kept_id = apply(conn, [_as(kept, "changed")], now)[0]
    taken_id = apply(conn, [_as(taken, "new")], now)[0]
    if kept_id == taken_id:
        raise StoreError(
            f"paper {taken.intent.paper.key}", "shares an id with what it is taken from", "nothing was changed"
        )
    ours, theirs = _part_keys(kept), _part_keys(taken)
    following.take(conn, kept_id, theirs, taken_id)
    distinct.add(conn, product(ours, theirs), now)
    event = (to_micros(now), "split", kept.intent.paper.key, taken.intent.paper.key, taken.intent.reason)
    bulk.insert(conn, "lineage", "at, op, key, other, reason", [event])
    return kept_id, taken_id


def _as(item: Stored, action: Literal["new", "changed"]) -> Stored:
    return replace(item, intent=structs.replace(item.intent, action=action, absorbs=()))


def _part_keys(item: Stored) -> list[str]:
    return [p.key for p in item.intent.parts] or [item.intent.paper.key]


def _docs(conn: Connection, ids: Collection[int]) -> dict[int, str]:
    return dict(_DOCS.all(conn, ids=ids)) if ids else {}


def _part_docs(conn: Connection, ids: Collection[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    if ids:
        for paper_id, doc in _PART_DOCS.all(conn, ids=ids):
            found[paper_id].append(doc)
    return found


def _alias_owners(conn: Connection, names: Collection[str]) -> dict[int, list[str]]:
    owners: dict[int, list[str]] = defaultdict(list)
    for name, paper_id in ids(conn, names).items() if names else ():
        owners[paper_id].append(name)
    return owners


def _block_owners(conn: Connection, blocks: Collection[int]) -> dict[int, list[int]]:
    sharing: dict[int, list[int]] = defaultdict(list)
    query = select(block.c.key, block.c.paper_id).where(bulk.one_of(block.c.key, blocks))
    for key, paper_id in conn.execute(query).all() if blocks else ():
        sharing[key].append(paper_id)
    owners: dict[int, list[int]] = defaultdict(list)
    for key, paper_ids in sharing.items():
        for paper_id in paper_ids if len(paper_ids) <= MOST_IN_BLOCK else ():
            owners[paper_id].append(key)
    return owners


def _possible(conn: Connection, owners: Mapping[int, list[int]], may_be: MayBe) -> dict[int, list[int]]:
    """The owners that pass. Their aliases lie close together in an index, their keys in rows of 2 KB."""
    names: dict[int, list[str]] = defaultdict(list)
    query = select(alias.c.paper_id, alias.c.alias).where(bulk.one_of(alias.c.paper_id, owners.keys()))
    for paper_id, name in conn.execute(query).all() if owners else ():
        names[paper_id].append(name)
    kept = {i: [block for block in owners[i] if may_be(block, aliases)] for i, aliases in names.items()}
    return {i: blocks for i, blocks in kept.items() if blocks}
