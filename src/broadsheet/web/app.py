"""The application: headers, errors and routes around one library."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from broadsheet.library.handle import Library
from broadsheet.web import (
    api,
    api_collections,
    api_comments,
    api_marks,
    api_searches,
    digests,
    failures,
    feeds,
    health,
    hub,
    marks,
    oidc,
    openapi,
    pages,
    passkeys,
    sign_in,
)
from broadsheet.web.access import is_ours
from broadsheet.web.answers import Answers, Remembering
from broadsheet.web.behind_proxy import BehindProxy
from broadsheet.web.bounded import Bounded
from broadsheet.web.head import HeadAsGet
from broadsheet.web.outage import Outages
from broadsheet.web.under_path import UnderPath

# Nothing from elsewhere, nothing inline: a page needs its stylesheet, its own forms, and may have its one script.
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


ROUTERS = (  # the first are what is asked for most: routes are tried in turn, and there are some hundreds
    pages.edition.router,
    feeds.router,
    *pages.ROUTERS,
    sign_in.router,
    passkeys.router,
    oidc.router,
    health.router,
    marks.router,
    digests.router,
    api_comments.router,
    api_marks.router,
    api_collections.router,
    api_searches.router,
    api.router,
    hub.router,
)
_OF_WHO_ASKS = ("text/html", "application/json")
"""What depends on who asks: no proxy may keep it. A browser may: going back is quick, and keeps what was typed."""

_WORTH_PACKING, _PACKED = 1_000, 3
"""Bytes below which nothing is packed, and how well: better takes twice the time for a tenth less."""


def create_app(lib: Library) -> FastAPI:
    """The pages over this library."""
    app = openapi.described()
    app.state.library, app.state.answers, app.state.outages = lib, Answers(lib), Outages(lib)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    app.router.routes.extend(route for router in ROUTERS for route in router.routes)
    app.add_middleware(_Guarded, headers=_HEADERS)
    app.add_middleware(Bounded, refuse=partial(failures.too_large, headers=_HEADERS))
    app.add_middleware(GZipMiddleware, minimum_size=_WORTH_PACKING, compresslevel=_PACKED)
    app.add_middleware(Remembering, answers=app.state.answers, headers=_HEADERS)
    app.add_middleware(UnderPath, prefix=urlsplit(lib.settings.base_url).path.rstrip("/"))
    app.add_middleware(BehindProxy, listed=lambda: lib.settings.access.proxy_from)
    app.add_middleware(HeadAsGet)
    failures.install(app, _HEADERS)
    return app


class _Guarded:
    """Refuses forms that pages of other sites send, and gives every answer these headers."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str]) -> None:
        self._app, self._headers = app, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""

        async def pass_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                headers.update(self._headers)
                if headers.get("content-type", "").startswith(_OF_WHO_ASKS):
                    headers.setdefault("Cache-Control", "private, no-cache")
            await send(message)

        if scope["type"] != "http" or is_ours(request := Request(scope)):
            await self._app(scope, receive, pass_on)
        else:
            await (await run_in_threadpool(failures.foreign, request))(scope, receive, pass_on)
