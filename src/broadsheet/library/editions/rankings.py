"""Rankings that were made last, good while the library has not changed: making one fits forecasts, for a second.

Scores fall with age, so that a ranking holds for an hour at the most.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from broadsheet.rank.order import Entry

if TYPE_CHECKING:
    from broadsheet.store.state import State

MOST: Final = 64
"""Rankings that are kept: the editions and windows that readers look at within an hour."""


class Rankings:
    """The rankings of one open library, for all of its threads."""

    def __init__(self) -> None:
        self._made: OrderedDict[Hashable, Sequence[Entry]] = OrderedDict()
        self._seen: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def get(
        self, state: "State", now: datetime, asked: Hashable, make: Callable[[], Sequence[Entry]]
    ) -> Sequence[Entry]:
        """The ranking that was `asked` for, made if it must be; who comes meanwhile waits for it."""
        key = (state.epoch, state.revision, now.replace(minute=0, second=0, microsecond=0), asked)
        with self._lock:
            if key not in self._made:
                self._made[key] = make()
                if len(self._made) > MOST:
                    self._made.popitem(last=False)
            self._made.move_to_end(key)
            return self._made[key]

    def saw(self, edition: str, entries: Sequence[Entry]) -> None:
        """Note in which order readers see the papers of an edition."""
        keys = tuple(entry.paper.key for entry in entries)
        with self._lock:
            self._seen[edition] = keys
            self._seen.move_to_end(edition)
            if len(self._seen) > MOST:
                self._seen.popitem(last=False)

    def seen(self, edition: str) -> tuple[str, ...]:
        """The keys of an edition's papers as readers saw them last; empty for one that nobody has looked at."""
        return self._seen.get(edition, ())
