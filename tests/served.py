"""A library's pages served over a socket for tests, and a client that takes answers as they are."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

import uvicorn

from broadsheet.library.handle import Library
from broadsheet.web.server import configured, listen


@dataclass(frozen=True)
class Answer:
    """An answer as it came: nothing is followed or unpacked. Names of headers are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Served:
    """A running instance."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.address = f"http://127.0.0.1:{port}"

    def __call__(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """Ask for a path, a header's name written with underscores; blanks and letters beyond ASCII may stand in it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            given = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, quote(path, safe="/:?&=%+,"), body, given)
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()


@contextmanager
def served(lib: Library) -> Iterator[Served]:
    """Serve a library on a free port."""
    with listen("127.0.0.1", 0) as listening:
        server = uvicorn.Server(configured(lib, "critical"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield Served(listening.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()
