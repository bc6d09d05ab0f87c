"""Collections in the REST API: the same as on pages, for the reader whose token asks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Query, Response

from broadsheet.library import answers as shapes
from broadsheet.library.shelf import collections
from broadsheet.library.shelf.files import Kind
from broadsheet.library.shelf.undo import undo
from broadsheet.types import Sharing
from broadsheet.web.access import Lib, SignedIn, Writer
from broadsheet.web.documented import documented
from broadsheet.web.misread import EXACTLY
from broadsheet.web.pages.collections import file_of
from broadsheet.web.routers import for_programs

Json = dict[str, Any]
Limit = Annotated[int, Query(ge=1, le=1_000, description="How many papers, at most 1,000.")]
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="Skip so many.")]

router = for_programs("collections", "/api/v1")


@dataclass(frozen=True, slots=True)
class Described:
    """What a collection is called and who may see it; what is left out of a change stays."""

    __pydantic_config__ = EXACTLY

    name: str | None = None
    note: str | None = None
    sharing: Sharing | None = None


@dataclass(frozen=True, slots=True)
class Made(Described):
    """A collection as it is sent. `papers` are keys or other ids."""

    papers: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Papers:
    """Papers by keys or other ids."""

    __pydantic_config__ = EXACTLY

    papers: Sequence[str]


@router.get("/collections", responses=documented("collections", 401))
def every(lib: Lib, who: SignedIn) -> Json:
    """The reader's own collections, the saved papers first, and those that other readers share with all."""
    own, others = collections.collections_of(lib, who.known.name), collections.shared_with(lib, who.known)
    listed = {"collections": own, "shared": others}
    return {name: [shapes.collection_fields(view) for view in views] for name, views in listed.items()}


@router.post("/collections", status_code=201, responses=documented("collection", 400, 401, status=201))
def make(lib: Lib, who: Writer, said: Made) -> Json:
    """Make a collection. The body is `{"name", "note", "sharing", "papers"}`, all but the name optional."""
    made = collections.make(lib, who.known.name, said.name or "", said.note or "", said.papers).collection
    if said.sharing and said.sharing != "private":
        collections.share(lib, who.known.name, made.ref, said.sharing)
    return shapes.collection_fields(collections.papers(lib, who.known.name, made.ref))


@router.get("/collections/{ref}", responses=documented("collection", 401, 404))
def one(lib: Lib, who: SignedIn, ref: str, limit: Limit = 100, offset: Offset = 0) -> Json:
    """A piece of a collection, by its id or `saved`: the reader's own, or one that is for every reader."""
    return shapes.collection_fields(collections.seen_by(lib, who.known, ref, limit=limit, offset=offset))


@router.get("/collections/{ref}/export", response_class=Response)
def export(
    lib: Lib,
    who: SignedIn,
    ref: str,
    format: Annotated[Kind, Query(description="Of the file.")] = "bibtex",
) -> Response:
    """All papers of a collection as a file."""
    return file_of(lib, collections.seen_by(lib, who.known, ref), format)


@router.patch("/collections/{ref}", responses=documented("collection", 400, 401, 404))
def change(lib: Lib, who: Writer, ref: str, said: Described) -> Json:
    """Change name, note or who may see it. The body is `{"name", "note", "sharing"}`; what is left out stays."""
    me = who.known.name
    collections.describe(lib, me, ref, called=said.name, note=said.note)
    if said.sharing:
        collections.share(lib, me, ref, said.sharing)
    return shapes.collection_fields(collections.papers(lib, me, ref, limit=100))


@router.delete("/collections/{ref}", status_code=204, response_class=Response)
def delete(lib: Lib, who: Writer, ref: str) -> None:
    """Delete a collection; undoing brings it back for 30 days."""
    collections.delete(lib, who.known.name, ref)


@router.post("/collections/{ref}/papers", responses=documented("filed", 400, 401, 404))
def add(lib: Lib, who: Writer, ref: str, said: Papers) -> Json:
    """Put papers of the library into a collection, at its end. The body is `{"papers"}`: keys or other ids."""
    return shapes.filed_answer(collections.add(lib, who.known.name, ref, said.papers))


@router.put("/collections/{ref}/papers", responses=documented("collection", 400, 401, 404))
def arrange(lib: Lib, who: Writer, ref: str, said: Papers) -> Json:
    """Put papers of a collection first, in this order; the others follow as they stand. The body is `{"papers"}`."""
    collections.arrange(lib, who.known.name, ref, said.papers)
    return shapes.collection_fields(collections.papers(lib, who.known.name, ref, limit=100))


@router.delete("/collections/{ref}/papers/{key:path}", status_code=204, response_class=Response)
def remove(lib: Lib, who: Writer, ref: str, key: str) -> None:
    """Take a paper out of a collection; it stays in the library."""
    collections.remove(lib, who.known.name, ref, [key])


@router.post("/undo", responses=documented("undone", 401))
def take_back(lib: Lib, who: Writer) -> Json:
    """Take back the reader's last action: a mark, something about a collection, or a saved search."""
    return shapes.undone_answer(undo(lib, who.known.name))
