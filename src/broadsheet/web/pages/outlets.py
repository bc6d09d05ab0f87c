"""Where a reader's digests go besides the mail."""

from collections.abc import Sequence

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from broadsheet.errors import MissingExtra, UsageError
from broadsheet.library.digests.offers import SECTIONS, TITLES
from broadsheet.library.handle import Library
from broadsheet.library.outlets.keep import add_outlet, outlets_of, remove_outlet, try_outlet
from broadsheet.types import Outlet, Reader
from broadsheet.web import render
from broadsheet.web.access import Lib, SignedIn, Writer, led_to
from broadsheet.web.routers import UNKEPT, Field, for_readers
from broadsheet.words.failure import told as told_of
from broadsheet.words.said import said

router = for_readers()


@router.get("/digests/outlets")
def every(request: Request, lib: Lib, who: SignedIn) -> str:
    """All of them, and the form for one more."""
    return _page(request, lib, who.known)


@router.post("/digests/outlets")
async def add(request: Request, lib: Lib, who: Writer) -> Response:
    """One more; its secret is shown this once."""
    form = await request.form()
    url, name = str(form.get("url", "")), str(form.get("name", ""))
    chosen = tuple(section for section in SECTIONS if section in form.getlist("section"))
    try:
        made = add_outlet(lib, who.known, url, name, () if len(chosen) == len(SECTIONS) else chosen)
    except (UsageError, MissingExtra) as e:
        return HTMLResponse(_page(request, lib, who.known, trouble=told_of(e), given=(url, name, chosen)), 400)
    return HTMLResponse(_page(request, lib, who.known, made=made), headers=UNKEPT)


@router.post("/digests/outlets/test")
def test(request: Request, lib: Lib, who: Writer, name: Field) -> str:
    """Try it now."""
    handed = try_outlet(lib, who.known, name)
    if handed.fate == "sent":
        return _page(request, lib, who.known, told=said("%(name)s took a test message.", name=name))
    refused = said("%(name)s did not take a test message (%(why)s).", name=name, why=handed.said)
    return _page(request, lib, who.known, refused=refused)


@router.post("/digests/outlets/remove")
def remove(request: Request, lib: Lib, who: Writer, name: Field) -> Response:
    """One less."""
    remove_outlet(lib, who.known, name)
    return led_to(request, "/digests/outlets")


def _page(
    request: Request,
    lib: Library,
    reader: Reader,
    *,
    told: str = "",
    refused: str = "",
    trouble: str = "",
    made: Outlet | None = None,
    given: tuple[str, str, Sequence[str]] = ("", "", tuple(SECTIONS)),
) -> str:
    return render.page(
        request,
        "outlets.html",
        outlets=outlets_of(lib, reader),
        services=lib.settings.outlets.services,
        enabled=lib.settings.outlets.enabled,
        titles={name: TITLES[name] for name in SECTIONS},
        told=told,
        refused=refused,
        trouble=trouble,
        made=made,
        given=given,
    )
