"""Migrations: the same tables as `schema`, there and back on both databases."""

import subprocess
import sys

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from broadsheet.store import Store, migrate
from broadsheet.store.schema import metadata
from broadsheet.store.version import HEAD, VERSION_TABLE


def test_migrations_make_the_tables_of_the_schema(store: Store) -> None:
    """What the steps make and what the code reads are the same tables, columns, types and constraints."""
    with store.reading() as conn:
        context = MigrationContext.configure(conn, opts={"version_table": VERSION_TABLE, "compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_there_and_back(store: Store) -> None:
    """All steps can be taken back and taken again."""
    with store.writing() as conn:
        migrate.downgrade(conn, "base")
        assert inspect(conn).get_table_names() == [VERSION_TABLE]
        migrate.upgrade(conn)
        assert migrate.version(conn, "x") == HEAD


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
