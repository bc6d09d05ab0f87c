"""What whoever has its secret address may read, signed in or not: shared collections, and feeds of what is private."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from broadsheet.feeds import Feed, Item, Site
from broadsheet.library.handle import Library
from broadsheet.library.interest import feed as interest_feed
from broadsheet.library.listing import ListAsk, listing
from broadsheet.library.shelf import collections, saved
from broadsheet.library.watch import Sight
from broadsheet.types import Paper
from broadsheet.web import render
from broadsheet.web.access import Lib, SignedIn
from broadsheet.web.answers import Content, answers_of
from broadsheet.web.lists import CITATIONS, FEEDS, IN_A_FEED, IN_A_FILE, citation, site_of
from broadsheet.web.pages.numbers import PageNumber
from broadsheet.web.routers import for_all

ON_A_PAGE = 100
HEADERS = {"X-Robots-Tag": "noindex, nofollow"}

router = for_all()


@router.get("/shared/{secret}.{extension:format}")
def collection_document(request: Request, lib: Lib, secret: str, extension: str) -> Response:
    """A collection as a feed, what came into it last first, or as a file, in its order."""
    return _collection(request, lib, collections.by_link(lib, secret, page=False), f"/shared/{secret}", extension)


@router.get("/collection/{ref}.{extension:format}")
def own_document(request: Request, lib: Lib, who: SignedIn, ref: str, extension: str) -> Response:
    """The same for readers who may see it, and have signed in or show a token."""
    there = collections.seen_by(lib, who.known, ref, limit=0).collection
    return _collection(request, lib, collections.stamped(lib, there), f"/collection/{ref}", extension)


def _collection(request: Request, lib: Library, found: collections.Stamped, place: str, extension: str) -> Response:
    there, (mark, changed) = found

    def make() -> Content:
        view = collections.opened(lib, there)
        inside = list(view.papers or ())
        if extension in FEEDS:
            inside = sorted(inside, key=lambda one: (one.added, -one.place), reverse=True)[:IN_A_FEED]
        papers = [one.paper for one in inside[:IN_A_FILE]]
        about = there.note or f"A collection of {view.by}'s."
        page = f"/collection/{there.ref}" if there.sharing == "private" else place
        listed = _List(there.name, about, f"/collection/{there.id}", page, place, changed)
        return _document(site_of(request, lib), listed, papers, extension)

    return _private(answers_of(request).answer(request, make, Sight(mark, changed)))


@router.get("/feed/{secret}.{extension:format}")
def search_document(request: Request, lib: Lib, secret: str, extension: str) -> Response:
    """What a saved search finds, the newest first."""
    there = saved.by_secret(lib, secret)

    def make() -> Content:
        asked = ListAsk("search", there.query, "new", there.mode, limit=IN_A_FEED if extension in FEEDS else IN_A_FILE)
        papers = [one.paper for one in listing(lib, asked).papers]
        about, page = f"What the search for {there.query} finds, newest first.", f"/searches/{there.id}"
        listed = _List(
            there.name,
            about,
            page,
            page,
            f"/feed/{secret}",
            lib.now().replace(hour=0, minute=0, second=0, microsecond=0),
        )
        return _document(site_of(request, lib), listed, papers, extension)

    own = Sight((there.name, there.query, there.mode), there.created)
    return _private(answers_of(request).answer(request, make, own))


@router.get("/for/{secret}.{extension:format}")
def interest_document(request: Request, lib: Lib, secret: str, extension: str) -> Response:
    """What is new for an interest of a reader's, the newest first; it counts as shown to them."""
    there = interest_feed.by_feed(lib, secret)
    name = there.interest.name

    def make() -> Content:
        papers = list(interest_feed.filled(lib, there).papers)
        page = f"/interests/{quote(name, safe='')}"
        changed = lib.now().replace(hour=0, minute=0, second=0, microsecond=0)
        listed = _List(
            name, f"New papers for the interest {name}.", f"/for/{there.interest.id}", page, f"/for/{secret}", changed
        )
        return _document(site_of(request, lib), listed, papers, extension)

    own = Sight((there.interest.id, there.interest.edited), there.interest.edited)
    return _private(answers_of(request).answer(request, make, own))


@router.get("/shared/{secret}", response_class=HTMLResponse)
def collection_page(request: Request, lib: Lib, secret: str, page: PageNumber = 1) -> HTMLResponse:
    """A shared collection, to read."""
    there, _ = collections.by_link(lib, secret)
    view = collections.opened(lib, there, limit=ON_A_PAGE, offset=(page - 1) * ON_A_PAGE)
    return HTMLResponse(shown(request, view, page, f"/shared/{secret}"), headers=HEADERS)


def shown(request: Request, view: collections.CollectionView, page: int, address: str) -> str:
    """The page of a collection for somebody whose it is not."""
    papers = [one.paper for one in view.papers or ()]
    return render.page(
        request, "shared.html", view=view, shows=papers, page=page, size=ON_A_PAGE, address=address, unlisted=True
    )


@dataclass(frozen=True, slots=True)
class _List:
    """A list and its addresses: `path` makes its id, `page` is for people, `place` what documents begin with."""

    name: str
    about: str
    path: str
    page: str
    place: str
    changed: datetime


def _document(site: Site, listed: _List, papers: list[Paper], extension: str) -> Content:
    if extension in CITATIONS:
        return citation(papers, extension, listed.name)
    kind, write = FEEDS[extension]
    feed = Feed(
        site=site,
        title=f"{listed.name} · Broadsheet",
        description=listed.about,
        path=listed.path,
        page=site.address + listed.page,
        url=f"{site.address}{listed.place}.{extension}",
        items=tuple(Item(paper) for paper in papers),
        changed=listed.changed,
    )
    return Content(write(feed), f"{kind}; charset=utf-8")


def _private(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response
