"""The store: one database, opened, migrated, and lent as connections for reading or writing.

SQLite and PostgreSQL behave alike for all above: many readers that never wait, one writer at a time (SQLite's own
lock; an advisory lock on PostgreSQL, so that sequence numbers become visible in their order there too).
"""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import NullPool

from broadsheet.errors import MissingExtra, StoreBusy, StoreError
from broadsheet.store import migrate, outbox
from broadsheet.store.faults import translate
from broadsheet.store.unwritable import may_be_written, takes_no_files, uri_of
from broadsheet.store.version import HEAD
from broadsheet.store.waiting import until_there

if TYPE_CHECKING:
    from sqlalchemy.pool import ConnectionPoolEntry

READER_CACHE_KIB: Final = 8 * 1024
WRITER_CACHE_KIB: Final = 64 * 1024
"""SQLite's own pages of one connection. The writer's hold what a chunk of 1,000 papers touches in 6 M blocking keys."""

CHECKPOINT_PAGES: Final = 8192
"""The log goes to the file after 32 MiB: pages that a bulk import changes again and again are copied once."""

POSTGRES_LOCK: Final = 0x42726473
"""The advisory lock of whoever writes; one number for a database, as PostgreSQL keeps them apart by database."""

PATIENCE: Final = 30.0
"""Seconds to wait for another writer: longer than any transaction of ours lasts."""

_ANY_PAPER: Final = text("SELECT 1 FROM paper LIMIT 1")
_SQLITE_FILE: Final = "sqlite:///"

_T = TypeVar("_T")


class Store:
    """An open library. `reading()` and `writing()` lend a connection in a transaction that ends with the block."""

    def __init__(self, url: URL, patience: float) -> None:
        self.url, self._patience = url, patience
        self.path = Path(url.database).absolute() if url.get_backend_name() == "sqlite" and url.database else None
        self.subject = f"library {self.path or url.render_as_string(hide_password=True)}"
        self._readers, self._writer = self._engine(writing=False), self._engine(writing=True)
        self._still = threading.local()

    @classmethod
    def open(cls, url: str | Path, *, create: bool = True, patience: float = PATIENCE) -> Self:
        """Open the database of an SQLAlchemy URL or a path, and bring it to this program's schema.

        `patience`: seconds to wait for another writer. Raises StoreError in one sentence where it cannot be opened,
        StoreBusy where another process holds it, StoreDamaged where the file is no database.
        """
        store = cls(_parse(url), patience)
        try:
            store._prepare(create)
        except BaseException:
            store.close()
            raise
        return store

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one moment of the store, whatever is written meanwhile."""
        held: Connection | None = getattr(self._still, "connection", None)
        if held is not None:
            yield held
            return
        with self._translated(), self._connected(self._readers) as conn, conn.begin():
            yield conn

    @contextmanager
    def still(self) -> Iterator[Connection]:
        """`reading`, and all else that this thread reads in the block is of the same moment, on the same connection.

        For what reads nothing that it writes.
        """
        with self.reading() as conn:
            before, self._still.connection = getattr(self._still, "connection", None), conn
            try:
                yield conn
            finally:
                self._still.connection = before

    @contextmanager
    def writing(self, *, durable: bool = False) -> Iterator[Connection]:
        """The one connection that may write; all is committed at the end of the block, or nothing.

        `durable`: it is on the disk then, and survives a power cut; others may be undone by one, newest first.
        """
        if self.path is not None and takes_no_files(self.path):
            raise StoreError(self.subject, "its folder cannot be written", "make it writable")
        with self._translated(), self._connected(self._writer) as conn, _synced(conn, durable), conn.begin():
            yield conn

    def read(self, do: Callable[[Connection], _T]) -> _T:
        """What `do` reads of one moment; for who is patient once more where the server goes away meanwhile."""

        def once() -> _T:
            with self.reading() as conn:
                return do(conn)

        return until_there(once)

    def write(self, do: Callable[[Connection], _T]) -> _T:
        """What `do` gives in a transaction of its own; for who is patient once more where the server goes away in it.

        For what may be done twice: of a server that goes away nobody knows whether it had committed.
        """

        def once() -> _T:
            with self.writing() as conn:
                return do(conn)

        return until_there(once)

    def is_empty(self) -> bool:
        """Whether no paper is stored."""
        with self.reading() as conn:
            return conn.scalar(_ANY_PAPER) is None

    def stamp(self) -> tuple[tuple[int, int, int], ...] | None:
        """Number, time and size of the database's files: while it is the same, nothing was written. None on a server.

        Two writes within a tick of the file system's clock (10 ms at most) may have one stamp, so one that is younger
        than that tells nothing yet.
        """
        if self.path is None:
            return None
        return _stamp(self.path), _stamp(self.path.with_name(self.path.name + "-wal"))

    def rest(self) -> None:
        """Let go of the memory for writing, some 70 MB after a long import; the next write takes it anew."""
        # In turn: a pool that is thrown away leaves those who wait for it waiting.
        with self._translated(), self._connected(self._writer) as conn:
            conn.invalidate()

    def close(self) -> None:
        """Close all connections."""
        self._readers.dispose()
        self._writer.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _connected(self, engine: Engine) -> Connection:
        """A connection; a server that is away is waited for by who is patient."""

        def connect() -> Connection:
            with self._translated():
                return engine.connect()

        return until_there(connect)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except PoolTimeout as e:
            raise StoreBusy(self.subject, "all connections are in use", "try again in a moment") from e
        except (DBAPIError, sqlite3.Error) as e:
            raise translate(self.subject, e) from e

    def _prepare(self, create: bool) -> None:
        if self.path is not None and self.path.is_file() and not os.access(self.path, os.R_OK):
            raise StoreError(
                self.subject, "this user may not read it", "let the user that runs Broadsheet read and write it"
            )
        if self.path is not None and not self._has_content(self.path):
            if not create:
                raise StoreError(
                    self.subject, "does not exist", "`broadsheet up` or `broadsheet import FILE` makes one"
                )
            _make_folder(self.path.parent, self.subject)
            with suppress(OSError):  # which SQLite then tells
                self.path.touch(mode=0o600)  # log and index of the log get the rights of the file
        else:
            with self.reading() as conn:
                found = migrate.version(conn, self.subject)
            if found == HEAD:
                return
            migrate.check_not_newer(found, self.subject)
            if found is not None and self.path is not None and not may_be_written(self.path):
                raise migrate.older(found, self.subject)
        self._migrate()

    @staticmethod
    def _has_content(path: Path) -> bool:
        # A reader's connection may not make the file, so an empty one counts as none.
        return path.is_dir() or (path.exists() and path.stat().st_size > 0)

    def _migrate(self) -> None:
        with self._translated(), self._writer.connect() as conn, _foreign_keys_off(conn), conn.begin():
            # Another process may have been first while this one waited for the lock.
            found = migrate.version(conn, self.subject)
            migrate.check_not_newer(found, self.subject)
            if found is None:
                migrate.create(conn)
                outbox.begin_epoch(conn)
            elif found != HEAD:
                migrate.upgrade(conn)

    def _engine(self, *, writing: bool) -> Engine:
        given: dict[str, Any] = {"pool_size": 1, "max_overflow": 0} if writing else {"pool_size": 5, "max_overflow": 20}
        given |= {"pool_timeout": self._patience + 1.0, "pool_use_lifo": True}
        if self.path:
            if not writing and takes_no_files(self.path):
                engine = create_engine("sqlite://", creator=partial(_connect_unwritable, self.path), poolclass=NullPool)
            else:
                engine = create_engine(self.url, connect_args={"timeout": self._patience}, **given)
            _listen_sqlite(engine, writing=writing)
            return engine
        level = "READ COMMITTED" if writing else "REPEATABLE READ"
        try:
            engine = create_engine(self.url, isolation_level=level, pool_pre_ping=True, **given)
        except ModuleNotFoundError as e:
            remedy = "`pip install 'broadsheet[postgres]'`"
            raise MissingExtra(self.subject, "PostgreSQL's driver is not installed", remedy) from e
        if writing:
            _listen_postgres(engine, self._patience)
        return engine


def _stamp(path: Path) -> tuple[int, int, int]:
    try:
        stat = path.stat()
    except OSError:
        return 0, 0, 0
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def _parse(url: str | Path) -> URL:
    try:
        parsed = _sqlite_url(str(url)) if isinstance(url, Path) or url.startswith(_SQLITE_FILE) else make_url(url)
        backend = parsed.get_backend_name()
    except (ArgumentError, NoSuchModuleError) as e:
        shown = str(url).rpartition("@")[2]  # what is before has the password in it
        raise StoreError(f"database {shown}", "is no database URL", "write sqlite:///FILE or postgresql://…") from e
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite" or not parsed.database or parsed.database == ":memory:":
        shown = parsed.render_as_string(hide_password=True)
        raise StoreError(f"database {shown}", "is not supported", "write sqlite:///FILE or postgresql://…")
    return parsed


def _sqlite_url(place: str) -> URL:
    # Taken as it is: a folder's name may hold `%` or `?`, which a URL would read as something else.
    return URL.create("sqlite", database=place.removeprefix(_SQLITE_FILE))


def _make_folder(folder: Path, subject: str) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as e:
        raise StoreError(subject, f"its folder cannot be made ({e.strerror})", "choose another with --home") from e


def _connect_unwritable(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(uri_of(path, "ro"), uri=True, check_same_thread=False)


def _listen_sqlite(engine: Engine, *, writing: bool) -> None:
    begin = "BEGIN IMMEDIATE" if writing else "BEGIN"
    pragmas = _pragmas(writing=writing)

    @event.listens_for(engine, "connect")
    def on_connect(connection: sqlite3.Connection, _entry: "ConnectionPoolEntry") -> None:
        connection.isolation_level = None  # transactions begin where `on_begin` says, never by themselves
        try:
            for pragma in pragmas:
                connection.execute(f"PRAGMA {pragma}").close()
        except sqlite3.Error:  # what is no library; nobody else closes what was never handed over
            connection.close()
            raise

    @event.listens_for(engine, "begin")
    def on_begin(conn: Connection) -> None:
        driver: Any = conn.connection.dbapi_connection  # to go through SQLAlchemy takes longer than to begin
        driver.execute(begin).close()

    @event.listens_for(engine, "invalidate")
    def on_invalidate(connection: sqlite3.Connection, _entry: object, _why: object) -> None:
        connection.rollback()  # SQLite keeps a closed connection's transaction while a traceback keeps its statement


def _pragmas(*, writing: bool) -> tuple[str, ...]:
    common = ("foreign_keys = ON", "temp_store = MEMORY")
    if not writing:
        return (*common, f"cache_size = -{READER_CACHE_KIB}", "query_only = ON")
    return (
        "journal_mode = WAL",
        *common,
        "synchronous = NORMAL",
        f"cache_size = -{WRITER_CACHE_KIB}",
        f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
        f"journal_size_limit = {CHECKPOINT_PAGES * 4096}",
    )


def _listen_postgres(engine: Engine, patience: float) -> None:
    @event.listens_for(engine, "begin")
    def on_begin(conn: Connection) -> None:
        conn.exec_driver_sql(f"SET LOCAL lock_timeout = {int(patience * 1000)}")
        conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({POSTGRES_LOCK})")


def _foreign_keys_off(conn: Connection) -> AbstractContextManager[None]:
    """SQLite alters a table by copying it, which foreign keys would forbid."""
    return _pragma(conn, "foreign_keys = OFF", "foreign_keys = ON")


def _synced(conn: Connection, wanted: bool) -> AbstractContextManager[None]:
    """With SQLite's log a commit reaches the disk only with the next checkpoint; PostgreSQL's always does."""
    return _pragma(conn, "synchronous = FULL", "synchronous = NORMAL") if wanted else nullcontext()


@contextmanager
def _pragma(conn: Connection, during: str, after: str) -> Iterator[None]:
    """A pragma that works only outside of BEGIN; nothing on other databases."""
    if conn.dialect.name != "sqlite":
        yield
        return
    execute: Callable[[str], object] = conn.connection.dbapi_connection.execute  # type: ignore[union-attr]
    execute(f"PRAGMA {during}")
    try:
        yield
    finally:
        execute(f"PRAGMA {after}")
