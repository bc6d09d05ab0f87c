"""The edition of a day, an ISO week or a month."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from broadsheet.errors import NotFound
from broadsheet.library.calendar import month
from broadsheet.library.edition import edition
from broadsheet.library.handle import Library
from broadsheet.web import render
from broadsheet.web.access import Lib, visitor
from broadsheet.web.marks import marks_on
from broadsheet.web.pages.numbers import PageNumber

PAGE: Final = 50
SORTS: Final = ("trending", "votes", "new")
VIEWS: Final = {"cards": "with abstracts", "compact": "two lines each", "titles": "titles alone"}
_REMEMBERED: Final = 365 * 24 * 3600

router = APIRouter(default_response_class=HTMLResponse)


@router.get("/")
def front(
    request: Request, lib: Lib, sort: str = "trending", cat: str = "", page: PageNumber = 1, view: str = ""
) -> HTMLResponse:
    """The newest edition."""
    return _edition(request, lib, None, sort, cat, page, view)


@router.get("/{name}")
def dated(
    request: Request, lib: Lib, name: str, sort: str = "trending", cat: str = "", page: PageNumber = 1, view: str = ""
) -> HTMLResponse:
    """The edition of that name."""
    if not name[:1].isdigit():
        raise NotFound(f"/{name}", "there is no page at this address", "the front page is at /")
    return _edition(request, lib, name, sort, cat, page, view)


def _edition(
    request: Request, lib: Library, name: str | None, sort: str, cat: str, page: int, view: str
) -> HTMLResponse:
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
    )
    response = HTMLResponse(html)
    if view in VIEWS:  # a choice holds until the next one
        response.set_cookie("view", view, max_age=_REMEMBERED, httponly=True, samesite="lax")
    return response
