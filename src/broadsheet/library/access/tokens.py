"""Tokens of programs: made by a reader, shown once, revoked at any time."""

from datetime import timedelta
from typing import Literal

from broadsheet.errors import NotFound, UsageError
from broadsheet.library import names
from broadsheet.library.access import secret
from broadsheet.library.access.sessions import NOBODY, Visitor
from broadsheet.library.handle import Library
from broadsheet.types import ApiToken, Reader
from broadsheet.words.said import said

PREFIX = "bs_"
"""So that a token that was published by mistake is known for one."""

MOST, LONGEST_NAME = 50, 100
USED_EVERY = timedelta(minutes=5)


def make_token(lib: Library, reader: Reader, name: str, scope: Literal["read", "write"], days: int | None) -> str:
    """A new token, which is shown only now. Raises UsageError for a name that cannot be, or with too many tokens."""
    from broadsheet.store import credentials

    wanted = names.checked(said("token"), name, LONGEST_NAME)
    now, shown = lib.now(), PREFIX + secret.make()
    expires = now + timedelta(days=days) if days else None
    with lib.store.writing() as conn:
        if len(credentials.tokens(conn, reader.id)) >= MOST:
            raise UsageError("token", said("would be more than %(most)s", most=MOST), "revoke one that is not used")
        credentials.add_token(conn, ApiToken(secret.digest(shown), reader.id, wanted, scope, now, expires=expires))
    return shown


def tokens_of(lib: Library, reader: Reader) -> list[ApiToken]:
    """A reader's tokens, newest first."""
    from broadsheet.store import credentials

    with lib.store.reading() as conn:
        return credentials.tokens(conn, reader.id)


def revoke(lib: Library, reader: Reader, token_id: str) -> None:
    """Revoke a token of a reader. Raises NotFound where it is not theirs."""
    from broadsheet.store import credentials

    with lib.store.writing() as conn:
        if not credentials.remove_tokens(conn, reader.id, [token_id]):
            raise NotFound("token", "is revoked already", "the list shows those that work")


def bearer(lib: Library, shown: str) -> Visitor:
    """Who has this token; nobody where it is unknown, revoked or too old."""
    from broadsheet.store import credentials, readers

    now, token_id = lib.now(), secret.digest(shown)
    with lib.store.reading() as conn:
        found = credentials.token(conn, token_id, now)
        reader = readers.by_id(conn, found.reader_id) if found else None
    if found is None or reader is None or reader.disabled:
        return NOBODY
    if found.used is None or now - found.used >= USED_EVERY:
        with lib.store.writing() as conn:
            credentials.token_used(conn, token_id, now)
    return Visitor(reader, None, may_write=found.scope == "write")
