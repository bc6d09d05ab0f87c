"""Undoing the last action of a reader: what it began is gone as if it had not been, what it ended holds again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from broadsheet.store import actions, collections, marks, searches
from broadsheet.store.actions import How
from broadsheet.types import MarkKind


@dataclass(frozen=True, slots=True)
class Action:
    """What a reader did at one time: marks by store id, and by name collections and searches."""

    at: datetime
    marks: Sequence[tuple[int, MarkKind, How]]
    collections: Sequence[tuple[str, How]]
    searches: Sequence[tuple[str, How]]


@dataclass(frozen=True, slots=True)
class Undone:
    """What an action was about that was taken back: papers by store id, and collections and searches by name."""

    papers: tuple[int, ...] = ()
    collections: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()


def last(conn: Connection, reader_id: int) -> Action | None:
    """What `undo` would take back; None where there is nothing."""
    at = actions.last(conn, reader_id)
    if at is None:
        return None
    touched = (of.done_at(conn, reader_id, at) for of in (collections, searches))
    return Action(at, marks.done_at(conn, reader_id, at), *touched)


def undo(conn: Connection, reader_id: int) -> Undone | None:
    """Take the last action of a reader back; None where there is none."""
    at = actions.last(conn, reader_id)
    if at is None:
        return None
    said = marks.undo(conn, reader_id) if marks.latest(conn, reader_id) == at else None
    moved, named = collections.undo(conn, reader_id, at)
    papers = dict.fromkeys((*(said.papers if said else ()), *moved))
    return Undone(tuple(papers), named, searches.undo(conn, reader_id, at))
