"""Becoming a reader by mail: an address and a few words, and nothing more is sent before the address said yes."""

import secrets
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

import orjson
from msgspec.structs import replace

from broadsheet.codec import profile_from_dict, profile_to_dict
from broadsheet.digest.render import Notice
from broadsheet.errors import NotFound, TooManyTries, UsageError
from broadsheet.library import fields
from broadsheet.library.access import secret, tickets
from broadsheet.library.address import address
from broadsheet.library.digests import subscription
from broadsheet.library.digests.subscription import Subscription, ask_yes, may_mail, queue_notice
from broadsheet.library.handle import Library
from broadsheet.library.mails.post import is_set_up
from broadsheet.library.readers import Details, check_details, check_email, name_near
from broadsheet.rank.profile import MAIN, Said, changed
from broadsheet.text import words
from broadsheet.types import Preferences, Profile, Reader
from broadsheet.words.said import said

TRIES, TRIES_WITHIN = 5, timedelta(hours=1)
"""Mails that one visitor can have sent to others' addresses."""


@dataclass(frozen=True, slots=True)
class SignUp:
    """What somebody says who wants digests: `fields` are categories, `about` a few words, `language` the page's."""

    email: str
    about: str = ""
    fields: tuple[str, ...] = ()
    zone: str = ""
    at: time | None = None
    language: str = ""


def takes_sign_ups(lib: Library) -> bool:
    """Whether anybody can sign up, and be asked by mail."""
    return lib.settings.access.sign_up and is_set_up(lib)


def sign_up(lib: Library, wish: SignUp, place: str) -> None:
    """Ask an address by mail; who has it already gets a link to sign in. Nothing is kept but what the link stands for.

    The caller learns neither. Raises UsageError for what cannot be, TooManyTries for a `place` that asks too often.
    """
    from broadsheet.store import readers

    email = wish.email.strip()
    check_email(email)
    if not words(wish.about) and not wish.fields:
        raise UsageError("interest", "nothing is said of it", "write a few words, or name a category such as cs.CL")
    about = (wish.about,) if words(wish.about) else ()
    profile = changed(Profile(), Said(about=about, categories=fields.checked(lib, wish.fields)))
    check_details(Details(zone=wish.zone or None))
    _count(lib, place)
    with lib.store.reading() as conn:
        there = readers.by_name_or_email(conn, email)
    if there is not None:
        mail_sign_in(lib, there)
    elif may_mail(lib, email):
        at = f"{wish.at:%H:%M}" if wish.at else None
        doc = {"profile": profile_to_dict(profile), "zone": wish.zone, "at": at, "language": wish.language}
        ask_yes(lib, None, email, tickets.sign_up_link(lib, email, orjson.dumps(doc).decode()), wish.language)


def confirm(lib: Library, shown: str) -> Subscription:
    """Confirm an address by its link, once; who signed up with it becomes a reader. Raises NotFound."""
    asked = subscription.confirmation(lib, shown)
    if asked.reader_id is not None or asked.email is None or asked.said is None:
        return subscription.confirm(lib, shown)
    return subscription.subscription(lib, _join(lib, shown, asked.email, orjson.loads(asked.said)))


def _join(lib: Library, shown: str, email: str, wish: dict[str, Any]) -> Reader:
    """The reader who signed up, all in one transaction; who has become one meanwhile keeps what they have."""
    from broadsheet.store import deliveries, interests, readers
    from broadsheet.store import tickets as stored

    now = lib.now()
    with lib.store.writing() as conn:
        if stored.use(conn, secret.digest(shown), now) is None:
            raise NotFound("link", "was used before", "sign in to change your digest")
        who = readers.by_name_or_email(conn, email)
        if who is None:
            name, zone = _free_name(email), wish["zone"]
            who = readers.add(conn, name, now, display="", email=email, zone=zone, role="reader")
            interests.add(conn, who.id, MAIN, profile_from_dict(wish["profile"]), now)
            readers.prefer(conn, who.id, Preferences(language=wish.get("language", "")))
        wanted = deliveries.get(conn, who.id) or subscription.default_delivery(who, now)
        at = subscription.time_of(wish["at"] or "") or wanted.at
        yes = replace(wanted, on=True, email=email, at=at, confirmed=now, since=now)
        deliveries.put(conn, replace(yes, suspended=None, failures=0, said=""))
        stored.belongs_to(conn, secret.digest(shown), who.id)
    return who


def ask_sign_in(lib: Library, name: str, place: str, onward: str) -> None:
    """Mail a link to sign in, and on to a page, to whoever has this name or address; the caller does not learn whether
    anybody has.

    Raises TooManyTries for a `place` that asks too often.
    """
    from broadsheet.store import readers

    _count(lib, place)
    with lib.store.reading() as conn:
        there = readers.by_name_or_email(conn, name)
    if there is not None:
        mail_sign_in(lib, there, onward)


def mail_sign_in(lib: Library, who: Reader, onward: str | None = None) -> None:
    """Mail a reader a link to sign in, unless they have no address or got some today."""
    if who.disabled or not who.email or not may_mail(lib, who.email):
        return
    name = lib.settings.smtp.sender_name
    notice = Notice(
        subject=said("Sign in to %(name)s", name=name),
        sentence=said(
            "This signs you in to %(name)s as %(reader)s. It works once, within half an hour.",
            name=name,
            reader=who.display or who.name,
        ),
        button=said("Sign in"),
        link=address(lib, f"enter/{tickets.sign_in_link(lib, who, onward)}"),
        otherwise=said("If you did not ask for it, do nothing: nobody else has this link."),
    )
    queue_notice(lib, who, who.email, notice, "sign-in")


def _count(lib: Library, place: str) -> None:
    from broadsheet.store import attempts

    now, here = lib.now(), [f"mails from {place}"]
    with lib.store.writing() as conn:
        if attempts.most(conn, here, now - TRIES_WITHIN) >= TRIES:
            raise TooManyTries("mail", "was asked for too often from here", "try again in an hour")
        attempts.add(conn, here, now)


def _free_name(email: str) -> str:
    """A name that nobody has: what stands before the `@`, and some letters by lot."""
    return f"{name_near(email.partition('@')[0])}-{secrets.token_hex(3)}"
