"""The ceremonies of Web Authentication by py_webauthn: what is asked of a browser, and what its answer says.

Importing this module imports that library, which takes a second: only who asks for a passkey pays for it.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import webauthn
from cryptography.exceptions import UnsupportedAlgorithm
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json_dict
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from broadsheet.errors import UsageError
from broadsheet.library.access.handshakes import LIVES
from broadsheet.library.access.site import Site
from broadsheet.types import Passkey, Reader

LONGEST: Final = 20_000
"""Letters of a device's answer; real ones have below three thousand."""

TIMEOUT: Final = int(LIVES["passkey"].total_seconds() * 1000)

text = bytes_to_base64url
"""Bytes as these ceremonies write them: base64url without padding."""

_TRANSPORTS: Final = frozenset(t.value for t in AuthenticatorTransport)
# An answer comes from anybody. What the library raises for one that is malformed is mostly its own, but not always.
_BAD: Final = (WebAuthnException, UnsupportedAlgorithm, ValueError, TypeError, KeyError, IndexError, AttributeError)


@dataclass(frozen=True, slots=True)
class Registered:
    """A passkey that a device has made. `id` is in base64url; the key is in COSE form."""

    id: str
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]


@contextmanager
def told() -> Iterator[None]:
    """Whatever is wrong with an answer as one sentence: UsageError."""
    try:
        yield
    except _BAD as e:
        raise UsageError("passkey", "the device's answer does not hold here", "try again") from e


def creation(
    site: Site, name: str, reader: Reader, challenge: bytes, handle: str, there: Sequence[Passkey]
) -> dict[str, Any]:
    """`PublicKeyCredentialCreationOptions` as JSON. Of `there`, the reader's own, no device makes a second one."""
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=name,
        user_name=reader.name,
        user_id=base64url_to_bytes(handle),
        user_display_name=reader.display or reader.name,
        challenge=challenge,
        timeout=TIMEOUT,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[_descriptor(passkey) for passkey in there if passkey.host == site.host],
    )
    return options_to_json_dict(options)


def request(site: Site, challenge: bytes) -> dict[str, Any]:
    """`PublicKeyCredentialRequestOptions` as JSON, for any passkey that the device has for this site."""
    options = webauthn.generate_authentication_options(
        rp_id=site.host, challenge=challenge, timeout=TIMEOUT, user_verification=UserVerificationRequirement.REQUIRED
    )
    return options_to_json_dict(options)


def challenge_in(answer: str) -> str:
    """The challenge that an answer is to, as the browser says; nothing is verified yet."""
    client = json.loads(base64url_to_bytes(_read(answer)["response"]["clientDataJSON"]))
    challenge = client["challenge"]
    if not isinstance(challenge, str):
        raise TypeError(challenge)
    return challenge


def identity_in(answer: str) -> tuple[str, str]:
    """The id of the passkey that answers and the handle of its reader, both in base64url; nothing is verified yet."""
    read = webauthn.helpers.parse_authentication_credential_json(_read(answer))
    return text(read.raw_id), text(read.response.user_handle or b"")


def registered(answer: str, challenge: str, site: Site) -> Registered:
    """The passkey that a device made for this challenge and site, with its owner verified."""
    read = _read(answer)
    made = webauthn.verify_registration_response(
        credential=read,
        expected_challenge=base64url_to_bytes(challenge),
        expected_rp_id=site.host,
        expected_origin=site.origin,
        require_user_verification=True,
    )
    said = read["response"].get("transports")
    transports = tuple(t for t in said if t in _TRANSPORTS) if isinstance(said, list) else ()
    return Registered(text(made.credential_id), made.credential_public_key, made.sign_count, transports)


def verified(answer: str, challenge: str, site: Site, known: Passkey) -> int:
    """How often the device says that this passkey was used, once its signature over the challenge holds."""
    done = webauthn.verify_authentication_response(
        credential=_read(answer),
        expected_challenge=base64url_to_bytes(challenge),
        expected_rp_id=site.host,
        expected_origin=site.origin,
        credential_public_key=known.public_key,
        credential_current_sign_count=0,  # the caller tells a counter that went back from a signature that is wrong
        require_user_verification=True,
    )
    return done.new_sign_count


def _read(answer: str) -> dict[str, Any]:
    if len(answer) > LONGEST:
        raise ValueError(len(answer))
    read = json.loads(answer)
    if not isinstance(read, dict):
        raise TypeError(type(read))
    return read


def _descriptor(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    ways = [AuthenticatorTransport(t) for t in passkey.transports if t in _TRANSPORTS]
    return PublicKeyCredentialDescriptor(id=base64url_to_bytes(passkey.id), transports=ways or None)
