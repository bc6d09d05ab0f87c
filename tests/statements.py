"""The statements that a library is read with, counted while something is done."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from broadsheet.library.handle import Library


@contextmanager
def counting(lib: Library) -> Iterator[list[str]]:
    """The statements that are read with meanwhile; settings are looked up every few seconds, whatever is asked."""
    ran: list[str] = []
    watched: list[sqlite3.Connection] = []

    def note(statement: str) -> None:
        if statement not in ("BEGIN", "COMMIT", "ROLLBACK") and "meta.name LIKE" not in statement:
            ran.append(statement)

    def watch(connection: sqlite3.Connection, *_more: object) -> None:
        watched.append(connection)
        connection.set_trace_callback(note)

    engine = lib.store._readers
    event.listen(engine, "checkout", watch)
    try:
        yield ran
    finally:
        event.remove(engine, "checkout", watch)
        for connection in watched:
            connection.set_trace_callback(None)
