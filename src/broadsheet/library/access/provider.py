"""An OpenID provider (OpenID Connect Core 1.0): what it says of itself, and whether the token for a code holds."""

import base64
import contextlib
import importlib.util
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlsplit

import orjson
from msgspec.structs import replace

from broadsheet.config import OidcSettings, Settings
from broadsheet.errors import FetchError, MissingExtra, NotBelieved
from broadsheet.net import Client
from broadsheet.words.said import said

KEPT: Final = 3600.0
"""Seconds that what a provider says of itself is believed; a token with a key that is new asks at once."""

LEEWAY: Final = 60
"""Seconds that a provider's clock may differ from ours."""

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures by a key whose public half everybody may know; never `none`, never one that our own secret could make."""

_HOST: Final = "oidc"


@dataclass(frozen=True, slots=True)
class Claims:
    """Who signed in, by the provider's word. `email` only where the provider has confirmed it."""

    issuer: str
    subject: str
    email: str | None
    name: str
    nickname: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a code was good for: the word about who signed in, and what asks the provider for more (empty: nothing)."""

    identity: str
    access: str = ""


@dataclass(frozen=True, slots=True)
class _Known:
    about: Mapping[str, Any]
    keys: Mapping[str, Any]
    at: float


_known: dict[str, _Known] = {}
_lock = threading.Lock()


class Provider:
    """The provider of the settings. Raises FetchError where it cannot be reached, MissingExtra without its library."""

    def __init__(self, settings: Settings) -> None:
        if importlib.util.find_spec("joserfc") is None:
            raise MissingExtra("oidc", "joserfc is not installed", '`pip install "broadsheet[oidc]"`')
        quick = replace(settings.net, retries=min(settings.net.retries, 1), timeout=min(settings.net.timeout, 10.0))
        self._settings: OidcSettings = settings.oidc
        self._net = replace(settings, net=quick)

    def authorization_endpoint(self) -> str:
        """Where a browser is sent."""
        return self._address("authorization_endpoint")

    def tokens_for(self, code: str, verifier: str, redirect: str) -> Tokens:
        """The tokens that a code stands for (RFC 6749, 4.1.3, with RFC 7636). Raises NotBelieved where it is none."""
        s = self._settings
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect, "code_verifier": verifier}
        private = {}
        methods = self._about().about.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if s.client_secret and "client_secret_basic" in methods:
            pair = f"{quote(s.client_id, safe='')}:{quote(s.client_secret, safe='')}"
            private = {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
        else:
            form |= {"client_id": s.client_id} | ({"client_secret": s.client_secret} if s.client_secret else {})
        try:
            with Client(self._net) as client:
                answer = client.submit(self._address("token_endpoint"), host=_HOST, form=form, private=private)
        except FetchError as e:
            if "invalid_grant" in e.told:
                raise NotBelieved("the provider takes its code for too old or used") from e
            raise
        said = _object(answer.body)
        token, access = said.get("id_token"), said.get("access_token")
        if not isinstance(token, str):
            raise NotBelieved("the provider gave no ID token")
        return Tokens(token, _text(access))

    def claims(self, tokens: Tokens, nonce: str, now: datetime) -> Claims:
        """What a token says, if it is the provider's, for us, in time, and the answer to `nonce` (Core, 3.1.3.7).

        Of a mail address that is not in it the provider is asked (Core, 5.3). Raises NotBelieved.
        """
        said = self._decoded(tokens.identity, now)
        audience = said.get("aud")
        for_us = audience if isinstance(audience, list) else [audience]
        if said.get("iss") != self._about().about["issuer"] or self._settings.client_id not in for_us:
            raise NotBelieved("the token is of another provider, or for another instance")
        if (len(for_us) > 1 or "azp" in said) and said.get("azp") != self._settings.client_id:
            raise NotBelieved("the token was given to another instance")
        if said.get("nonce") != nonce:
            raise NotBelieved("the token answers another sign-in")
        if not isinstance(said["sub"], str) or not said["sub"]:
            raise NotBelieved("the token names nobody")
        if "email" not in said:
            said = self._more(said["sub"], tokens.access) | said
        confirmed = said.get("email_verified") is True and isinstance(said.get("email"), str)
        return Claims(
            issuer=said["iss"],
            subject=said["sub"],
            email=said["email"] if confirmed else None,
            name=_text(said.get("name")),
            nickname=_text(said.get("preferred_username")),
        )

    def _decoded(self, token: str, now: datetime) -> dict[str, Any]:
        """What a token says, signed by a key of the provider and not expired; keys are asked for again if need be."""
        jose = _jose()
        try:
            claims = self._signed(jose, token)
            needed: dict[str, Any] = {name: {"essential": True} for name in ("iss", "sub", "aud", "exp", "iat")}
            registry = jose.jwt.JWTClaimsRegistry(now=int(now.timestamp()), leeway=LEEWAY, **needed)
            registry.validate(claims)
        except (jose.errors.JoseError, ValueError, TypeError, KeyError) as e:
            raise NotBelieved(said("the provider's token does not hold (%(why)s)", why=str(e))) from e
        return claims

    def _signed(self, jose: Any, token: str) -> dict[str, Any]:
        """What a token says that a key of the provider's has signed: the one that it names, or any if it names none."""
        named = jose.jws.extract_compact(token.encode()).headers().get("kid")
        for fresh in (False, True):
            for key in _keys(jose, self._about(fresh=fresh).keys):
                if named in (None, key.kid):
                    with contextlib.suppress(jose.errors.BadSignatureError, jose.errors.InvalidKeyTypeError):
                        claims: dict[str, Any] = jose.jwt.decode(token, key, algorithms=list(ALGORITHMS)).claims
                        return claims
        raise NotBelieved("the token is signed by a key that the provider does not name")

    def _more(self, subject: str, access: str) -> dict[str, Any]:
        """What the provider says beside the token of who signed in; nothing where there is nothing to ask."""
        if not access or "userinfo_endpoint" not in self._about().about:
            return {}
        private = {"Authorization": f"Bearer {access}"}
        with Client(self._net) as client:
            said = _object(client.get(self._address("userinfo_endpoint"), host=_HOST, private=private).body)
        if said.get("sub") != subject:
            raise NotBelieved("the provider speaks of somebody else than its token")
        return said

    def _address(self, name: str) -> str:
        return self._encrypted(name, self._about().about.get(name))

    def _encrypted(self, name: str, address: object) -> str:
        """An address that the provider names, encrypted if that of the settings is. Raises NotBelieved."""
        if not isinstance(address, str) or urlsplit(address).scheme not in ("https", "http"):
            raise NotBelieved(said("the provider names no %(name)s", name=name))
        if urlsplit(self._settings.issuer).scheme == "https" and urlsplit(address).scheme != "https":
            raise NotBelieved(said("the provider's %(name)s is not encrypted", name=name))
        return address

    def _about(self, *, fresh: bool = False) -> _Known:
        """What the provider says of itself and its keys, as kept."""
        issuer = self._settings.issuer
        with _lock:
            kept = _known.get(issuer)
        if kept is not None and not fresh and time.monotonic() - kept.at < KEPT:
            return kept
        with Client(self._net) as client:
            place = issuer.rstrip("/") + "/.well-known/openid-configuration"
            about = _object(client.get(place, host=_HOST, accept="application/json").body)
            if about.get("issuer") != issuer:
                raise NotBelieved(
                    said(
                        "the provider calls itself %(name)s and not as oidc.issuer does", name=repr(about.get("issuer"))
                    )
                )
            keys = _object(
                client.get(
                    self._encrypted("jwks_uri", about.get("jwks_uri")), host=_HOST, accept="application/json"
                ).body
            )
        made = _Known(about, keys, time.monotonic())
        with _lock:
            _known[issuer] = made
        return made


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as e:
        raise FetchError(_HOST, "answered no JSON", "check oidc.issuer") from e
    if not isinstance(found, dict):
        raise FetchError(_HOST, "answered no JSON object", "check oidc.issuer")
    return found


def _keys(jose: Any, said: Mapping[str, Any]) -> list[Any]:
    """The keys that sign; a provider may name others, and kinds that are not known here."""
    found = []
    for raw in said.get("keys") or ():
        with contextlib.suppress(jose.errors.JoseError, ValueError, TypeError, KeyError, AttributeError):
            if raw.get("use", "sig") == "sig":
                found.append(jose.jwk.import_key(raw))
    return found


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _jose() -> Any:
    """The library, which is imported when a token is there to be read."""
    import joserfc
    import joserfc.errors
    import joserfc.jwk
    import joserfc.jws
    import joserfc.jwt

    return joserfc
