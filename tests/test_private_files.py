"""Who may read what Broadsheet writes: what has readers in it, its owner alone."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from broadsheet import config
from broadsheet.library.export import export
from broadsheet.library.handle import Library
from broadsheet.library.upkeep import keep
from broadsheet.store import Store
from tests.libraries import library_at


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def rights(path: Path) -> str:
    return oct(stat.S_IMODE(path.stat().st_mode))


def test_a_new_home_is_its_owners_alone(tmp_path: Path) -> None:
    """Folder, database, log and index of the log let nobody else in."""
    home = tmp_path / "home"
    with Library(config.load({}, home=home, options={"encoder": "none"})) as lib:
        with lib.store.writing() as conn:
            conn.exec_driver_sql("UPDATE meta SET value = value")
        made = {path.name: rights(path) for path in (home, *home.glob("library.db*"))}
    assert made == {"home": "0o700", "library.db": "0o600", "library.db-wal": "0o600", "library.db-shm": "0o600"}


def test_a_home_that_is_there_keeps_its_rights(tmp_path: Path) -> None:
    """Whom its owner lets in stays in."""
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    with Library(config.load({}, home=home, options={"encoder": "none"})) as lib:
        lib.store.is_empty()
    assert rights(home) == "0o755"


def test_copies_with_readers_are_their_owners_alone(tmp_path: Path) -> None:
    """Backup and export with readers are private, over an open file too; one of papers is not."""
    (tmp_path / "all.jsonl").touch(mode=0o644)
    with library_at(tmp_path / "home") as lib:
        keep.backup(lib, tmp_path / "copy.db")
        export(lib, str(tmp_path / "all.jsonl"), personal=True)
        export(lib, str(tmp_path / "papers.jsonl"))
    assert {path.name: rights(path) for path in tmp_path.iterdir() if path.is_file()} == {
        "copy.db": "0o600",
        "all.jsonl": "0o600",
        "papers.jsonl": "0o644",
    }


@pytest.mark.parametrize(("before", "after"), [(None, "0o600"), (0o640, "0o640")])
def test_a_restore_keeps_who_may_read(tmp_path: Path, before: int | None, after: str) -> None:
    """The library that comes back can be read by those who could read the one before."""
    Store.open(tmp_path / "other.db").close()
    home = tmp_path / "home"
    if before:
        Store.open(home / "library.db").close()
        (home / "library.db").chmod(before)
    with Library(config.load({}, home=home, options={"encoder": "none"})) as lib:
        keep.restore(lib, tmp_path / "other.db")
    assert rights(home / "library.db") == after
