"""Secrets that are handed out once: long random texts, of which only a hash is kept."""

import hashlib
import secrets

BYTES = 32
"""256 bits: nobody guesses one, so a plain hash is enough to keep it by."""


def make() -> str:
    """A new secret that can stand in an address or a cookie."""
    return secrets.token_urlsafe(BYTES)


def digest(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
