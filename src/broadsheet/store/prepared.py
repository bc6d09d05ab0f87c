"""Queries that pages ask again and again, which SQLite's driver runs itself: SQLAlchemy takes several times as long.

What it does for such a query follows from the query and the kind of database alone: its text, the order of its values,
and how these and what is found are translated. That is worked out once.
"""

from collections import namedtuple
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CompoundSelect, Connection, Dialect, Select
from sqlalchemy.sql.compiler import SQLCompiler

_Query = Select[Any] | CompoundSelect[Any]
_Translate = Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True)
class _ForSQLite:
    """`sent`: each parameter's name and how its value is written. `own`: values that the query has itself."""

    text: str
    own: dict[str, Any]
    sent: Sequence[tuple[str, _Translate]]
    read: Sequence[_Translate] | None
    row: Callable[[Sequence[Any]], Any]


class Prepared:
    """A query that is built once; its values have the names of its parameters. Its rows are tuples with names."""

    def __init__(self, query: _Query) -> None:
        self._query = query
        self._made: _ForSQLite | None = None

    def all(self, conn: Connection, **values: object) -> list[Any]:
        """All rows."""
        if conn.dialect.name != "sqlite":
            return list(conn.execute(self._query, values))
        made = self._made = self._made or _for_sqlite(self._query, conn.dialect)
        given = made.own | values
        sent = [write(given[name]) if write else given[name] for name, write in made.sent]
        driver: Any = conn.connection.dbapi_connection
        rows = driver.execute(made.text, sent).fetchall()
        if made.read is None:
            return list(map(made.row, rows))
        return [made.row([read(v) if read else v for read, v in zip(made.read, row, strict=True)]) for row in rows]

    def first(self, conn: Connection, **values: object) -> Any | None:
        """The first row; None where there is none."""
        found = self.all(conn, **values)
        return found[0] if found else None

    def value(self, conn: Connection, **values: object) -> Any | None:
        """The first column of the first row; None where there is none."""
        found = self.all(conn, **values)
        return found[0][0] if found else None


def _for_sqlite(query: _Query, dialect: Dialect) -> _ForSQLite:
    compiled = query.compile(dialect=dialect)
    assert isinstance(compiled, SQLCompiler)
    assert not compiled.post_compile_params, "its text depends on how many values it is given"
    params = [compiled.binds[name] for name in compiled.positiontup or ()]
    columns = list(query.selected_columns)
    read = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
    named: Any = namedtuple("Row", [column.key or "" for column in columns], rename=True)  # type: ignore[misc]
    return _ForSQLite(
        str(compiled),
        {param.key: param.value for param in params if not param.required},
        [(param.key, param.type.dialect_impl(dialect).bind_processor(dialect)) for param in params],
        read if any(read) else None,
        named._make,
    )
