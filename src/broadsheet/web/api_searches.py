"""Saved searches in the REST API: the same as on pages, for the reader whose token asks."""

from dataclasses import dataclass
from typing import Any

from fastapi import Response

from broadsheet.library import answers as shapes
from broadsheet.library.shelf import saved
from broadsheet.types import SearchMode
from broadsheet.web.access import Lib, SignedIn, Writer
from broadsheet.web.documented import documented
from broadsheet.web.misread import EXACTLY
from broadsheet.web.routers import for_programs

Json = dict[str, Any]

router = for_programs("searches", "/api/v1/searches")


@dataclass(frozen=True, slots=True)
class Kept:
    """A search as it is sent."""

    __pydantic_config__ = EXACTLY

    query: str
    name: str = ""
    mode: SearchMode = "hybrid"


@dataclass(frozen=True, slots=True)
class Changes:
    """What shall be otherwise; what is left out stays. `feed`: a new secret address for its feeds, or none."""

    __pydantic_config__ = EXACTLY

    name: str | None = None
    muted: bool | None = None
    feed: bool | None = None


@router.get("", responses=documented("searches", 401))
def every(lib: Lib, who: SignedIn) -> Json:
    """The reader's saved searches, and how many papers are new in each since they looked."""
    return {"searches": [shapes.saved_search_fields(view) for view in saved.searches_of(lib, who.known.name)]}


@router.post("", status_code=201, responses=documented("saved_search", 400, 401, status=201))
def save(lib: Lib, who: Writer, said: Kept) -> Json:
    """Keep a search. The body is `{"query", "name", "mode"}`, all but the query optional."""
    return shapes.saved_search_fields(saved.save(lib, who.known.name, said.name, said.query, said.mode))


@router.get("/{ref}", responses=documented("saved_search", 401, 404))
def one(lib: Lib, who: SignedIn, ref: str) -> Json:
    """A saved search with the newest hundred of its new `papers`, which stay new."""
    return _with_papers(saved.look(lib, who.known.name, ref, keep=True))


@router.post("/{ref}/look", responses=documented("saved_search", 401, 404))
def look(lib: Lib, who: Writer, ref: str) -> Json:
    """The same, and they are not new any more."""
    return _with_papers(saved.look(lib, who.known.name, ref))


@router.patch("/{ref}", responses=documented("saved_search", 400, 401, 404))
def change(lib: Lib, who: Writer, ref: str, said: Changes) -> Json:
    """Rename a search, let it be silent, give its feeds an address. The body is `{"name", "muted", "feed"}`."""
    me = who.known.name
    there = saved.change(lib, me, ref, called=said.name, muted=said.muted)
    if said.feed is not None:
        saved.feed(lib, me, str(there.id), on=said.feed)
    return _with_papers(saved.look(lib, me, str(there.id), keep=True))


@router.delete("/{ref}", status_code=204, response_class=Response)
def delete(lib: Lib, who: Writer, ref: str) -> None:
    """Delete a search; undoing brings it back."""
    saved.delete(lib, who.known.name, ref)


def _with_papers(view: saved.SearchView) -> Json:
    return {**shapes.saved_search_fields(view), "papers": [shapes.paper_fields(paper) for paper in view.papers]}
