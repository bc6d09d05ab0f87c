"""Coming in and going out: by password, by a link, by an invitation."""

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from broadsheet.errors import NotFound, TooManyTries, UsageError
from broadsheet.library.access import oidc, passkeys, passwords, tickets, tries
from broadsheet.library.digests.sign_up import ask_sign_in
from broadsheet.library.mails.post import is_set_up
from broadsheet.library.readers import Details, add_reader, let_in
from broadsheet.types import Ticket
from broadsheet.web import render
from broadsheet.web.access import Lib, begin, end, is_loopback, led_to, library_of, local_path, place, site, writer
from broadsheet.web.routers import Field, for_all
from broadsheet.words.failure import told
from broadsheet.words.said import said

router = for_all()


@router.get("/sign-in")
def ask(request: Request, next: str = "/") -> str:
    """The form for name and password."""
    return _form(request, local_path(next))


@router.post("/sign-in")
def check(request: Request, lib: Lib, name: Field = "", password: Field = "", next: Field = "/") -> Response:
    """Sign in by password; the form comes again with a sentence where that fails."""
    onward = local_path(next)
    try:
        found = passwords.check(lib, name.strip(), password, place(request))
    except TooManyTries as e:
        return again(request, onward, told(e), 429, name)
    if found is None:
        return again(request, onward, said("No reader has this name and this password."), 401, name)
    response = see(request, onward)
    begin(request, response, found.id, "password")
    return response


@router.post("/sign-in/link")
def send_link(request: Request, lib: Lib, name: Field = "", next: Field = "/") -> Response:
    """Mail a link to sign in; the page says the same whether anybody has this name or not."""
    if not is_set_up(lib):
        raise UsageError("sign-in by mail", "this instance sends no mails", "ask whoever runs it for a link")
    ask_sign_in(lib, name.strip(), place(request), local_path(next))
    told = said(
        "If a reader has this name or address, a mail with a link is on its way. The link is good for half an hour."
    )
    return HTMLResponse(render.page(request, "told.html", title=said("Look into your mail"), sentence=told))


@router.post("/sign-out", dependencies=[Depends(writer)])
def leave(request: Request) -> Response:
    """Sign out of this browser."""
    response = see(request, "/")
    end(request, response)
    return response


@router.get("/enter/{secret}")
def look(request: Request, lib: Lib, secret: str) -> Response:
    """What a sign-in link leads to: programs that look through mails must not use it up, so that a button does.

    The owner's link, printed in a terminal and opened on the same machine, signs in at once.
    """
    found = _sign_in_ticket(request, lib, secret)
    if found.kind == "owner" and is_loopback(place(request)):
        return _enter(request, lib, secret)
    return HTMLResponse(render.page(request, "enter.html", secret=secret))


@router.post("/enter/{secret}")
def enter(request: Request, lib: Lib, secret: str) -> Response:
    """Use a sign-in link up."""
    _sign_in_ticket(request, lib, secret)
    return _enter(request, lib, secret)


@router.get("/join/{secret}")
def invited(request: Request, lib: Lib, secret: str) -> str:
    """What an invitation leads to: choose a name and a password."""
    found = _look(request, lib, secret)
    return render.page(request, "join.html", secret=secret, email=found.email or "", name="", trouble=None)


@router.post("/join/{secret}")
def join(
    request: Request, lib: Lib, secret: str, name: Field = "", email: Field = "", password: Field = ""
) -> Response:
    """Become a reader and sign in."""
    found = _look(request, lib, secret)
    if found.kind != "invite" or found.role is None:
        raise NotFound("invitation", "is of another kind", "ask for a new one")
    try:
        passwords.refuse_weak(password, name, email)
        made = add_reader(lib, name, Details(email=email.strip() or None, role=found.role))
    except UsageError as e:
        page = render.page(request, "join.html", secret=secret, email=email, name=name, trouble=told(e))
        return HTMLResponse(page, 400)
    tickets.use(lib, secret)
    passwords.set_password(lib, made, password)
    response = see(request, "/welcome")
    begin(request, response, made.id, "invite")
    return response


def _look(request: Request, lib: Lib, secret: str) -> Ticket:
    """The ticket of a link; whoever tries links that are none is refused after some, which closes no other way."""
    with tries.counted(lib, f"links from {place(request)}"):
        return tickets.look(lib, secret)


def _sign_in_ticket(request: Request, lib: Lib, secret: str) -> Ticket:
    found = _look(request, lib, secret)
    if found.kind not in ("owner", "signin"):
        raise NotFound("link", "does not sign in", "ask for one that does")
    return found


def _enter(request: Request, lib: Lib, secret: str) -> Response:
    used = tickets.use(lib, secret)
    assert used.reader_id is not None
    let_in(lib, used.reader_id)
    response = see(request, local_path(used.said or "/"))
    begin(request, response, used.reader_id, "owner" if used.kind == "owner" else "link")
    return response


def again(request: Request, onward: str, trouble: str, status: int, name: str = "") -> HTMLResponse:
    """The form, with what went wrong."""
    return HTMLResponse(_form(request, onward, name, trouble), status)


def see(request: Request, path: str) -> RedirectResponse:
    """Go on to a page of ours."""
    return led_to(request, path)


def _form(request: Request, onward: str, name: str = "", trouble: str | None = None) -> str:
    lib = library_of(request)
    return render.page(
        request,
        "sign_in.html",
        next=onward,
        name=name,
        trouble=trouble,
        passwords=passwords.is_in_use(lib),
        mails=is_set_up(lib),
        passkeys_at=passkeys_at(request),
        provider=lib.settings.oidc.name if oidc.is_offered(lib) else "",
    )


def passkeys_at(request: Request) -> str:
    """The origin that passkeys of this instance work at; empty where there are none."""
    try:
        return site(request).origin if passkeys.are_installed() else ""
    except UsageError:
        return ""
