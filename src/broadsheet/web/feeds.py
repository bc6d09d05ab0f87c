"""Every list in every format: the list's address with `.atom`, `.rss`, `.json`, `.bib` or `.ris` at its end."""

from dataclasses import replace
from itertools import groupby
from typing import Annotated
from urllib.parse import quote

from fastapi import Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from broadsheet.errors import NotFound
from broadsheet.feeds import Site, Subscription, opml, to_opml
from broadsheet.library.fields import categories
from broadsheet.library.handle import Library
from broadsheet.library.interest.feed import own_feeds
from broadsheet.library.listing import NEWEST, ListAsk, edition_name, listing
from broadsheet.library.papers.show import find_known
from broadsheet.library.shelf.collections import collections_of
from broadsheet.library.shelf.saved import searches
from broadsheet.types import SEARCH_MODES, Reader
from broadsheet.web import render
from broadsheet.web.access import Lib, SignedIn, Who
from broadsheet.web.answers import Content, answers_of
from broadsheet.web.lists import Address, Piece, citation, document, path_of, site_of
from broadsheet.web.names import called
from broadsheet.web.routers import UNKEPT, for_programs
from broadsheet.words.said import counted, said

router = for_programs("lists", answers=Response)

Page = Annotated[int, Query(ge=1, le=10_000, description="Which piece of the list.")]
Limit = Annotated[
    int | None,
    Query(
        ge=1,
        le=1_000,
        description="Papers in a piece; if not given, 500 in a feed of a day, 100 in another, 1,000 in a file.",
    ),
]
Sort = Annotated[str, Query(description="The order, as on the list's page.")]
Cat = Annotated[str, Query(description="Only this category or archive.")]
Mode = Annotated[str, Query(description=f"One of {', '.join(f'`{mode}`' for mode in SEARCH_MODES)}.")]


@router.get("/trending.{extension:format}")
def trending_list(
    request: Request,
    lib: Lib,
    extension: str,
    window: Annotated[str, Query(description="`day`, `week` or `month`.")] = "week",
    rising: Annotated[bool, Query(description="Young papers by how many votes are still expected.")] = False,
    cat: Cat = "",
    page: Page = 1,
    limit: Limit = None,
) -> Response:
    """What is trending now, or what is rising."""
    ask = ListAsk("trending", "" if window == "week" else window, "rising" if rising else "", category=cat)
    return _list(request, lib, extension, ask, page, limit)


@router.get("/search.{extension:format}")
def search_list(
    request: Request,
    lib: Lib,
    extension: str,
    q: Annotated[str, Query(description="A query, in the language of the search box.")] = "",
    mode: Mode = "hybrid",
    sort: Sort = "",
    page: Page = 1,
    limit: Limit = None,
) -> Response:
    """What a query finds: with `sort=new` every new paper that matches, else the best of all."""
    return _list(request, lib, extension, ListAsk("search", q, sort, mode), page, limit)


@router.get("/category/{name}.{extension:format}")
def category_list(
    request: Request, lib: Lib, name: str, extension: str, page: Page = 1, limit: Limit = None
) -> Response:
    """The papers of a category or archive, newest first."""
    return _list(request, lib, extension, ListAsk("category", name), page, limit)


@router.get("/author/{name:path}.{extension:format}")
def author_list(request: Request, lib: Lib, name: str, extension: str, page: Page = 1, limit: Limit = None) -> Response:
    """The papers of an author, newest first."""
    return _list(request, lib, extension, ListAsk("author", name), page, limit)


@router.get("/paper/{key:path}.{extension:citation}")
def paper_citation(request: Request, lib: Lib, key: str, extension: str) -> Response:
    """One paper as a citation."""

    def make() -> Content:
        paper = find_known(lib, key)[1].paper
        return citation([paper], extension, paper.key)

    return answers_of(request).answer(request, make)


@router.get("/feeds.opml")
def subscriptions_file(request: Request, lib: Lib) -> Response:
    """The feeds of `/feeds` in one file, for readers' programs that subscribe to many at once."""

    def make() -> Content:
        offered = subscriptions(lib, site_of(request, lib))
        return Content(to_opml("Broadsheet", offered), opml.TYPE)

    return answers_of(request).answer(request, make)


@router.get("/feeds/mine.opml", include_in_schema=False)
def own_file(request: Request, lib: Lib, who: SignedIn) -> Response:
    """All of a reader's feeds: everybody's, and the secret ones of their collections and searches."""
    site = site_of(request, lib)
    offered = [*own_subscriptions(lib, who.known, site), *subscriptions(lib, site)]
    return Response(to_opml("Broadsheet", offered), media_type=opml.TYPE, headers=UNKEPT)


@router.get("/feeds", response_class=HTMLResponse, include_in_schema=False)
def subscriptions_page(request: Request, lib: Lib, who: Who) -> HTMLResponse:
    """What can be subscribed to."""
    site = site_of(request, lib)
    own = own_subscriptions(lib, who.known, site) if who.reader else []
    offered = [*own, *subscriptions(lib, site)]
    groups = [(group, list(rows)) for group, rows in groupby(offered, key=lambda one: one.group)]
    return HTMLResponse(render.page(request, "feeds.html", groups=groups))


@router.get("/newest", include_in_schema=False)
@router.get("/week", include_in_schema=False)
@router.get("/month", include_in_schema=False)
def moving_edition(request: Request, lib: Lib) -> RedirectResponse:
    """The page of the edition that a moving name stands for now."""
    moving = request.url.path.rpartition("/")[2]
    asked = f"?{request.url.query}" if request.url.query else ""
    return _moved(request, f"/{edition_name(lib, moving) or ''}{asked}")


@router.get("/category/{name}", include_in_schema=False)
def category_page(request: Request, name: str) -> RedirectResponse:
    """The page of a category's list."""
    return _moved(request, path_of(ListAsk("search", f"cat:{name}", "new")))


@router.get("/author/{name:path}", include_in_schema=False)
def author_page(request: Request, name: str) -> RedirectResponse:
    """The page of an author's list."""
    quoted = name.replace('"', " ")
    return _moved(request, path_of(ListAsk("search", f'author:"{quoted}"', "new")))


@router.get("/.{extension:format}", include_in_schema=False)
def front_list(
    request: Request, lib: Lib, extension: str, sort: Sort = "", cat: Cat = "", page: Page = 1, limit: Limit = None
) -> Response:
    """The newest edition, under the address of the front page."""
    return edition_list(request, lib, "newest", extension, sort, cat, page, limit)


@router.get("/{name}.{extension:format}")
def edition_list(
    request: Request,
    lib: Lib,
    name: str,
    extension: str,
    sort: Sort = "",
    cat: Cat = "",
    page: Page = 1,
    limit: Limit = None,
) -> Response:
    """An edition: `newest`, `week` and `month` move on with time; a day, an ISO week or a month stays."""
    if name not in NEWEST and not name[:1].isdigit():
        raise NotFound(f"/{name}.{extension}", "there is no list at this address", "all lists are on /feeds")
    return _list(request, lib, extension, ListAsk("edition", name, sort, category=cat), page, limit)


def _moved(request: Request, path: str) -> RedirectResponse:
    return RedirectResponse(request.scope.get("root_path", "") + path)


def _list(request: Request, lib: Library, extension: str, ask: ListAsk, page: int, limit: int | None) -> Response:
    """A piece of a list in a format."""
    piece = Piece.of(extension, page, limit, ask)
    asked = replace(ask, limit=piece.size, offset=(page - 1) * piece.size)
    site, today = site_of(request, lib), lib.now().replace(hour=0, minute=0, second=0, microsecond=0)
    address = Address(site, ask, piece, lib.settings.feeds.hub)
    return answers_of(request).answer(request, lambda: document(listing(lib, asked), address, today))


def subscriptions(lib: Library, site: Site) -> list[Subscription]:
    """The feeds that are offered to everybody."""
    editions = (
        ("newest", said("Newest papers"), said("Every paper of the newest edition.")),
        ("week", said("Papers of the week"), said("The week's papers, those with most attention first.")),
        ("month", said("Papers of the month"), said("The month's papers, those with most attention first.")),
    )
    group = said("Editions")
    offered = [_offer(site, group, title, about, ListAsk("edition", name)) for name, title, about in editions]
    offered.append(_offer(site, group, said("Trending"), said("What is read and voted on now."), ListAsk("trending")))
    for name, count in categories(lib):
        about = counted("%(num)s paper so far.", "%(num)s papers so far.", count) if count else said("New papers.")
        offered.append(_offer(site, said("Categories"), name, about, ListAsk("category", name)))
    return offered


def own_subscriptions(lib: Library, who: Reader, site: Site) -> list[Subscription]:
    """The feeds of a reader's interests, collections and searches that have a secret address."""
    offered = []
    for interest, secret in own_feeds(lib, who):
        url, page = f"{site.address}/for/{secret}.atom", f"{site.address}/interests/{quote(interest.name, safe='')}"
        offered.append(Subscription(said("Your interests"), interest.name, said("What is new for it."), url, page))
    for view in collections_of(lib, who.name):
        there = view.collection
        if there.secret:
            url, page = f"{site.address}/shared/{there.secret}.atom", f"{site.address}/collection/{there.ref}"
            offered.append(
                Subscription(said("Your collections"), called(there), said("What comes into it."), url, page)
            )
    for search in searches(lib, who):
        if search.secret:
            url, page = f"{site.address}/feed/{search.secret}.atom", f"{site.address}/searches/{search.id}"
            about = said("New papers for %(query)s.", query=search.query)
            offered.append(Subscription(said("Your searches"), search.name, about, url, page))
    return offered


def _offer(site: Site, group: str, title: str, about: str, ask: ListAsk) -> Subscription:
    url, page = site.address + path_of(ask, "atom"), site.address + path_of(ask)
    return Subscription(group, title, about, url, page)
