"""One paper."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from broadsheet.library.show import show
from broadsheet.web import render
from broadsheet.web.access import Lib
from broadsheet.web.marks import marks_on

router = APIRouter(default_response_class=HTMLResponse)


@router.get("/paper/{key:path}")
def paper(request: Request, lib: Lib, key: str) -> str:
    """Everything about a paper."""
    view = show(lib, key, related=6)
    return render.page(request, "paper.html", view=view, marked=marks_on(request, [view.paper]))
