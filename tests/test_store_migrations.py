"""Migrations: the same tables as `schema`, there and back on both databases."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, NullPool, create_engine, inspect, text

from broadsheet.store import Store, mails, migrate
from broadsheet.store.schema import metadata
from broadsheet.store.version import HEAD, VERSION_TABLE
from broadsheet.types import Mail


@pytest.mark.slow
def test_migrations_make_the_tables_of_the_schema(store: Store) -> None:
    """What the steps make and what the code reads are the same tables, columns, types and constraints."""
    with store.reading() as conn:
        context = MigrationContext.configure(conn, opts={"version_table": VERSION_TABLE, "compare_type": True})
        assert compare_metadata(context, metadata) == []


@pytest.mark.slow
def test_a_new_library_is_what_all_steps_make(tmp_path: Path) -> None:
    """Tables that are made at once have the columns, keys, indexes and rows of those made by steps."""
    assert _shape(tmp_path / "at_once.db", migrate.create) == _shape(tmp_path / "by_steps.db", migrate.upgrade)


def _shape(path: Path, make: Callable[[Connection], None]) -> dict[str, object]:
    """All that a made database says of its tables, but for their columns' order and what old rows got in new ones."""
    with create_engine(f"sqlite:///{path}", poolclass=NullPool).begin() as conn:
        make(conn)

        def rows(query: str) -> list[tuple[object, ...]]:
            return sorted(tuple(row) for row in conn.exec_driver_sql(query))

        shape: dict[str, object] = {"application": rows("PRAGMA application_id")}
        for name, sql in rows("SELECT name, sql FROM sqlite_master WHERE type = 'table'"):
            shape[str(name)] = (
                rows(f"SELECT name, type, \"notnull\", pk FROM pragma_table_info('{name}')"),
                rows(f'SELECT "table", "from", "to", on_delete FROM pragma_foreign_key_list(\'{name}\')'),
                rows(
                    f"SELECT i.name, i.\"unique\", i.partial, c.seqno, c.name FROM pragma_index_list('{name}') i, "
                    "pragma_index_info(i.name) c"
                ),
                rows(f"SELECT * FROM {name}"),
                "WITHOUT ROWID" in str(sql),
            )
    return shape


@pytest.mark.slow
def test_there_and_back(store: Store) -> None:
    """All steps can be taken back and taken again."""
    with store.writing() as conn:
        migrate.downgrade(conn, "base")
        assert inspect(conn).get_table_names() == [VERSION_TABLE]
        migrate.upgrade(conn)
        assert migrate.version(conn, "x") == HEAD


def test_mails_that_wait_keep_their_text(store: Store) -> None:
    """What was queued before texts lay apart is sent as it was written, and could be taken back to there."""
    at = datetime(2026, 11, 20, 9, tzinfo=UTC)
    with store.writing() as conn:
        mails.put(conn, Mail("one", "a@example.org", "Bö", "<1@x>", at, at, text="Grüße", html="<p>Grüße</p>"))
        mails.put(conn, Mail("two", "b@example.org", "B", "<2@x>", at, at, text="gone", html="gone"))
        assert mails.take(conn, "me", at, at, 9)
        mails.end(conn, [mails.Ended(2, "sent", "250", 1)], "me", at)
        migrate.downgrade(conn, "0015")
        rows = conn.execute(text("SELECT text, html FROM mail ORDER BY id")).all()
        migrate.upgrade(conn)
        kept = [mails.by_key(conn, key) for key in ("one", "two")]

    assert rows == [("Grüße", "<p>Grüße</p>"), ("", "")]
    assert [(m.text, m.html) for m in kept if m] == [("Grüße", "<p>Grüße</p>"), ("", "")]


@pytest.mark.slow
def test_an_up_to_date_library_opens_without_the_machinery(store: Store, url: str) -> None:
    """Alembic is not imported when there is nothing to migrate."""
    open_it = "import sys\nfrom broadsheet.store import Store\nStore.open(sys.argv[1]).close()\n"
    tell = "print('alembic' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", open_it + tell, url], capture_output=True, text=True).stdout == "False\n"
    )


def test_every_constraint_has_a_name() -> None:
    """A later step can only drop what has a name."""
    assert [c for table in metadata.tables.values() for c in table.constraints if not c.name] == []
