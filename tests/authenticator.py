"""A software authenticator for tests: makes passkeys and signs with them as a device does, or wrongly on demand."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, encode_cbor

PRESENT, VERIFIED, HAS_KEY = 0x01, 0x04, 0x40


@dataclass
class Credential:
    """One key on the device."""

    host: str
    handle: bytes
    id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    count: int = 0


@dataclass
class Authenticator:
    """A device at a browser that is at `origin`. `flags`: what it says of its owner."""

    origin: str
    flags: int = PRESENT | VERIFIED
    keys: list[Credential] = field(default_factory=list)

    def make(self, options: dict[str, Any]) -> str:
        """The answer to `PublicKeyCredentialCreationOptions`."""
        made = Credential(options["rp"]["id"], base64url_to_bytes(options["user"]["id"]))
        self.keys.append(made)
        numbers = made.key.public_key().public_numbers()
        x, y = (n.to_bytes(32, "big") for n in (numbers.x, numbers.y))
        cose = encode_cbor({1: 2, 3: -7, -1: 1, -2: x, -3: y})  # RFC 9053: an EC2 key on P-256, for ES256
        attested = bytes(16) + len(made.id).to_bytes(2, "big") + made.id + cose
        data = self._data(made.host, self.flags | HAS_KEY, 0) + attested
        attestation = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", options["challenge"])
        response = {"clientDataJSON": client, "attestationObject": attestation}
        return self._answer(made, response, transports=["internal", "smoke-signals"])

    def sign(self, options: dict[str, Any], *, key: Credential | None = None, host: str | None = None) -> str:
        """The answer to `PublicKeyCredentialRequestOptions`, by the newest key."""
        used = key or self.keys[-1]
        used.count += 1
        data = self._data(host or used.host, self.flags, used.count)
        client = self._client("webauthn.get", options["challenge"])
        signature = used.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {"clientDataJSON": client, "authenticatorData": data, "signature": signature}
        return self._answer(used, response | {"userHandle": used.handle})

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    @staticmethod
    def _data(host: str, flags: int, count: int) -> bytes:
        return hashlib.sha256(host.encode()).digest() + bytes([flags]) + count.to_bytes(4, "big")

    @staticmethod
    def _answer(key: Credential, response: dict[str, bytes], **more: object) -> str:
        shown = {name: bytes_to_base64url(value) for name, value in response.items()}
        name = bytes_to_base64url(key.id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": {**shown, **more}})
