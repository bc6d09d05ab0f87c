"""Keeping the search indexes up with the store: the outbox in order, or all of it anew."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from broadsheet.errors import StoreBusy
from broadsheet.library.handle import Library, Progress, no_progress
from broadsheet.types import Change, Paper
from broadsheet.words.said import said

if TYPE_CHECKING:
    from broadsheet.library.background import Ended
    from broadsheet.store import Connection, Store


class StoreFeed:
    """What the search engine reads of the store; each call is a transaction of its own, so none lasts long."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    def head(self) -> int:
        """The last sequence number of the outbox."""
        from broadsheet.store import outbox

        return self._store.read(outbox.head)

    def floor(self) -> int:
        """The last sequence number that the outbox does not hold any more."""
        from broadsheet.store import outbox

        return self._store.read(outbox.floor)

    def epoch(self) -> str:
        """The name of the store's past."""
        from broadsheet.store import outbox

        return self._store.read(outbox.epoch)

    def count(self) -> int:
        """How many papers are stored."""
        from broadsheet.store import papers

        return self._store.read(papers.count)

    def changes(self, after: int, limit: int) -> list[tuple[Change, Paper | None]]:
        """The changes after a sequence number, in order, with the paper as it is now (None: it is gone)."""
        from broadsheet.store import outbox, papers

        def read(conn: "Connection") -> list[tuple[Change, Paper | None]]:
            found = outbox.since(conn, after, limit)
            now = dict(papers.by_ids(conn, list({change.paper_id for change in found})))
            return [(change, now.get(change.paper_id)) for change in found]

        return self._store.read(read)

    def papers(self, after: int, limit: int) -> Sequence[tuple[int, Paper]]:
        """The papers with an id above `after`, by id."""
        from broadsheet.store import papers

        return self._store.read(lambda conn: list(islice(papers.iterate(conn, after), limit)))


def catch_up(lib: Library, progress: Progress = no_progress, *, learn: bool = True) -> None:
    """Bring every index to the newest change. Work that was cut short goes on from its last commit.

    Without `learn` what takes half a minute, and what search can do without, is left to `learn`.
    """
    lib.store.rest()
    lib.engine.catch_up(StoreFeed(lib.store), progress, learn=learn)


def learn(lib: Library, progress: Progress = no_progress, *, announce: Callable[[str], None]) -> None:
    """Learn from the papers how to find them by meaning, and what interests stand out from, where that is due.

    `announce` gets a sentence before what takes long.

    Nothing is held meanwhile but the indexes: papers are stored and found as before.
    """
    feed = StoreFeed(lib.store)
    count = feed.count()
    if lib.engine.is_due_to_learn(count):
        announce(
            f"Learning from {count:,} papers to find by meaning (half a minute, now and then); search works meanwhile."
        )
        lib.engine.learn(feed, progress)
    from broadsheet.store import readers

    with lib.store.reading() as conn:
        wanted = readers.count(conn) > 0
    if wanted and lib.stream.is_due():
        lib.stream.space(progress)


LEARNING: Final = said("learning to find by meaning")
"""What `learn_behind` is called among the works behind the page."""


def _to_nobody(sentence: str) -> None:
    """Announce nothing: whoever looks at the page sees how far it is."""


def learn_behind(lib: Library, announce: Callable[[str], None] = _to_nobody) -> "Ended | None":
    """Begin to learn behind the page, once all that somebody waits for is done; None where that is to come already."""
    try:
        return lib.background.begin(LEARNING, partial(learn, lib, announce=announce))
    except StoreBusy:
        return None


def reindex(
    lib: Library, progress: Progress = no_progress, announce: Callable[[str], None] = _to_nobody
) -> dict[str, Any]:
    """Build all indexes anew beside the old ones and switch; returns how many papers and how long.

    `announce` gets a sentence where that includes learning from the papers.
    """
    from broadsheet.store import writer_lock

    started = time.monotonic()
    with writer_lock(lib.home, "broadsheet reindex"):
        feed = StoreFeed(lib.store)
        if lib.engine.learns_from(count := feed.count()):
            announce(
                f"Indexing {count:,} papers anew and learning from them to find by meaning (half a minute); "
                "search works meanwhile."
            )
        lib.engine.rebuild(feed, progress)
    return {"papers": feed.count(), "seconds": round(time.monotonic() - started, 3)}
