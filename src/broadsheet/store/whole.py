"""Whole papers, with their parts, signals and what they are not, chunk by chunk: what an export writes."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, select

from broadsheet.codec import paper_from_json
from broadsheet.store import bulk, distinct, earlier
from broadsheet.store.distinct import Pair
from broadsheet.store.schema.papers import paper, part, signal
from broadsheet.types import Earlier, Known, Paper, Signal

CHUNK: Final = 500


@dataclass(frozen=True, slots=True)
class Whole:
    """A paper with its signals and earlier texts, and the pairs of its parts and others' that a person took apart."""

    known: Known
    signals: tuple[Signal, ...]
    apart: tuple[Pair, ...]
    earlier: tuple[Earlier, ...]


def iterate(conn: Connection, ids: Sequence[int] | None = None) -> Iterator[list[Whole]]:
    """Lists of whole papers, in constant memory: all by store id, or these ids in their order."""
    pages = _all_ids(conn) if ids is None else (ids[i : i + CHUNK] for i in range(0, len(ids), CHUNK))
    apart: dict[str, list[str]] = defaultdict(list)
    for one, other in distinct.pairs(conn):
        apart[one].append(other)
        apart[other].append(one)
    for page in pages:
        yield _read(conn, page, apart)


def _all_ids(conn: Connection) -> Iterator[Sequence[int]]:
    after = 0
    query = select(paper.c.id).order_by(paper.c.id).limit(CHUNK)
    while page := conn.scalars(query.where(paper.c.id > after)).all():
        yield page
        after = page[-1]


def _read(conn: Connection, ids: Sequence[int], apart: Mapping[str, list[str]]) -> list[Whole]:
    docs = dict(conn.execute(select(paper.c.id, paper.c.doc).where(bulk.one_of(paper.c.id, ids))).all())
    parts: dict[int, list[Paper]] = defaultdict(list)
    p, s = part.c, signal.c
    rows = select(p.paper_id, p.doc).where(bulk.one_of(p.paper_id, ids)).order_by(p.paper_id, p.position)
    for paper_id, doc in conn.execute(rows):
        parts[paper_id].append(paper_from_json(doc))
    signals: dict[int, list[Signal]] = defaultdict(list)
    counts = select(s.paper_id, s.source, s.kind, s.at, s.value).where(bulk.one_of(s.paper_id, ids))
    for paper_id, *count in conn.execute(counts.order_by(s.at, s.source, s.kind, s.part)):
        signals[paper_id].append(Signal(*count))
    texts = earlier.of(conn, ids)
    found = ((i, paper_from_json(docs[i])) for i in ids if i in docs)
    return [
        Whole(
            Known(one, tuple(parts.get(i, (one,)))),
            tuple(signals.get(i, ())),
            tuple((mine, other) for mine in one.aliases if mine in apart for other in apart[mine]),
            tuple(texts.get(i, ())),
        )
        for i, one in found
    ]
