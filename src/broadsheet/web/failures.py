"""What goes wrong, told in the form that was asked for: a page, JSON for programs, a line of text where a feed is."""

import re
from collections.abc import Mapping

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from starlette.exceptions import HTTPException

from broadsheet.errors import BroadsheetError, NotFound, UsageError
from broadsheet.web import render

_TITLES = {404: "Not found", 503: "Not now", 500: "Something broke"}
_A_LIST = re.compile(r"\.(?:atom|rss|json|bib|ris|opml)$")


def install(app: FastAPI, headers: Mapping[str, str]) -> None:
    """Answer every error so. `headers` are those of all answers, for the one that no middleware sees."""
    app.add_exception_handler(BroadsheetError, _told)
    app.add_exception_handler(RequestValidationError, _misread)
    app.add_exception_handler(HTTPException, _refused)

    def broken(request: Request, _error: Exception) -> Response:
        cause = "a fault of Broadsheet; the terminal that serves it shows where"
        answer = _answer(request, 500, BroadsheetError("this page", cause, "try another"))
        answer.headers.update(headers)
        return answer

    app.add_exception_handler(Exception, broken)


def _told(request: Request, error: Exception) -> Response:
    assert isinstance(error, BroadsheetError)
    status = 404 if isinstance(error, NotFound) else 400 if isinstance(error, UsageError) else 503
    return _answer(request, status, error)


def _misread(request: Request, error: Exception) -> Response:
    """A parameter that is none."""
    assert isinstance(error, RequestValidationError)
    wrong = error.errors()[0]
    name, given = str(wrong["loc"][-1]), str(wrong["input"])[:100]
    return _answer(request, 400, UsageError(f"{name}={given}", f"it {str(wrong['msg']).removeprefix('Input ')}"))


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return _answer(request, 404, NotFound(_path(request), "there is nothing at this address"))
    answer = _answer(request, error.status_code, UsageError(_path(request), str(error.detail).lower()))
    answer.headers.update(error.headers or {})
    return answer


def _answer(request: Request, status: int, error: BroadsheetError) -> Response:
    path = _path(request)
    if path.startswith("/api/v1"):
        return JSONResponse({"error": envelope(status, error)}, status)
    if path.startswith("/api/"):
        return JSONResponse({"error": str(error)}, status)
    if _A_LIST.search(path):
        return PlainTextResponse(f"{error}\n", status)
    title = _TITLES.get(status, "That cannot be")
    return HTMLResponse(render.page(request, "error.html", title=title, sentence=str(error)), status)


def envelope(status: int, error: BroadsheetError) -> dict[str, object]:
    """An error as the API tells it."""
    return {
        "status": status,
        "message": str(error),
        "subject": error.subject,
        "cause": error.cause,
        "remedy": error.remedy,
    }


def _path(request: Request) -> str:
    path: str = request.scope["path"]
    return path.removeprefix(request.scope.get("root_path", ""))
