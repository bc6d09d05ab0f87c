"""Runs: what each harvest asked, got, dropped and ended in, for `status` and for the next harvest."""

import os
import socket
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal

import orjson
from sqlalchemy import Connection, Row, Select, func, insert, select, update

from broadsheet.store import state
from broadsheet.store.schema.papers import run
from broadsheet.types import Drop
from broadsheet.words.kept import from_column, to_column
from broadsheet.words.said import said

State = Literal["running", "ok", "empty", "holiday", "unchanged", "partial", "failed", "interrupted"]
Good: Final[tuple[State, ...]] = ("ok", "empty", "holiday", "unchanged")

MOST_DROPS: Final = 100
"""Drops of a run that are kept word by word; all are counted by reason."""

MOST_REASONS: Final = 50

_NEWEST: Final = select(func.max(run.c.id)).group_by(run.c.source)
_LATEST: Final = select(run).where(run.c.id.in_(_NEWEST)).order_by(run.c.source)

DIED: Final = said("it was cut off before its end was on record; what it stored is whole")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a run ended. `counts` are new, changed, same, merged, requests, announced …; `asked` what the source got."""

    state: State
    counts: Mapping[str, int] = field(default_factory=dict)
    drops: Sequence[Drop] = ()
    asked: Mapping[str, object] = field(default_factory=dict)
    note: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A stored run. `dropped` counts all drops by reason; `drops` are the first of them."""

    id: int
    source: str
    started: datetime
    ended: datetime | None
    state: State
    counts: Mapping[str, int]
    dropped: Mapping[str, int]
    drops: tuple[Drop, ...]
    asked: Mapping[str, object]
    note: str | None
    error: str | None
    pid: int
    host: str

    @property
    def dropped_total(self) -> int:
        """How many things were dropped."""
        return sum(self.dropped.values())


def start(conn: Connection, source: str, now: datetime, asked: Mapping[str, object] | None = None) -> int:
    """Record that a run of this process begins; returns its id."""
    values = {
        "source": source,
        "started": now,
        "state": "running",
        "counts": "{}",
        "drops": _drops_out(()),
        "asked": _json(asked or {}),
        "pid": os.getpid(),
        "host": socket.gethostname(),
    }
    made = conn.execute(insert(run).values(values)).inserted_primary_key
    assert made is not None
    return int(made[0])


def finish(conn: Connection, run_id: int, outcome: Outcome, now: datetime) -> None:
    """Record how a run ended."""
    values: dict[str, object] = {
        "ended": now,
        "state": outcome.state,
        "counts": _json(outcome.counts),
        "drops": _drops_out(outcome.drops),
        "note": to_column(outcome.note),
        "error": to_column(outcome.error),
    }
    if outcome.asked:
        values["asked"] = _json(outcome.asked)
    conn.execute(update(run).where(run.c.id == run_id).values(values))
    state.move(conn, now)


def latest(conn: Connection, source: str | None = None) -> dict[str, Run]:
    """The last run of each source, or of one."""
    query = _LATEST if source is None else _LATEST.where(run.c.source == source)
    return {found.source: found for found in _read(conn, query)}


def last_good(conn: Connection, source: str) -> datetime | None:
    """When the last run that ended well was started; None where there is none."""
    good = (run.c.source == source) & run.c.state.in_(Good)
    started: datetime | None = conn.scalar(select(func.max(run.c.started)).where(good))
    return started


def recent(conn: Connection, limit: int = 20, source: str | None = None) -> list[Run]:
    """The last runs, newest first."""
    query = select(run).order_by(run.c.id.desc()).limit(limit)
    return _read(conn, query if source is None else query.where(run.c.source == source))


def mark_interrupted(conn: Connection, now: datetime) -> int:
    """Close the runs whose process died; returns how many. Call it with the writer lock of the home held.

    In SQLite whoever holds that lock is the only one that runs, so every open run is dead. A server has several
    homes: there a run is dead when its process on this machine is gone.
    """
    open_runs = _read(conn, select(run).where(run.c.state == "running"))
    dead = [r.id for r in open_runs if conn.dialect.name == "sqlite" or not is_alive(r)]
    conn.execute(update(run).where(run.c.id.in_(dead)).values(state="interrupted", ended=now, note=to_column(DIED)))
    return len(dead)


def as_it_stands(found: Run, writing: bool | None) -> Run:
    """The run, `interrupted` where it is open and nobody works on it: the next writer will close it.

    `writing` says if any process holds the home for writing; None asks for the run's own process.
    """
    if found.state != "running" or (is_alive(found) if writing is None else writing):
        return found
    return replace(found, state="interrupted", note=DIED)


def is_alive(found: Run) -> bool:
    """Whether the process of an open run still exists, as far as this machine can tell."""
    if found.state != "running" or found.host != socket.gethostname():
        return found.state == "running"
    try:
        os.kill(found.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _read(conn: Connection, query: Select[tuple[object, ...]]) -> list[Run]:
    return [_from_row(row) for row in conn.execute(query)]


def _from_row(row: Row[tuple[object, ...]]) -> Run:
    values = dict(row._mapping)
    drops = orjson.loads(values.pop("drops"))
    return Run(
        **{name: values[name] for name in ("id", "source", "started", "ended", "state", "pid", "host")},
        counts=orjson.loads(values["counts"]),
        asked=orjson.loads(values["asked"]),
        note=from_column(values["note"]),
        error=from_column(values["error"]),
        dropped=drops["reasons"],
        drops=tuple(Drop(*drop) for drop in drops["first"]),
    )


def _json(value: object) -> str:
    return orjson.dumps(value, default=str).decode()


def _drops_out(drops: Sequence[Drop]) -> str:
    reasons = Counter(str(drop.reason) for drop in drops)
    kept = dict(reasons.most_common(MOST_REASONS))
    if other := reasons.total() - sum(kept.values()):
        kept["other reasons"] = kept.get("other reasons", 0) + other
    return _json({"reasons": kept, "first": [[d.source, d.at, d.reason] for d in drops[:MOST_DROPS]]})
