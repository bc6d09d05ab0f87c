"""Bringing a database to this program's schema. Alembic is imported only when there is something to do."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, inspect, text

from broadsheet.errors import StoreError
from broadsheet.store.schema import metadata
from broadsheet.store.schema.papers import COUNTERS, counter
from broadsheet.store.version import APPLICATION_ID, HEAD, VERSION_TABLE

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATIONS = Path(__file__).parent / "migrations"


def version(conn: Connection, subject: str) -> str | None:
    """The schema of the database, None where it is empty. Raises StoreError where it holds something else."""
    inspector = inspect(conn)
    if inspector.has_table(VERSION_TABLE):
        found: str | None = conn.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608 - a constant
        return found
    if conn.dialect.name == "sqlite" and inspector.get_table_names():
        raise foreign(subject)
    if inspector.has_table("paper"):
        raise foreign(subject)
    return None


def foreign(subject: str) -> StoreError:
    """A database that is not ours is never touched."""
    return StoreError(subject, "is a database of something else, not a Broadsheet library", "choose another place")


def check_not_newer(found: str | None, subject: str) -> None:
    """Raise StoreError for a library of a newer program."""
    if found is not None and found > HEAD:
        cause = f"was written by a newer Broadsheet (schema {found}, this program knows {HEAD})"
        raise StoreError(subject, cause, "upgrade Broadsheet")


def older(found: str, subject: str) -> StoreError:
    """A library of an older program that this one may not bring to its schema."""
    cause = f"was written by an older Broadsheet (schema {found}, this program needs {HEAD}) and cannot be written here"
    return StoreError(subject, cause, "let a user who may write it run `broadsheet status` once, which upgrades it")


def create(conn: Connection) -> None:
    """Make in an empty database at once what all steps would make; they take several times as long."""
    metadata.create_all(conn, checkfirst=False)
    version_table = Table(
        VERSION_TABLE,
        MetaData(),
        Column("version_num", String(32), nullable=False),
        PrimaryKeyConstraint("version_num", name=f"{VERSION_TABLE}_pkc"),
    )
    version_table.create(conn)
    conn.execute(counter.insert(), [{"name": name, "value": 0} for name in COUNTERS])
    conn.execute(version_table.insert().values(version_num=HEAD))
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")


def upgrade(conn: Connection, target: str = "head") -> None:
    """Take all steps up to `target` in the transaction of `conn`."""
    from alembic import command

    command.upgrade(_config(conn), target)


def downgrade(conn: Connection, target: str) -> None:
    """Take the steps down to `target` (`base` is an empty database)."""
    from alembic import command

    command.downgrade(_config(conn), target)


def _config(conn: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = conn
    return config
