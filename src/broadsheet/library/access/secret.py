"""Secrets that are handed out once: long random texts, of which only a hash is kept."""

import hashlib
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

BYTES = 32
"""256 bits: nobody guesses one, so a plain hash is enough to keep it by."""


def make() -> str:
    """A new secret that can stand in an address or a cookie."""
    return secrets.token_urlsafe(BYTES)


def masked(secret: str) -> str:
    """A secret as a page carries it: another text on each page, so that how well a page packs tells nothing of it."""
    data = secret.encode()
    pad = secrets.token_bytes(len(data))
    return urlsafe_b64encode(pad + _xor(pad, data)).decode()


def unmasked(shown: bytes) -> bytes:
    """The secret that `masked` was given; nothing for what it did not make."""
    try:
        data = urlsafe_b64decode(shown)
    except ValueError:
        return b""
    half = len(data) // 2
    return _xor(data[:half], data[half:])


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=False))


def digest(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
