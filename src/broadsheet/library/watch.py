"""Whether anything that the library shows may have changed, found out without asking the database where that can be."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from broadsheet.library.handle import Library

if TYPE_CHECKING:
    from broadsheet.store.state import State

TICK_NS = 100_000_000
"""Ten times the coarsest clock of a local file system: a file that was written before that has its last stamp."""


@dataclass(frozen=True, slots=True)
class Sight:
    """While `mark` is the same every list is the same. `changed` is the time of the last change, or the full hour.

    Orders that count votes by age move by the hour, without any change of the library.
    """

    mark: tuple[object, ...]
    changed: datetime


class Watch:
    """Looks at one library, again and again."""

    def __init__(self, lib: Library) -> None:
        self._lib = lib
        self._known: tuple[object, State] | None = None

    def look(self) -> Sight:
        """What is to be seen now: a handful of `stat` calls while nothing is written, else one statement of SQL."""
        return self._sight(self._unchanged() or self._read())

    def glance(self) -> Sight | None:
        """What `look` sees, where no database needs to be asked for it."""
        state = self._unchanged()
        return self._sight(state) if state else None

    def _sight(self, state: "State") -> Sight:
        indexes = self._lib.engine.stamps()
        hour = self._lib.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        indexed = datetime.fromtimestamp(max(at for _, at in indexes) / 1e9, UTC)
        return Sight((state, indexes, hour), max(state.changed, indexed, hour))

    def _unchanged(self) -> "State | None":
        """The state that was read last, if the database's files tell that it still is."""
        known = self._known
        return known[1] if known and known[0] == self._lib.store.stamp() else None

    def _read(self) -> "State":
        from broadsheet.store import state

        stamp = self._lib.store.stamp()
        with self._lib.store.reading() as conn:
            found = state.read(conn)
        settled = stamp is not None and time.time_ns() - max(at for _, at, _ in stamp) > TICK_NS
        self._known = (stamp, found) if settled else None
        return found
