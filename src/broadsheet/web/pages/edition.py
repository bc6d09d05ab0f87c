"""The edition of a day, an ISO week or a month."""

from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from broadsheet.errors import NotFound
from broadsheet.library.calendar import month
from broadsheet.library.edition import edition
from broadsheet.library.handle import Library
from broadsheet.library.welcome import standing
from broadsheet.web import render
from broadsheet.web.access import Lib, visitor
from broadsheet.web.marks import marks_on
from broadsheet.web.pages.numbers import PageNumber
from broadsheet.web.pages.welcome import LATER, work_of
from broadsheet.words.said import said

PAGE: Final = 50
SORTS: Final = ("trending", "votes", "new")
VIEWS: Final = {"cards": said("with abstracts"), "compact": said("two lines each"), "titles": said("titles alone")}
_REMEMBERED: Final = 365 * 24 * 3600

router = APIRouter(default_response_class=HTMLResponse)


@router.get("/")
def front(
    request: Request, lib: Lib, sort: str = "trending", cat: str = "", page: PageNumber = 1, view: str = ""
) -> Response:
    """The newest edition; the first steps for whoever has nothing to read yet."""
    who = visitor(request)
    at = standing(lib, who.reader) if who.reader else None
    work = work_of(request, lib)
    running = work is not None and work.is_running
    if at and at.is_empty and not running and who.known.role == "admin":
        return RedirectResponse(request.scope.get("root_path", "") + "/welcome", 303)
    offered = at is not None and at.is_new and not at.is_empty and LATER not in request.cookies
    answer = _edition(request, lib, None, sort, cat, page, view, work=work, offered=offered)
    answer.headers.update(render.again_soon(running and at is not None and at.is_empty))
    return answer


@router.get("/{name}")
def dated(
    request: Request, lib: Lib, name: str, sort: str = "trending", cat: str = "", page: PageNumber = 1, view: str = ""
) -> HTMLResponse:
    """The edition of that name."""
    if not name[:1].isdigit():
        raise NotFound(f"/{name}", "there is no page at this address", "the front page is at /")
    return _edition(request, lib, name, sort, cat, page, view)


def _edition(
    request: Request, lib: Library, name: str | None, sort: str, cat: str, page: int, view: str, **more: object
) -> HTMLResponse:
    """`more`: of the front page, `work` that goes on for the visitor, and whether the first steps are `offered`."""
    chosen = sort if sort in SORTS else "trending"
    found = edition(lib, name, sort=chosen, categories=(cat,) if cat else (), limit=PAGE, offset=(page - 1) * PAGE)
    seen = view if view in VIEWS else request.cookies.get("view", visitor(request).preferences.view)
    html = render.page(
        request,
        "edition.html",
        marked=marks_on(request, [entry.paper for entry in found.entries]),
        edition=found,
        month=month(lib, found.month),
        sort=chosen,
        sorts=SORTS,
        cat=cat,
        page=page,
        size=PAGE,
        view=seen if seen in VIEWS else "cards",
        views=VIEWS,
        **{"work": None, "offered": False, **more},
    )
    response = HTMLResponse(html)
    if view in VIEWS:  # a choice holds until the next one
        response.set_cookie("view", view, max_age=_REMEMBERED, httponly=True, samesite="lax")
    return response
