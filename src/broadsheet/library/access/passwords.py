"""Passwords: set, checked at a bounded rate, and never kept but as an argon2 hash."""

import threading
from functools import cache
from typing import TYPE_CHECKING

from broadsheet.errors import UsageError
from broadsheet.library.access import tries
from broadsheet.library.handle import Library
from broadsheet.types import Reader
from broadsheet.words.said import said

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LEAST, MOST = 10, 1_000
"""Characters of a password: long enough that guessing online is hopeless, short enough that hashing is quick."""

_AT_ONCE = threading.Semaphore(2)
"""argon2 takes 64 MB and a seventh of a second each time: more at once would only wait for memory."""


def set_password(lib: Library, reader: Reader, text: str) -> None:
    """Set a reader's password. Raises UsageError for one that is too easy to guess."""
    from broadsheet.store import credentials

    refuse_weak(text, reader.name, reader.display, reader.email or "")
    with _AT_ONCE:
        hashed = _hasher().hash(text)
    with lib.store.writing() as conn:
        credentials.set_password(conn, reader.id, hashed, lib.now())


def refuse_weak(text: str, *own: str) -> None:
    """Raise UsageError for a password that is too short, too long or one of the reader's own names."""
    if not LEAST <= len(text) <= MOST:
        raise UsageError(
            "password",
            said("has %(many)s characters", many=len(text)),
            said("choose one of %(least)s to %(most)s", least=LEAST, most=MOST),
        )
    if text.strip().casefold() in {name.strip().casefold() for name in own}:
        raise UsageError("password", "is your own name or address", "choose another")


def has_password(lib: Library, reader: Reader) -> bool:
    """Whether a reader can sign in by password."""
    from broadsheet.store import credentials

    with lib.store.reading() as conn:
        return credentials.password_hash(conn, reader.id) is not None


def is_in_use(lib: Library) -> bool:
    """Whether anybody has a password."""
    from broadsheet.store import credentials

    with lib.store.reading() as conn:
        return credentials.has_passwords(conn)


def check(lib: Library, name: str, text: str, place: str) -> Reader | None:
    """The reader whose name or address and password these are, None where they are nobody's.

    `place` is the address that the request came from. It takes as long for a name that nobody has. Raises
    TooManyTries once a name or a place has failed too often.
    """
    from broadsheet.store import credentials, readers

    places = [tries.from_address(place), f"as {name.casefold()[:200]}"]
    tries.refuse(lib, places)
    with lib.store.reading() as conn:
        found = readers.by_name_or_email(conn, name)
        reader = found if found and not found.disabled else None
        hashed = credentials.password_hash(conn, reader.id) if reader else None
    if not _matches(hashed, text[: MOST + 1]):
        tries.failed(lib, places)
        return None
    tries.forget(lib, places[1:])
    return reader


def _matches(hashed: str | None, text: str) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    with _AT_ONCE:
        try:
            return _hasher().verify(hashed or _nobodys_hash(), text) and hashed is not None
        except (VerificationError, InvalidHashError):
            return False


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobodys_hash() -> str:
    """What the password of an unknown name is compared with, so that the answer's time does not tell who exists."""
    return _hasher().hash("")
