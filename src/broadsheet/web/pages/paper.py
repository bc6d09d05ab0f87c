"""One paper: what it says, how it changed, what was counted, how to cite it, and what the reader noted on it."""

from dataclasses import dataclass
from functools import lru_cache

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup, escape

from broadsheet import cite
from broadsheet.library.comments.discussion import LONGEST, discussion, may_see
from broadsheet.library.editions.beside import Beside, beside, beside_in_own_order
from broadsheet.library.handle import Library
from broadsheet.library.interest.own_place import own_place
from broadsheet.library.papers.show import PaperView, show
from broadsheet.library.papers.versions import versions_of
from broadsheet.library.shelf.mark import LONGEST_NOTE, name_of_note, note_on, savers
from broadsheet.types import Paper, Reader
from broadsheet.web import render
from broadsheet.web.access import Lib, visitor
from broadsheet.web.answers import page_of
from broadsheet.web.chart import charts
from broadsheet.web.links import by_kind
from broadsheet.web.routers import for_readers

router = for_readers()

RELATED = 6


@dataclass(frozen=True, slots=True)
class Citation:
    """A paper in a style or a format: what is shown, and whether it is a file's text, which keeps its lines."""

    name: str
    text: Markup
    is_file: bool = False


@router.get("/paper/{key:path}")
def paper(request: Request, lib: Lib, key: str, within: str = "") -> Response:
    """Everything about a paper. `within`: `mine` where one goes through one's own list, `2025-11-20.mine` through an
    edition in one's own order.
    """
    if visitor(request).reader is None and may_see(lib, None):  # a comment is no change of the library: made each time
        return HTMLResponse(_made(request, lib, key, within))
    return page_of(request, lambda: _made(request, lib, key, within))


def _made(request: Request, lib: Library, key: str, within: str) -> str:
    who, view = visitor(request), show(lib, key, related=RELATED)
    own = own_place(lib, who.reader, view.paper.key) if who.reader and within == "mine" else None
    drawn = charts(view.signals)
    note = note_on(lib, who.reader, view.id) if who.reader else None
    return render.page(
        request,
        "paper.html",
        view=view,
        shows=[view.paper],
        own=own,
        beside=own or _beside(lib, who.reader, view, within) or beside(lib, view.id, view.paper.key),
        versions=versions_of(view),
        links=by_kind(view.paper.links),
        charts=drawn,
        drawn={(chart.signal.source, chart.signal.kind) for chart in drawn},
        citations=citations(view.paper),
        note=note,
        name_of_note=name_of_note(note),
        longest_note=LONGEST_NOTE,
        talk=discussion(lib, view.id, who.reader),
        may_talk=lib.settings.comments.enabled,
        longest=LONGEST,
        savers=savers(lib, view.id) if who.reader else [],
    )


def _beside(lib: Library, reader: Reader | None, view: PaperView, within: str) -> Beside | None:
    name, _, order = within.partition(".")
    return beside_in_own_order(lib, reader, name, view.id) if reader and order == "mine" else None


@lru_cache(500)
def citations(paper: Paper) -> tuple[Citation, ...]:
    """The paper in every style, then in every format."""
    styles = [Citation(name, _slanted(cite.reference(paper, name))) for name in cite.STYLES]
    files = (("BibTeX", cite.to_bibtex), ("RIS", cite.to_ris), ("CSL-JSON", cite.to_csl))
    return (*styles, *(Citation(name, escape(write([paper]).strip()), True) for name, write in files))


def _slanted(pieces: tuple[cite.Piece, ...]) -> Markup:
    return Markup("").join(Markup("<i>{}</i>").format(p.text) if p.slanted else escape(p.text) for p in pieces)
