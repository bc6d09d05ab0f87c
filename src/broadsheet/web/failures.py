"""What goes wrong, told in the form that was asked for: a page, JSON for programs, a line of text where a feed is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from broadsheet.errors import (
    BadToken,
    BroadsheetError,
    Forbidden,
    NotBelieved,
    NotFound,
    NotLetIn,
    NotYours,
    Overtaken,
    SignInNeeded,
    TooManyTries,
    UsageError,
)
from broadsheet.web import render
from broadsheet.web.access import has_bearer, local_path
from broadsheet.web.bounded import MOST_BYTES
from broadsheet.web.misread import misread, way_out
from broadsheet.web.outage import Outages
from broadsheet.web.spoken import words_of_pages
from broadsheet.words.catalogue import SOURCE
from broadsheet.words.failure import part, told
from broadsheet.words.said import said

_TITLES = {
    401: said("Sign in first"),
    403: said("Not for you"),
    404: said("Not found"),
    409: said("Changed meanwhile"),
    413: said("Too large"),
    429: said("Not now"),
    500: said("Something broke"),
    503: said("Not now"),
}
_STATUS: tuple[tuple[type[BroadsheetError], int], ...] = (
    (NotFound, 404),
    (TooManyTries, 429),
    (Overtaken, 409),
    (NotYours, 403),
    (UsageError, 400),
    (SignInNeeded, 401),
    (NotBelieved, 401),
    (NotLetIn, 403),
    (Forbidden, 403),
)
_WRITTEN = ("note", "text", "about", "authors", "include", "exclude", "categories", "seeds")
"""Fields of forms in which people write at length."""
_MARKDOWN = re.compile(r"/papers/.+\.md$")
_A_LIST = re.compile(r"\.(?:atom|rss|json|bib|ris|opml)$")


def install(app: FastAPI, headers: Mapping[str, str]) -> None:
    """Answer every error so. `headers` are those of all answers, for the one that no middleware sees."""
    app.add_exception_handler(BroadsheetError, _told)
    app.add_exception_handler(RequestValidationError, _misread)
    app.add_exception_handler(HTTPException, _refused)

    def broken(request: Request, _error: Exception) -> Response:
        way = said("try again, or another page; the log of the server shows where")
        answer = _answer(request, 500, BroadsheetError(_path(request), "met a fault of Broadsheet", way))
        answer.headers.update(headers)
        return answer

    app.add_exception_handler(Exception, broken)


def outages_of(request: Request) -> Outages:
    """Who tells of the store's faults, for this application."""
    outages: Outages = request.app.state.outages
    return outages


def status_of(error: BroadsheetError) -> int:
    """The status that an error is answered with; what nothing is said of is a fault that may pass."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 503)


async def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, BroadsheetError)
    if isinstance(error, SignInNeeded) and not isinstance(error, BadToken):
        if _is_for_programs(_path(request)):
            error = BadToken() if has_bearer(request) else SignInNeeded(_path(request), error.cause, _A_TOKEN)
        elif request.method == "GET":
            return _to_sign_in(request)
    sent = await _sent(request) if request.method == "POST" and not _is_for_programs(_path(request)) else None
    answer = _answer(request, status_of(error), outages_of(request).for_visitors(error), sent)
    if isinstance(error, SignInNeeded):
        answer.headers["WWW-Authenticate"] = "Bearer"  # RFC 6750, 3
    return answer


_A_TOKEN = said("send the token of one as `Authorization: Bearer …`; readers make them on /settings")


@dataclass(frozen=True, slots=True)
class _Sent:
    """A form that was not taken: the page that it stands on, to go on there, and the words that would be lost."""

    page: str
    words: str = ""


async def _sent(request: Request) -> _Sent:
    if not request.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        return _Sent(_page_above(request))  # nobody's files are read for that
    form = await request.form()  # kept by the request where a route has read it
    back, key, *written = (form.get(name) for name in ("back", "key", *_WRITTEN))
    page = f"/paper/{quote(key)}" if isinstance(key, str) else _page_above(request)
    return _Sent(
        local_path(back) if isinstance(back, str) else page, "\n".join(w for w in written if isinstance(w, str) and w)
    )


def _page_above(request: Request) -> str:
    """The nearest page of whose address this one begins with the path: forms go to addresses below their page."""
    above, root = _path(request), request.scope.get("root_path", "")
    while above := above.rpartition("/")[0]:
        asked = {**request.scope, "method": "GET", "path": root + above}
        if any(route.matches(asked)[0] is Match.FULL for route in request.app.routes):
            return above
    return "/"


def _to_sign_in(request: Request) -> Response:
    asked = _path(request) + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"{request.scope.get('root_path', '')}/sign-in?next={quote(asked)}", 303)


def foreign(request: Request) -> Response:
    """What a form gets that a page of another site sent."""
    return _answer(request, 403, Forbidden("form", "was sent by a page of another site", "open our own page"))


def too_large(request: Request, headers: Mapping[str, str]) -> Response:
    """What somebody gets who sends more than we take. `headers` are those of all answers."""
    answer = _answer(request, 413, _TOO_LARGE)
    answer.headers.update(headers)
    return answer


_TOO_LARGE = UsageError(
    "file",
    said("is larger than %(most)s MB", most=MOST_BYTES // 1_000_000),
    "send it in parts, or let whoever runs this instance import it with `broadsheet import`",
)


def _misread(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return _answer(request, 400, misread(error.errors(), request, _path(request)))


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return _answer(request, 404, _nothing_at(_path(request)))
    if error.status_code == 405 and request.method == "GET" and not _is_for_programs(_path(request)):
        root = request.scope.get("root_path", "")
        return RedirectResponse(root + quote(_page_above(request)), 303)  # of a form's answer that is opened again
    answer = _answer(request, error.status_code, _not_served(request, error))
    answer.headers.update(error.headers or {})
    return answer


def _not_served(request: Request, error: HTTPException) -> UsageError:
    if error.status_code == 405:
        return UsageError(_path(request), said("takes no %(method)s", method=request.method), way_out(_path(request)))
    return UsageError(_path(request), str(error.detail).lower(), way_out(_path(request)))


def _nothing_at(path: str) -> NotFound:
    if path.startswith("/api/"):
        return NotFound(path, "there is nothing at this address", "/api/v1/openapi.json lists what there is")
    return NotFound(path, "there is nothing at this address", "search for it, or begin at the newest edition")


def _answer(request: Request, status: int, error: BroadsheetError, sent: _Sent | None = None) -> Response:
    """`sent`: the form that is answered so."""
    path = _path(request)
    if path.startswith("/api/v1"):
        return JSONResponse({"error": envelope(status, error)}, status)
    if path.startswith("/api/"):
        return JSONResponse({"error": words_of_pages(SOURCE).say(told(error))}, status)
    if _A_LIST.search(path) or _MARKDOWN.match(path):
        return PlainTextResponse(f"{words_of_pages(SOURCE).say(told(error))}\n", status)
    title = _TITLES.get(status, said("That cannot be"))
    lacking = path.removeprefix("/paper/") if status == 404 and path.startswith("/paper/") else None
    page = render.page(
        request, "error.html", title=title, sentence=told(error), lacking=lacking, sent=sent, signs_in=status == 401
    )
    return HTMLResponse(page, status)


def envelope(status: int, error: BroadsheetError) -> dict[str, object]:
    """An error as the API tells it."""
    say = words_of_pages(SOURCE).say
    return {
        "status": status,
        "message": say(told(error)),
        "subject": error.subject,
        "cause": say(part(error.cause)),
        "remedy": say(part(error.remedy)),
    }


def _is_for_programs(path: str) -> bool:
    return path.startswith("/api/") or path == "/metrics" or bool(_A_LIST.search(path) or _MARKDOWN.match(path))


def _path(request: Request) -> str:
    path: str = request.scope["path"]
    return path.removeprefix(request.scope.get("root_path", ""))
