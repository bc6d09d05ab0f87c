"""A reader's interests: what was said, what was learnt, in words that can be changed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from broadsheet.errors import BroadsheetError, UsageError
from broadsheet.library.handle import Library, no_progress
from broadsheet.library.interest.feed import feed_address, set_feed
from broadsheet.library.interest.file import export_interest
from broadsheet.library.interest.profiles import (
    InterestView,
    add_interest,
    edit_interest,
    list_interests,
    remove_interest,
    reset_interest,
    show_interest,
)
from broadsheet.rank.profile import Said
from broadsheet.text import listed
from broadsheet.types import Profile
from broadsheet.web import render
from broadsheet.web.access import Lib, SignedIn, Writer, led_to
from broadsheet.web.files import to_be_saved
from broadsheet.web.routers import Field, for_readers
from broadsheet.words.failure import told
from broadsheet.words.said import said

router = for_readers()

LISTS = ("about", "authors", "include", "exclude", "categories", "seeds")
"""What the form has a box for, a line each."""

WAS = "was-"
"""What the names of hidden fields begin with that say what was in a box when the page was made."""


@router.get("/interests")
def every(request: Request, lib: Lib, who: SignedIn) -> str:
    """All of a reader's interests with what marks have taught them by now, and the form to begin one."""
    views = list_interests(lib, who.known.name, no_progress)
    return render.page(request, "interests.html", views=views, given={}, trouble=None)


@router.post("/interests")
def begin(
    request: Request,
    lib: Lib,
    who: Writer,
    name: Field = "",
    about: Field = "",
    authors: Field = "",
    papers: Field = "",
) -> Response:
    """Begin an interest from a few words, authors or papers."""
    said = Said(about=_lines(about), authors=_lines(authors), papers=listed(papers))
    try:
        made = add_interest(lib, who.known.name, name, said)
    except UsageError as e:
        given = {"name": name, "about": about, "authors": authors, "papers": papers}
        views = list_interests(lib, who.known.name)
        return HTMLResponse(render.page(request, "interests.html", views=views, given=given, trouble=told(e)), 400)
    return _made(request, lib, made)


@router.get("/interests/{name}")
def one(request: Request, lib: Lib, who: SignedIn, name: str) -> str:
    """An interest with its papers and what was learnt."""
    return _page(request, lib, show_interest(lib, who.known.name, name))


@router.post("/interests/{name}")
async def change(request: Request, lib: Lib, who: Writer, name: str) -> Response:
    """Change an interest: each box is what shall be there from now on, beside what came since the page was opened."""
    form = await request.form()
    typed = {field: str(form.get(field, "")) for field in (*LISTS, "name", "share")}
    before = {field: _lines(str(form[WAS + field])) for field in LISTS if WAS + field in form}
    try:
        view = _rewritten(lib, who.known.name, name, typed, before)
    except BroadsheetError as e:
        return HTMLResponse(_page(request, lib, show_interest(lib, who.known.name, name), told(e), typed, before), 400)
    return _made(request, lib, view, "?saved#words")


@router.post("/interests/{name}/feed")
def feed(request: Request, lib: Lib, who: Writer, name: str, on: Field = "") -> Response:
    """Give it a feed at a new secret address, or none."""
    set_feed(lib, who.known.name, name, on=bool(on))
    return _to(request, show_interest(lib, who.known.name, name))


@router.post("/interests/{name}/reset")
def reset(request: Request, lib: Lib, who: Writer, name: str) -> Response:
    """Let marks until now teach it nothing."""
    return _to(request, reset_interest(lib, who.known.name, name), "?reset")


@router.post("/interests/{name}/remove")
def remove(request: Request, lib: Lib, who: Writer, name: str) -> Response:
    """Forget an interest; the marks stay."""
    remove_interest(lib, who.known.name, name)
    return led_to(request, "/interests?removed")


@router.get("/interests/{name}/export", response_class=JSONResponse)
def export(lib: Lib, who: SignedIn, name: str) -> JSONResponse:
    """The interest as a file that any Broadsheet takes in."""
    return JSONResponse(export_interest(lib, who.known.name, name), headers=to_be_saved(name, "json", "interest"))


def _made(request: Request, lib: Library, view: InterestView, place: str = "") -> Response:
    """The interest's page, which names the papers that could not be had."""
    if not view.dropped:
        return _to(request, view, place)
    shown = replace(show_interest(lib, view.reader, view.interest.name), dropped=view.dropped)
    return HTMLResponse(_page(request, lib, shown))


def _rewritten(
    lib: Library, reader: str, name: str, typed: Mapping[str, str], before: Mapping[str, tuple[str, ...]]
) -> InterestView:
    """`before`: what was in the boxes; what is in none of both came from elsewhere meanwhile, and stays."""
    interest = show_interest(lib, reader, name).interest
    there = {field: _of(interest.profile, field) for field in LISTS}
    wanted = {field: _merged(there[field], before.get(field, there[field]), _lines(typed[field])) for field in LISTS}
    gone = [item for field in LISTS for item in there[field] if item not in wanted[field]]
    folded = {item.casefold() for item in gone}  # is taken out of every box, and said again where it stays or came
    fresh = {
        field: tuple(i for i in wanted[field] if i not in there[field] or i.casefold() in folded) for field in LISTS
    }
    said = Said(
        papers=fresh["seeds"],
        about=fresh["about"],
        authors=fresh["authors"],
        include=fresh["include"],
        exclude=fresh["exclude"],
        categories=fresh["categories"],
        drop=tuple(gone),
        name=typed["name"].strip() or None,
        share=_number(typed["share"]),
    )
    return edit_interest(lib, reader, name, said)


def _merged(there: Sequence[str], before: Sequence[str], wanted: Sequence[str]) -> tuple[str, ...]:
    """What is there without what was taken out of a box, and with what was written into it."""
    kept = (item for item in there if item in wanted or item not in before)
    return tuple(dict.fromkeys((*kept, *(item for item in wanted if item not in before))))


def _of(profile: Profile, field: str) -> tuple[str, ...]:
    items: tuple[str, ...] = getattr(profile, field)
    return items


def _number(text: str) -> float | None:
    try:
        return float(text) if text.strip() else None
    except ValueError:
        raise UsageError(
            said("share %(share)s", share=repr(text)), "is no number", "1 is as much as any other interest"
        ) from None


def _page(
    request: Request,
    lib: Library,
    view: InterestView,
    trouble: str | None = None,
    typed: Mapping[str, str] | None = None,
    before: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> str:
    """`typed`: what was in the form that `trouble` is about, and `before` in its boxes when its page was made."""
    there, feed = view.interest, feed_address(lib, view.interest)
    kept = {field: "\n".join(before.get(field, _of(there.profile, field))) for field in LISTS}
    boxes = typed or kept | {"name": there.name, "share": f"{there.share:g}"}
    return render.page(request, "interest.html", view=view, trouble=trouble, boxes=boxes, kept=kept, feed=feed)


def _to(request: Request, view: InterestView, place: str = "") -> RedirectResponse:
    return led_to(request, f"/interests/{quote(view.interest.name, safe='')}{place}")


def _lines(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
