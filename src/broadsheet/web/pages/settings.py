"""A reader's settings: who they are, how pages look, how they come in, programs' tokens, and what is theirs."""

from collections.abc import Mapping

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from msgspec.structs import replace

from broadsheet.errors import UsageError
from broadsheet.library.access import account, oidc, passkeys, sessions, tokens
from broadsheet.library.access.devices import device
from broadsheet.library.access.sessions import Visitor
from broadsheet.library.handle import Library
from broadsheet.library.readers import prefer
from broadsheet.web import render
from broadsheet.web.access import Lib, Person, PersonWriting, end, led_to, place, site
from broadsheet.web.files import KINDS, to_be_saved
from broadsheet.web.routers import UNKEPT, Field, for_readers
from broadsheet.words.catalogue import languages
from broadsheet.words.failure import told
from broadsheet.words.said import said

router = for_readers("/settings")

THEMES = {"system": said("As the system has it"), "light": said("Light"), "dark": said("Dark")}
VIEWS = {"cards": said("With abstracts"), "compact": said("Two lines each"), "titles": said("Titles alone")}
SORTS = {
    "trending": said("By what is trending"),
    "votes": said("Most votes first"),
    "new": said("Newest first"),
    "mine": said("By your interests"),
}
SCOPES = {"read": said("Only read"), "write": said("Read, and mark and change what is yours")}
LIVES = {"30": said("a month"), "365": said("a year"), "": said("for good")}


@router.get("")
def page(request: Request, lib: Lib, who: Person) -> Response:
    """All of it."""
    return show(request, lib, who)


@router.post("/about")
def about(
    request: Request, lib: Lib, who: PersonWriting, display: Field = "", email: Field = "", zone: Field = ""
) -> Response:
    """The name that people see, address and zone."""
    try:
        account.introduce(lib, who.known, display=display.strip(), email=email.strip(), zone=zone.strip())
    except UsageError as e:
        return show(request, lib, who, typed={"display": display, "email": email, "zone": zone}, about=told(e))
    return back(request, "about")


@router.post("/pages")
def pages(
    request: Request,
    lib: Lib,
    who: PersonWriting,
    theme: Field = "system",
    view: Field = "cards",
    sort: Field = "trending",
    keys: Field = "",
    language: Field = "",
) -> Response:
    """How pages look."""
    liked = replace(who.preferences, theme=theme, view=view, keys=bool(keys), language=language, sort=sort)
    try:
        prefer(lib, who.known, liked)
    except UsageError as e:
        return show(request, lib, who, pages=told(e))
    answer = back(request, "pages")
    answer.delete_cookie("view")  # what was chosen at this browser before
    return answer


@router.post("/others")
def others(request: Request, lib: Lib, who: PersonWriting, saves: Field = "", mentions: Field = "") -> Response:
    """What other readers see, and whether a mail tells of what they say."""
    prefer(lib, who.known, replace(who.preferences, saves=bool(saves), mentions=bool(mentions)))
    return back(request, "others")


@router.post("/password")
def password(request: Request, lib: Lib, who: PersonWriting, old: Field = "", new: Field = "") -> Response:
    """Set or change the password; other browsers are signed out."""
    try:
        account.change_password(lib, who.known, who.session, old=old, new=new, place=place(request))
    except UsageError as e:
        return show(request, lib, who, password=told(e))
    return back(request, "password")


@router.post("/sessions")
def end_sessions(request: Request, lib: Lib, who: PersonWriting, session: Field = "") -> Response:
    """End one session, or all but this one."""
    if session:
        sessions.sign_out(lib, who.known.id, session)
    else:
        sessions.sign_out_elsewhere(lib, who.known.id, who.session.id if who.session else None)
    return back(request, "sessions")


@router.post("/tokens")
def make_token(
    request: Request, lib: Lib, who: PersonWriting, name: Field = "", scope: Field = "read", days: Field = ""
) -> Response:
    """Make a token and show it, this once."""
    try:
        lives = int(days) if days and days in LIVES else None
        made = tokens.make_token(lib, who.known, name, "write" if scope == "write" else "read", lives)
    except UsageError as e:
        return show(request, lib, who, tokens=told(e))
    return show(request, lib, who, made=made)


@router.post("/tokens/revoke")
def revoke(request: Request, lib: Lib, who: PersonWriting, token: Field = "") -> Response:
    """Revoke a token."""
    tokens.revoke(lib, who.known, token)
    return back(request, "tokens")


@router.get("/export", response_class=Response)
def export(lib: Lib, who: Person) -> Response:
    """Everything of the reader's as one file."""
    headers = {**UNKEPT, **to_be_saved(f"broadsheet-{who.known.name}-{lib.now():%Y-%m-%d}", "jsonl")}
    return Response(account.own_data(lib, who.known), media_type=KINDS["jsonl"], headers=headers)


@router.post("/delete")
def delete(request: Request, lib: Lib, who: PersonWriting, typed: Field = "") -> Response:
    """Forget the reader with all that is theirs."""
    try:
        account.leave(lib, who.known, typed)
    except UsageError as e:
        return show(request, lib, who, delete=told(e))
    sentence = said("Everything that was yours is deleted: marks, notes, interests, digests, sessions and tokens.")
    request.state.visitor = sessions.NOBODY
    answer = HTMLResponse(
        render.page(request, "told.html", title=said("You are forgotten"), sentence=sentence, back="/")
    )
    end(request, answer)
    return answer


def show(
    request: Request,
    lib: Library,
    who: Visitor,
    made: str = "",
    typed: Mapping[str, str] | None = None,
    **trouble: str,
) -> HTMLResponse:
    """The page. `made`: a new token; `trouble`: what is wrong with a form, by its name; `typed`: what the first has."""
    found = account.account(lib, who.known)
    you = found.reader
    html = render.page(
        request,
        "settings.html",
        account=found,
        typed=typed or {"display": you.display, "email": you.email or "", "zone": you.zone},
        asks_old=account.needs_old_password(lib, who.known, who.session),
        themes=THEMES,
        languages={"": said("As the browser asks"), **languages()},
        views=VIEWS,
        sorts=SORTS,
        scopes=SCOPES,
        lives=LIVES,
        device=device,
        made=made,
        provider=lib.settings.oidc.name if oidc.is_offered(lib) else "",
        trouble=trouble,
        passkeys=_passkeys(request),
        here_device=device(request.headers.get("user-agent", "")),
    )
    return HTMLResponse(html, 400 if trouble else 200, headers=UNKEPT)


def _passkeys(request: Request) -> dict[str, str]:
    """Where passkeys can be made, or why they cannot."""
    if not passkeys.are_installed():
        return {"at": "", "host": "", "cause": said("This instance was installed without passkeys.")}
    try:
        here = site(request)
    except UsageError as e:
        return {"at": "", "host": "", "cause": told(e)}
    return {"at": here.origin, "host": here.host}


def back(request: Request, place: str) -> RedirectResponse:
    """To the section that was saved."""
    return led_to(request, f"/settings?saved={place}#{place}")
