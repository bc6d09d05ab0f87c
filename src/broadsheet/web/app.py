"""The application: headers, errors and routes around one library."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from broadsheet.errors import BroadsheetError, NotFound, UsageError
from broadsheet.library.handle import Library
from broadsheet.web import pages, render
from broadsheet.web.under_path import UnderPath

# No script, nothing from elsewhere: the page needs its stylesheet and its own forms, nothing more.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def create_app(lib: Library) -> FastAPI:
    """The pages over this library."""
    app = FastAPI(title="Broadsheet", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.library = lib
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    app.include_router(pages.router)
    app.middleware("http")(_guard)
    app.add_middleware(UnderPath, prefix=urlsplit(lib.settings.base_url).path.rstrip("/"))
    app.add_exception_handler(BroadsheetError, _told)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(Exception, _broken)
    return app


async def _guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    response.headers.update(_HEADERS)
    return response


def _page(request: Request, status: int, title: str, sentence: str) -> HTMLResponse:
    body = render.page(request, "error.html", title=title, sentence=sentence)
    return HTMLResponse(body, status_code=status, headers=_HEADERS)


def _told(request: Request, error: Exception) -> HTMLResponse:
    status = 404 if isinstance(error, NotFound) else 400 if isinstance(error, UsageError) else 503
    titles = {404: "Not found", 400: "That cannot be", 503: "Not now"}
    return _page(request, status, titles[status], str(error))


def _http_error(request: Request, error: Exception) -> HTMLResponse:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return _page(request, 404, "Not found", "There is no page at this address.")
    return _page(request, error.status_code, "That cannot be", str(error.detail))


def _unreadable(request: Request, error: Exception) -> HTMLResponse:
    assert isinstance(error, RequestValidationError)
    wrong = error.errors()[0]
    reason = str(wrong["msg"]).removeprefix("Input ")
    return _page(request, 400, "That cannot be", f"The address says {wrong['loc'][-1]}={wrong['input']}: it {reason}.")


def _broken(request: Request, _error: Exception) -> HTMLResponse:
    return _page(request, 500, "Something broke", "A fault of Broadsheet; the terminal that serves it shows where.")
