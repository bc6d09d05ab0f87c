"""Serving the pages until Ctrl-C."""

import errno
import socket
from collections.abc import Callable
from typing import Final

import anyio.to_thread
import uvicorn

from broadsheet.errors import BroadsheetError
from broadsheet.library.access import tickets
from broadsheet.library.address import at, remember
from broadsheet.library.handle import Library
from broadsheet.library.readers import find_owner
from broadsheet.web.access import is_loopback
from broadsheet.web.app import create_app

THREADS: Final = 4
"""Pages made at once. More threads pass the interpreter round, which takes CPU: with 40, the usual number, an edition
took 27 ms of it for each of twenty readers, and takes 16. Sign-ins that wait for a provider hold one each, for seconds.
"""


def serve(
    lib: Library, *, announce: Callable[[str], None], owner_link: bool = False, then: Callable[[], None] = lambda: None
) -> None:
    """Serve on the address of the settings; `announce` gets one sentence with the page's address once it listens.

    `then` is called after that, for what is done meanwhile.

    `owner_link`: print a link that makes whoever opens it the owner; only where nobody else reads what is printed, and
    only for an address that nobody else reaches. Else, what is printed says how to get one.
    """
    host, port = lib.settings.serve.host, lib.settings.serve.port
    with listen(host, port) as listening:
        base = at(host, listening.getsockname()[1])
        config = configured(lib)

        def told() -> None:
            remember(lib, base)
            announce(f"Broadsheet is at {base}/ (Ctrl-C stops)")
            if is_loopback(host):
                link = f"{base}/enter/{tickets.owner_link(lib, find_owner(lib))}" if owner_link else ""
                announce(f"To mark papers as its owner, open {link or 'what `broadsheet reader link` prints'}")
            then()

        _Server(config, told).run(sockets=[listening])


def configured(lib: Library, log_level: str = "warning") -> uvicorn.Config:
    """How a library's pages are served."""
    # Proxies' headers are `BehindProxy`'s: uvicorn's own reading puts what they say in the place of who is there.
    return uvicorn.Config(
        create_app(lib), log_level=log_level, access_log=False, server_header=False, proxy_headers=False
    )


class _Server(uvicorn.Server):
    """Says that it serves once it does, and once Ctrl-C will stop it in order."""

    def __init__(self, config: uvicorn.Config, on_start: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_start = on_start

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        await super().startup(sockets)
        self._on_start()


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; port 0 takes a free one. Raises BroadsheetError in one sentence."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        made = socket.create_server((host, port), family=family, backlog=128)
    except OSError as e:
        taken = e.errno == errno.EADDRINUSE
        cause = "another program uses it" if taken else (e.strerror or str(e))
        raise BroadsheetError(f"address {host}:{port}", cause, "choose another with --host and --port") from e
    # Of its connections, too: else the text of a page waits until its head was acknowledged, 40 ms with many clients.
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made
