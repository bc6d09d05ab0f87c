"""Nobody sends more than a form may have: what is announced is refused at once, what is not is read up to the limit."""

from collections.abc import Callable
from typing import Final

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
        announced = Headers(scope=scope).get("content-length", "")
        body = _Body(receive, send)
        if announced.isdigit() and int(announced) > MOST_BYTES + ROOM:
            body.is_too_large = True
        else:
            await self._pass_on(scope, body)
        if body.is_too_large:
            answer = await run_in_threadpool(self._refuse, Request(scope))
            answer.headers["Connection"] = "close"  # the rest of the body is not read
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
        self._taken = 0
        self.is_too_large = False

    async def receive(self) -> Message:
        """The next message. Raises HTTPException where it is one too many."""
        message = await self._receive()
        self._taken += len(message.get("body", b""))
        if self._taken > MOST_BYTES + ROOM:
            self.is_too_large = True
            raise HTTPException(TOO_MUCH)
        return message

    async def send(self, message: Message) -> None:
        """Pass an answer on."""
        if not self.is_too_large:
            await self._send(message)
