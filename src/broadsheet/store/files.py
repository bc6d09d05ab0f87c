"""SQLite's files as files: a checked copy, a checked look, and replacing a library with nothing lost half way."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from broadsheet.errors import StoreBusy, StoreDamaged, StoreError
from broadsheet.store.faults import translate
from broadsheet.store.unwritable import uri_of
from broadsheet.store.version import APPLICATION_ID, HEAD, VERSION_TABLE

_MAGIC = b"SQLite format 3\0"
_SIDE_FILES = ("-wal", "-shm", "-journal")


@contextmanager
def translated(subject: str) -> Iterator[None]:
    """Errors of SQLite and of the file system as StoreErrors about `subject`."""
    try:
        yield
    except sqlite3.Error as e:
        raise translate(subject, e) from e
    except OSError as e:
        raise StoreError(
            subject,
            f"cannot be written ({e.strerror or e})",
            "choose a folder that is there, may be written and has room",
        ) from e


def connect(path: Path, mode: str = "rw") -> sqlite3.Connection:
    """A connection to an existing file; `mode` is `ro` or `rw`."""
    return sqlite3.connect(uri_of(path, mode), uri=True, isolation_level=None, timeout=5.0)


def is_database(path: Path) -> bool:
    """Whether a file begins as SQLite's do."""
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def problems_of(connection: sqlite3.Connection, pragma: str) -> list[str]:
    """What SQLite's own `quick_check` or `integrity_check` finds; empty when all is well."""
    return [str(row[0]) for row in connection.execute(f"PRAGMA {pragma}(20)") if row[0] != "ok"]


def check_is_library(connection: sqlite3.Connection, subject: str) -> None:
    """Raise StoreError unless the file is a library that this program can read."""
    remedy = "choose a file that `broadsheet backup` wrote"
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise StoreError(subject, "is no Broadsheet library", remedy)
    version = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()  # noqa: S608 - a constant
    if version is None:
        raise StoreError(subject, "is an empty library", remedy)
    if version[0] > HEAD:
        raise StoreError(subject, f"was written by a newer Broadsheet (schema {version[0]})", "upgrade Broadsheet")


def copy_into(source: Path, made: Path) -> None:
    """Write a compact copy of a library while others go on writing to it.

    VACUUM INTO sees one moment; a backup in steps would start again at each foreign write and never end.
    """
    discard(made)
    made.touch(mode=0o600)  # the system says what is wrong with a place, and SQLite only that it cannot be opened
    with closing(connect(source)) as connection:
        connection.execute("VACUUM INTO ?", (str(made),))


def copy_whole(source: Path, made: Path) -> None:
    """Copy a library with what its log still holds, in one step."""
    discard(made)
    made.touch(mode=0o600)
    with closing(connect(source, "ro")) as old, closing(sqlite3.connect(made, isolation_level=None)) as new:
        old.backup(new)


def be_read_as(made: Path, target: Path) -> None:
    """Give a copy the rights and the owner of what it replaces, or the owner of its folder."""
    there = target.exists()
    as_it_was = (target if there else target.parent).stat()
    if there:
        made.chmod(stat.S_IMODE(as_it_was.st_mode))
    if hasattr(os, "chown") and (as_it_was.st_uid, as_it_was.st_gid) != (made.stat().st_uid, made.stat().st_gid):
        with suppress(OSError):  # only the administrator of the machine can
            os.chown(made, as_it_was.st_uid, as_it_was.st_gid)


def verify(made: Path, subject: str, pragma: str) -> None:
    """Raise StoreDamaged where a copy is not whole."""
    with closing(connect(made, "ro")) as connection:
        found = problems_of(connection, pragma)
    if found:
        raise StoreDamaged(subject, f"the file is damaged ({found[0]})", "use another backup")


def begin_life(made: Path) -> None:
    """Make a copy a library of its own: with a log, and a past that no index has followed."""
    with closing(connect(made)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("UPDATE meta SET value = ? WHERE name = 'epoch'", (uuid4().hex,))


def flush(path: Path) -> None:
    """Have the disk keep a file and its name."""
    for place in (path, path.parent):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def discard(path: Path) -> None:
    """Remove a database and its side files, if there."""
    for name in (path, *side_files(path)):
        with suppress(FileNotFoundError):
            name.unlink()


def side_files(path: Path) -> list[Path]:
    """The names of a database's log and its index."""
    return [path.with_name(path.name + suffix) for suffix in _SIDE_FILES]


@contextmanager
def exclusively(target: Path) -> Iterator[None]:
    """Hold a library so that nobody else can open it, its log folded in. Raises StoreBusy while others have it open.

    A file that is damaged cannot be held, and need not be.
    """
    with closing(sqlite3.connect(target, isolation_level=None, timeout=0.0)) as connection:
        try:
            # Leaving the log needs the file for oneself, so it fails as long as anyone, even a reader, has it open.
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as e:
            error = translate(f"library {target}", e)
            if isinstance(error, StoreBusy):
                raise StoreBusy(error.subject, "another process has it open", "stop it, then restore") from e
            if not isinstance(error, StoreDamaged):
                raise error from e
        yield
