"""Marks on pages: one button, one form, one key; and taking back what was done. The same without script."""

import re
from collections.abc import Sequence
from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse

from broadsheet.errors import NotFound
from broadsheet.library.handle import Library
from broadsheet.library.shelf.collections import seen_by
from broadsheet.library.shelf.held import held
from broadsheet.library.shelf.mark import Marked, mark, unmark
from broadsheet.library.shelf.undo import last_action, undo
from broadsheet.text import plain
from broadsheet.types import Reader
from broadsheet.web import render
from broadsheet.web.access import Lib, SignedIn, Writer, led_to, library_of, local_path
from broadsheet.web.cards import back_to
from broadsheet.web.routers import Field, for_all

router = for_all()


@router.post("/mark")
def mark_paper(
    request: Request,
    lib: Lib,
    who: Writer,
    say: Field,
    note: Field = "",
    back: Field = "/",
    seen: Annotated[str | None, Form()] = None,
) -> Response:
    """Mark a paper, or take a mark back: `say` is one of `store.marks.KINDS`, with a `-` to take it back, and a key.

    `seen` names the note that stood on the page.
    """
    kind, _, key = say.partition(" ")
    if kind.startswith("-"):
        done = unmark(lib, who.known.name, key, [kind[1:]])
    else:
        done = mark(lib, who.known.name, key, kind, text=note if kind == "note" else None, seen=seen)
    return done_to(request, who.known, [done], back_to(local_path(back), key))


@router.get("/undo")
def look_back(request: Request, lib: Lib, who: SignedIn, back: str = "/") -> Response:
    """What the visitor did last, before they take it back; `back` is the page that they come from."""
    done = last_action(lib, who.known.name)
    return HTMLResponse(render.page(request, "undo.html", done=done, back=local_path(back)))


@router.post("/undo")
def take_back(
    request: Request, lib: Lib, who: Writer, back: Field = "/", told: Annotated[str | None, Form()] = None
) -> Response:
    """Take the visitor's last action back; `told` names it where a page said what it is."""
    done = undo(lib, who.known.name, told)
    return done_to(request, who.known, done.papers, _still_there(lib, who.known, local_path(back)), done.things)


def _still_there(lib: Library, who: Reader, page: str) -> str:
    """The page, or that of all collections where it is of one that is gone."""
    if ref := re.match(r"/collection/([^/?#]+)", page):
        try:
            seen_by(lib, who, ref[1], limit=0)
        except NotFound:
            return "/collections"
    return page


def done_to(request: Request, who: Reader, done: Sequence[Marked], back: str, things: Sequence[str] = ()) -> Response:
    """After a button under papers: what their reader keeps of them now, for the script, or the way back to the page.

    `things`: what else it changed, by name, which a page shows only when it is loaded again.
    """
    if "application/json" not in request.headers.get("accept", ""):
        return led_to(request, back)
    inside = held(library_of(request), who, [m.paper.key for m in done]).inside
    papers = [
        {
            "key": m.paper.key,
            "title": plain(m.paper.title),
            "marks": list(m.kinds),
            "votes": m.votes,
            "note": m.note,
            "collections": sorted(inside.get(m.paper.key, ())),
        }
        for m in done
    ]
    return JSONResponse({"papers": papers, "things": list(things)})
