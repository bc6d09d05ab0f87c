"""A reader's own account: who they are, how they come in, where they are signed in, and leaving for good."""

import io
from dataclasses import dataclass
from datetime import timedelta

from broadsheet.errors import UsageError
from broadsheet.library.access import oidc, own_address, passkeys, passwords, sessions, tokens
from broadsheet.library.export import write_reader
from broadsheet.library.handle import Library
from broadsheet.library.readers import (
    LONGEST_DISPLAY,
    Details,
    ReaderView,
    change_reader,
    check_details,
    preferences_of,
    remove_reader,
)
from broadsheet.types import ApiToken, Login, Passkey, Preferences, Reader, Session
from broadsheet.words.said import said

FRESH = timedelta(minutes=30)
"""Since a reader came in: so long the way that they came by counts as well as their password."""


@dataclass(frozen=True, slots=True)
class Account:
    """What a reader sees and changes of themselves. `asked`: the address that has yet to say that it is theirs."""

    reader: Reader
    preferences: Preferences
    has_password: bool
    sessions: tuple[Session, ...]
    tokens: tuple[ApiToken, ...]
    passkeys: tuple[Passkey, ...]
    logins: tuple[Login, ...]
    asked: str | None


def account(lib: Library, reader: Reader) -> Account:
    """A reader's account as it stands."""
    return Account(
        reader,
        preferences_of(lib, reader),
        passwords.has_password(lib, reader),
        tuple(sessions.sessions_of(lib, reader)),
        tuple(tokens.tokens_of(lib, reader)),
        tuple(passkeys.passkeys_of(lib, reader)),
        tuple(oidc.logins_of(lib, reader)),
        own_address.asked(lib, reader),
    )


def introduce(lib: Library, reader: Reader, *, display: str, email: str, zone: str) -> Reader:
    """Change the name that people see and the zone; another address is asked first. Raises UsageError."""
    check_details(Details(zone=zone))
    own_address.ask(lib, reader, email)
    return change_reader(lib, reader.name, Details(display=display[:LONGEST_DISPLAY], zone=zone))


def needs_old_password(lib: Library, reader: Reader, here: Session | None) -> bool:
    """Whether a password can be set only by who knows the one before.

    Not where there is none, nor by who came in otherwise just now: that is the way for who forgot it.
    """
    if here is not None and here.way not in ("password", "invite") and lib.now() - here.created < FRESH:
        return False
    return passwords.has_password(lib, reader)


def change_password(lib: Library, reader: Reader, here: Session | None, *, old: str, new: str, place: str) -> None:
    """Set a password. All sessions of the reader but this one end.

    Raises UsageError for a wrong or a weak one, TooManyTries as `passwords.check` does.
    """
    if needs_old_password(lib, reader, here) and passwords.check(lib, reader.name, old, place) is None:
        raise UsageError("password", "the one that you have now is another", "a mailed link signs in without it")
    passwords.set_password(lib, reader, new)
    sessions.sign_out_elsewhere(lib, reader.id, here.id if here else None)


def own_data(lib: Library, reader: Reader) -> bytes:
    """Everything that is a reader's as one file, which any Broadsheet takes in."""
    out = io.BytesIO()
    write_reader(lib, reader, out)
    return out.getvalue()


def leave(lib: Library, reader: Reader, typed: str) -> ReaderView:
    """Delete a reader with all that is theirs, once they have typed their name.

    Raises UsageError for another name, and for the only admin of those who stay.
    """
    if typed.strip().lower() != reader.name:
        raise UsageError(
            "deletion",
            said("%(typed)s is not your name here", typed=repr(typed.strip())),
            said("type %(name)s", name=reader.name),
        )
    return remove_reader(lib, reader.name)
