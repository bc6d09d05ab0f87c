"""The REST API for programs, `/api/v1`: each route is one library call, and answers what the command of its name does.

Answers are the JSON of `library.answers`, errors one envelope (`web.failures`). What depends on the library alone is
answered as feeds are: with an ETag, and without work where nothing has changed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import orjson
from fastapi import Depends, Query, Request, Response

from broadsheet import __version__
from broadsheet.errors import UsageError
from broadsheet.library import answers as shapes
from broadsheet.library.editions.edition import edition
from broadsheet.library.find import SearchAsk, search
from broadsheet.library.handle import Library
from broadsheet.library.listing import days, edition_name, papers_by_key
from broadsheet.library.papers.show import show
from broadsheet.library.upkeep.status import status
from broadsheet.types import SearchMode, SearchSort
from broadsheet.web.access import Lib, SignedIn, sign_in_needed, visitor
from broadsheet.web.answers import Content, answers_of
from broadsheet.web.documented import documented
from broadsheet.web.lists import site_of
from broadsheet.web.routers import for_programs
from broadsheet.words.said import said

Json = dict[str, Any]
Params = Mapping[str, str | int]

MOST = 1_000
MOST_KEYS = 100
MOST_DAYS = 1_000

router = for_programs("library", "/api/v1")

Limit = Annotated[int, Query(ge=1, le=MOST, description="How many, at most 1,000.")]
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="Skip so many.")]
Day = Annotated[date | None, Query(description="A day, such as `2025-11-20`.")]


@router.get("", responses=documented("index"))
def index(request: Request, lib: Lib) -> Json:
    """What there is, and where it is described."""
    here = site_of(request, lib).address
    paths = ("editions", "editions/newest", "search", "papers", "me", "status", "openapi.json")
    return {
        "name": "Broadsheet",
        "version": __version__,
        "links": {path: f"{here}/api/v1/{path}" for path in paths},
    }


@router.get("/editions", responses=documented("editions"))
def editions_list(
    request: Request,
    lib: Lib,
    since: Day = None,
    until: Day = None,
    limit: Annotated[int, Query(ge=1, le=MOST_DAYS, description="How many days, at most 1,000.")] = 100,
) -> Response:
    """The days that have papers, the newest first, and how many each has by the kind of its announcement."""

    def make() -> Json:
        found = days(lib, since, until)[::-1]
        listed = [{"edition": one.day.isoformat(), "papers": one.papers, "kinds": one.kinds} for one in found[:limit]]
        return {"editions": listed, "total": len(found)}

    return _answer(request, lib, make)


@router.get("/editions/{name}", responses=documented("edition", 400, 401))
def edition_of(
    request: Request,
    lib: Lib,
    name: str,
    sort: Annotated[
        str,
        Query(
            description="`trending`, `votes`, `new`, or `mine`: the order of the token's reader, without what they hid."
        ),
    ] = "trending",
    category: Annotated[list[str] | None, Query(description="Only these categories or archives; repeatable.")] = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Response:
    """The papers of a day (`2025-11-20`), an ISO week (`2025-W47`) or a month (`2025-11`), in order.

    `newest`, `week` and `month` are the newest day that has papers, its week and its month.
    """
    who = visitor(request).reader if sort == "mine" else None
    reader = who.name if who else None
    if sort == "mine" and reader is None:
        raise sign_in_needed()

    def make() -> Json:
        named, chosen = edition_name(lib, name), tuple(category or ())
        return shapes.edition_answer(
            edition(lib, named, sort=sort, categories=chosen, limit=limit, offset=offset, reader=reader)
        )

    def following(doc: Json) -> Params:
        return {"offset": offset + limit} if offset + limit < doc["total"] else {}

    return _answer(request, lib, make, following, is_own=reader is not None)


@dataclass(frozen=True, slots=True)
class SearchParams:
    """What a search can be asked."""

    q: Annotated[str, Query(description="A query, as in the search box; its first 2,000 letters are read.")] = ""
    mode: Annotated[SearchMode, Query(description="By words, by meaning, or both.")] = "hybrid"
    sort: Annotated[SearchSort, Query(description="The order of the hits.")] = "relevance"
    limit: Limit = 20
    offset: Offset = 0
    after: Annotated[str | None, Query(description="The `next` of the page before; wins over `offset`.")] = None
    facets: Annotated[bool, Query(description="Count all hits by category, year and source.")] = False


@router.get("/search", responses=documented("search", 400))
def search_for(request: Request, lib: Lib, asked: Annotated[SearchParams, Depends()]) -> Response:
    """What a query finds, with the reason for each hit; an empty query lists everything."""
    ask = SearchAsk(asked.q, asked.mode, asked.limit, asked.offset, asked.after, asked.sort, asked.facets)

    def make() -> Json:
        found = shapes.search_answer(search(lib, ask))
        return {name: value for name, value in found.items() if name != "seconds"}

    return _answer(request, lib, make, lambda doc: {"after": doc["next"]} if doc["next"] else {})


@router.get("/papers", responses=documented("papers", 400))
def papers_of(
    request: Request,
    lib: Lib,
    ids: Annotated[str, Query(description="Keys or other ids, separated by commas, at most 100.")],
) -> Response:
    """Several papers at once, and which of the ids are not here."""
    wanted = [id for part in ids.split(",") if (id := part.strip())]
    if not 0 < len(wanted) <= MOST_KEYS:
        raise UsageError(
            "ids", said("has %(many)s ids", many=len(wanted)), said("name between one and %(most)s", most=MOST_KEYS)
        )

    def make() -> Json:
        found = papers_by_key(lib, wanted)
        return {
            "papers": [shapes.paper_fields(found[id]) for id in wanted if id in found],
            "missing": [id for id in wanted if id not in found],
        }

    return _answer(request, lib, make)


@router.get("/papers/{key:path}/related", responses=documented("related", 404))
def related_to(
    request: Request,
    lib: Lib,
    key: str,
    limit: Annotated[int, Query(ge=1, le=50, description="How many, at most 50.")] = 10,
) -> Response:
    """The papers most like one, by meaning, or by the words of its title where there are no vectors."""

    def make() -> Json:
        view = show(lib, key, related=limit)
        hits = [{**shapes.paper_fields(hit.paper), "score": round(hit.score, 6)} for hit in view.related]
        return {"key": view.paper.key, "papers": hits}

    return _answer(request, lib, make)


@router.get("/papers/{key:path}", responses=documented("paper", 404))
def paper_of(request: Request, lib: Lib, key: str) -> Response:
    """Everything about one paper, under its key or any of its ids: fields, parts, counts over time."""
    return _answer(request, lib, lambda: shapes.show_answer(show(lib, key, related=5)))


@router.get("/me", responses=documented("me", 401))
def me(who: SignedIn) -> Json:
    """Whose token this is, and what it may do: `read`, or `write` as well."""
    reader = who.known
    told = {"name": reader.name, "display": reader.display, "role": reader.role, "zone": reader.zone}
    return {"reader": told, "scope": "write" if who.may_write else "read"}


@router.get("/status", responses=documented("status"))
def status_of(lib: Lib) -> Json:
    """What is there, what ran, what failed and why. Without the settings and paths that `broadsheet status` shows."""
    told = status(lib)
    return {name: value for name, value in told.items() if name not in ("settings", "home")}


def _answer(
    request: Request,
    lib: Library,
    make: Callable[[], Json],
    following: Callable[[Json], Params] = lambda _doc: {},
    *,
    is_own: bool = False,
) -> Response:
    """`following`: the parameters that lead to the next page, from the answer; they become a `Link` (RFC 8288).

    `is_own`: it depends on who asks, and is remembered for nobody.
    """

    def content() -> Content:
        doc = make()
        more = following(doc)
        headers = {"Link": f'<{_address(request, lib, more)}>; rel="next"'} if more else {}
        return Content(orjson.dumps(doc), "application/json", headers)

    if is_own:
        made = content()
        return Response(made.body, media_type=made.kind, headers=dict(made.headers))
    return answers_of(request).answer(request, content)


def _address(request: Request, lib: Library, more: Params) -> str:
    """The address of the request with other parameters."""
    path = request.url.path.removeprefix(request.scope.get("root_path", ""))
    query = request.url.include_query_params(**more).query
    return f"{site_of(request, lib).address}{path}?{query}"
