"""How often somebody may fail to come in, or have us begin something, before the door stays shut for a while."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from broadsheet.errors import BroadsheetError, TooManyTries, UsageError
from broadsheet.library.handle import Library
from broadsheet.words.said import said


@dataclass(frozen=True, slots=True)
class Limit:
    """So many within so long."""

    most: int
    within: timedelta


FAILURES = Limit(10, timedelta(minutes=15))
"""Failures to sign in, of one name or from one address."""

BEGINNINGS = Limit(300, timedelta(minutes=15))
"""Handshakes that are begun for one address, which may be that of a whole lab; each is a row for some minutes."""


def from_address(place: str) -> str:
    """What failures from a network address are counted against, whichever way they tried."""
    return f"from {place}"


def refuse(lib: Library, places: Collection[str]) -> None:
    """Raise TooManyTries where one of these places has failed too often."""
    from broadsheet.store import attempts

    with lib.store.reading() as conn:
        tries = attempts.most(conn, places, lib.now() - FAILURES.within)
    if tries >= FAILURES.most:
        raise TooManyTries(
            "sign-in", "failed too often", said("try again in %(many)s minutes", many=_minutes(FAILURES))
        )


def failed(lib: Library, places: Collection[str]) -> None:
    """Count a failure against these places."""
    from broadsheet.store import attempts

    with lib.store.writing() as conn:
        attempts.add(conn, places, lib.now())


def forget(lib: Library, places: Collection[str]) -> None:
    """Forget the failures of these places: they have come in."""
    from broadsheet.store import attempts

    with lib.store.writing() as conn:
        attempts.forget(conn, places, lib.now() - FAILURES.within)


@contextmanager
def counted(lib: Library, place: str, refusals: tuple[type[BroadsheetError], ...] = (UsageError,)) -> Iterator[None]:
    """Count each of `refusals` inside against a place. Raises TooManyTries first, where it has failed too often."""
    places = [place]
    refuse(lib, places)
    try:
        yield
    except refusals:
        failed(lib, places)
        raise


def begin(lib: Library, place: str) -> None:
    """Count something that we begin for an address. Raises TooManyTries for one that asks too often."""
    from broadsheet.store import attempts

    now, here = lib.now(), [f"begun for {place}"]
    with lib.store.writing() as conn:
        if attempts.most(conn, here, now - BEGINNINGS.within) >= BEGINNINGS.most:
            raise TooManyTries(
                "sign-in",
                "was begun too often from here",
                said("try again in %(many)s minutes", many=_minutes(BEGINNINGS)),
            )
        attempts.add(conn, here, now)


def _minutes(limit: Limit) -> int:
    return int(limit.within / timedelta(minutes=1))
