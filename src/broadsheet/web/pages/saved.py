"""A reader's saved searches: how much is new in each, and what."""

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from broadsheet.errors import UsageError
from broadsheet.library.access.sessions import Visitor
from broadsheet.library.handle import Library
from broadsheet.library.shelf import saved
from broadsheet.web import render
from broadsheet.web.access import Lib, SignedIn, Writer, led_to
from broadsheet.web.routers import Field, for_readers
from broadsheet.words.failure import told

router = for_readers("/searches")


@router.get("")
def every(request: Request, lib: Lib, who: SignedIn) -> str:
    """All of them."""
    return _every(request, lib, who)


@router.post("")
def save(
    request: Request, lib: Lib, who: Writer, query: Field = "", mode: Field = "hybrid", name: Field = ""
) -> Response:
    """Keep a search."""
    try:
        saved.save(lib, who.known.name, name, query, mode)
    except UsageError as e:
        return HTMLResponse(_every(request, lib, who, told(e)), 400)
    return _to(request, "")


@router.get("/{ref}")
def one(request: Request, lib: Lib, who: SignedIn, ref: str) -> str:
    """What is new in a search; it is seen by that."""
    view = saved.look(lib, who.known.name, ref)
    return render.page(request, "saved_search.html", view=view, shows=view.papers)


@router.post("/{ref}")
def change(request: Request, lib: Lib, who: Writer, ref: str, name: Field = "", muted: Field = "") -> Response:
    """Rename it, or let it be silent."""
    saved.find(lib, who.known.name, ref)
    try:
        saved.change(lib, who.known.name, ref, called=name, muted=bool(muted))
    except UsageError as e:
        return HTMLResponse(_every(request, lib, who, told(e)), 400)
    return _to(request, "")


@router.post("/{ref}/unsee")
def unsee(request: Request, lib: Lib, who: Writer, ref: str, seen: Field = "0") -> Response:
    """Let it be new again."""
    saved.unlook(lib, who.known.name, ref, int(seen) if seen.isdecimal() and len(seen) < 19 else 0)
    return _to(request, "")


@router.post("/{ref}/feed")
def feed(request: Request, lib: Lib, who: Writer, ref: str, on: Field = "") -> Response:
    """A new secret address for its feeds, or none."""
    saved.feed(lib, who.known.name, ref, on=bool(on))
    return _to(request, "")


@router.post("/{ref}/delete")
def delete(request: Request, lib: Lib, who: Writer, ref: str) -> Response:
    """Delete it."""
    saved.delete(lib, who.known.name, ref)
    return _to(request, "")


def _every(request: Request, lib: Library, who: Visitor, trouble: str = "") -> str:
    return render.page(request, "searches.html", views=saved.searches_of(lib, who.known.name), trouble=trouble)


def _to(request: Request, path: str) -> RedirectResponse:
    return led_to(request, f"/searches{path}")
