"""Backup while others write, restore, and the check of a library."""

import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import delete, update

from broadsheet.errors import NotFound, StoreBusy, StoreDamaged, StoreError
from broadsheet.store import Store, backup, outbox, papers
from broadsheet.store.schema import papers as tables
from broadsheet.store.version import VERSION_TABLE
from tests.stores import item, paper, put

times = pytest.mark.parametrize("times", [1, pytest.param(20, marks=pytest.mark.slow)])


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "library.db") as store:
        put(store, *(item(paper(f"x:{n}", abstract="word " * 100)) for n in range(100)))
        yield store


def keys(path: Path) -> list[str]:
    with Store.open(path, create=False) as store, store.reading() as conn:
        return [one.key for _, one in papers.iterate(conn)]


def test_a_backup_is_a_whole_library(library: Store, tmp_path: Path) -> None:
    """The copy opens, has every paper, and nothing else is left beside it."""
    (tmp_path / "copy").mkdir()
    size = backup.backup(library, tmp_path / "copy" / "b.db")
    assert [(p.name, p.stat().st_size) for p in (tmp_path / "copy").iterdir()] == [("b.db", size)]
    assert keys(tmp_path / "copy" / "b.db") == [f"x:{n}" for n in range(100)]


@pytest.mark.slow
def test_a_backup_is_made_while_others_write(library: Store, tmp_path: Path) -> None:
    """A steady writer neither stops the backup nor is stopped by it, and no chunk is torn."""
    stop = threading.Event()

    def write() -> None:
        n = 0
        while not stop.is_set():
            put(library, *(item(paper(f"y:{n}-{i}")) for i in range(10)))
            n += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for n in range(3):
            backup.backup(library, tmp_path / f"{n}.db")
    finally:
        stop.set()
        writer.join()
    found = [len(keys(tmp_path / f"{n}.db")) for n in range(3)]
    assert found == sorted(found)
    assert [many % 10 for many in found] == [0, 0, 0]


def test_a_backup_takes_the_place_of_an_older_one(library: Store, tmp_path: Path) -> None:
    """The same name again is the newer copy."""
    backup.backup(library, tmp_path / "b.db")
    put(library, item(paper("y:1")))
    backup.backup(library, tmp_path / "b.db")
    assert keys(tmp_path / "b.db")[-1] == "y:1"


def test_a_backup_writes_over_no_other_file(library: Store, tmp_path: Path) -> None:
    """A name given by mistake costs nobody their references."""
    there = tmp_path / "refs.bib"
    there.write_text("@article{a, title={A}}")
    with pytest.raises(StoreError, match="is another file, which would be lost"):
        backup.backup(library, there)
    assert there.read_text() == "@article{a, title={A}}"


def test_a_backup_into_nowhere(library: Store, tmp_path: Path) -> None:
    """A folder that does not exist, or the library itself, is refused in a sentence."""
    with pytest.raises(StoreError, match=r"nowhere.*: cannot be written \(No such file.*choose a folder that is there"):
        backup.backup(library, tmp_path / "nowhere" / "b.db")
    with pytest.raises(StoreError, match="is the library itself"):
        backup.backup(library, tmp_path / "library.db")


BACKUP = """
import resource, sys
from broadsheet.errors import StoreError
from broadsheet.store import Store, backup
from pathlib import Path
with Store.open("sqlite:///" + sys.argv[1]) as store:
    resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
    try:
        backup.backup(store, Path(sys.argv[2]))
    except StoreError as e:
        print(e)
"""


@pytest.mark.slow
def test_a_backup_onto_a_full_disk(library: Store, tmp_path: Path) -> None:
    """When the copy does not fit, it is said, and neither a piece nor the older copy's loss remains."""
    backup.backup(library, tmp_path / "b.db")
    before = (tmp_path / "b.db").read_bytes()
    library.close()
    command = [sys.executable, "-c", BACKUP, str(tmp_path / "library.db"), str(tmp_path / "b.db")]
    told = subprocess.run(command, capture_output=True, text=True)
    assert told.stderr == ""
    assert "the disk" in told.stdout
    assert (tmp_path / "b.db").read_bytes() == before
    assert not (tmp_path / ".b.db.part").exists()


def test_a_server_has_its_own_backup(tmp_path: Path) -> None:
    """On PostgreSQL the sentence names pg_dump."""
    pytest.importorskip("psycopg")
    from sqlalchemy import make_url

    with pytest.raises(StoreError, match=r"is on a server; `pg_dump"):
        backup.backup(Store(make_url("postgresql+psycopg://u:p@h/d"), 1.0), tmp_path / "b")


@pytest.mark.slow
def test_restore_brings_the_copy_back_and_keeps_what_was_there(library: Store, tmp_path: Path) -> None:
    """The library is the copy again with a past of its own; the one before it lies beside, whole."""
    backup.backup(library, tmp_path / "b.db")
    put(library, item(paper("y:1")))
    with library.reading() as conn:
        epoch = outbox.epoch(conn)
    library.close()
    kept = backup.restore(tmp_path / "b.db", tmp_path / "library.db")
    assert kept == tmp_path / "library.db.before-restore"
    assert (len(keys(tmp_path / "library.db")), len(keys(kept))) == (100, 101)
    with Store.open(tmp_path / "library.db") as store:
        with store.reading() as conn:
            assert outbox.epoch(conn) != epoch
        assert backup.check(store) == []
        put(store, item(paper("y:2")))
    again = backup.restore(tmp_path / "b.db", tmp_path / "library.db")
    assert again == tmp_path / "library.db.before-restore-2"


def test_restore_into_an_empty_home(library: Store, tmp_path: Path) -> None:
    """Without a library there is nothing to keep."""
    backup.backup(library, tmp_path / "b.db")
    (tmp_path / "new").mkdir()
    assert backup.restore(tmp_path / "b.db", tmp_path / "new" / "library.db") is None
    assert len(keys(tmp_path / "new" / "library.db")) == 100
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["library.db"]


def test_restore_takes_a_copied_home_too(library: Store, tmp_path: Path) -> None:
    """A library file copied with its log is as good as a backup."""
    (tmp_path / "copied").mkdir()
    for file in tmp_path.glob("library.db*"):
        shutil.copy(file, tmp_path / "copied")
    library.close()
    backup.restore(tmp_path / "copied" / "library.db", tmp_path / "library.db")
    assert len(keys(tmp_path / "library.db")) == 100


def test_restore_does_not_touch_a_library_in_use(library: Store, tmp_path: Path) -> None:
    """While anyone has the library open, even for reading, restore is refused and nothing changes."""
    backup.backup(library, tmp_path / "b.db")
    with library.reading() as conn:
        papers.count(conn)
        with pytest.raises(StoreBusy, match="another process has it open; stop it, then restore"):
            backup.restore(tmp_path / "b.db", tmp_path / "library.db")
    assert backup.check(library) == []
    assert not (tmp_path / "library.db.before-restore").exists()


@pytest.mark.parametrize("what", ["text", "other", "newer", "damaged", "cut", "missing", "folder", "itself"])
def test_restore_refuses_what_is_no_good_copy(library: Store, tmp_path: Path, what: str) -> None:
    """Text, another program's database, a newer library, a damaged or cut one: each has its sentence."""
    library_path, copy = tmp_path / "library.db", tmp_path / "b.db"
    backup.backup(library, copy)
    library.close()
    before = keys(library_path)
    kind, sentence = _spoil(copy, what)
    with pytest.raises(kind, match=sentence):
        backup.restore(library_path if what == "itself" else copy, library_path)
    assert keys(library_path) == before
    assert {p.name for p in tmp_path.iterdir()} <= {"library.db", "library.db-wal", "library.db-shm", "b.db"}


def _spoil(copy: Path, what: str) -> tuple[type[Exception], str]:
    if what == "text":
        copy.write_text("hello " * 1000)
        return StoreError, "is no database"
    if what == "other":
        copy.unlink()
        with closing(sqlite3.connect(copy)) as connection, connection:
            connection.execute("CREATE TABLE photo (id)")
        return StoreError, "is no Broadsheet library"
    if what == "newer":
        with closing(sqlite3.connect(copy)) as connection, connection:
            connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
        return StoreError, r"newer Broadsheet \(schema 9999\); upgrade"
    if what == "damaged":
        content = bytearray(copy.read_bytes())
        content[8192 : len(content) // 2] = b"\x5a" * (len(content) // 2 - 8192)
        copy.write_bytes(content)
        return StoreDamaged, "damaged.*use another backup"
    if what == "cut":
        copy.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])
        return StoreDamaged, "damaged.*use another backup"
    if what in ("missing", "folder"):
        copy.unlink()
        if what == "missing":
            return NotFound, "does not exist"
        copy.mkdir()
        return NotFound, "is a folder"
    return StoreError, "is the library itself"


def test_a_damaged_library_can_be_restored_over(library: Store, tmp_path: Path) -> None:
    """What cannot be read any more is kept, with its log, and the copy takes its place."""
    backup.backup(library, tmp_path / "b.db")
    library.close()
    (tmp_path / "library.db").write_bytes(b"nonsense" * 10_000)
    (tmp_path / "library.db-wal").write_bytes(b"nonsense")
    kept = backup.restore(tmp_path / "b.db", tmp_path / "library.db")
    assert kept is not None
    assert kept.read_bytes() == b"nonsense" * 10_000
    assert len(keys(tmp_path / "library.db")) == 100


RESTORE = """
import sys
from pathlib import Path
from broadsheet.store import backup
while True:
    print(backup.restore(Path(sys.argv[1]), Path(sys.argv[2])), flush=True)
"""


@pytest.mark.slow
@times
def test_killed_in_the_middle_of_a_restore(library: Store, tmp_path: Path, times: int) -> None:
    """At whatever moment a restore is killed, there is a whole library in the home."""
    backup.backup(library, tmp_path / "b.db")
    library.close()
    for _ in range(times):
        command = [sys.executable, "-c", RESTORE, str(tmp_path / "b.db"), str(tmp_path / "library.db")]
        child = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert child.stdout
        child.stdout.readline()
        child.kill()
        child.communicate()
        assert len(keys(tmp_path / "library.db")) == 100


BACKUPS = """
import sys
from pathlib import Path
from broadsheet.store import Store, backup
with Store.open("sqlite:///" + sys.argv[2]) as store:
    while True:
        print(backup.backup(store, Path(sys.argv[1])), flush=True)
"""


@pytest.mark.slow
@times
def test_killed_in_the_middle_of_a_backup(library: Store, tmp_path: Path, times: int) -> None:
    """At whatever moment a backup is killed, the copy under its name is whole, and the next one succeeds."""
    for _ in range(times):
        command = [sys.executable, "-c", BACKUPS, str(tmp_path / "b.db"), str(tmp_path / "library.db")]
        child = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert child.stdout
        child.stdout.readline()
        child.kill()
        child.communicate()
        assert len(keys(tmp_path / "b.db")) == 100
    backup.backup(library, tmp_path / "b.db")
    assert not (tmp_path / ".b.db.part").exists()


def test_a_good_library_has_no_problems(store: Store) -> None:
    """The check of a library with merges, parts and signals finds nothing."""
    a, b = paper("x:1", "y:1"), paper("x:2")
    put(store, item(a), item(b))
    put(store, item(replace(a, aliases=(*a.aliases, "x:2")), "merged", ("x:2",), (a, b)))
    assert backup.check(store) == []


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (delete(tables.alias).where(tables.alias.c.alias == "y:1"), "paper x:1 is not found under its id y:1"),
        (update(tables.paper).values(doc="{"), "paper 1 has a document that cannot be read"),
        (update(tables.counter).values(value=0), "the outbox has number 2, but its counter is at 0"),
    ],
)  # fmt: skip
def test_what_does_not_agree_is_told(store: Store, spoil: object, sentence: str) -> None:
    """Each disagreement between the tables is a sentence."""
    put(store, item(paper("x:1", "y:1")), item(paper("x:2")))
    with store.writing() as conn:
        conn.execute(spoil)  # type: ignore[call-overload]
    assert sentence in backup.check(store)


def test_a_damaged_library_is_told(library: Store, tmp_path: Path) -> None:
    """Damage is an answer of the check, not an error."""
    library.close()
    content = bytearray((tmp_path / "library.db").read_bytes())
    page = content.rindex(b"word word") // 4096 * 4096
    content[page : page + 4096] = b"\x5a" * 4096
    (tmp_path / "library.db").write_bytes(content)
    with Store.open(tmp_path / "library.db") as store:
        assert backup.check(store) != []


def test_rows_of_no_paper_are_told(tmp_path: Path) -> None:
    """Rows that lost their paper are counted by table."""
    with Store.open(tmp_path / "library.db") as store:
        put(store, item(paper("x:1")))
        store.close()
        with closing(sqlite3.connect(tmp_path / "library.db")) as connection, connection:
            connection.execute("DELETE FROM paper")
        assert backup.check(store) == ["a row of alias belongs to no row of paper"]
