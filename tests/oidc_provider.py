"""A small OpenID provider on loopback, which lets everybody in at once and can be told to do wrong."""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwk, jwt

from tests.loopback import Server, Silent, running

CLIENT, SECRET = "broadsheet", "a secret: with signs"
ADA = {"sub": "u-1", "email": "ada@lab.org", "email_verified": True}


@cache
def _own_key() -> jwk.RSAKey:
    """The key of every provider that has not changed it; making one takes longer than a test."""
    return jwk.RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})


@dataclass
class Provider:
    """What it knows. `person`: the claims of whoever signs in; `wrong`: claims put over those of the token.

    `more`: what it says of them when it is asked by the access token; it is not to be asked where that is None.
    """

    port: int = 0
    person: dict[str, Any] = field(
        default_factory=lambda: {"sub": "u-1", "email": "ada@lab.org", "email_verified": True}
    )
    wrong: dict[str, Any] = field(default_factory=dict)
    key: jwk.RSAKey = field(default_factory=_own_key)
    signs_with: Any = None
    algorithm: str = "RS256"
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    names_key: bool = True
    more: dict[str, Any] | None = None
    other_keys: list[dict[str, Any]] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}/realm"

    def about(self) -> dict[str, Any]:
        """Its description of itself."""
        paths = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        if self.more is not None:
            paths["userinfo_endpoint"] = "me"
        return {"issuer": self.issuer, **{name: f"{self.issuer}/{path}" for name, path in paths.items()}}

    def authorize(self, query: str) -> str:
        """Where the browser is sent after it has signed in."""
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.issuer})}"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any]:
        """The token for a code, once, for who began with it and has our secret."""
        asked = self.codes.pop(form.get("code", ""), None)
        name, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode()
        wrong_secret = parse_qs(f"s={secret}")["s"] != [SECRET] or name != CLIENT
        if asked is None or wrong_secret or challenge.rstrip("=") != asked["code_challenge"]:
            return {"error": "invalid_grant"}
        if form["redirect_uri"] != asked["redirect_uri"]:
            return {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        said = {**claims, **self.person, **self.wrong}
        said = {name: value for name, value in said.items() if value is not None}
        return {"access_token": "x", "token_type": "Bearer", "id_token": self._signed(said)}

    def _signed(self, said: dict[str, Any]) -> str:
        key = self.signs_with or self.key
        if self.algorithm == "none":
            parts = (json.dumps(part).encode() for part in ({"alg": "none", "kid": key.kid}, said))
            return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), ""])
        names = {"kid": key.kid} if key.kid and self.names_key else {}
        return jwt.encode({"alg": self.algorithm, **names}, said, key)


class _Handler(Silent, BaseHTTPRequestHandler):
    server: "_Server"

    def do_GET(self) -> None:
        provider, path = self.server.provider, urlsplit(self.path)
        provider.asked.append(path.path)
        if path.path.endswith("/openid-configuration"):
            self._answer(provider.about())
        elif path.path.endswith("/keys"):
            self._answer({"keys": [*provider.other_keys, provider.key.as_dict(private=False)]})
        elif path.path.endswith("/me"):
            self._answer((provider.more or {}) if self.headers["Authorization"] == "Bearer x" else {"error": "no"})
        else:
            self.send_response(302)
            self.send_header("Location", provider.authorize(path.query))
            self.end_headers()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        self._answer(self.server.provider.token(form, self.headers.get("Authorization", "")))

    def _answer(self, doc: dict[str, Any]) -> None:
        content = json.dumps(doc).encode()
        self.send_response(400 if "error" in doc else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


class _Server(Server):
    provider: Provider


@contextmanager
def provider() -> Iterator[Provider]:
    """A running provider."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.provider = Provider(server.server_address[1])
    with running(server):
        yield server.provider
