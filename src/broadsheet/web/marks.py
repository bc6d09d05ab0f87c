"""Marks on pages: one button, one form, one key; and taking back what was done. The same without script."""

from collections.abc import Sequence

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from broadsheet.library.held import held
from broadsheet.library.mark import Marked, mark, unmark
from broadsheet.library.undo import undo
from broadsheet.text import plain
from broadsheet.types import Reader
from broadsheet.web.access import Lib, Writer, led_to, library_of, local_path
from broadsheet.web.cards import back_to
from broadsheet.web.routers import Field, for_all

router = for_all()


@router.post("/mark")
def mark_paper(request: Request, lib: Lib, who: Writer, say: Field, note: Field = "", back: Field = "/") -> Response:
    """Mark a paper, or take a mark back: `say` is one of `store.marks.KINDS`, with a `-` to take it back, and a key."""
    kind, _, key = say.partition(" ")
    if kind.startswith("-"):
        done = unmark(lib, who.known.name, key, [kind[1:]])
    else:
        done = mark(lib, who.known.name, key, kind, text=note if kind == "note" else None)
    return done_to(request, who.known, [done], back_to(local_path(back), key))


@router.post("/undo")
def take_back(request: Request, lib: Lib, who: Writer, back: Field = "/") -> Response:
    """Take the visitor's last action back."""
    done = undo(lib, who.known.name)
    return done_to(request, who.known, done.papers, local_path(back), done.things)


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
