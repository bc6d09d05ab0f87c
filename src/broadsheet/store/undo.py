"""Undoing the last action of a reader: what it began is gone as if it had not been, what it ended holds again."""

from dataclasses import dataclass

from sqlalchemy import Connection

from broadsheet.store import actions, collections, marks, searches


@dataclass(frozen=True, slots=True)
class Undone:
    """What an action was about that was taken back: papers by store id, and collections and searches by name."""

    papers: tuple[int, ...] = ()
    collections: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()


def undo(conn: Connection, reader_id: int) -> Undone | None:
    """Take the last action of a reader back; None where there is none."""
    at = actions.last(conn, reader_id)
    if at is None:
        return None
    said = marks.undo(conn, reader_id) if marks.latest(conn, reader_id) == at else None
    moved, named = collections.undo(conn, reader_id, at)
    papers = dict.fromkeys((*(said.papers if said else ()), *moved))
    return Undone(tuple(papers), named, searches.undo(conn, reader_id, at))
