"""Copies of the library: backup while it is in use, restore."""

from pathlib import Path
from typing import Any

from broadsheet.errors import UsageError
from broadsheet.library.handle import Library, Progress, no_progress
from broadsheet.library.index import catch_up


def backup(lib: Library, file: Path) -> int:
    """Write a checked copy of the store to `file`, whole or not at all; returns its size in bytes."""
    from broadsheet.store import backup as copies

    if str(file) == "-":
        raise UsageError("backup -", "is no file", "name one, as the copy is checked before it is there")
    return copies.backup(lib.store, file.expanduser())


def restore(lib: Library, file: Path, progress: Progress = no_progress) -> dict[str, Any]:
    """Put the copy in the store's place after checking it, then index anew. The store before it is kept beside.

    Raises UsageError where the store is a database of PostgreSQL, which has tools of its own for that.
    """
    from broadsheet.store import backup as copies
    from broadsheet.store import papers, writer_lock

    lib.make_home()
    with writer_lock(lib.home, "broadsheet restore"):
        target = _sqlite_file(lib)
        lib.close()
        kept = copies.restore(file.expanduser(), target)
        catch_up(lib, progress)
        with lib.store.reading() as conn:
            count = papers.count(conn)
    return {"papers": count, "kept": str(kept) if kept else None}


def _sqlite_file(lib: Library) -> Path:
    url = lib.settings.database_url
    prefix, found, place = url.partition("sqlite:///")
    if prefix or not found:
        raise UsageError("setting database", "is not SQLite, and backups are", "use pg_restore for PostgreSQL")
    return Path(place)
