"""The store as a whole: opening, versions, transactions, locks, and what it says when something is wrong."""

import _thread
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest
from sqlalchemy import text

from broadsheet.errors import MissingExtra, StoreBusy, StoreDamaged, StoreError
from broadsheet.store import Store, faults, outbox, papers, writer_lock
from broadsheet.store.version import HEAD, VERSION_TABLE
from tests.processes import BOUND
from tests.stores import NOW, item, paper, put


def test_a_library_is_made_on_first_use_and_opened_again(url: str) -> None:
    """The first opening makes the tables, later ones find them and the papers."""
    with Store.open(url) as store:
        assert store.is_empty()
        put(store, item(paper("x:1")))
        epoch = _epoch(store)
    with Store.open(url, create=False) as store:
        assert not store.is_empty()
        assert _epoch(store) == epoch != ""


def _epoch(store: Store) -> str:
    with store.reading() as conn:
        return outbox.epoch(conn)


def test_opening_without_making(tmp_path: Path) -> None:
    """Where there is no library, one who only reads is told how to make one, and nothing is left behind."""
    with pytest.raises(StoreError, match="does not exist; `broadsheet up`"):
        Store.open(tmp_path / "no" / "library.db", create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_home_with_a_strange_name(tmp_path: Path) -> None:
    """Percent signs, question marks and spaces in a folder's name mean themselves."""
    path = tmp_path / "a%20b ?c#d" / "library.db"
    with Store.open(f"sqlite:///{path}") as store:
        assert store.path == path
    assert path.exists()


def test_a_newer_library_is_left_alone(url: str) -> None:
    """A library of a later version is refused with a word on what to do."""
    with Store.open(url) as store, store.writing() as conn:
        conn.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    with pytest.raises(StoreError, match=r"newer Broadsheet \(schema 9999, this program knows .*; upgrade Broadsheet"):
        Store.open(url)


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    """Another program's SQLite file gets no tables of ours."""
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE photo (id)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="is a database of something else"):
        Store.open(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """A text file in the library's place is damage, said in one sentence."""
    path = tmp_path / "library.db"
    path.write_text("not a database" * 1000)
    with pytest.raises(StoreDamaged, match=r"the file is not a database .*restore FILE"):
        Store.open(path)


def test_a_folder_in_the_place_of_the_library(tmp_path: Path) -> None:
    """A place that cannot be opened says what to check."""
    (tmp_path / "library.db").mkdir()
    with pytest.raises(StoreError, match="cannot be opened"):
        Store.open(tmp_path / "library.db")


def test_a_home_that_cannot_be_made(tmp_path: Path) -> None:
    """A file where the home should be is named as the cause."""
    (tmp_path / "home").write_text("")
    with pytest.raises(StoreError, match="its folder cannot be made"):
        Store.open(tmp_path / "home" / "library.db")


@pytest.mark.parametrize("address", ["mysql://x/y", "nonsense", "sqlite://", "postgresqll://h/d", "sqlite:///:memory:"])
def test_an_address_that_is_none(address: str) -> None:
    """Other databases and spelling mistakes are refused with the two forms that work."""
    with pytest.raises(StoreError, match=r"write sqlite:///FILE or postgresql://"):
        Store.open(address)


@pytest.mark.slow
def test_a_server_that_is_not_there() -> None:
    """No connection is a sentence that does not show the password."""
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError, match=r"no connection .*check that the server runs") as caught:
        Store.open("postgresql://someone:secret@127.0.0.1:1/library")
    assert "secret" not in str(caught.value)


def test_a_missing_driver_names_its_install_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without psycopg, a PostgreSQL address tells what to install."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtra, match=r"broadsheet\[postgres\]"):
        Store.open("postgresql://localhost/library")


def test_readers_see_one_moment_while_another_writes(store: Store) -> None:
    """A reader's transaction does not change under it, and is not held up."""
    with store.reading() as conn:
        assert papers.count(conn) == 0
        put(store, item(paper("x:1")))
        assert papers.count(conn) == 0
    with store.reading() as conn:
        assert papers.count(conn) == 1


def test_all_that_is_read_in_a_still_block_is_of_one_moment(store: Store) -> None:
    """However often a page asks, it sees what was there when it began; the block over, what came meanwhile is seen."""
    put(store, item(paper("arxiv:1")))
    with store.still():
        with store.reading() as conn:
            assert papers.count(conn) == 1
        put(store, item(paper("arxiv:2")))
        with store.reading() as conn:
            assert papers.count(conn) == 1
    with store.reading() as conn:
        assert papers.count(conn) == 2


def test_one_who_reads_cannot_write(tmp_path: Path) -> None:
    """A reading connection refuses to change anything."""
    with (
        Store.open(tmp_path / "l.db") as store,
        pytest.raises(StoreError, match=r"read-?only"),
        store.reading() as conn,
    ):
        papers.apply(conn, [item(paper("x:1"))], NOW)


@pytest.mark.slow
def test_a_second_writer_waits_and_then_gives_up(new_url: Callable[[], str]) -> None:
    """While a transaction writes, another process's waits its patience and is told that it is busy."""
    url = new_url()
    with Store.open(url) as one, Store.open(url, patience=0.05) as two, one.writing():
        assert (
            _refusal(two.writing()) == f"{two.subject}: another process is writing; wait until it is done, or stop it"
        )


def _refusal(entered: AbstractContextManager[object]) -> str:
    with pytest.raises(StoreBusy) as caught, entered:
        pass
    return str(caught.value)


def test_a_writer_that_is_interrupted_in_a_statement_leaves_the_store_to_others(tmp_path: Path) -> None:
    """Ctrl-C while SQLite works undoes the transaction at once, so that what was done can be noted without a wait."""

    def write_until_interrupted() -> None:
        with store.writing() as conn:
            papers.apply(conn, [item(paper("x:1")), item(paper("x:2"))], NOW)
            held = conn.connection.dbapi_connection
            assert isinstance(held, sqlite3.Connection)
            held.create_function("interrupt", 0, _thread.interrupt_main)
            conn.execute(text("SELECT interrupt() FROM paper"))

    with Store.open(tmp_path / "library.db", patience=0.05) as store:
        before = signal.signal(signal.SIGINT, signal.default_int_handler)  # what is run in the background ignores it
        try:
            with pytest.raises(KeyboardInterrupt) as interrupted:
                write_until_interrupted()
        finally:
            signal.signal(signal.SIGINT, before)
        put(store, item(paper("x:3")))
        with store.reading() as conn:
            assert papers.count(conn) == 1
    assert interrupted.tb  # which keeps the statement


def test_writers_of_one_process_take_turns(store: Store) -> None:
    """Threads that write at once all succeed, one after the other, and outbox numbers have no gap."""

    def write(name: int) -> None:
        for n in range(5):
            put(store, item(paper(f"x:{name}-{n}")))

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as conn:
        assert papers.count(conn) == 20
        assert [change.seq for change in outbox.since(conn, 0)] == list(range(1, 21))


def test_who_waits_to_write_gets_its_turn_while_another_lets_memory_go(new_url: Callable[[], str]) -> None:
    """Letting go of memory takes no connection away from under a thread that waits for it."""
    with Store.open(new_url(), patience=5) as store:

        def write() -> None:
            for _ in range(20):
                with store.writing():
                    pass

        with ThreadPoolExecutor(3) as threads:
            writers = [threads.submit(write) for _ in range(3)]
            while wait(writers, 0.001).not_done:
                store.rest()
        assert [writer.exception() for writer in writers] == [None] * 3


OPEN = "import sys\nfrom broadsheet.store import Store\nStore.open(sys.argv[1]).close()\n"


@pytest.mark.slow
def test_two_processes_may_make_one_library(url: str) -> None:
    """Processes that open a new library at once do not collide; all find it whole."""
    children = [subprocess.Popen([sys.executable, "-c", OPEN, url], stderr=subprocess.PIPE) for _ in range(2)]
    assert [child.communicate()[1] for child in children] == [b""] * 2
    with Store.open(url, create=False) as store:
        assert store.is_empty()


def test_a_full_disk_is_a_sentence_and_loses_nothing(tmp_path: Path) -> None:
    """When there is no room, the transaction is gone as a whole and what was stored before is there."""
    with Store.open(tmp_path / "library.db") as store:
        put(store, item(paper("x:1")))
        with store.writing() as conn:
            pages = conn.exec_driver_sql("PRAGMA page_count").scalar()
            conn.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        big = [item(paper(f"y:{n}", abstract="word " * 2000)) for n in range(50)]
        with pytest.raises(StoreError, match=r"the disk is full .*what was stored before is whole"):
            put(store, *big)
        with store.reading() as conn:
            assert papers.count(conn) == 1
        with store.writing() as conn:
            conn.exec_driver_sql("PRAGMA max_page_count = 1000000")
        put(store, *big)


WRITE = """
import os, sys
from broadsheet.errors import StoreError
from broadsheet.store import Store
Store.open(sys.argv[1]).close()
os.chmod(sys.argv[1].removeprefix("sqlite:///"), int(sys.argv[2]))
os.setgid(65534); os.setuid(65534)
try:
    with Store.open(sys.argv[1]) as store, store.writing() as conn:
        conn.exec_driver_sql("DELETE FROM meta")
except StoreError as e:
    print(e)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.getuid() != 0, reason="only root can become someone else")
@pytest.mark.parametrize(("mode", "said"), [(0o644, "its folder cannot be written"), (0o600, "may not read it; let")])
def test_a_library_that_is_not_ours_is_a_sentence(mode: int, said: str) -> None:
    """Someone who may not write the file or its folder, or may not read it, is told so."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        told = subprocess.run(
            [sys.executable, "-c", WRITE, f"sqlite:///{folder}/library.db", str(mode)], capture_output=True, text=True
        )
    assert told.stderr == ""
    assert said in told.stdout


OPEN_OR_TELL = """
import sys
from pathlib import Path
from broadsheet.errors import StoreError
from broadsheet.store import Store
try:
    Store.open(Path(sys.argv[1]))
except StoreError as e:
    print(e)
"""


@pytest.mark.slow
@pytest.mark.parametrize("unwritable", ["file", "folder"])
def test_an_older_library_that_may_not_be_written_names_who_can_upgrade_it(tmp_path: Path, unwritable: str) -> None:
    """It is told that the schema is older and who has to open it once, instead of to correct permissions."""
    path = tmp_path / "home" / "library.db"
    with Store.open(path) as store, store.writing() as conn:
        conn.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '0017'"))
    (path if unwritable == "file" else path.parent).chmod(0o444 if unwritable == "file" else 0o555)
    told = subprocess.run([*BOUND, sys.executable, "-c", OPEN_OR_TELL, str(path)], capture_output=True, text=True)
    assert told.stderr == ""
    assert told.stdout == (
        f"library {path}: was written by an older Broadsheet (schema 0017, this program needs {HEAD}) and cannot be "
        "written here; let a user who may write it run `broadsheet status` once, which upgrades it\n"
    )


def test_damage_inside_the_file_is_named(tmp_path: Path) -> None:
    """Pages overwritten with nonsense are found as damage when they are read."""
    path = tmp_path / "library.db"
    with Store.open(path) as store:
        put(store, *(item(paper(f"x:{n}", abstract="word " * 500)) for n in range(50)))
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    with pytest.raises(StoreDamaged, match=r"the file is damaged .*restore FILE"), Store.open(path) as store:
        put(store, item(paper("y:1")))


HOLD = """
import sys
from pathlib import Path
from broadsheet.store import writer_lock
with writer_lock(Path(sys.argv[1]), "broadsheet pull"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.slow
def test_one_long_writer_for_each_home(tmp_path: Path) -> None:
    """The second is told who the first is; when the first is killed the lock is free at once."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout
    assert child.stdout.readline() == "held\n"
    assert f"broadsheet pull (process {child.pid}) is writing" in _refusal(writer_lock(tmp_path))
    child.kill()
    child.communicate()
    with writer_lock(tmp_path, "broadsheet import"):
        assert f"broadsheet import (process {os.getpid()})" in _refusal(writer_lock(tmp_path))


def test_every_fault_is_a_sentence() -> None:
    """An error of a driver that nobody foresaw still names the library and what to do."""
    assert str(faults.translate("library x", sqlite3.OperationalError("odd\nthing."))) == (
        "library x: the database refused (odd); `broadsheet status` checks it"
    )
    assert str(faults.translate("library x", OSError())).startswith("library x: no connection (OSError)")


def test_the_version_is_the_newest_migration() -> None:
    """The number that is compared at each opening is that of the last step."""
    steps = sorted(path.stem for path in Path(faults.__file__).parent.glob("migrations/versions/v*.py"))
    assert steps[-1].startswith(f"v{HEAD}_")
