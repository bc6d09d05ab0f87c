"""What admins do on pages: readers, invitations, sources, who may read; and what editors do, too: joins to review."""

from urllib.parse import quote

from fastapi import Depends, Request, Response
from fastapi.responses import HTMLResponse

from broadsheet.errors import UsageError
from broadsheet.library.access import proxy_login, tickets
from broadsheet.library.access.inviting import invite
from broadsheet.library.access.sessions import Visitor
from broadsheet.library.handle import Library
from broadsheet.library.index import LEARNING
from broadsheet.library.mails.post import is_set_up
from broadsheet.library.papers import joining
from broadsheet.library.papers.review import confirm, review, unsure
from broadsheet.library.readers import (
    Details,
    change_reader,
    list_readers,
    remove_reader,
    set_disabled,
    show_reader,
)
from broadsheet.library.upkeep import switches
from broadsheet.library.upkeep.status import status
from broadsheet.text import listed
from broadsheet.web import render
from broadsheet.web.access import Admin, Editor, Lib, led_to, ours
from broadsheet.web.routers import UNKEPT, Field, for_readers
from broadsheet.words.failure import told
from broadsheet.words.said import said

router = for_readers("/admin")

ROLES = {
    "reader": said("reads and marks"),
    "editor": said("joins and splits papers, too"),
    "admin": said("does everything"),
}
_OURS = [Depends(ours)]


@router.get("")
def page(request: Request, lib: Lib, who: Admin) -> Response:
    """Everything at a glance."""
    return _page(request, lib, who)


@router.post("/invitations", dependencies=_OURS)
def make_invitation(request: Request, lib: Lib, who: Admin, role: Field = "reader", email: Field = "") -> Response:
    """Invite somebody; the link is shown this once."""
    try:
        link, mailed = invite(lib, who.known, role, email.strip())
    except UsageError as e:
        return _page(request, lib, who, invitations=told(e), asked=email)
    here = link if lib.settings.base_url else str(request.base_url).rstrip("/") + "/join/" + link.rpartition("/")[2]
    return _page(request, lib, who, invited=here, mailed=email.strip() if mailed else "")


@router.post("/invitations/revoke", dependencies=_OURS)
def revoke_invitation(request: Request, lib: Lib, _who: Admin, invitation: Field = "") -> Response:
    """Take an invitation back."""
    tickets.take_back(lib, invitation)
    return led_to(request, "/admin#invitations")


@router.post("/switch", dependencies=_OURS)
def switch(request: Request, lib: Lib, _who: Admin, path: Field = "", value: Field = "") -> Response:
    """Switch a source, or who may read, on or off."""
    if path == switches.CATEGORIES:
        wanted = listed(value.replace(";", " "))
        if not wanted:
            raise UsageError("categories", "none is left", "switch arXiv off instead")
        switches.switch(lib, path, wanted)
    else:
        switches.switch(lib, path, value == "on")
    return led_to(request, "/admin#access" if path in switches.OPEN else "/admin#sources")


@router.post("/pull", dependencies=_OURS)
def pull(request: Request, lib: Lib, _who: Admin, source: Field = "") -> Response:
    """Begin a harvest, of one source or of all that are on."""
    switches.harvest_now(lib, *([source] if source else []))
    return led_to(request, "/admin#sources")


@router.get("/readers/{name}")
def reader(request: Request, lib: Lib, _who: Admin, name: str) -> Response:
    """One reader."""
    return _reader(request, lib, name)


@router.post("/readers/{name}", dependencies=_OURS)
def change(
    request: Request,
    lib: Lib,
    who: Admin,
    name: str,
    do: Field = "",
    role: Field = "",
    typed: Field = "",
    login: Field = "",
) -> Response:
    """Give a reader another role or login, let them in no more or again, or forget them."""
    try:
        if do == "login":
            return _reader(request, lib, name, given=_give_login(lib, who, name, login))
        path = _changed(lib, who, name, do, role=role, typed=typed)
    except UsageError as e:
        return _reader(request, lib, name, told(e), login)
    return led_to(request, path)


@router.get("/merges")
def merges(request: Request, lib: Lib, _who: Editor) -> str:
    """What was joined lately."""
    return render.page(request, "merges.html", review=review(lib))


@router.post("/merges", dependencies=_OURS)
def judge(request: Request, lib: Lib, _who: Editor, do: Field = "", key: Field = "", part: Field = "") -> Response:
    """Say that a join is right, take it apart, or join again."""
    if do == "right":
        confirm(lib, key, part)
    elif do == "split":
        joining.split(lib, key, part)
    elif do == "join":
        joining.merge(lib, key, part)
    else:
        raise UsageError(said("word %(do)s", do=repr(do)), "is not known", "say right, split or join")
    return led_to(request, "/admin/merges")


def _changed(lib: Library, who: Visitor, name: str, do: str, *, role: str, typed: str) -> str:
    """Do it; returns the path of the page that shows it. Raises UsageError."""
    if do in ("disable", "forget") and name == who.known.name:
        raise UsageError(said("reader %(name)s", name=name), "is you", "your own settings have the way out")
    if do == "forget":
        if typed.strip().lower() != name:
            raise UsageError("form", "is not confirmed", said("type %(name)s", name=name))
        remove_reader(lib, name)
        return "/admin#readers"
    if do == "role":
        change_reader(lib, name, Details(role=role))
    else:
        set_disabled(lib, name, disabled=do == "disable")
    return f"/admin/readers/{quote(name)}"


def _give_login(lib: Library, who: Visitor, name: str, login: str) -> proxy_login.Given:
    if name != who.known.name and login.strip() in proxy_login.words_of(lib, who.known):
        raise UsageError(said("login %(word)s", word=login), "is yours", "you would be let in as another reader")
    return proxy_login.give(lib, name, login)


def _page(
    request: Request,
    lib: Library,
    who: Visitor,
    *,
    invited: str = "",
    mailed: str = "",
    invitations: str = "",
    asked: str = "",
) -> Response:
    """`invitations`: what is wrong with an invitation, `asked` for whom it was."""
    me = who.known
    html = render.page(
        request,
        "admin.html",
        views=list_readers(lib),
        open=tickets.invitations(lib),
        roles=ROLES,
        switches=switches.switches(lib),
        of_source=switches.OF_SOURCE,
        status=status(lib),
        mails=is_set_up(lib),
        unsure=unsure(lib),
        work=next((w for w in lib.background.recent() if w.what != LEARNING and w.whose in ("", me.name)), None),
        invited=invited,
        mailed=mailed,
        trouble=invitations,
        asked=asked,
        me=me,
    )
    return HTMLResponse(html, 400 if invitations else 200, headers=UNKEPT)


def _reader(
    request: Request,
    lib: Library,
    name: str,
    trouble: str = "",
    asked: str = "",
    given: proxy_login.Given | None = None,
) -> Response:
    """`asked`: the login that `trouble` is about, `given`: the one that was given just now."""
    view = show_reader(lib, name)
    html = render.page(
        request,
        "admin_reader.html",
        view=view,
        roles=ROLES,
        logins=proxy_login.words_of(lib, view.reader),
        by_proxy=bool(lib.settings.access.proxy_header),
        given=given,
        asked=asked,
        trouble=trouble,
    )
    return HTMLResponse(html, 400 if trouble else 200, headers=UNKEPT)
