"""The server: how many pages it makes at once, and that it sends them without a wait."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.request import urlopen

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse

from broadsheet.web.server import THREADS, _Server, listen


@pytest.mark.slow
def test_pages_are_made_side_by_side() -> None:
    """So many as `THREADS` says are begun, whatever else is asked for; the others follow them."""
    app, begun, enough, let_go = FastAPI(), list[int](), threading.Event(), threading.Event()

    @app.get("/", response_class=PlainTextResponse)
    def page() -> str:
        begun.append(1)
        if len(begun) >= THREADS:
            enough.set()
        return str(let_go.wait(5))

    @app.get("/now", response_class=PlainTextResponse)
    async def now() -> str:
        return str(len(begun))

    started = threading.Event()
    with listen("127.0.0.1", 0) as listening, ThreadPoolExecutor(THREADS + 3) as pool:
        server = _Server(uvicorn.Config(app, log_level="critical"), started.set)
        running = pool.submit(server.run, sockets=[listening])
        try:
            assert started.wait(5)
            asked = [pool.submit(_get, listening, "/") for _ in range(THREADS + 2)]
            assert enough.wait(5)
            assert _get(listening, "/now") == str(THREADS)
            let_go.set()
            assert [one.result() for one in asked] == ["True"] * len(asked)
        finally:
            let_go.set()
            server.should_exit = True
            running.result()


def test_what_is_sent_waits_for_no_acknowledgement() -> None:
    """Else the second piece of an answer follows 40 ms after the first, where the other side acknowledges late."""
    with listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        connection, _ = listening.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def _get(listening: socket.socket, path: str) -> str:
    with urlopen(f"http://127.0.0.1:{listening.getsockname()[1]}{path}") as answer:
        told: str = answer.read().decode()
    return told
