"""Marks in the REST API: the same as on pages, for the reader whose token asks."""

from typing import Annotated, Any

from fastapi import Query

from broadsheet.library import answers as shapes
from broadsheet.library.shelf.mark import mark, marks_of, unmark
from broadsheet.types import MarkKind
from broadsheet.web.access import Lib, SignedIn, Writer
from broadsheet.web.documented import documented
from broadsheet.web.routers import for_programs

router = for_programs("marks", "/api/v1")

MOST = 1_000


@router.get("/marks", responses=documented("marks", 400, 401))
def marked(
    lib: Lib,
    who: SignedIn,
    kind: Annotated[list[MarkKind] | None, Query(description="Only marks of these kinds; repeatable.")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST, description="How many papers, at most 1,000.")] = 100,
) -> dict[str, Any]:
    """The papers that the token's reader has marked, the newest mark first, with all that they say of each."""
    found, total = marks_of(lib, who.known.name, kinds=kind or (), limit=limit)
    return {"total": total, "marks": [shapes.marked_fields(one) for one in found]}


@router.put("/papers/{key:path}/marks/{kind}", responses=documented("mark", 400, 401, 403, 404))
def put(
    lib: Lib,
    who: Writer,
    key: str,
    kind: MarkKind,
    text: Annotated[str | None, Query(max_length=10_000, description="The text, where it is a note.")] = None,
) -> dict[str, Any]:
    """Mark a paper: `up`, `down`, `save`, `read`, `hide` or `note`. Twice is as good as once."""
    return shapes.marked_fields(mark(lib, who.known.name, key, kind, text=text))


@router.delete("/papers/{key:path}/marks/{kind}", responses=documented("mark", 400, 401, 403, 404))
def delete(lib: Lib, who: Writer, key: str, kind: MarkKind) -> dict[str, Any]:
    """Take a mark of a paper back. Twice is as good as once."""
    return shapes.marked_fields(unmark(lib, who.known.name, key, [kind]))
