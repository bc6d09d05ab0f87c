"""The pages: each reads its parameters, makes one library call and renders."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse

from broadsheet.errors import NotFound
from broadsheet.library.edition import edition
from broadsheet.library.find import SearchAsk, search
from broadsheet.library.handle import Library
from broadsheet.library.show import show
from broadsheet.library.status import status
from broadsheet.web import render
from broadsheet.web.access import Lib
from broadsheet.web.marks import marks_on

PAGE = 50
FOUND = 20
SORTS = ("trending", "votes", "new")
MODES = ("hybrid", "keyword", "semantic")

router = APIRouter(default_response_class=HTMLResponse)
PageNumber = Annotated[int, Query(ge=1, le=10_000)]


@router.get("/")
def front(request: Request, lib: Lib, sort: str = "trending", cat: str = "", page: PageNumber = 1) -> str:
    """The newest edition."""
    return _edition(request, lib, None, sort, cat, page)


@router.get("/search")
def results(
    request: Request,
    lib: Lib,
    q: str = "",
    mode: str = "hybrid",
    sort: str = "relevance",
    page: PageNumber = 1,
) -> str:
    """What a query finds."""
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


@router.get("/paper/{key:path}")
def paper(request: Request, lib: Lib, key: str) -> str:
    """One paper."""
    view = show(lib, key, related=6)
    return render.page(request, "paper.html", view=view, marked=marks_on(request, [view.paper]))


@router.get("/status")
def what_happened(request: Request, lib: Lib) -> str:
    """What is there, what ran, what failed and why."""
    return render.page(request, "status.html", status=status(lib))


@router.get("/health", response_class=JSONResponse)
def health(lib: Lib) -> dict[str, object]:
    """Whether the library answers."""
    return {"status": "ok", "empty": lib.store.is_empty()}


@router.get("/{name}")
def dated(
    request: Request,
    lib: Lib,
    name: str,
    sort: str = "trending",
    cat: str = "",
    page: PageNumber = 1,
) -> str:
    """The edition of a day, an ISO week or a month."""
    if not name[:1].isdigit():
        raise NotFound(f"/{name}", "there is no page at this address", "the front page is at /")
    return _edition(request, lib, name, sort, cat, page)


def _edition(request: Request, lib: Library, name: str | None, sort: str, cat: str, page: int) -> str:
    chosen = sort if sort in SORTS else "trending"
    found = edition(lib, name, sort=chosen, categories=(cat,) if cat else (), limit=PAGE, offset=(page - 1) * PAGE)
    return render.page(
        request,
        "edition.html",
        marked=marks_on(request, [entry.paper for entry in found.entries]),
        edition=found,
        sort=chosen,
        sorts=SORTS,
        cat=cat,
        page=page,
        size=PAGE,
    )
