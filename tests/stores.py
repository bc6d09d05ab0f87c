"""Fresh stores of both kinds for tests: SQLite always; PostgreSQL, marked slow, on a server that the tests start."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path
from zlib import crc32

import pytest
from sqlalchemy import create_engine, text

from broadsheet.store import Store, papers
from broadsheet.types import Action, Announcement, Intent, Paper
from tests import libraries

NOW = datetime(2025, 11, 20, 8, 30, tzinfo=UTC)


def paper(name: str, *aliases: str, title: str = "", days: dict[date, str] | None = None, **fields: object) -> Paper:
    """A small paper; `days` maps announcement days to kinds of the source `arxiv`."""
    announcements = tuple(Announcement("arxiv", day, kind) for day, kind in (days or {}).items())  # type: ignore[arg-type]
    values = {"announcements": announcements, "added": NOW, "sources": ("arxiv",), **fields}
    return Paper(key=name, aliases=(name, *aliases), title=title or f"About {name}", **values)  # type: ignore[arg-type]


def item(
    one: Paper, action: Action = "new", absorbs: tuple[str, ...] = (), parts: tuple[Paper, ...] = ()
) -> papers.Stored:
    """What the store is given for a paper, with a blocking key made from its title."""
    return papers.stored(Intent(action, one, parts or (one,), "test", absorbs), [block(one.title)])


def block(title: str) -> int:
    """The only blocking key of a paper here."""
    return crc32(title.encode()) - (1 << 31)


def put(store: Store, *items: papers.Stored) -> list[int]:
    """Write items in a transaction of their own."""
    with store.writing() as conn:
        return papers.apply(conn, items, NOW)


def _binaries() -> Path | None:
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("initdb")
    return places[0] if places else Path(found).parent if found else None


def _as_owner() -> list[str]:
    # The server refuses to run as root.
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] if os.getuid() == 0 else []


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server: its address without its last part (the database), and the commands that run it."""

    address: str
    control: tuple[str, ...]
    options: str
    folder: Path

    def start(self) -> None:
        """Let it answer."""
        subprocess.run([*self.control, "-o", self.options, "start"], check=True, capture_output=True, cwd=self.folder)

    def stop(self) -> None:
        """Let it hang up on everybody at once."""
        subprocess.run([*self.control, "-m", "fast", "stop"], check=True, capture_output=True, cwd=self.folder)


@pytest.fixture(scope="session")
def postgres(postgres_server: Server) -> str:
    """The address of a PostgreSQL server, empty, without its last part (the database)."""
    return postgres_server.address


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A PostgreSQL server of this process of tests alone."""
    binaries = _binaries()
    pytest.importorskip("psycopg", reason="PostgreSQL's driver is not installed")
    if binaries is None:
        pytest.skip("PostgreSQL's server is not installed")
    folder = Path(tempfile.mkdtemp(prefix="broadsheet-pg-", dir="/tmp"))
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = f"-k {folder} -h 127.0.0.1 -p {port} -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
    control = [*_as_owner(), str(binaries / "pg_ctl"), "-D", str(folder / "data"), "-w", "-l", str(folder / "log")]
    initdb = [
        *_as_owner(),
        str(binaries / "initdb"),
        "--no-sync",
        "-A",
        "trust",
        "-U",
        "app",
        "-D",
        str(folder / "data"),
    ]
    try:
        subprocess.run([*initdb, "-E", "UTF8", "--locale=C.UTF-8"], check=True, capture_output=True, cwd=folder)
        server = Server(f"postgresql+psycopg://app@127.0.0.1:{port}/", tuple(control), options, folder)
        server.start()
        yield server
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, capture_output=True, cwd=folder)
        shutil.rmtree(folder, ignore_errors=True)


_numbers = count(1)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Makes the URL of one more database that does not hold anything yet."""
    if request.param == "sqlite":
        return lambda: f"sqlite:///{tmp_path}/{next(_numbers)}/library.db"
    address: str = request.getfixturevalue("postgres")

    numbers = count(1)
    return lambda: address + _empty_database(address, f"test{next(numbers)}")


def _empty_database(address: str, name: str) -> str:
    """A database of that name without tables: made once and emptied for each test, which is much faster."""
    server = create_engine(address + "postgres", isolation_level="AUTOCOMMIT")
    with server.connect() as conn:
        is_there = conn.scalar(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name})
        if not is_there:
            conn.execute(text(f"CREATE DATABASE {name}"))
    server.dispose()
    if is_there:
        database = create_engine(address + name, isolation_level="AUTOCOMMIT")
        with database.connect() as conn:
            conn.execute(text("DROP SCHEMA public CASCADE"))
            conn.execute(text("CREATE SCHEMA public"))
        database.dispose()
    return name


@pytest.fixture
def postgres_url(postgres: str) -> str:
    """The URL of a database on PostgreSQL that does not hold anything yet."""
    return postgres + _empty_database(postgres, "test0")


@pytest.fixture
def url(new_url: Callable[[], str]) -> str:
    """The URL of a database that does not hold anything yet."""
    return new_url()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An empty open store."""
    place = url.removeprefix("sqlite:///")
    if place != url:
        libraries.copy_empty(Path(place))
    with Store.open(url) as opened:
        yield opened
