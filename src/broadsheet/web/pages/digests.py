"""A reader's digests: those that were sent, and when and what the next ones shall be."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from broadsheet.digest.content import Content
from broadsheet.digest.render import heading_of
from broadsheet.errors import UsageError
from broadsheet.library.digests import archive, subscription
from broadsheet.library.digests.offers import SECTIONS, TITLES
from broadsheet.library.handle import Library
from broadsheet.library.language import words_of
from broadsheet.library.mails.post import is_set_up
from broadsheet.library.readers import Details, change_reader
from broadsheet.types import Delivery, Reader
from broadsheet.web import render
from broadsheet.web.access import Lib, SignedIn, Writer, led_to
from broadsheet.web.routers import for_readers
from broadsheet.words.failure import told
from broadsheet.words.said import said

router = for_readers()


@router.get("/digests")
def every(request: Request, lib: Lib, who: SignedIn) -> str:
    """The archive."""
    reader = who.known
    when, kept = _when(subscription.subscription(lib, reader)), archive.digests_of(lib, reader)
    return render.page(request, "digests.html", when=when, kept=kept, mails=is_set_up(lib))


@router.get("/digests/settings")
def settings(request: Request, lib: Lib, who: SignedIn) -> str:
    """When and what."""
    return _settings(request, lib, who.known)


@router.post("/digests/settings")
async def change(request: Request, lib: Lib, who: Writer) -> Response:
    """Change it, or switch it on or off."""
    reader, form = who.known, await request.form()
    said = {name: str(form.get(name, "")).strip() for name in ("email", "at", "cadence", "weekday", "most", "zone")}
    sections = tuple(dict.fromkeys(str(name) for name in form.getlist("section") if name))
    try:
        if form.get("off"):
            subscription.turn_off(lib, reader)
        else:
            reader = change_reader(lib, reader.name, Details(zone=said["zone"]))
            subscription.turn_on(lib, reader, _wanted(said, sections))
    except UsageError as e:
        return HTMLResponse(_settings(request, lib, reader, told(e), (said, sections)), 400)
    return led_to(request, "/digests")


@router.get("/digests/preview")
def preview(request: Request, lib: Lib, who: SignedIn) -> str:
    """The digest that would come now."""
    reader = who.known
    content, when = archive.preview(lib, reader).content, _when(subscription.subscription(lib, reader))
    note = said("This is what you would get now. Nothing is sent, and nothing counts as shown.")
    return _shown(request, lib, reader, content, said("%(note)s %(more)s", note=note, more=when))


@router.get("/digests/{edition}")
def one(request: Request, lib: Lib, who: SignedIn, edition: str) -> str:
    """A digest as it was sent."""
    return _shown(request, lib, who.known, archive.digest_of(lib, who.known, edition).content)


def _shown(request: Request, lib: Library, reader: Reader, content: Content, note: str = "") -> str:
    told: dict[str, Any] = {"content": content, "heading": heading_of(content), "note": note}
    spoken = words_of(lib, reader).language
    return render.page(request, "digest.html", shows=content.items, **told, spoken=spoken, secret="", acts=(), marks={})


def _settings(
    request: Request,
    lib: Lib,
    reader: Reader,
    trouble: str | None = None,
    given: tuple[Mapping[str, str], Sequence[str]] | None = None,
) -> str:
    """The form: as it was `given`, or as it holds."""
    found = subscription.subscription(lib, reader)
    wanted = found.delivery or subscription.default_delivery(reader, lib.now(), reader.email or "")
    typed, asked = given or (_typed(wanted, reader.zone or lib.settings.timezone), wanted.sections)
    chosen = tuple(name for name in asked if name in SECTIONS)
    return render.page(
        request,
        "delivery.html",
        found=found,
        when=_when(found),
        typed=typed,
        chosen=chosen,
        sections=[*chosen, *(name for name in SECTIONS if name not in chosen)],
        titles=TITLES,
        mails=is_set_up(lib),
        trouble=trouble,
    )


def _typed(wanted: Delivery, zone: str) -> Mapping[str, str]:
    """What the boxes of the form hold where they are as they were saved."""
    numbers = {"weekday": str(wanted.weekday), "most": str(wanted.most)}
    return {"email": wanted.email, "at": f"{wanted.at:%H:%M}", "cadence": wanted.cadence, "zone": zone, **numbers}


def _wanted(said: dict[str, str], sections: tuple[str, ...]) -> subscription.Wanted:
    at = subscription.time_of(said["at"])
    cadence = next((c for c in subscription.CADENCES if c == said["cadence"]), None)
    numbers = [said["weekday"] or "0", said["most"] or "12"]
    if at is None or cadence is None or not all(n.isdecimal() for n in numbers) or int(numbers[0]) > 6:
        raise UsageError("digest", "a time, a day or a number is none", "the form's own boxes have those that are")
    return subscription.Wanted(said["email"] or None, cadence, int(numbers[0]), at, sections, int(numbers[1]))


def _when(found: subscription.Subscription) -> str:
    """How it stands, in a sentence."""
    d = found.delivery
    if d is None or found.state == "off":
        return said("No digest is sent to you.")
    if found.state == "suspended":
        return said(
            "Nothing is sent to %(email)s, as it refused %(count)s mails in a row (%(said)s).",
            email=d.email,
            count=d.failures,
            said=d.said,
        )
    if found.state == "unconfirmed":
        return said("A mail to %(email)s has a link; digests begin once you have opened it.", email=d.email)
    assert found.due is not None
    return said(
        "It comes %(when)s, to %(email)s; next on %(day)s.",
        when=subscription.in_words(d),
        email=d.email,
        day=found.due.date(),
    )
