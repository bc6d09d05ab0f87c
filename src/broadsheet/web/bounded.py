"""Nobody sends more than a form may have: what is announced is not read, what is not is read up to the limit.

A browser shows an answer only once it has sent all, so that what is not far too large is received first, and forgotten.
"""

from collections.abc import Callable
from typing import Final

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES: Final = 20_000_000
"""Bytes of a file that is sent; some 20,000 references."""

ROOM: Final = 200_000
"""Bytes for what a form has beside its file."""

TOO_MUCH: Final = 413

MOST_DROPPED: Final = 10 * MOST_BYTES
"""Bytes that are received for nothing, so that whoever sends them sees why; the connection of more is cut."""

PATIENCE: Final = 60.0
"""Seconds that this may take."""


class Bounded:
    """Gives the application bodies of `MOST_BYTES` and `ROOM` at most."""

    def __init__(self, app: ASGIApp, refuse: Callable[[Request], Response]) -> None:
        """`refuse` makes the answer to a request that is too large."""
        self._app, self._refuse = app, refuse

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it before its body is read."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, body = Headers(scope=scope), _Body(receive, send)
        length = headers.get("content-length", "")
        announced = int(length) if length.isdigit() else 0
        if announced > MOST_BYTES + ROOM:
            body.is_too_large = True
        else:
            await self._pass_on(scope, body)
        if body.is_too_large:
            answer = await run_in_threadpool(self._refuse, Request(scope))
            answer.headers["Connection"] = "close"  # there may be more of the body
            if announced <= MOST_DROPPED and "expect" not in headers:  # which waits until it is told to send
                await body.drop()
            await answer(scope, receive, send)

    async def _pass_on(self, scope: Scope, body: "_Body") -> None:
        try:
            await self._app(scope, body.receive, body.send)
        except Exception:
            if not body.is_too_large:
                raise


class _Body:
    """A body that may have no announced length, until it is too large; what is answered then is not sent."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._taken, self._is_more = 0, True
        self.is_too_large = False

    async def receive(self) -> Message:
        """The next message. Raises HTTPException where it is one too many."""
        message = await self._receive_counted()
        if self._taken > MOST_BYTES + ROOM:
            self.is_too_large = True
            raise HTTPException(TOO_MUCH)
        return message

    async def drop(self) -> None:
        """Receive what is left of it."""
        with anyio.move_on_after(PATIENCE):
            while self._is_more and self._taken <= MOST_DROPPED:
                await self._receive_counted()

    async def _receive_counted(self) -> Message:
        message = await self._receive()
        self._taken += len(message.get("body", b""))
        self._is_more = bool(message.get("more_body"))
        return message

    async def send(self, message: Message) -> None:
        """Pass an answer on."""
        if not self.is_too_large:
            await self._send(message)
