"""How far the library has come, in two counters: what says the same twice need not be looked at again.

Every change of papers, counts and runs moves them in its own transaction, so a reader who knows a state knows that
nothing it shows has changed since.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, String, cast, select, text, union_all

from broadsheet.store.schema import counter, from_micros, meta, to_micros

_REVISION, _CHANGED, _EPOCH = "revision", "changed", "epoch"

_MOVE = text("""
    INSERT INTO counter (name, value) VALUES ('revision', 1), ('changed', :at)
    ON CONFLICT (name) DO UPDATE SET value = CASE
        WHEN counter.name = 'revision' THEN counter.value + 1
        WHEN counter.value < excluded.value THEN excluded.value
        ELSE counter.value END
""")


@dataclass(frozen=True, slots=True)
class State:
    """`epoch` names the library's past, `revision` counts its changes, `changed` is the time of the last."""

    epoch: str
    revision: int
    changed: datetime


def move(conn: Connection, now: datetime) -> None:
    """Note a change at that time; the noted time never goes back."""
    conn.execute(_MOVE, {"at": to_micros(now)})


def read(conn: Connection) -> State:
    """The state now, in one statement."""
    counted = select(counter.c.name, cast(counter.c.value, String)).where(counter.c.name.in_((_REVISION, _CHANGED)))
    named = select(meta.c.name, meta.c.value).where(meta.c.name == _EPOCH)
    found: dict[str, str] = dict(conn.execute(union_all(counted, named)).all())
    return State(found.get(_EPOCH, ""), int(found.get(_REVISION, 0)), from_micros(int(found.get(_CHANGED, 0))))
