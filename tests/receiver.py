"""A web server on loopback that takes what is given to it, and answers as a test wants."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler

from tests.loopback import Server, Silent, running


@dataclass(frozen=True)
class Got:
    """A request; names of headers are in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """What it got, and its next answers: a status, or None for hanging up; 200 when there are none left."""

    url: str = ""
    got: list[Got] = field(default_factory=list)
    answers: list[int | None] = field(default_factory=list)


def is_signed(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Whether a request is what it says, as docs/digests.md tells a receiver to check it."""
    sent = headers["webhook-timestamp"]
    if abs(now.timestamp() - int(sent)) > 300:
        return False
    told = f"{headers['webhook-id']}.{sent}.".encode() + body
    expected = b64encode(hmac.digest(b64decode(secret.removeprefix("whsec_")), told, "sha256")).decode()
    return hmac.compare_digest(f"v1,{expected}", headers["webhook-signature"])


@contextmanager
def receiver() -> Iterator[Receiver]:
    """Serve on a free port."""
    state = Receiver()

    class Handler(Silent, BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            state.got.append(Got(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            status = state.answers.pop(0) if state.answers else 200
            if status is None:
                self.connection.close()
                return
            self.send_response(status)
            self.send_header("Location", state.url)
            self.send_header("Content-Length", "0")
            self.end_headers()

    with running(Server(("127.0.0.1", 0), Handler)) as state.url:
        yield state
