"""Since when things are new to a reader: the end of their visit before this one.

A visit ends where nothing was looked at for `GAP`, so that to load a page again, or to come back from lunch, does not
take away what is marked as new.
"""

from datetime import datetime, timedelta
from typing import Final

from broadsheet.errors import StoreError
from broadsheet.library.handle import Library
from broadsheet.types import Reader, Visit

GAP: Final = timedelta(hours=3)
NOTED_EVERY: Final = timedelta(minutes=1)
"""Looking at a page writes no more often than this."""


def visited(lib: Library, reader: Reader) -> datetime | None:
    """Note that a reader looks at a page, and return when their visit before this one ended; None in the first.

    Where nothing can be written it is not noted.
    """
    from broadsheet.store import visits

    now = lib.now()
    with lib.store.reading() as conn:
        known = visits.get(conn, reader.id)
    seen = continued(known, now)
    if known is None or now - known.latest >= NOTED_EVERY:
        try:
            with lib.store.writing() as conn:
                visits.put(conn, reader.id, seen)
        except StoreError:
            return seen.before
    return seen.before


def continued(known: Visit | None, now: datetime) -> Visit:
    """The visits with a look at a page now: a part of the visit that is under way, or a new one."""
    if known is None:
        return Visit(None, now)
    return Visit(known.latest if now - known.latest > GAP else known.before, max(now, known.latest))
