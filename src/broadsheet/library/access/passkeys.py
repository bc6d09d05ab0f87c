"""Passkeys: made in the settings, and signing in without a name (Web Authentication; py_webauthn checks the answers).

The device verifies its owner, so that a passkey stands for name and password. Which maker's device it is nobody asks.
"""

import importlib.util
import secrets
from typing import Any, Final

from broadsheet.errors import MissingExtra, NotFound, UsageError
from broadsheet.library import names
from broadsheet.library.access import handshakes, tries
from broadsheet.library.access.site import Site
from broadsheet.library.handle import Library
from broadsheet.library.readers import let_in
from broadsheet.types import Passkey, Reader
from broadsheet.words.said import said

MOST: Final = 20
LONGEST_NAME: Final = 100
BYTES: Final = 32
"""Of a challenge, and of the handle that a reader has at their devices, which says nothing of who they are."""


def are_installed() -> bool:
    """Whether the extra that passkeys need is there; it is not imported for this."""
    return importlib.util.find_spec("webauthn") is not None


def ask_to_add(lib: Library, reader: Reader, site: Site, bound: str, place: str) -> dict[str, Any]:
    """What a browser needs to make a passkey for a reader, as JSON of `PublicKeyCredentialCreationOptions`.

    Raises UsageError for a reader with many, TooManyTries for an address that asks too often, MissingExtra.
    """
    _refuse_without_extra()
    from broadsheet.library.access import ceremonies

    there = passkeys_of(lib, reader)
    if len(there) >= MOST:
        raise UsageError("passkey", said("would be more than %(most)s", most=MOST), "remove one that is not used")
    tries.begin(lib, place)
    challenge = secrets.token_bytes(BYTES)
    handle = there[0].handle if there else ceremonies.text(secrets.token_bytes(BYTES))
    handshakes.begin(lib, "passkey", ceremonies.text(challenge), bound, {"handle": handle}, reader.id)
    return ceremonies.creation(site, lib.settings.smtp.sender_name, reader, challenge, handle, there)


def add(lib: Library, reader: Reader, site: Site, bound: str, name: str, answer: str) -> Passkey:
    """Keep the passkey that a browser made. Raises UsageError where its answer is none to what it was asked."""
    _refuse_without_extra()
    from broadsheet.library.access import ceremonies
    from broadsheet.store import passkeys

    with ceremonies.told():
        challenge = ceremonies.challenge_in(answer)
    asked = handshakes.answered(lib, "passkey", challenge, bound)
    if asked.reader_id != reader.id:
        raise UsageError("passkey", "was begun by somebody else, or to sign in", "begin again")
    with ceremonies.told():
        made = ceremonies.registered(answer, challenge, site)
    now = lib.now()
    new = Passkey(
        id=made.id,
        reader_id=reader.id,
        handle=asked.content["handle"],
        host=site.host,
        name=names.checked(said("passkey"), name, LONGEST_NAME),
        public_key=made.public_key,
        sign_count=made.sign_count,
        transports=made.transports,
        created=now,
    )
    with lib.store.writing() as conn:
        if passkeys.get(conn, new.id):
            raise UsageError("passkey", "is known here already", "use another device or password manager")
        passkeys.add(conn, new)
    return new


def ask_to_sign_in(lib: Library, site: Site, bound: str, place: str) -> dict[str, Any]:
    """What a browser needs to sign somebody in by whichever passkey they choose (`PublicKeyCredentialRequestOptions`).

    Raises TooManyTries for an address that asks too often, MissingExtra.
    """
    _refuse_without_extra()
    from broadsheet.library.access import ceremonies

    tries.begin(lib, place)
    challenge = secrets.token_bytes(BYTES)
    handshakes.begin(lib, "passkey", ceremonies.text(challenge), bound, {})
    return ceremonies.request(site, challenge)


def sign_in(lib: Library, site: Site, bound: str, answer: str, place: str) -> Reader:
    """The reader whose passkey answered. What is refused counts as a failure to sign in.

    Raises UsageError in one sentence, TooManyTries for an address that has failed too often, MissingExtra.
    """
    _refuse_without_extra()
    from broadsheet.library.access import ceremonies
    from broadsheet.store import passkeys

    with tries.counted(lib, tries.from_address(place)):
        with ceremonies.told():
            challenge, (key_id, handle) = ceremonies.challenge_in(answer), ceremonies.identity_in(answer)
        if handshakes.answered(lib, "passkey", challenge, bound).reader_id is not None:
            raise UsageError("passkey", "was begun to make one", "begin again")
        with lib.store.reading() as conn:
            known = passkeys.get(conn, key_id)
        if known is None or known.host != site.host or known.handle != handle:
            raise NotFound("passkey", "is not known here, or was removed", "sign in another way")
        with ceremonies.told():
            count = ceremonies.verified(answer, challenge, site, known)
        _refuse_copies(known, count)
        reader = let_in(lib, known.reader_id)
        with lib.store.writing() as conn:
            if not passkeys.used(conn, known, count, lib.now()):
                raise UsageError("passkey", "was used twice at once, or removed just now", "try again")
    return reader


def passkeys_of(lib: Library, reader: Reader) -> list[Passkey]:
    """A reader's passkeys, the oldest first."""
    from broadsheet.store import passkeys

    with lib.store.reading() as conn:
        return passkeys.of_reader(conn, reader.id)


def rename(lib: Library, reader: Reader, passkey_id: str, name: str) -> None:
    """Give a passkey of a reader another name. Raises UsageError without one, NotFound where it is not theirs."""
    from broadsheet.store import passkeys

    wanted = names.checked(said("passkey"), name, LONGEST_NAME)
    with lib.store.writing() as conn:
        if not passkeys.rename(conn, reader.id, passkey_id, wanted):
            raise _gone()


def remove(lib: Library, reader: Reader, passkey_id: str) -> None:
    """Let a passkey of a reader sign in no more. Raises NotFound where it is not theirs."""
    from broadsheet.store import passkeys

    with lib.store.writing() as conn:
        if not passkeys.remove(conn, reader.id, passkey_id):
            raise _gone()


def _refuse_without_extra() -> None:
    if not are_installed():
        raise MissingExtra("passkeys", "webauthn is not installed", '`pip install "broadsheet[passkeys]"`')


def _refuse_copies(known: Passkey, count: int) -> None:
    """A counter that does not go up tells of a copied key (Web Authentication, 6.1.1); 0 is a device without one."""
    if (count or known.sign_count) and count <= known.sign_count:
        raise UsageError(
            said("passkey %(name)s", name=repr(known.name)),
            "its counter went back, so that somebody may have copied it",
            "sign in another way, remove it in your settings and make another",
        )


def _gone() -> NotFound:
    return NotFound("passkey", "is removed already", "the list shows those that sign in")
