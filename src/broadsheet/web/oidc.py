"""Signing in at an OpenID provider: away, and back."""

from typing import Final

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from broadsheet.library.access import oidc
from broadsheet.library.access.oidc import Back, Trip
from broadsheet.web import render
from broadsheet.web.access import Lib, PersonWriting, begin, bond, led_to, local_path, place, visitor
from broadsheet.web.lists import site_of
from broadsheet.web.routers import UNKEPT, Field, for_all

router = for_all()

BACK: Final = "/sign-in/oidc/back"
_CONNECTED: Final = "/settings?saved=logins#logins"


@router.get("/sign-in/oidc")
def away(request: Request, lib: Lib, next: str = "/") -> Response:
    """To the provider. A link and no form, as a form may lead nowhere else."""
    tied = bond(request)
    trip = Trip(tied.bound, _redirect(request, lib), local_path(next))
    response = RedirectResponse(oidc.leave(lib, trip, place(request)), 303)
    tied.keep(request, response)
    return response


@router.post("/settings/oidc")
def connect(request: Request, lib: Lib, who: PersonWriting) -> Response:
    """To the provider, for who is signed in: the account there shall sign them in from then on."""
    tied = bond(request)
    trip = Trip(tied.bound, _redirect(request, lib), _CONNECTED)
    address = oidc.leave(lib, trip, place(request), connecting=who.known)
    page = render.page(request, "leaving.html", address=address, provider=lib.settings.oidc.name)
    response = HTMLResponse(page, headers=UNKEPT)
    tied.keep(request, response)
    return response


@router.post("/settings/oidc/remove")
def remove(
    request: Request,
    lib: Lib,
    who: PersonWriting,
    issuer: Field = "",
    subject: Field = "",
) -> Response:
    """Disconnect an account."""
    oidc.remove(lib, who.known, issuer, subject)
    return led_to(request, _CONNECTED)


@router.get(BACK)
def back(request: Request, lib: Lib, state: str = "", code: str = "", iss: str = "", error: str = "") -> Response:
    """From the provider: the session begins, or the account is connected."""
    brought = Back(bond(request).bound, state, code, iss, error)
    arrived = oidc.arrive(lib, brought, place(request), now_signed_in=visitor(request).reader)
    response = led_to(request, arrived.onward)
    if not arrived.connected:
        begin(request, response, arrived.reader.id, "oidc")
    return response


def _redirect(request: Request, lib: Lib) -> str:
    return site_of(request, lib).address + BACK
