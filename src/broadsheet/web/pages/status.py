"""What happened, what failed and why."""

from datetime import date

from fastapi import Request
from fastapi.responses import HTMLResponse

from broadsheet.library.upkeep.status import status
from broadsheet.web import render
from broadsheet.web.access import Lib, visitor
from broadsheet.web.routers import for_readers
from broadsheet.web.spoken import TO_READERS
from broadsheet.words.reworded import reworded

router = for_readers()


@router.get("/status")
def what_happened(request: Request, lib: Lib) -> HTMLResponse:
    """What is there, what ran, what failed and why; it loads itself again while a harvest goes on."""
    work = lib.background.work
    found = status(lib)
    latest = date.fromisoformat(found["latest"]) if found["latest"] else None
    reader = visitor(request).reader
    if reader is None or reader.role != "admin":
        found["problems"] = [reworded(problem, TO_READERS) for problem in found["problems"]]
    html = render.page(request, "status.html", status=found, latest=latest, work=work)
    return HTMLResponse(html, headers=render.again_soon(work is not None and work.is_running))
