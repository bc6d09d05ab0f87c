"""How often a sign-in may fail from one address, or under one name, before the door stays shut for a while."""

from collections.abc import Sequence
from datetime import timedelta

from broadsheet.errors import UsageError
from broadsheet.library.handle import Library

TRIES, TRIES_WITHIN = 10, timedelta(minutes=15)


class TooManyTries(UsageError):
    """The door is shut for a while for this name or this address."""


def refuse(lib: Library, places: Sequence[str]) -> None:
    """Raise TooManyTries once one of these places has failed too often."""
    from broadsheet.store import attempts

    with lib.store.reading() as conn:
        failed = attempts.most(conn, places, lib.now() - TRIES_WITHIN)
    if failed >= TRIES:
        minutes = int(TRIES_WITHIN / timedelta(minutes=1))
        raise TooManyTries("sign-in", "failed too often", f"try again in {minutes} minutes or use a link")


def count(lib: Library, places: Sequence[str]) -> None:
    """Count a failure against each of these places."""
    from broadsheet.store import attempts

    with lib.store.writing() as conn:
        attempts.add(conn, places, lib.now())


def forget(lib: Library, places: Sequence[str]) -> None:
    """Forget the failures of these places, as somebody came in there, and all that are too old to count."""
    from broadsheet.store import attempts

    with lib.store.writing() as conn:
        attempts.forget(conn, places, lib.now() - TRIES_WITHIN)


def from_place(place: str) -> str:
    """What failures from an address are counted against."""
    return f"from {place}"


def as_name(name: str) -> str:
    """What failures under a name are counted against."""
    return f"as {name.casefold()[:200]}"
