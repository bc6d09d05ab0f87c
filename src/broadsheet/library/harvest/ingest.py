"""Taking records into the store: the one way in for every source and file."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Self

from msgspec.structs import replace

from broadsheet import identity
from broadsheet.types import Action, Intent, Paper, Record, Signal

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


@dataclass(frozen=True, slots=True)
class Prepared:
    """A record as far as it goes without the store: the paper it makes, and its signals.

    `again`: how many more records said the same. `blocks` are its blocking keys and `doc` the paper as JSON, where they
    are made already.
    """

    news: Paper
    signals: tuple[Signal, ...] = ()
    again: int = 0
    blocks: tuple[int, ...] | None = None
    doc: str | None = None


def prepare(record: Record, now: datetime, again: int = 0) -> Prepared:
    """The record prepared for `take_in`."""
    return Prepared(identity.to_paper(record, now), record.signals, again)


def ingest(conn: "Connection", records: Sequence[Record], now: datetime) -> Counts:
    """Decide on each record and write what was decided, in the caller's transaction."""
    return take_in(conn, [prepare(record, now) for record in records], now)


def take_in(conn: "Connection", prepared: Sequence[Prepared], now: datetime) -> Counts:
    """`ingest` of records that are prepared."""
    from broadsheet.store import papers

    names = {name for item in prepared for name in item.news.aliases}
    blocks = _blocks_of_unknown(prepared, set(papers.ids(conn, names)))
    sharing = _sharing(prepared, blocks)

    def may_be(block: int, aliases: Collection[str]) -> bool:
        # Who has none of their ids, but another of a scheme that gives a work one, is none of these works.
        return any(identity.may_join(ids, aliases) for ids in sharing[block])

    near = papers.lookup(conn, names, sharing.keys(), may_be)
    actions = [_take(near, item, keys, now) for item, keys in zip(prepared, blocks, strict=True)]
    papers.apply(conn, near.pending, now)
    counts = Counts(*(actions.count(action) for action in ("new", "changed", "same", "merged")))
    return counts + Counts(same=sum(item.again for item in prepared))


def _blocks_of_unknown(prepared: Sequence[Prepared], known: set[str]) -> list[tuple[int, ...]]:
    """Blocking keys of each record; none where an id is known by then, which spares relistings a look by text."""
    unknown: list[bool] = []
    for item in prepared:
        unknown.append(known.isdisjoint(item.news.aliases))
        known.update(item.news.aliases)
    lacking = [item.news for item, new in zip(prepared, unknown, strict=True) if new and item.blocks is None]
    made = iter(identity.fingerprints(lacking))
    return [
        () if not new else next(made) if item.blocks is None else item.blocks
        for item, new in zip(prepared, unknown, strict=True)
    ]


def _sharing(prepared: Sequence[Prepared], blocks: Sequence[tuple[int, ...]]) -> dict[int, list[tuple[str, ...]]]:
    """The ids of the records that have a blocking key."""
    found: dict[int, list[tuple[str, ...]]] = {}
    for item, keys in zip(prepared, blocks, strict=True):
        for key in keys:
            found.setdefault(key, []).append(item.news.aliases)
    return found


def _take(near: "Neighbours", item: Prepared, blocks: tuple[int, ...], now: datetime) -> Action:
    from broadsheet.store import papers

    news = item.news
    known = near.known(news.aliases, blocks)
    intent = identity.decide(news, known, near.distinct)
    if item.signals:
        intent = replace(intent, signals=item.signals)
    if intent.action == "new":
        # A record may have an id of another work, and so no keys yet.
        doc = item.doc if intent.paper is news else None
        near.put(papers.stored(intent, blocks or _blocks_of(intent), doc=doc))
    elif intent.action != "same":
        earlier = identity.replaced(known, intent, now)
        near.put(papers.stored(intent, _blocks_of(intent), _part_of(intent, news), earlier=earlier))
    elif any(intent.paper == k.paper for k in known):
        near.put(papers.stored(intent, None, _part_of(intent, news)))
    else:
        # Listed on one more day: no news for a reader, but the paper's own record of where it was listed grows.
        near.put(papers.stored(replace(intent, action="changed"), None, _part_of(intent, news)))
    return intent.action


def _blocks_of(intent: Intent) -> tuple[int, ...]:
    return tuple(dict.fromkeys(key for part in _parts(intent) for key in identity.fingerprint(part)))


def _part_of(intent: Intent, news: Paper) -> str:
    """The key of the part that the news speak of."""
    ids = set(news.aliases)
    return next((part.key for part in _parts(intent) if ids.intersection(part.aliases)), intent.paper.key)


def _parts(intent: Intent) -> tuple[Paper, ...]:
    return intent.parts or (intent.paper,)
