"""What was worked out for lists last, good while the library has not changed: to rank a month fits forecasts.

Scores fall with age, so that a ranking holds for an hour at the most.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence, Sized
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from broadsheet.rank.order import Place

if TYPE_CHECKING:
    from broadsheet.store.state import State

MOST: Final = 150_000
"""Papers of all that is kept, each list counted by its length: some 0.7 kB each, so 100 MB. What nobody asked for
longest goes first."""

SEEN: Final = 512
"""Editions of which the order that readers saw is remembered, and as many of those in one's own: some 12 kB each."""

_Made = TypeVar("_Made", bound=Sized)
_Name = TypeVar("_Name")
_Order = TypeVar("_Order")


@dataclass(frozen=True, slots=True)
class Moment:
    """What rankings hold for: `told` while nobody harvests or counts, `voted` while no reader votes either."""

    told: Hashable
    voted: Hashable

    @classmethod
    def of(cls, state: "State", now: datetime) -> Self:
        """The moment of this state of the library, in this hour."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        return cls((state.harvested, hour), (state.epoch, state.revision, hour))


class Rankings:
    """What was made of one open library, for all of its threads."""

    def __init__(self, most: int = MOST) -> None:
        self._most, self._papers = most, 0
        self._made: OrderedDict[Hashable, Any] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self._seen: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._own: OrderedDict[tuple[str, int], tuple[int, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], _Made]) -> _Made:
        """What is kept under a key, made if it must be; who asks for the same meanwhile waits for it."""
        with self._lock:
            found: _Made | None = self._look(key)
            if found is not None:
                return found
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                found = self._look(key)
            if found is not None:
                return found
            try:
                made = make()
                self._keep(key, made)
            finally:
                with self._lock:
                    self._making.pop(key, None)
        return made

    def saw(self, edition: str, places: Sequence[Place]) -> None:
        """Note in which order readers see the papers of an edition."""
        keys = tuple(place.key for place in places)
        with self._lock:
            _note(self._seen, edition, keys)

    def seen(self, edition: str) -> tuple[str, ...]:
        """The keys of an edition's papers as they were seen last; empty for one that was not looked at so."""
        return self._seen.get(edition, ())

    def saw_own(self, edition: str, reader_id: int, ids: tuple[int, ...]) -> None:
        """Note in which order a reader sees the papers of an edition in their own."""
        with self._lock:
            _note(self._own, (edition, reader_id), ids)

    def seen_own(self, edition: str, reader_id: int) -> tuple[int, ...]:
        """The ids of its papers as the reader saw them last."""
        return self._own.get((edition, reader_id), ())

    def _look(self, key: Hashable) -> Any:
        if key in self._made:
            self._made.move_to_end(key)
        return self._made.get(key)

    def _keep(self, key: Hashable, made: Sized) -> None:
        with self._lock:
            self._made[key] = made
            self._papers += len(made)
            while self._papers > self._most and len(self._made) > 1:
                self._papers -= len(self._made.popitem(last=False)[1])


def _note(seen: OrderedDict[_Name, _Order], name: _Name, order: _Order) -> None:
    seen[name] = order
    seen.move_to_end(name)
    if len(seen) > SEEN:
        seen.popitem(last=False)
