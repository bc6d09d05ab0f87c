"""The store: the truth, in SQLite or PostgreSQL, and the only SQL of the program.

`Store` comes on demand: `broadsheet.store.quick`, which answers a search from the shell, lives in this package and
must not wait for SQLAlchemy.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection as Connection  # the type of a transaction, for those who may not see SQLAlchemy

    from broadsheet.store.database import Store
    from broadsheet.store.lock import is_writing, writer_lock

__all__ = ["Store", "is_writing", "writer_lock"]


def __getattr__(name: str) -> object:
    if name == "Store":
        from broadsheet.store.database import Store

        return Store
    if name in ("is_writing", "writer_lock"):
        from broadsheet.store import lock

        return getattr(lock, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
