"""Taking records into the store: the one way in for every source and file."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Self

from broadsheet import identity
from broadsheet.types import Action, Intent, Paper, Record

if TYPE_CHECKING:
    from broadsheet.store import Connection
    from broadsheet.store.neighbours import Neighbours


@dataclass(frozen=True, slots=True)
class Counts:
    """How many records were new, changed a paper, said the same again, or turned out to be another paper's work."""

    new: int = 0
    changed: int = 0
    same: int = 0
    merged: int = 0

    def __add__(self, other: Self) -> "Counts":
        return Counts(
            self.new + other.new, self.changed + other.changed, self.same + other.same, self.merged + other.merged
        )


def ingest(conn: "Connection", records: Sequence[Record], now: datetime) -> Counts:
    """Decide on each record and write what was decided, in the caller's transaction."""
    from broadsheet.store import papers

    names = [identity.ids_of(record) for record in records]
    stored = papers.ids(conn, {name for ids in names for name in ids})
    blocks = _blocks_of_unknown(records, names, set(stored))
    sharing = _sharing(names, blocks)

    def may_be(block: str, aliases: Collection[str]) -> bool:
        # Who has none of their ids, but another of a scheme that gives a work one, is none of these works.
        return any(identity.may_join(ids, aliases) for ids in sharing[block])

    near = papers.lookup(conn, {name for ids in names for name in ids}, sharing.keys(), may_be)
    actions = [_take(near, *row, now) for row in zip(records, names, blocks, strict=True)]
    papers.apply(conn, near.pending, now)
    return Counts(*(actions.count(action) for action in ("new", "changed", "same", "merged")))


def _blocks_of_unknown(
    records: Sequence[Record], names: Sequence[tuple[str, ...]], known: set[str]
) -> list[tuple[str, ...]]:
    """Blocking keys of each record; none where an id is known by then, which spares relistings a look by text."""
    found: list[tuple[str, ...]] = []
    for record, ids in zip(records, names, strict=True):
        found.append(identity.fingerprint(record) if known.isdisjoint(ids) else ())
        known.update(ids)
    return found


def _sharing(names: Sequence[tuple[str, ...]], blocks: Sequence[tuple[str, ...]]) -> dict[str, list[tuple[str, ...]]]:
    """The ids of the records that have a blocking key."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for ids, keys in zip(names, blocks, strict=True):
        for key in keys:
            found.setdefault(key, []).append(ids)
    return found


def _take(near: "Neighbours", record: Record, ids: tuple[str, ...], blocks: tuple[str, ...], now: datetime) -> Action:
    from broadsheet.store import papers

    known = near.known(ids, blocks)
    intent = identity.decide(record, known, now, near.distinct)
    if intent.action == "new":
        # A record may have an id of another work, and so no keys yet.
        near.put(papers.stored(intent, blocks or _blocks_of(intent)))
    elif intent.action != "same":
        near.put(papers.stored(intent, _blocks_of(intent), _part_of(intent, record)))
    elif any(intent.paper == k.paper for k in known):
        near.put(papers.stored(intent, None, _part_of(intent, record)))
    else:
        # Listed on one more day: no news for a reader, but the paper's own record of where it was listed grows.
        near.put(papers.stored(replace(intent, action="changed"), None, _part_of(intent, record)))
    return intent.action


def _blocks_of(intent: Intent) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for part in _parts(intent) for key in identity.fingerprint(part)))


def _part_of(intent: Intent, record: Record) -> str:
    """The key of the part that the record speaks of."""
    ids = set(record.ids)
    return next((part.key for part in _parts(intent) if ids.intersection(part.aliases)), intent.paper.key)


def _parts(intent: Intent) -> tuple[Paper, ...]:
    return intent.parts or (intent.paper,)
