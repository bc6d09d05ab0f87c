"""Many rows in one statement, for both databases, without the cost of building an expression for each row."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final, Self

import orjson
from sqlalchemy import BigInteger, ColumnElement, Connection, Dialect, String, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Boolean, TypeDecorator, TypeEngine

from broadsheet.errors import StoreError
from broadsheet.store.schema import metadata

Row = tuple[object, ...]

_MARKS: Final = {"sqlite": "?", "postgresql": "%s"}
"""Names of tables and columns come from our own code, values always go as parameters."""


class _Values(TypeDecorator[Collection[Any]]):
    """Many values as one parameter: JSON for SQLite, an array for PostgreSQL."""

    impl = String
    cache_ok = True

    def __init__(self, kind: TypeEngine[Any]) -> None:
        super().__init__()
        self.kind = kind

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return String() if dialect.name == "sqlite" else ARRAY(self.kind)

    def process_bind_param(self, value: Collection[Any] | None, dialect: Dialect) -> object:
        listed = list(value or ())
        return orjson.dumps(listed).decode() if dialect.name == "sqlite" else listed


_TEXTS, _NUMBERS = _Values(String()), _Values(BigInteger())


class _Among(FunctionElement[bool]):
    inherit_cache = True
    type = Boolean()

    def self_group(self, against: object = None) -> Self:  # noqa: ARG002
        """As it is: `= 1`, which SQLite's booleans get, would keep it from using an index."""
        return self


def among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """`one_of` with the values under a name, for a statement that is built once, which takes longer than to run."""
    return _Among(column, bindparam(name, type_=_values_of(column)))


def one_of(column: ColumnElement[Any], values: Collection[str] | Collection[int]) -> ColumnElement[bool]:
    """`column IN values` with one bound parameter, so that no limit on their number and no new statement arises."""
    return _Among(column, bindparam(None, values, type_=_values_of(column)))


def _values_of(column: ColumnElement[Any]) -> _Values:
    return _TEXTS if isinstance(column.type, String) else _NUMBERS


@compiles(_Among)
def _any(element: _Among, compiler: SQLCompiler, **given: Any) -> str:
    column, values = element.clauses
    return f"{compiler.process(column, **given)} = ANY ({compiler.process(values, **given)})"


@compiles(_Among, "sqlite")
def _in_json(element: _Among, compiler: SQLCompiler, **given: Any) -> str:
    column, values = element.clauses
    listed = f"SELECT value FROM json_each({compiler.process(values, **given)})"  # noqa: S608 - a marker
    return f"{compiler.process(column, **given)} IN ({listed})"


def insert(conn: Connection, table: str, columns: str, rows: Iterable[Sequence[object]], conflict: str = "") -> None:
    """Insert rows; `columns` is a list such as "a, b", `conflict` an ON CONFLICT clause (both databases have it)."""
    if conn.dialect.name == "postgresql":
        _insert_json(conn, table, columns, rows, conflict)
        return
    marks = ", ".join("?" * (columns.count(",") + 1))
    _many(conn, f"INSERT INTO {table} ({columns}) VALUES ({marks}) {conflict}", rows)  # noqa: S608


def _insert_json(conn: Connection, table: str, columns: str, rows: Iterable[Sequence[object]], conflict: str) -> None:
    """All rows as one JSON text: PostgreSQL and its driver take them so several times as fast as one by one."""
    names = [name.strip() for name in columns.split(",")]
    values = [dict(zip(names, row, strict=True)) for row in rows]
    if values:
        kinds = [f"{name} {metadata.tables[table].c[name].type.compile(conn.dialect)}" for name in names]
        source = f"json_to_recordset(%s::json) AS given({', '.join(kinds)})"
        statement = f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {source} {conflict}"  # noqa: S608
        conn.exec_driver_sql(statement, (orjson.dumps(values, default=_as_bytea).decode(),))


def _as_bytea(value: object) -> str:
    assert isinstance(value, bytes), f"{type(value)} is no type of a column"
    return "\\x" + value.hex()


def update(conn: Connection, table: str, columns: str, where: str, rows: Iterable[Sequence[object]]) -> None:
    """Update rows; each row has the values of `columns`, then those of the columns in `where`."""
    mark = _MARKS[conn.dialect.name]
    _many(conn, f"UPDATE {table} SET {_pairs(columns, mark, ', ')} WHERE {_pairs(where, mark, ' AND ')}", rows)  # noqa: S608


def delete(conn: Connection, table: str, where: str, rows: Iterable[Sequence[object]]) -> None:
    """Delete rows; each row has the values of the columns in `where`."""
    _many(conn, f"DELETE FROM {table} WHERE {_pairs(where, _MARKS[conn.dialect.name], ' AND ')}", rows)  # noqa: S608


def take_numbers(conn: Connection, name: str, many: int) -> int:
    """Take `many` numbers of a counter; returns the one before the first. They are never given again."""
    mark = _MARKS[conn.dialect.name]
    query = f"UPDATE counter SET value = value + {mark} WHERE name = {mark} RETURNING value"  # noqa: S608 - a marker
    last = conn.exec_driver_sql(query, (many, name)).scalar()
    if last is None:
        raise StoreError(
            f"counter {name}", "is missing from the library", "bring back a backup with `broadsheet restore FILE`"
        )
    return int(last) - many


def run(conn: Connection, statement: str, rows: Iterable[Sequence[object]]) -> None:
    """Run a statement once for each row of parameters, each written `?` in it."""
    _many(conn, statement.replace("?", _MARKS[conn.dialect.name]), rows)


def _pairs(columns: str, mark: str, between: str) -> str:
    return between.join(f"{name.strip()} = {mark}" for name in columns.split(","))


def _many(conn: Connection, statement: str, rows: Iterable[Sequence[object]]) -> None:
    values = [tuple(row) for row in rows]
    if values:
        conn.exec_driver_sql(statement, values)
