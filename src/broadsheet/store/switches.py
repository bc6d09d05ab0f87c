"""Settings that were switched in the library itself, by path, as JSON; the rest is in files and the environment."""

from typing import Any, Final

import orjson
from sqlalchemy import Connection, delete, select

from broadsheet.store import bulk
from broadsheet.store.schema.papers import meta

_PREFIX: Final = "setting:"


def read(conn: Connection) -> dict[str, Any]:
    """All of them."""
    found = select(meta.c.name, meta.c.value).where(meta.c.name.startswith(_PREFIX, autoescape=True))
    return {name.removeprefix(_PREFIX): orjson.loads(value) for name, value in conn.execute(found)}


def put(conn: Connection, path: str, value: Any) -> None:
    """Keep the value of a setting; None forgets it."""
    conn.execute(delete(meta).where(meta.c.name == _PREFIX + path))
    if value is not None:
        bulk.insert(conn, "meta", "name, value", [(_PREFIX + path, orjson.dumps(value).decode())])
