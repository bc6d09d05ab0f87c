"""What was said of mails that came back, counted, so that it is seen whether anything reads them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, select, text

from broadsheet.store.columns import from_micros, to_micros
from broadsheet.store.schema.papers import counter

_PREFIX: Final = "returned:"
_LAST: Final = "last"

_ADD: Final = text("""
    INSERT INTO counter (name, value) VALUES (:name, :many)
    ON CONFLICT (name) DO UPDATE SET value = counter.value + excluded.value
""")
_AT: Final = text("""
    INSERT INTO counter (name, value) VALUES (:name, :at) ON CONFLICT (name) DO UPDATE SET value = excluded.value
""")


def add(conn: Connection, counted: Mapping[str, int], now: datetime) -> None:
    """Add to what was counted, by what became of mails or why a message was dropped."""
    for name, many in counted.items():
        conn.execute(_ADD, {"name": _PREFIX + name, "many": many})
    conn.execute(_AT, {"name": _PREFIX + _LAST, "at": to_micros(now)})


def counts(conn: Connection) -> tuple[dict[str, int], datetime | None]:
    """What was counted, and when the last was; None where nothing ever was read."""
    own = select(counter.c.name, counter.c.value).where(counter.c.name.startswith(_PREFIX, autoescape=True))
    found = {name.removeprefix(_PREFIX): value for name, value in conn.execute(own)}
    last = found.pop(_LAST, None)
    return found, None if last is None else from_micros(last)
