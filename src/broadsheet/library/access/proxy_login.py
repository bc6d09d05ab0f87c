"""What a trusted proxy calls a reader: kept from their first visit on, whatever name and address they have later."""

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from broadsheet.errors import StoreError, UsageError
from broadsheet.library.handle import Library
from broadsheet.library.readers import find_reader
from broadsheet.types import Login, Reader
from broadsheet.words.said import said

if TYPE_CHECKING:
    from broadsheet.store import Connection

PROXY: Final = "proxy"
"""Stands where accounts of a provider have its address."""

LONGEST: Final = 320
"""Letters of a mail address, and more than any name has."""


@dataclass(frozen=True, slots=True)
class Given:
    """A word of the proxy that means a reader now. `before`: the name of the reader whom it meant until then."""

    word: str
    reader: Reader
    before: str | None


def named(conn: "Connection", word: str) -> Reader | None:
    """The reader whom the proxy has called so before."""
    from broadsheet.store import logins, readers

    there = logins.get(conn, PROXY, _subject(word))
    return readers.by_id(conn, there.reader_id) if there else None


def keep(lib: Library, word: str, reader: Reader) -> None:
    """Let a word mean a reader from now on, unless it means one already.

    Where nothing can be written they are known by name or address, and it is kept at another visit.
    """
    from broadsheet.store import logins

    with suppress(StoreError), lib.store.writing() as conn:
        if logins.get(conn, PROXY, _subject(word)) is None:
            logins.add(conn, Login(PROXY, _subject(word), reader.id, word, lib.now()))


def words_of(lib: Library, reader: Reader) -> tuple[str, ...]:
    """What the proxy calls a reader, the newest first."""
    from broadsheet.store import logins

    with lib.store.reading() as conn:
        return tuple(login.label for login in logins.of_reader(conn, reader.id) if login.issuer == PROXY)


def give(lib: Library, name: str, word: str) -> Given:
    """Let a word of the proxy mean the reader of that name, whomever it meant; nothing else of theirs moves.

    Raises NotFound, or UsageError for what can be no word.
    """
    from broadsheet.store import logins

    word = word.strip()
    if not word or not word.isprintable() or len(word) > LONGEST:
        raise UsageError("login", "is no name or address", "write what the proxy sends")
    reader = find_reader(lib, name, make=False)
    with lib.store.writing() as conn:
        before = named(conn, word)
        if before and before.id == reader.id:
            raise UsageError(
                said("login %(word)s", word=word),
                said("means %(name)s already", name=reader.name),
                "name another reader",
            )
        if before:
            logins.remove(conn, before.id, PROXY, _subject(word))
        logins.add(conn, Login(PROXY, _subject(word), reader.id, word, lib.now()))
    return Given(word, reader, before.name if before else None)


def _subject(word: str) -> str:
    """Proxies write one person's address in letters of either case."""
    return word.casefold()
