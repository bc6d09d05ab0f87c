"""What goes out with a browser and comes back once: answered by the same browser, within minutes, and never again."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Literal

import orjson

from broadsheet.errors import NotFound
from broadsheet.library.access import secret
from broadsheet.library.handle import Library
from broadsheet.types import Handshake

Kind = Literal["passkey", "oidc"]

LIVES: Final[dict[Kind, timedelta]] = {"passkey": timedelta(minutes=5), "oidc": timedelta(minutes=10)}
"""Long enough to look for a key, or to type a password elsewhere; too short to be worth keeping."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A handshake that is over. `reader_id`: who adds a way to sign in; None where somebody signs in."""

    reader_id: int | None
    content: dict[str, Any]


def begin(
    lib: Library, kind: Kind, shown: str, bound: str, content: dict[str, Any], reader_id: int | None = None
) -> None:
    """Wait for the answer that brings `shown` back from the browser that has what `bound` is the hash of."""
    from broadsheet.store import handshakes

    now = lib.now()
    made = Handshake(
        secret.digest(shown), kind, bound, reader_id, orjson.dumps(content).decode(), now, now + LIVES[kind]
    )
    with lib.store.writing() as conn:
        handshakes.add(conn, made)


def answered(lib: Library, kind: Kind, shown: str, bound: str) -> Answered:
    """The handshake that this answer ends. Raises NotFound where it is not, or no more, waited for."""
    from broadsheet.store import handshakes

    with lib.store.writing() as conn:
        found = handshakes.take(conn, secret.digest(shown), kind, bound, lib.now())
    if found is None:
        raise NotFound("sign-in", "was begun in another browser, too long ago, or is over already", "begin it again")
    return Answered(found.reader_id, orjson.loads(found.content))
