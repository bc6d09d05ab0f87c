"""Signing in at an OpenID provider: the code flow with PKCE, state and nonce, each good once and at one browser.

An account there signs in the reader who connected it, or whose address both the provider and we have had confirmed. An
address that somebody wrote into their settings is no proof.
"""

import base64
import hashlib
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from broadsheet.errors import NotBelieved, NotFound, NotLetIn, UsageError
from broadsheet.library import names
from broadsheet.library.access import handshakes, secret, tries
from broadsheet.library.access.provider import Claims, Provider
from broadsheet.library.access.proxy_login import PROXY
from broadsheet.library.handle import Library
from broadsheet.library.readers import LONGEST_DISPLAY, Details, add_reader, free_name_near
from broadsheet.types import Login, Reader
from broadsheet.words.said import said

SCOPE: Final = "openid email profile"


@dataclass(frozen=True, slots=True)
class Trip:
    """A way to the provider: which browser goes (by the hash of what only it has), whither it comes back, and then."""

    bound: str
    redirect: str
    onward: str


@dataclass(frozen=True, slots=True)
class Back:
    """What a browser brings from the provider; `bound` is the hash of what only this browser has."""

    bound: str
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
    """The accounts at providers that sign a reader in."""
    from broadsheet.store import logins

    with lib.store.reading() as conn:
        return [login for login in logins.of_reader(conn, reader.id) if login.issuer != PROXY]


def leave(lib: Library, trip: Trip, place: str, *, connecting: Reader | None = None) -> str:
    """Begin: the address of the provider's page. `place` asks for it; `connecting`: whose account it shall be.

    Raises NotFound where no provider is set up, FetchError where it cannot be reached, TooManyTries for a place that
    asks too often.
    """
    if not is_offered(lib):
        raise NotFound("sign-in", "by a provider is not set up here", "sign in otherwise")
    endpoint = Provider(lib.settings).authorization_endpoint()
    tries.begin(lib, place)
    state, nonce, verifier = (secret.make() for _ in range(3))
    content = {"nonce": nonce, "verifier": verifier, "onward": trip.onward, "redirect": trip.redirect}
    handshakes.begin(lib, "oidc", state, trip.bound, content, connecting.id if connecting else None)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    asked = {
        "response_type": "code",
        "client_id": lib.settings.oidc.client_id,
        "redirect_uri": trip.redirect,
        "scope": SCOPE,
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"


def arrive(lib: Library, back: Back, place: str, *, now_signed_in: Reader | None = None) -> Arrived:
    """Who came back. `place` is the address that the request came from.

    Raises NotBelieved, NotLetIn, FetchError; TooManyTries for a place that failed too often.
    """
    with tries.counted(lib, tries.from_address(place), (NotBelieved, NotLetIn)):
        return _arrive(lib, back, now_signed_in)


def remove(lib: Library, reader: Reader, issuer: str, subject: str) -> None:
    """Forget that an account signs a reader in. Raises NotFound where it does not."""
    from broadsheet.store import logins

    with lib.store.writing() as conn:
        if not logins.remove(conn, reader.id, issuer, subject):
            raise NotFound("account", "is not connected any more", "the list shows those that are")


def _arrive(lib: Library, back: Back, now_signed_in: Reader | None) -> Arrived:
    try:
        asked = handshakes.answered(lib, "oidc", back.state, back.bound)
    except NotFound as e:
        raise NotBelieved(e.cause) from e
    data = asked.content
    if back.trouble or not back.code:
        raise NotBelieved(said("the provider refused (%(what)s)", what=back.trouble[:200] or "it gave no code"))
    if back.issuer and back.issuer != lib.settings.oidc.issuer:  # RFC 9207
        raise NotBelieved("the answer is of another provider")
    provider = Provider(lib.settings)
    tokens = provider.tokens_for(back.code, data["verifier"], data["redirect"])
    claims = provider.claims(tokens, data["nonce"], lib.now())
    _refuse_other_domains(lib, claims)
    if asked.reader_id is not None:
        if now_signed_in is None or now_signed_in.id != asked.reader_id:
            raise NotBelieved("somebody else is signed in at this browser now")
        _connect(lib, now_signed_in, claims)
        return Arrived(now_signed_in, data["onward"], connected=True)
    found = _known(lib, claims) or _of_address(lib, claims) or _welcome(lib, claims)
    return Arrived(found, data["onward"], connected=False)


def _refuse_other_domains(lib: Library, claims: Claims) -> None:
    domains = {domain.casefold().lstrip("@") for domain in lib.settings.oidc.domains}
    if domains and (claims.email or "").rpartition("@")[2].casefold() not in domains:
        listed = ", ".join(sorted(domains))
        raise NotLetIn(
            "account",
            "has no confirmed address of a domain that is let in",
            said("those are %(listed)s", listed=listed),
        )


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
            raise NotLetIn(said("reader %(name)s", name=found.name), "is disabled", "ask whoever runs this instance")
        logins.used(conn, there.issuer, there.subject, claims.email or there.label, lib.now())
    return found


def _of_address(lib: Library, claims: Claims) -> Reader | None:
    """The reader whose mail address it is, connected from now on: the provider and we have both had it confirmed.

    An address that a reader only wrote down is not enough: anybody may write a colleague's, and wait for them.
    """
    from broadsheet.store import deliveries, readers

    if not claims.email:
        return None
    with lib.store.reading() as conn:
        owner = deliveries.confirmed_by(conn, claims.email)
        found = readers.by_id(conn, owner) if owner is not None else None
    if found is None or found.disabled:
        return None
    _connect(lib, found, claims)
    return found


def _welcome(lib: Library, claims: Claims) -> Reader:
    from broadsheet.store import readers

    if not lib.settings.oidc.creates:
        cause = f"of {claims.email or claims.name or 'yours'} is connected to no reader"
        raise NotLetIn("account", cause, "sign in otherwise and connect it in the settings, or ask for an invitation")
    wanted = claims.nickname or (claims.email or "").partition("@")[0] or claims.name
    with lib.store.reading() as conn:
        email = claims.email if claims.email and readers.by_name_or_email(conn, claims.email) is None else None
    details = Details(display=names.fitted(claims.name, LONGEST_DISPLAY), email=email)
    made = add_reader(lib, free_name_near(lib, wanted), details)
    _connect(lib, made, claims)
    return made
