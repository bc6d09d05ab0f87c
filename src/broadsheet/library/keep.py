"""Copies of the library: backup while it is in use, restore."""

from pathlib import Path
from typing import Any

from broadsheet.library.handle import Library, Progress, no_progress
from broadsheet.library.index import catch_up


def backup(lib: Library, file: Path) -> int:
    """Write a checked copy of the store to `file`, whole or not at all; returns its size in bytes."""
    from broadsheet.store import backup as copies

    return copies.backup(lib.store, file.expanduser())


def restore(lib: Library, file: Path, progress: Progress = no_progress) -> dict[str, Any]:
    """Put the copy in the store's place after checking it, then index anew. The store before it is kept beside."""
    from broadsheet.store import backup as copies
    from broadsheet.store import papers, writer_lock

    lib.make_home()
    with writer_lock(lib.home, "broadsheet restore"):
        lib.close()
        kept = copies.restore(file.expanduser(), lib.home / "library.db")
        catch_up(lib, progress)
        with lib.store.reading() as conn:
            count = papers.count(conn)
    return {"papers": count, "kept": str(kept) if kept else None}
