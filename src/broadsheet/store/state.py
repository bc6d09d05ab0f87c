"""How far the library has come, in counters: what says the same twice need not be looked at again.

Every change of papers, counts and runs moves them in its own transaction, so a reader who knows a state knows that
nothing it shows has changed since.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, String, cast, or_, select, text, union_all

from broadsheet.store.columns import from_micros, to_micros
from broadsheet.store.prepared import Prepared
from broadsheet.store.schema.papers import counter, meta

_REVISION, _CHANGED, _VOTES, _EPOCH = "revision", "changed", "votes", "epoch"

_MOVE = text("""
    INSERT INTO counter (name, value) VALUES ('revision', 1), ('changed', :at)
    ON CONFLICT (name) DO UPDATE SET value = CASE
        WHEN counter.name = 'revision' THEN counter.value + 1
        WHEN counter.value < excluded.value THEN excluded.value
        ELSE counter.value END
""")


_VOTE = text("""
    INSERT INTO counter (name, value) VALUES ('votes', 1)
    ON CONFLICT (name) DO UPDATE SET value = counter.value + 1
""")

_READ = Prepared(
    union_all(
        select(counter.c.name, cast(counter.c.value, String)).where(
            or_(*(counter.c.name == name for name in (_REVISION, _CHANGED, _VOTES)))
        ),
        select(meta.c.name, meta.c.value).where(meta.c.name == _EPOCH),
    )
)


@dataclass(frozen=True, slots=True)
class State:
    """`epoch` names the library's past, `revision` counts its changes, `changed` is the time of the last.

    `votes` counts those of the changes that were votes of its readers and nothing else.
    """

    epoch: str
    revision: int
    changed: datetime
    votes: int = 0

    @property
    def harvested(self) -> tuple[str, int]:
        """The same while nothing but readers' votes has changed."""
        return self.epoch, self.revision - self.votes


def move(conn: Connection, now: datetime) -> None:
    """Note a change at that time; the noted time never goes back."""
    conn.execute(_MOVE, {"at": to_micros(now)})


def vote(conn: Connection, now: datetime) -> None:
    """Note a change of readers' votes alone, as `move` does."""
    move(conn, now)
    conn.execute(_VOTE)


def read(conn: Connection) -> State:
    """The state now, in one statement."""
    found: dict[str, str] = dict(_READ.all(conn))
    revision, changed, votes = (int(found.get(name, 0)) for name in (_REVISION, _CHANGED, _VOTES))
    return State(found.get(_EPOCH, ""), revision, from_micros(changed), votes)
