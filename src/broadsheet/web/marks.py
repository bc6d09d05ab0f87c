"""Marks on pages: one button, one form, one key; the same without script."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import JSONResponse

from broadsheet.library.mark import Marked, mark, unmark
from broadsheet.library.undo import undo
from broadsheet.web.access import Lib, Writer, led_to, local_path
from broadsheet.web.cards import back_to
from broadsheet.web.routers import for_all

router = for_all()
Field = Annotated[str, Form()]


@router.post("/mark")
def mark_paper(request: Request, lib: Lib, who: Writer, say: Field, note: Field = "", back: Field = "/") -> Response:
    """Mark a paper, or take a mark back: `say` is one of `store.marks.KINDS`, with a `-` to take it back, and a key."""
    kind, _, key = say.partition(" ")
    if kind.startswith("-"):
        done = unmark(lib, who.known.name, key, [kind[1:]])
    else:
        done = mark(lib, who.known.name, key, kind, text=note if kind == "note" else None)
    return _answer(request, [done], back_to(local_path(back), key))


@router.post("/undo")
def take_back(request: Request, lib: Lib, who: Writer, back: Field = "/") -> Response:
    """Take the visitor's last action back."""
    return _answer(request, undo(lib, who.known.name).papers, local_path(back))


def _answer(request: Request, done: Sequence[Marked], back: str) -> Response:
    if "application/json" in request.headers.get("accept", ""):
        papers = [{"key": m.paper.key, "marks": list(m.kinds), "votes": m.votes, "note": m.note} for m in done]
        return JSONResponse({"papers": papers})
    return led_to(request, back)
