"""What a query finds."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from broadsheet.library.find import SearchAsk, search
from broadsheet.web import render
from broadsheet.web.access import Lib
from broadsheet.web.marks import marks_on
from broadsheet.web.pages.numbers import PageNumber

FOUND = 20
MODES = ("hybrid", "keyword", "semantic")

router = APIRouter(default_response_class=HTMLResponse)


@router.get("/search")
def results(
    request: Request,
    lib: Lib,
    q: str = "",
    mode: str = "hybrid",
    sort: str = "relevance",
    page: PageNumber = 1,
) -> str:
    """A page of hits, or how to ask."""
    chosen = mode if mode in MODES else "hybrid"
    order = "new" if sort == "new" else "relevance"
    found = search(lib, SearchAsk(q, chosen, FOUND, (page - 1) * FOUND, None, order, True)) if q.strip() else None
    return render.page(
        request,
        "search.html",
        marked=marks_on(request, [hit.paper for hit in found.hits] if found else []),
        query=q,
        mode=chosen,
        modes=MODES,
        sort=order,
        found=found,
        page=page,
        size=FOUND,
    )
