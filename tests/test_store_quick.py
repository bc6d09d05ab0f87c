"""Quick reads of the shell: the same answers as the store, without SQLAlchemy."""

import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import text

from broadsheet.errors import StoreError
from broadsheet.store import Store, outbox, papers, quick
from broadsheet.store.version import VERSION_TABLE
from tests.stores import item, paper, put

A, B = paper("x:1", "doi:10.1/a"), paper("x:2")


def test_quick_reads_say_what_the_store_says(tmp_path: Path) -> None:
    """Papers, parts, ids and counts are those of the store."""
    url = f"sqlite:///{tmp_path}/a %3f?/library.db"
    with Store.open(url) as store:
        a, b, c = put(store, item(A), item(B), item(paper("x:3")))
        put(store, item(replace(A, aliases=(*A.aliases, "x:2")), "merged", ("x:2",), (A, B)))
        quickly = quick.open(url)
        assert quickly is not None
        with quickly, store.reading() as conn:
            names = ["doi:10.1/a", "x:2", "x:none"]
            assert quickly.ids(names) == papers.ids(conn, names)
            assert quickly.papers([c, b, a]) == papers.by_ids(conn, [c, b, a])
            assert (quickly.parts(a), quickly.parts(c)) == ((A, B), ())
            assert quickly.count() == papers.count(conn) == 2
            assert (quickly.head(), quickly.floor(), quickly.epoch()) == (outbox.head(conn), 0, outbox.epoch(conn))


def test_quick_reads_are_left_to_the_store_where_they_cannot_be(tmp_path: Path) -> None:
    """A server, no library, a file of something else and another version are none of its business."""
    assert quick.open("postgresql://h/d") is None
    assert quick.open(tmp_path / "library.db") is None
    (tmp_path / "text").write_text("hello" * 1000)
    assert quick.open(tmp_path / "text") is None
    with Store.open(tmp_path / "new.db") as store, store.writing() as conn:
        conn.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '0000'"))
    assert quick.open(tmp_path / "new.db") is None


def test_quick_reads_of_a_damaged_library(tmp_path: Path) -> None:
    """Damage that is met on the way is a sentence."""
    path = tmp_path / "library.db"
    with Store.open(path) as store:
        put(store, *(item(paper(f"x:{n}", abstract="word " * 500)) for n in range(400)))
    content = bytearray(path.read_bytes())
    content[len(content) // 2 :] = b"\x5a" * (len(content) - len(content) // 2)
    path.write_bytes(content)
    quickly = quick.open(path)
    assert quickly is not None
    with quickly, pytest.raises(StoreError, match="damaged"):
        quickly.papers(list(range(1, 401)))


CODE = """
import sys
from broadsheet.store import quick
with quick.open(sys.argv[1]) as q:
    assert q.papers(list(q.ids(["x:1"]).values()))[0][1].key == "x:1"
print([m for m in ("sqlalchemy", "alembic", "psycopg", "numpy") if m in sys.modules])
"""


@pytest.mark.slow
def test_quick_reads_import_nothing_heavy(tmp_path: Path) -> None:
    """Neither SQLAlchemy nor anything else that a search from the shell would wait for."""
    with Store.open(tmp_path / "library.db") as store:
        put(store, item(A))
    command = [sys.executable, "-c", CODE, f"sqlite:///{tmp_path}/library.db"]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"
