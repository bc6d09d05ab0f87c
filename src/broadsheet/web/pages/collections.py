"""A reader's collections: seen, put in order, filled, shared; and what is below a paper to put it into one."""

from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from fastapi import Request, Response, UploadFile
from fastapi.responses import HTMLResponse

from broadsheet.errors import BroadsheetError, UsageError
from broadsheet.library.access.sessions import Visitor
from broadsheet.library.address import address
from broadsheet.library.handle import Library
from broadsheet.library.papers.show import find_known
from broadsheet.library.shelf import collections
from broadsheet.library.shelf.collections import CollectionView, Filed
from broadsheet.library.shelf.files import KINDS, SUFFIXES, Kind, import_into, kind_of, written
from broadsheet.library.shelf.mark import marked
from broadsheet.library.shelf.zotero import Sent, from_collection, into_collection
from broadsheet.text import listed
from broadsheet.types import Reader
from broadsheet.web import files, render
from broadsheet.web.access import Lib, SignedIn, Writer, led_to, local_path
from broadsheet.web.cards import back_to
from broadsheet.web.marks import done_to
from broadsheet.web.pages.by_link import ON_A_PAGE, shown
from broadsheet.web.pages.numbers import PageNumber
from broadsheet.web.routers import UNKEPT, Field, for_readers
from broadsheet.words.failure import told
from broadsheet.words.said import said

WAYS = {
    "private": said("Only you"),
    "link": said("Whoever has its address"),
    "lab": said("Every reader here"),
}

router = for_readers()


@router.get("/collections")
def every(request: Request, lib: Lib, who: SignedIn) -> str:
    """All of a reader's, and those that others share with all."""
    with lib.store.still():
        return _every(request, lib, who.known)


@router.post("/collections")
def begin(request: Request, lib: Lib, who: Writer, name: Field = "", note: Field = "", key: Field = "") -> Response:
    """Make one, with a paper in it if one is named."""
    reader = who.known
    try:
        made = collections.make(lib, reader.name, name, note, [key] if key else [])
    except UsageError as e:
        return HTMLResponse(_every(request, lib, reader, told(e), name, note), 400)
    return led_to(request, f"/collection/{made.collection.ref}")


@router.get("/collect/{key:path}")
def menu(request: Request, lib: Lib, _who: SignedIn, key: str) -> str:
    """All collections for a paper, and a new one."""
    paper = find_known(lib, key)[1].paper
    return render.page(request, "collect.html", paper=paper, shows=[paper])


@router.post("/collect")
def collect(request: Request, lib: Lib, who: Writer, to: Field, back: Field = "/") -> Response:
    """Put a paper into a collection, or take it out: `to` is its id, with a `-` to take it out, and the paper's key."""
    ref, _, key = to.partition(" ")
    if ref.startswith("-"):
        collections.remove(lib, who.known.name, ref[1:], [key])
    else:
        collections.add(lib, who.known.name, ref, [key])
    return done_to(request, who.known, [marked(lib, who.known.name, key)], back_to(local_path(back), key))


@router.get("/collection/{ref}")
def one(request: Request, lib: Lib, who: SignedIn, ref: str, page: PageNumber = 1) -> str:
    """A collection of the reader's own with what can be done about it, or one that is for every reader."""
    with lib.store.still():
        return _page(request, lib, who.known, ref, page)


@router.post("/collection/{ref}")
def describe(request: Request, lib: Lib, who: Writer, ref: str, name: Field = "", note: Field = "") -> Response:
    """Name and note."""
    called = name if name.strip() else None
    typed = {"name": name, "note": note}
    return _done(
        request, lib, who, ref, lambda me: collections.describe(lib, me, ref, called=called, note=note), typed=typed
    )


@router.post("/collection/{ref}/add")
def add(request: Request, lib: Lib, who: Writer, ref: str, papers: Field = "") -> Response:
    """Papers of the library by ids or addresses."""
    keys = listed(papers)
    return _done(request, lib, who, ref, lambda me: collections.add(lib, me, ref, keys), typed={"papers": papers})


@router.post("/collection/{ref}/move")
def move(
    request: Request, lib: Lib, who: Writer, ref: str, key: Field, place: Field = "", back: Field = ""
) -> Response:
    """A paper to another place."""

    def run(me: str) -> object:
        if not place.strip().isdecimal():
            raise UsageError(said("place %(place)s", place=repr(place)), "is no number", "1 is the first")
        return collections.move(lib, me, ref, key, min(int(place), 10**6))

    return _done(request, lib, who, ref, run, back)


@router.post("/collection/{ref}/remove")
def remove(request: Request, lib: Lib, who: Writer, ref: str, key: Field, back: Field = "") -> Response:
    """A paper out of it."""
    return _done(request, lib, who, ref, lambda me: collections.remove(lib, me, ref, [key]), back)


@router.post("/collection/{ref}/share")
def share(request: Request, lib: Lib, who: Writer, ref: str, way: Field) -> Response:
    """Who may see it."""
    return _done(request, lib, who, ref, lambda me: collections.share(lib, me, ref, way))


@router.post("/collection/{ref}/renew")
def renew(request: Request, lib: Lib, who: Writer, ref: str) -> Response:
    """Another address, for its feeds too."""
    return _done(request, lib, who, ref, lambda me: collections.renew(lib, me, ref))


@router.post("/collection/{ref}/delete")
def delete(request: Request, lib: Lib, who: Writer, ref: str) -> Response:
    """Delete it."""
    collections.delete(lib, who.known.name, ref)
    return led_to(request, "/collections")


@router.post("/collection/{ref}/import")
def take_in(request: Request, lib: Lib, who: Writer, ref: str, file: UploadFile) -> Response:
    """The papers of a file of references or of ids."""
    me = who.known
    collections.find(lib, me.name, ref)
    with TemporaryDirectory() as folder:
        place = Path(folder) / "papers"
        place.write_bytes(file.file.read())
        try:
            filed = import_into(lib, me.name, ref, [str(place)], takes_in=me.role != "reader")
        except BroadsheetError as e:
            named = BroadsheetError(e.subject.replace(str(place), file.filename or "file"), e.cause, e.remedy)
            return HTMLResponse(_page(request, lib, me, ref, 1, told(named), typed={"papers": ""}), 400)
    return HTMLResponse(_page(request, lib, me, ref, 1, done=filed))


@router.post("/collection/{ref}/zotero")
def zotero(
    request: Request, lib: Lib, who: Writer, ref: str, place: Field = "", secret: Field = "", way: Field = "in"
) -> Response:
    """Papers from a reader's Zotero library, or into it. Their key is used for this once and kept nowhere."""
    me = who.known
    there = collections.find(lib, me.name, ref)
    place, key, takes_in = place.strip(), secret.strip(), me.role != "reader"
    try:
        if way == "out":
            sent = from_collection(lib, me.name, ref, place, key=key)
            return HTMLResponse(_page(request, lib, me, ref, 1, done=sent))
        filed = into_collection(lib, me.name, ref, place, key=key, again=True, takes_in=takes_in)
    except BroadsheetError as e:
        return HTMLResponse(_page(request, lib, me, ref, 1, told(e), typed={"place": place}), 400)
    return HTMLResponse(_page(request, lib, me, ref, 1, done=filed or Filed(there, 0)))


@router.get("/collection/{ref}/export")
def export(lib: Lib, who: SignedIn, ref: str, format: str = "bibtex") -> Response:
    """A file with its papers."""
    return file_of(lib, collections.seen_by(lib, who.known, ref), kind_of("collection", format))


def file_of(lib: Library, view: CollectionView, kind: Kind) -> Response:
    """The papers of a collection as a file to be saved."""
    extension = next(suffix for suffix, known in SUFFIXES.items() if known == kind).removeprefix(".")
    headers = {**files.to_be_saved(view.collection.name, extension), **UNKEPT}
    return Response(written(lib, view, kind), media_type=f"{files.KINDS[extension]}; charset=utf-8", headers=headers)


def _every(request: Request, lib: Library, me: Reader, trouble: str = "", name: str = "", note: str = "") -> str:
    own, others = collections.collections_of(lib, me.name), collections.shared_with(lib, me)
    given = {"name": name, "note": note}
    return render.page(request, "collections.html", own=own, others=others, ways=WAYS, given=given, trouble=trouble)


def _page(
    request: Request,
    lib: Library,
    me: Reader,
    ref: str,
    page: int,
    trouble: str = "",
    done: Filed | Sent | None = None,
    typed: Mapping[str, str] | None = None,
) -> str:
    """`typed`: what was in the form that `trouble` is about."""
    view = collections.seen_by(lib, me, ref, limit=ON_A_PAGE, offset=(page - 1) * ON_A_PAGE)
    if not view.own:
        return shown(request, view, page, f"/collection/{ref}")
    return render.page(
        request,
        "collection.html",
        view=view,
        feed=_feed(lib, view),
        shows=[one.paper for one in view.papers or ()],
        ways=WAYS,
        kinds=KINDS,
        filed=done if isinstance(done, Filed) else None,
        sent=done if isinstance(done, Sent) else None,
        trouble=trouble,
        typed=typed or {},
        arranging="arrange" in request.query_params,
        page=page,
        size=ON_A_PAGE,
        at=f"/collection/{view.collection.ref}",
    )


def _feed(lib: Library, view: CollectionView) -> str | None:
    return address(lib, f"shared/{view.collection.secret}.atom") if view.collection.secret else None


def _done(
    request: Request,
    lib: Library,
    who: Visitor,
    ref: str,
    run: Callable[[str], object],
    back: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:
    """Do it and show the page again, or the page with what was wrong."""
    me = who.known
    collections.find(lib, me.name, ref)
    try:
        run(me.name)
    except UsageError as e:
        return HTMLResponse(_page(request, lib, me, ref, 1, told(e), typed=typed), 400)
    return led_to(request, local_path(back) if back else f"/collection/{ref}")
