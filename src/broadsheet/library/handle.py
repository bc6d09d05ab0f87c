"""The open library: settings, store, search engine and clock, each opened when it is first needed."""

import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar

from broadsheet import config
from broadsheet.config import Settings
from broadsheet.errors import StoreError
from broadsheet.types import Paper
from broadsheet.types import Progress as Progress

if TYPE_CHECKING:
    from broadsheet.library.background import Background
    from broadsheet.library.editions.rankings import Rankings
    from broadsheet.library.interest.stream import Stream
    from broadsheet.search.engine import Engine
    from broadsheet.store import Store
    from broadsheet.store.quick import Quick


def no_progress(stage: str, done: int, total: int | None) -> None:
    """Show nothing."""


_Part_co = TypeVar("_Part_co", covariant=True)


class _part(cached_property[_Part_co]):  # noqa: N801 - a decorator
    """What is made at its first use, once, whichever threads ask: `cached_property` has no lock since Python 3.12."""

    def __get__(self, lib: "Library", owner: type["Library"] | None = None) -> _Part_co:  # type: ignore[override]
        with lib.making:
            return super().__get__(lib, owner)


class Library:
    """One reader's or lab's library in its home folder. `now` is the clock of everything that is decided in it."""

    def __init__(self, settings: Settings, now: Callable[[], datetime] | None = None) -> None:
        self.settings = self._given = settings
        self.now = now or (lambda: datetime.now(UTC))
        self._refreshed = -math.inf
        self.making = threading.RLock()

    def refresh(self, after: float = 0.0) -> None:
        """Take up what was switched in the library itself, if that was looked up more than `after` seconds ago."""
        if time.monotonic() - self._refreshed <= after:
            return
        from broadsheet.store import switches

        with self.store.reading() as conn:
            found = switches.read(conn)
        self.settings, self._refreshed = config.switched(self._given, found), time.monotonic()

    @property
    def home(self) -> Path:
        """The folder that holds all state."""
        return self.settings.home

    @_part
    def store(self) -> "Store":
        """The store, migrated to this version's schema."""
        from broadsheet.store import Store

        self.make_home()
        return Store.open(self.settings.database_url)

    @_part
    def engine(self) -> "Engine":
        """The search engine over this library's indexes."""
        from broadsheet.search.engine import Engine

        return Engine(self.home, self.settings, self._fetch)

    @_part
    def rankings(self) -> "Rankings":
        """The rankings that were made last."""
        from broadsheet.library.editions.rankings import Rankings

        return Rankings()

    @_part
    def background(self) -> "Background":
        """What is done for somebody who asked for it on a page and does not wait."""
        from broadsheet.library.background import Background

        return Background(self.now)

    @_part
    def stream(self) -> "Stream":
        """This library's papers as interests see them."""
        from broadsheet.library.interest.stream import Stream

        return Stream(self.home, lambda: self.store, lambda: self.engine)

    def make_home(self) -> None:
        """Create the home folder, for its owner alone; one that is there stays as it is.

        Raises StoreError in one sentence where that cannot be.
        """
        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as e:
            reason = e.strerror or str(e)
            raise StoreError(f"home {self.home}", f"cannot be created ({reason})", "choose another with --home") from e

    def close(self) -> None:
        """Close what was opened."""
        self.__dict__.pop("stream", None)
        for name in ("engine", "_quick", "store"):
            part = self.__dict__.pop(name, None)
            if part is not None:
                part.close()

    @_part
    def _quick(self) -> "Quick | None":
        """A reader of the store that needs no SQLAlchemy, whose import takes longer than a search."""
        from broadsheet.store import quick

        return quick.open(self.settings.database_url)

    def _fetch(self, ids: Sequence[int]) -> Mapping[int, Paper]:
        if "store" not in self.__dict__ and self._quick is not None:
            return dict(self._quick.papers(ids))
        from broadsheet.store import papers

        with self.store.reading() as conn:
            return dict(papers.by_ids(conn, ids))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
