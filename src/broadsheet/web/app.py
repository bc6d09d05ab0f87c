"""The application: headers, errors and routes around one library."""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.middleware.gzip import GZipMiddleware
from fastapi.staticfiles import StaticFiles

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
from broadsheet.web.bounded import Bounded
from broadsheet.web.head import HeadAsGet
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


ROUTERS = (
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
    feeds.router,
    *pages.ROUTERS,
)
_WORTH_PACKING, _PACKED = 1_000, 3
"""Bytes below which nothing is packed, and how well: better takes twice the time for a tenth less."""


def create_app(lib: Library) -> FastAPI:
    """The pages over this library."""
    app = openapi.described()
    app.state.library, app.state.answers = lib, Answers(lib)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    app.router.routes.extend(route for router in ROUTERS for route in router.routes)
    app.middleware("http")(_guard)
    app.add_middleware(Bounded, refuse=partial(failures.too_large, headers=_HEADERS))
    app.add_middleware(GZipMiddleware, minimum_size=_WORTH_PACKING, compresslevel=_PACKED)
    app.add_middleware(Remembering, answers=app.state.answers, headers=_HEADERS)
    app.add_middleware(UnderPath, prefix=urlsplit(lib.settings.base_url).path.rstrip("/"))
    app.add_middleware(HeadAsGet)
    failures.install(app, _HEADERS)
    return app


async def _guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request) if is_ours(request) else failures.foreign(request)
    response.headers.update(_HEADERS)
    return response
