"""The statements that a library is read with, counted while something is done."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from broadsheet.library.handle import Library


@contextmanager
def counting(lib: Library) -> Iterator[list[str]]:
    """The statements that are read with meanwhile; settings are looked up every few seconds, whatever is asked."""
    ran: list[str] = []

    def note(*args: object) -> None:
        if args[2] != "BEGIN" and "meta.name LIKE" not in str(args[2]):
            ran.append(str(args[2]))

    engine = lib.store._readers
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield ran
    finally:
        event.remove(engine, "before_cursor_execute", note)
