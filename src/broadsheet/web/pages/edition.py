"""The edition of a day, an ISO week or a month."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse
from msgspec.structs import replace
from starlette.convertors import StringConvertor, register_url_convertor

from broadsheet.library.access.sessions import Visitor
from broadsheet.library.editions.calendar import month
from broadsheet.library.editions.edition import edition
from broadsheet.library.editions.visits import visited
from broadsheet.library.handle import Library
from broadsheet.library.interest.welcome import standing
from broadsheet.library.readers import prefer, zone_of
from broadsheet.web import render
from broadsheet.web.access import Lib, Writer, led_to, local_path, visitor
from broadsheet.web.answers import VIEW_COOKIE, page_of
from broadsheet.web.pages.numbers import PageNumber
from broadsheet.web.pages.welcome import LATER, work_of
from broadsheet.web.routers import Field, for_readers
from broadsheet.web.times import spoken
from broadsheet.words.said import said

PAGE: Final = 50
SORTS: Final = {
    "trending": said("attention against what is usual"),
    "votes": said("most votes first"),
    "new": said("newest first"),
    "mine": said("by your interests"),
}
VIEWS: Final = {"cards": said("with abstracts"), "compact": said("two lines each"), "titles": said("titles alone")}
_REMEMBERED: Final = 365 * 24 * 3600


class _Dated(StringConvertor):
    """What could be meant as a day, week or month, so that these routes can be the first that are looked at."""

    regex = r"\d[^/.]*"


register_url_convertor("dated", _Dated())
router = for_readers()


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for beside the edition's name; what it says nothing of is as the reader likes it."""

    sort: str
    cat: str
    page: int
    view: str


async def asked(sort: str = "", cat: str = "", page: PageNumber = 1, view: str = "") -> Asked:
    """The parameters of an edition; what is none of ours is as if it was not there."""
    return Asked(sort if sort in SORTS else "", cat, page, view if view in VIEWS else "")


Ask = Annotated[Asked, Depends(asked)]


@router.get("/")
def front(request: Request, lib: Lib, ask: Ask) -> Response:
    """The newest edition; the first steps for whoever has nothing to read yet."""
    with lib.store.still():
        who = visitor(request)
        at = standing(lib, who.reader) if who.reader else None
        work = work_of(request, lib)
        running = work is not None and work.is_running
        asked_already = running and at is not None and not at.is_new
        if at and at.is_empty and not asked_already and who.known.role == "admin":
            return led_to(request, "/welcome")
        offered = at is not None and at.is_new and not at.is_empty and LATER not in request.cookies
        answer = _edition(request, lib, None, ask, {"work": work, "offered": offered})
        answer.headers.update(render.again_soon(running and lib.store.is_empty()))
        return answer


@router.post("/view")
def keep_view(
    request: Request,
    lib: Lib,
    who: Writer,
    view: Field = "",
    sort: Field = "",
    back: Field = "/",
) -> Response:
    """Keep how dense a reader likes lists, or the order that they like editions in."""
    liked = who.preferences
    prefer(lib, who.known, replace(liked, view=view or liked.view, sort=sort or liked.sort))
    return led_to(request, local_path(back))


@router.get("/{name:dated}")
def dated(request: Request, lib: Lib, name: str, ask: Ask) -> Response:
    """The edition of that name."""
    return _edition(request, lib, name, ask, {"work": None, "offered": False})


def _edition(request: Request, lib: Library, name: str | None, ask: Asked, front_page: Mapping[str, Any]) -> Response:
    """`front_page`: `work` that goes on for the visitor, and whether the first steps are `offered`."""

    def make() -> str:
        return _made(request, lib, name, ask, front_page)

    if ask.view and not visitor(request).reader:  # a choice holds until the next; a reader's is kept with the reader
        response = HTMLResponse(make())
        response.set_cookie(VIEW_COOKIE, ask.view, max_age=_REMEMBERED, httponly=True, samesite="lax")
        return response
    return page_of(request, make)


def _made(request: Request, lib: Library, name: str | None, ask: Asked, front_page: Mapping[str, Any]) -> str:
    who = visitor(request)
    order = _order_for(request, lib, who, ask)
    found = edition(
        lib,
        name,
        sort=order.had,
        categories=(ask.cat,) if ask.cat else (),
        limit=PAGE,
        offset=(ask.page - 1) * PAGE,
        reader=who.reader.name if who.reader else None,
        since=_since(request, lib, who),
    )
    zone = zone_of(lib, who.reader) if who.reader else None

    def in_words(at: datetime) -> str:
        return spoken(at, lib.now(), zone)

    return render.page(
        request,
        "edition.html",
        shows=[entry.paper for entry in found.entries],
        edition=found,
        month=month(lib, found.month),
        sort=order.shown,
        order=order,
        sorts=SORTS,
        cat=ask.cat,
        page=ask.page,
        size=PAGE,
        view=_view_for(request, who, ask),
        views=VIEWS,
        spoken=in_words,
        **front_page,
    )


@dataclass(frozen=True, slots=True)
class Order:
    """The order that a page is `shown` as being in, the one that it can be `had` in, and the one that the reader keeps.

    `is_asked`: the address asks for it.
    """

    shown: str
    had: str
    kept: str
    is_asked: bool


def _order_for(request: Request, lib: Library, who: Visitor, ask: Asked) -> Order:
    """That of a reader only for a reader; while their first papers come in, it would be waited for."""
    kept = who.preferences.sort if who.reader else "trending"
    if ask.sort:
        had = "trending" if ask.sort == "mine" and who.reader is None else ask.sort
        return Order(ask.sort, had, kept, is_asked=True)
    work = work_of(request, lib) if kept == "mine" else None
    if work is not None and work.is_running:
        return Order("trending", "trending", kept, is_asked=False)
    return Order(kept, kept, kept, is_asked=False)


def _view_for(request: Request, who: Visitor, ask: Asked) -> str:
    kept = who.preferences.view if who.reader else request.cookies.get(VIEW_COOKIE, "")
    return ask.view or (kept if kept in VIEWS else "cards")


def _since(request: Request, lib: Library, who: Visitor) -> datetime | None:
    """When a person was here before this visit. A browser that fetches ahead, and a program, are no visit."""
    ahead = "prefetch" in request.headers.get("sec-purpose", request.headers.get("purpose", ""))
    return visited(lib, who.reader) if who.reader and not ahead and "authorization" not in request.headers else None
