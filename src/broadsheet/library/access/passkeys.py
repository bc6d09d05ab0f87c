"""Passkeys: a device of the reader signs what we ask; of its key we have the public half only.

The device asks its owner (by a finger, a face or a PIN) and answers no site but ours, so a passkey alone signs in.
"""

import importlib.util
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from broadsheet.errors import MissingExtra, NotFound, UsageError
from broadsheet.library.access import secret, tries
from broadsheet.library.handle import Library
from broadsheet.types import Handshake, Passkey, Reader

ANSWERED_WITHIN: Final = timedelta(minutes=5)
MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Site:
    """What a device knows us by: `name` is the host without a port, `origin` what browsers call where our pages are."""

    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a browser is asked, as its interface wants it, and the secret of the cookie that its answer comes with."""

    options: dict[str, Any]
    cookie: str


def is_offered() -> bool:
    """Whether the extra for it is installed."""
    return importlib.util.find_spec("webauthn") is not None


def passkeys_of(lib: Library, reader: Reader) -> list[Passkey]:
    """A reader's passkeys, the newest first."""
    from broadsheet.store import passkeys

    with lib.store.reading() as conn:
        return passkeys.of_reader(conn, reader.id)


def ask_new(lib: Library, reader: Reader, site: Site) -> Asked:
    """What a browser is asked that shall make a passkey for a reader. Raises UsageError with too many of them."""
    webauthn = _webauthn()
    from webauthn.helpers import structs

    there = passkeys_of(lib, reader)
    if len(there) >= MOST:
        raise UsageError("passkey", f"would be the {MOST + 1}th", "remove one that is not used")
    options = webauthn.generate_registration_options(
        rp_id=site.name,
        rp_name=lib.settings.smtp.sender_name,
        user_id=str(reader.id).encode(),
        user_name=reader.name,
        user_display_name=reader.display or reader.name,
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[structs.PublicKeyCredentialDescriptor(_bytes(key.id)) for key in there],
    )
    return _asked(lib, reader.id, options)


def keep_new(lib: Library, reader: Reader, site: Site, *, cookie: str, answer: dict[str, Any], name: str) -> Passkey:
    """Keep the passkey that a browser has made. Raises UsageError for an answer that is not to what was asked."""
    from broadsheet.store import passkeys

    webauthn = _webauthn()
    challenge = _challenge(lib, cookie, reader.id)
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.name,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except _unbelievable() as e:
        raise UsageError("passkey", "the browser's answer cannot be believed", "try again") from e
    now = lib.now()
    label = name.strip()[:100] or "Passkey"
    key = Passkey(_text(made.credential_id), reader.id, label, made.credential_public_key, made.sign_count, now)
    with lib.store.writing() as conn:
        if not passkeys.add(conn, key):
            raise UsageError("passkey", "is known already", "this device has one")
    return key


def ask(lib: Library, site: Site) -> Asked:
    """What a browser is asked that shall sign somebody in; the device knows whom."""
    webauthn = _webauthn()
    from webauthn.helpers.structs import UserVerificationRequirement

    wanted = UserVerificationRequirement.REQUIRED
    return _asked(lib, None, webauthn.generate_authentication_options(rp_id=site.name, user_verification=wanted))


def check(lib: Library, site: Site, *, cookie: str, answer: dict[str, Any], place: str) -> Reader | None:
    """Who signed what was asked; None where nobody did whom we know. `place` is the address that it came from.

    Raises TooManyTries for a place that failed too often.
    """
    from broadsheet.store import passkeys, readers

    places = [tries.from_place(place)]
    tries.refuse(lib, places)
    with lib.store.reading() as conn:
        key = passkeys.get(conn, str(answer.get("id", "")))
        reader = readers.by_id(conn, key.reader_id) if key else None
    uses = None if key is None or reader is None or reader.disabled else _uses(lib, site, key, cookie, answer)
    if key is None or uses is None:
        tries.count(lib, places)
        return None
    with lib.store.writing() as conn:
        passkeys.used(conn, key.id, uses, lib.now())
    return reader


def _uses(lib: Library, site: Site, key: Passkey, cookie: str, answer: dict[str, Any]) -> int | None:
    """How often the device was used, by its own word; None where the answer is not the key's to what was asked."""
    webauthn = _webauthn()
    try:
        found = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=_challenge(lib, cookie, None),
            expected_rp_id=site.name,
            expected_origin=site.origin,
            credential_public_key=key.public_key,
            credential_current_sign_count=key.uses,
            require_user_verification=True,
        )
    except _unbelievable():
        return None
    uses: int = found.new_sign_count
    return uses


def remove(lib: Library, reader: Reader, passkey_id: str) -> None:
    """Forget a passkey of a reader. Raises NotFound where it is not theirs."""
    from broadsheet.store import passkeys

    with lib.store.writing() as conn:
        if not passkeys.remove(conn, reader.id, passkey_id):
            raise NotFound("passkey", "is removed already", "the list shows those that there are")


def _asked(lib: Library, reader_id: int | None, options: Any) -> Asked:
    from webauthn.helpers import options_to_json

    from broadsheet.store import handshakes

    cookie, now = secret.make(), lib.now()
    data = _text(options.challenge)
    with lib.store.writing() as conn:
        handshakes.add(conn, Handshake(secret.digest(cookie), "passkey", reader_id, data, now + ANSWERED_WITHIN), now)
    return Asked(json.loads(options_to_json(options)), cookie)


def _challenge(lib: Library, cookie: str, reader_id: int | None) -> bytes:
    """What this browser was asked, for the reader that it was asked for; once. Raises NotFound."""
    from broadsheet.store import handshakes

    with lib.store.writing() as conn:
        found = handshakes.take(conn, secret.digest(cookie), "passkey", lib.now())
    if found is None or found.reader_id != reader_id:
        raise NotFound("passkey", "was asked for too long ago, or at another browser", "try again")
    return _bytes(found.data)


def _unbelievable() -> tuple[type[Exception], ...]:
    """What is raised for an answer that is forged or garbled: also by what reads base64, CBOR and JSON below."""
    from webauthn.helpers.exceptions import WebAuthnException

    return WebAuthnException, NotFound, ValueError, KeyError, TypeError, AttributeError, IndexError


def _text(value: bytes) -> str:
    from webauthn.helpers import bytes_to_base64url

    return bytes_to_base64url(value)


def _bytes(value: str) -> bytes:
    from webauthn.helpers import base64url_to_bytes

    return base64url_to_bytes(value)


def _webauthn() -> Any:
    try:
        import webauthn
    except ImportError as e:
        raise MissingExtra("passkeys", "webauthn is not installed", '`pip install "broadsheet[passkeys]"`') from e
    return webauthn
