"""What a query finds: the page, and the piece of it that changes as a person types."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import quote

from fastapi import Depends, Request, Response

from broadsheet.errors import NotFound
from broadsheet.library.find import SearchAsk, lacking
from broadsheet.library.handle import Library
from broadsheet.library.interest.seeding import named
from broadsheet.library.listing import ListAsk
from broadsheet.library.narrowing import Found, find
from broadsheet.types import SearchMode, SearchSort
from broadsheet.web import render
from broadsheet.web.access import Lib, Writer, led_to
from broadsheet.web.answers import page_of
from broadsheet.web.lists import path_of
from broadsheet.web.pages.numbers import PageNumber
from broadsheet.web.routers import Field, for_readers
from broadsheet.words.said import said

FOUND: Final = 20
MODES: Final[Mapping[SearchMode, str]] = {
    "hybrid": said("words and meaning"),
    "keyword": said("words"),
    "semantic": said("meaning"),
}
SORTS: Final[Mapping[SearchSort, str]] = {"relevance": said("best"), "new": said("newest"), "votes": said("most votes")}

router = for_readers()


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for. `after`: where the page before ended, so that this one goes on there."""

    query: str
    mode: str
    sort: str
    page: int
    after: str | None

    def address(self, query: str | None = None, *, mode: str = "", sort: str = "") -> str:
        """The address of a search like this one, from its first page."""
        text = self.query if query is None else query
        order = sort or self.sort
        return path_of(ListAsk("search", text, "" if order == "relevance" else order, mode or self.mode))

    def narrowed(self, root: str) -> Callable[[str], str]:
        """The addresses of searches like this one by their queries; of the whole library, of the newest first."""
        order = "" if self.query.strip() else "new"
        return lambda query: root + self.address(query, sort=order)


async def asked(
    q: str = "", mode: str = "hybrid", sort: str = "relevance", page: PageNumber = 1, after: str = ""
) -> Asked:
    """The parameters of a search; what is none of ours is as if it was not there."""
    order, way = sort if sort in SORTS else "relevance", mode if mode in MODES else "hybrid"
    return Asked(q, way, order, page, after or None)


Ask = Annotated[Asked, Depends(asked)]


@router.get("/search")
def results(request: Request, lib: Lib, ask: Ask) -> Response:
    """A page of hits, or how to ask."""
    return page_of(request, lambda: _page(request, lib, ask, "search.html"))


@router.get("/search/results")
def piece(request: Request, lib: Lib, ask: Ask) -> Response:
    """The hits alone, for a page that shows them while a person types."""
    return page_of(request, lambda: _page(request, lib, ask, "search_results.html"))


@router.post("/search/ask")
def ask_arxiv(request: Request, lib: Lib, _who: Writer, id: Field = "") -> Response:
    """Take in a paper of arXiv that the library lacks."""
    seeds = named(lib, [id])
    if not seeds.keys:
        raise NotFound(said("paper %(key)s", key=repr(id[:100])), seeds.dropped[0].reason)
    return led_to(request, f"/paper/{quote(seeds.keys[0])}")


def _page(request: Request, lib: Library, ask: Asked, template: str) -> str:
    found = _found(lib, ask)
    hits = found.result.hits if ask.query.strip() else ()
    return render.page(
        request,
        template,
        ask=ask,
        modes=MODES,
        sorts=SORTS,
        found=found,
        lacks=lacking(found.result),
        hits=hits,
        size=FOUND,
        shows=[hit.paper for hit in hits],
        here=ask.address() + (f"&page={ask.page}&after={quote(ask.after or '')}" if ask.page > 1 else ""),
    )


def _found(lib: Library, ask: Asked) -> Found:
    """What is found; of a query without words the facets of the whole library."""
    if not ask.query.strip():
        return find(lib, SearchAsk("", "keyword", 0, sort="new"))
    return find(lib, SearchAsk(ask.query, ask.mode, FOUND, (ask.page - 1) * FOUND, ask.after, ask.sort))
