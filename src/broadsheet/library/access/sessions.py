"""Signing in and out, and who a browser's secret belongs to."""

from dataclasses import dataclass
from datetime import timedelta

from msgspec.structs import replace

from broadsheet.errors import NotFound
from broadsheet.library.access import secret
from broadsheet.library.handle import Library
from broadsheet.types import Preferences, Reader, Session, SignInWay

LONGEST_AGENT = 200
DEFAULTS = Preferences()
SEEN_EVERY = timedelta(minutes=5)
"""How often a session that is in use is written down; more often would write on each page."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks for a page. Without a reader it is somebody who has not signed in.

    `session` is None for programs with a token, and where a proxy signs people in. `may_write`: False for tokens that
    may only read.
    """

    reader: Reader | None = None
    session: Session | None = None
    may_write: bool = False
    preferences: Preferences = DEFAULTS

    @property
    def known(self) -> Reader:
        """The reader, where it is certain that there is one."""
        assert self.reader is not None
        return self.reader


NOBODY = Visitor()


def sign_in(lib: Library, reader_id: int, way: SignInWay, agent: str) -> tuple[str, Session]:
    """Begin a session; returns the secret for the browser's cookie. Always a new one, so that none can be planted."""
    from broadsheet.store import sessions

    now, shown = lib.now(), secret.make()
    made = Session(
        id=secret.digest(shown),
        reader_id=reader_id,
        csrf=secret.make(),
        way=way,
        agent=agent[:LONGEST_AGENT],
        created=now,
        seen=now,
        expires=now + _lifetime(lib),
    )
    with lib.store.writing() as conn:
        sessions.remove_expired(conn, now)
        sessions.add(conn, made)
    return shown, made


def visitor(lib: Library, shown: str) -> Visitor:
    """Who has this secret in a cookie; nobody where it is unknown, has expired or was revoked."""
    from broadsheet.store import sessions

    now = lib.now()
    with lib.store.reading() as conn:
        known = sessions.known(conn, secret.digest(shown), now)
    if known is None:
        return NOBODY
    found, reader, liked = known
    if reader.disabled:
        return NOBODY
    if now - found.seen >= SEEN_EVERY:
        found = replace(found, seen=now, expires=now + _lifetime(lib))
        with lib.store.writing() as conn:
            sessions.seen(conn, found.id, now, found.expires)
    return Visitor(reader, found, may_write=True, preferences=liked)


def sessions_of(lib: Library, reader: Reader) -> list[Session]:
    """Where a reader is signed in, last used first."""
    from broadsheet.store import sessions

    with lib.store.reading() as conn:
        return sessions.of_reader(conn, reader.id, lib.now())


def sign_out(lib: Library, reader_id: int, session_id: str) -> None:
    """End one session of a reader. Raises NotFound where it is not theirs or has ended already."""
    from broadsheet.store import sessions

    with lib.store.writing() as conn:
        if not sessions.remove(conn, reader_id, only=[session_id]):
            raise NotFound("session", "has ended already", "the list shows those that are open")


def sign_out_elsewhere(lib: Library, reader_id: int, keep: str | None = None) -> int:
    """End all sessions of a reader but the one to keep; returns how many there were."""
    from broadsheet.store import sessions

    with lib.store.writing() as conn:
        return sessions.remove(conn, reader_id, keep=keep)


def _lifetime(lib: Library) -> timedelta:
    return timedelta(days=lib.settings.access.session_days)
