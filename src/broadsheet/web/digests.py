"""What the links in mails lead to. Opening one changes nothing, as programs that look through mails open them all."""

from datetime import time
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from broadsheet.digest.content import from_json
from broadsheet.digest.render import BUTTONS, heading_of
from broadsheet.errors import NotFound, UsageError
from broadsheet.library.access import own_address
from broadsheet.library.digests import archive, subscription
from broadsheet.library.digests.sign_up import SignUp, confirm, sign_up, takes_sign_ups
from broadsheet.library.language import words_of
from broadsheet.library.papers.show import show
from broadsheet.library.shelf.held import held
from broadsheet.text import listed
from broadsheet.web import render
from broadsheet.web.access import Lib, led_to, place, visitor
from broadsheet.web.language import words_for
from broadsheet.web.routers import Field, for_all
from broadsheet.words.failure import told
from broadsheet.words.said import said

router = for_all()

_PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
_ASKED = {
    "up": said("Mark it: more like this?"),
    "down": said("Mark it: less of this?"),
    "save": said("Mark it: save it?"),
    "hide": said("Mark it: hide it?"),
}
_DONE = {
    "up": said("You get more like this."),
    "down": said("You get less of this."),
    "save": said("Saved."),
    "hide": said("Hidden."),
}


@router.get("/d/{secret}")
def page(request: Request, lib: Lib, secret: str) -> Response:
    """A digest as a page, on which its papers can be marked."""
    who, found = archive.by_link(lib, secret)
    content = from_json(found.content)
    spoken = words_of(lib, who).language
    told = {"content": content, "heading": heading_of(content), "spoken": spoken, "note": ""}
    marks = held(lib, who, (item.key for item in content.items)).marks
    return _private(request, "digest.html", **told, secret=secret, acts=BUTTONS, marks=marks)


@router.get("/d/{secret}/{kind}/{number}")
def ask(request: Request, lib: Lib, secret: str, kind: str, number: int) -> Response:
    """Ask before a paper is marked."""
    _, found = archive.by_link(lib, secret)
    title = show(lib, archive.key_of(found, _known(kind, number)), related=0).paper.title
    sentence, path = _ASKED[kind], f"/d/{secret}/{kind}/{number}"
    return _private(request, "ask.html", title=title, sentence=sentence, button=_label(kind), action=path)


@router.post("/d/{secret}/{kind}/{number}")
def act(request: Request, lib: Lib, secret: str, kind: str, number: int, on: Field = "") -> Response:
    """Mark a paper, for the reader whose digest it is. `on`: yes or no, as the buttons of the page say, where one is
    led back to.
    """
    done = archive.act(lib, secret, kind, _known(kind, number), off=on == "no")
    back = f"/d/{secret}#{number}"
    if on:
        return led_to(request, back)
    return _private(request, "told.html", title=done.paper.title, sentence=_DONE[kind], back=back)


@router.get("/unsubscribe/{secret}")
def ask_end(request: Request, lib: Lib, secret: str) -> Response:
    """Ask before digests end; where they are off already, say so."""
    who, _ = archive.by_link(lib, secret)
    if subscription.subscription(lib, who).state == "off":
        return _ended(request)
    return _private(
        request,
        "ask.html",
        title=said("No more digests?"),
        sentence=said(
            "One click, and nothing more is sent to you. What you marked stays, and you can switch it on again."
        ),
        button=said("Unsubscribe"),
        action=f"/unsubscribe/{secret}",
    )


@router.post("/unsubscribe/{secret}")
def end(request: Request, lib: Lib, secret: str) -> Response:
    """End digests, for people and for the mail programs that do it for them (RFC 8058)."""
    archive.unsubscribe(lib, secret)
    return _ended(request)


def _ended(request: Request) -> Response:
    return _private(
        request, "told.html", title=said("Unsubscribed"), sentence=said("No further digest is sent to you."), back="/"
    )


@router.get("/confirm/{secret}")
def ask_address(request: Request, lib: Lib, secret: str) -> Response:
    """Ask before an address is confirmed; where it is already, say so."""
    if before := subscription.confirmed_before(lib, secret):
        return _confirmed_before(request, before)
    asked = subscription.confirmation(lib, secret)
    sentence = said(
        "New research papers go to %(email)s from then on, as often as you choose, until you say stop.",
        email=asked.email,
    )
    return _private(
        request,
        "ask.html",
        title=said("Shall they come?"),
        sentence=sentence,
        button=said("Yes"),
        action=f"/confirm/{secret}",
    )


@router.post("/confirm/{secret}")
def say_yes(request: Request, lib: Lib, secret: str) -> Response:
    """Confirm an address."""
    if before := subscription.confirmed_before(lib, secret):
        return _confirmed_before(request, before)
    found = confirm(lib, secret)
    links = said("Each one has links to change what is in it, and to end it.")
    if found.due:
        told = said(
            "The first digest comes on %(day)s at %(time)s. %(links)s",
            day=found.due.date(),
            time=f"{found.due:%H:%M}",
            links=links,
        )
    else:
        told = said("The first digest comes soon. %(links)s", links=links)
    return _private(request, "told.html", title=said("Thank you"), sentence=told, back="/")


def _confirmed_before(request: Request, found: subscription.Subscription) -> Response:
    assert found.delivery is not None
    sentence = said("Digests go to %(email)s.", email=found.delivery.email)
    return _private(request, "told.html", title=said("Confirmed already"), sentence=sentence, back="/")


@router.get("/address/{secret}")
def ask_own(request: Request, lib: Lib, secret: str) -> Response:
    """Ask before an address becomes a reader's own."""
    sentence = said("Links to sign in go to %(email)s from then on.", email=own_address.look(lib, secret).email)
    return _private(
        request,
        "ask.html",
        title=said("Is this your address?"),
        sentence=sentence,
        button=said("Yes, it is mine"),
        action=f"/address/{secret}",
    )


@router.post("/address/{secret}")
def is_own(request: Request, lib: Lib, secret: str) -> Response:
    """Make an address a reader's own."""
    told = said("Links to sign in go to %(email)s.", email=own_address.confirm(lib, secret).email)
    return _private(request, "told.html", title=said("Thank you"), sentence=told, back="/")


@router.get("/subscribe")
def form(request: Request, lib: Lib) -> str:
    """The form for people who want digests."""
    _open(lib)
    return render.page(request, "subscribe.html", given={}, trouble=None)


@router.post("/subscribe")
def subscribe(
    request: Request,
    lib: Lib,
    email: Field = "",
    about: Field = "",
    fields: Field = "",
    zone: Field = "",
    at: Field = "07:00",
) -> Response:
    """Ask the address by mail; the page says the same whether it is known or not."""
    _open(lib)
    try:
        language = words_for(request, visitor(request)).language
        wanted = SignUp(email, about.strip(), listed(fields), zone.strip(), _time(at), language)
        sign_up(lib, wanted, place(request))
    except UsageError as e:
        given = {"email": email, "about": about, "fields": fields, "zone": zone, "at": at}
        return HTMLResponse(render.page(request, "subscribe.html", given=given, trouble=told(e)), 400)
    sentence = said(
        "A mail is on its way to %(email)s. Its link begins your digests; without it nothing is sent.",
        email=email.strip(),
    )
    return HTMLResponse(render.page(request, "told.html", title=said("Look into your mail"), sentence=sentence))


def _open(lib: Lib) -> None:
    if not takes_sign_ups(lib):
        raise NotFound("/subscribe", "this instance takes no sign-ups", "ask whoever runs it for an invitation")


def _time(text: str) -> time:
    found = subscription.time_of(text)
    if found is None:
        raise UsageError(said("time %(text)s", text=repr(text)), "is no time of day", "write one such as 07:00")
    return found


def _known(kind: str, number: int) -> int:
    if kind not in _ASKED:
        raise NotFound(said("link %(kind)s", kind=kind), "does nothing that is known", "the digest's page has buttons")
    return number


def _label(kind: str) -> str:
    return next(said("%(sign)s %(label)s", sign=sign, label=label) for known, sign, label in BUTTONS if known == kind)


def _private(request: Request, template: str, **values: Any) -> HTMLResponse:
    return HTMLResponse(render.page(request, template, **values), headers=_PRIVATE)
