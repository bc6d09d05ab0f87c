"""A digest as a signed web request, by the rules of Standard Webhooks (version 1): many languages can check it.

The signature is an HMAC with SHA-256 over `id.timestamp.body`. A receiver that refuses timestamps of more than five
minutes ago, and ids that it has seen, cannot be made to take the same twice. Pure: time and secrets come in.
"""

import hmac
from base64 import b64decode, b64encode
from binascii import Error
from datetime import datetime
from typing import Final

PREFIX: Final = "whsec_"
"""What secrets begin with, so that one that was left lying around is known for one."""


def secret_of(raw: bytes) -> str:
    """A secret as people copy it, of 24 to 64 random bytes."""
    return PREFIX + b64encode(raw).decode()


def signed_headers(secret: str, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers that go with a body."""
    seconds = str(int(at.timestamp()))
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{_signature(secret, message_id, seconds, body)}",
    }


def _signature(secret: str, message_id: str, seconds: str, body: bytes) -> str:
    try:
        key = b64decode(secret.removeprefix(PREFIX), validate=True)
    except Error:
        key = secret.encode()
    return b64encode(hmac.digest(key, f"{message_id}.{seconds}.".encode() + body, "sha256")).decode()
