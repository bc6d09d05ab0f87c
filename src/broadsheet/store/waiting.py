"""Waiting for a server that is away for some seconds, as PostgreSQL is while it restarts.

Only who is `patient` waits: harvests and what else runs behind pages do, a visitor does not.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, TypeVar

from broadsheet.errors import StoreAway

LONGEST: Final = 30.0
"""Seconds: a restart takes 2 to 10 of them, and a server that is gone for good shall be told soon."""

_FIRST, _MOST = 0.25, 4.0  # seconds between two tries

_announce: ContextVar[Callable[[str], object] | None] = ContextVar("announce", default=None)

_T = TypeVar("_T")


@contextmanager
def patient(announce: Callable[[str], object]) -> Iterator[None]:
    """In this block, and in contexts that are copied from it, a server that is away is waited for.

    `announce` gets a sentence when that begins.
    """
    before = _announce.set(announce)
    try:
        yield
    finally:
        _announce.reset(before)


def until_there(attempt: Callable[[], _T]) -> _T:
    """What `attempt` gives; while the server is away it is made again. Raises StoreAway LONGEST seconds after that
    began, and at once for who is not patient.
    """
    announce, pause, since = _announce.get(), _FIRST, 0.0
    while True:
        try:
            return attempt()
        except StoreAway as e:
            if announce is None:
                raise
            now = time.monotonic()
            if not since:
                since = now
                announce(f"{e.subject}: {e.cause}; it is waited for, {LONGEST:.0f} seconds at most")
            if now - since >= LONGEST:
                raise
        time.sleep(pause)
        pause = min(2 * pause, _MOST)
