"""Signing in at an OpenID provider: the code flow with PKCE, state and nonce, each good once and at one browser.

An account there signs in the reader who connected it. By its mail address alone it is nobody's: an address is no proof.
"""

import base64
import hashlib
import hmac
import json
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode

from broadsheet.errors import BroadsheetError, NotFound, UsageError
from broadsheet.library.access import secret, tries
from broadsheet.library.access.provider import Claims, NotBelieved, Provider
from broadsheet.library.handle import Library
from broadsheet.library.readers import Details, add_reader
from broadsheet.types import Handshake, Login, Reader

ANSWERED_WITHIN: Final = timedelta(minutes=10)
SCOPE: Final = "openid email profile"

_NOT_IN_NAMES: Final = re.compile(r"[^a-z0-9._-]+")


class NotLetIn(BroadsheetError):
    """The provider knows them; this instance does not."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """Where the browser goes, and the secret of the cookie that it comes back with."""

    address: str
    cookie: str


@dataclass(frozen=True, slots=True)
class Back:
    """What a browser brings from the provider: a cookie of ours, and the provider's answer."""

    cookie: str
    state: str
    code: str
    issuer: str = ""
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Arrived:
    """Who came back, and whither. `connected`: they were signed in and connected the account."""

    reader: Reader
    onward: str
    connected: bool


def is_offered(lib: Library) -> bool:
    """Whether a provider is set up."""
    return bool(lib.settings.oidc.issuer and lib.settings.oidc.client_id)


def logins_of(lib: Library, reader: Reader) -> list[Login]:
    """The accounts that sign a reader in."""
    from broadsheet.store import logins

    with lib.store.reading() as conn:
        return logins.of_reader(conn, reader.id)


def leave(lib: Library, redirect: str, onward: str, *, connecting: Reader | None = None) -> Leaving:
    """Begin: the provider's page, asked to send the browser to `redirect`. `connecting`: whose account it shall be.

    Raises NotFound where no provider is set up, FetchError where it cannot be reached.
    """
    from broadsheet.store import handshakes

    if not is_offered(lib):
        raise NotFound("sign-in", "by a provider is not set up here", "sign in otherwise")
    endpoint = Provider(lib.settings).authorization_endpoint()
    state, nonce, verifier, cookie = (secret.make() for _ in range(4))
    data = json.dumps({"state": state, "nonce": nonce, "verifier": verifier, "onward": onward, "redirect": redirect})
    now, who = lib.now(), connecting.id if connecting else None
    with lib.store.writing() as conn:
        handshakes.add(conn, Handshake(secret.digest(cookie), "oidc", who, data, now + ANSWERED_WITHIN), now)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    asked = {
        "response_type": "code",
        "client_id": lib.settings.oidc.client_id,
        "redirect_uri": redirect,
        "scope": SCOPE,
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return Leaving(f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}", cookie)


def arrive(lib: Library, back: Back, place: str, *, now_signed_in: Reader | None = None) -> Arrived:
    """Who came back. `place` is the address that the request came from.

    Raises NotBelieved, NotLetIn, FetchError; TooManyTries for a place that failed too often.
    """
    places = [tries.from_place(place)]
    tries.refuse(lib, places)
    try:
        return _arrive(lib, back, now_signed_in)
    except (NotBelieved, NotLetIn):
        tries.count(lib, places)
        raise


def remove(lib: Library, reader: Reader, issuer: str, subject: str) -> None:
    """Forget that an account signs a reader in. Raises NotFound where it does not."""
    from broadsheet.store import logins

    with lib.store.writing() as conn:
        if not logins.remove(conn, reader.id, issuer, subject):
            raise NotFound("account", "is not connected any more", "the list shows those that are")


def _arrive(lib: Library, back: Back, now_signed_in: Reader | None) -> Arrived:
    from broadsheet.store import handshakes

    with lib.store.writing() as conn:
        asked = handshakes.take(conn, secret.digest(back.cookie), "oidc", lib.now())
    data = json.loads(asked.data) if asked else {"state": ""}
    if asked is None or not hmac.compare_digest(data["state"].encode(), back.state.encode()):
        raise NotBelieved("it was begun too long ago, or at another browser")
    if back.trouble or not back.code:
        raise NotBelieved(f"the provider refused ({back.trouble[:200] or 'it gave no code'})")
    if back.issuer and back.issuer != lib.settings.oidc.issuer:  # RFC 9207
        raise NotBelieved("the answer is of another provider")
    provider = Provider(lib.settings)
    token = provider.token_for(back.code, data["verifier"], data["redirect"])
    claims = provider.claims(token, data["nonce"], lib.now())
    _refuse_other_domains(lib, claims)
    if asked.reader_id is not None:
        if now_signed_in is None or now_signed_in.id != asked.reader_id:
            raise NotBelieved("somebody else is signed in at this browser now")
        _connect(lib, now_signed_in, claims)
        return Arrived(now_signed_in, data["onward"], connected=True)
    return Arrived(_known(lib, claims) or _welcome(lib, claims), data["onward"], connected=False)


def _refuse_other_domains(lib: Library, claims: Claims) -> None:
    domains = {domain.casefold().lstrip("@") for domain in lib.settings.oidc.domains}
    if domains and (claims.email or "").rpartition("@")[2].casefold() not in domains:
        listed = ", ".join(sorted(domains))
        raise NotLetIn("account", "has no confirmed address of a domain that is let in", f"those are {listed}")


def _connect(lib: Library, reader: Reader, claims: Claims) -> None:
    from broadsheet.store import logins

    with lib.store.writing() as conn:
        there = logins.get(conn, claims.issuer, claims.subject)
        if there is not None and there.reader_id != reader.id:
            raise UsageError("account", "signs in another reader", "disconnect it there first")
        if there is None:
            label = claims.email or claims.nickname or claims.name
            logins.add(conn, Login(claims.issuer, claims.subject, reader.id, label, lib.now()))


def _known(lib: Library, claims: Claims) -> Reader | None:
    from broadsheet.store import logins, readers

    with lib.store.writing() as conn:
        there = logins.get(conn, claims.issuer, claims.subject)
        found = readers.by_id(conn, there.reader_id) if there else None
        if there is None or found is None:
            return None
        if found.disabled:
            raise NotLetIn(f"reader {found.name}", "is disabled", "ask whoever runs this instance")
        logins.used(conn, there.issuer, there.subject, claims.email or there.label, lib.now())
    return found


def _welcome(lib: Library, claims: Claims) -> Reader:
    from broadsheet.store import readers

    if not lib.settings.oidc.creates:
        cause = f"of {claims.email or claims.name or 'yours'} is connected to no reader"
        raise NotLetIn("account", cause, "sign in otherwise and connect it in the settings, or ask for an invitation")
    wanted = claims.nickname or (claims.email or "").partition("@")[0] or claims.name
    with lib.store.reading() as conn:
        name = _NOT_IN_NAMES.sub("-", wanted.lower()).strip("-._")[:50] or "reader"
        taken = readers.named(conn, name) is not None
        email = claims.email if claims.email and readers.by_name_or_email(conn, claims.email) is None else None
    details = Details(display=claims.name[:100], email=email)
    made = add_reader(lib, f"{name}-{secrets.token_hex(2)}" if taken else name, details)
    _connect(lib, made, claims)
    return made
