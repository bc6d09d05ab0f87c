"""How a reader wants their digest: switched on and off, and no mail before the address said yes."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final, get_args

from msgspec.structs import replace

from broadsheet.digest import schedule
from broadsheet.digest.render import Notice, render_notice
from broadsheet.errors import NotFound, UsageError
from broadsheet.library.access import secret, tickets
from broadsheet.library.address import address
from broadsheet.library.digests.letters import mail_key
from broadsheet.library.digests.offers import SECTIONS, check_sections
from broadsheet.library.handle import Library
from broadsheet.library.language import words_of
from broadsheet.library.mails.post import message_id
from broadsheet.library.readers import check_email, reader_by_id, zone_of
from broadsheet.types import Cadence, Delivery, Digest, Mail, Reader, Ticket
from broadsheet.words import said as speech
from broadsheet.words import weekdays

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CADENCES: Final[tuple[Cadence, ...]] = get_args(Cadence)
MOST: Final = 25
"""Papers of a digest, some 3.5 kB each: large mail services cut off what is longer than 100 kB."""

ASKS, ASKS_WITHIN = 3, timedelta(days=1)
"""Mails that an address gets because somebody typed it in; more would make us a tool to annoy people with."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader says of their digest; None leaves it as it is, or as it is by default."""

    email: str | None = None
    cadence: Cadence | None = None
    weekday: int | None = None
    at: time | None = None
    sections: tuple[str, ...] | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Subscription:
    """A reader's wishes, their newest digest, its mail if there was one, and when the next one is due.

    `asked`: a confirmation was mailed now.
    """

    reader: Reader
    delivery: Delivery | None
    last: Digest | None = None
    mail: Mail | None = None
    due: datetime | None = None
    asked: bool = False

    @property
    def state(self) -> str:
        """`on`, `off`, `unconfirmed` or `suspended`."""
        d = self.delivery
        if d is None or not d.on:
            return "off"
        return "suspended" if d.suspended else "on" if d.confirmed else "unconfirmed"


def subscription(lib: Library, who: Reader, *, asked: bool = False) -> Subscription:
    """How a reader wants their digest."""
    from broadsheet.store import deliveries, digests, mails

    with lib.store.reading() as conn:
        wanted = deliveries.get(conn, who.id)
        last = digests.newest(conn, who.id)
        sent = mails.by_keys(conn, [mail_key(who.id, last.edition)]) if last else {}
    mail = next(iter(sent.values()), None)
    return Subscription(who, wanted, last, mail, _next(lib, who, wanted, last), asked)


def subscriptions(lib: Library) -> list[Subscription]:
    """Of everybody who ever asked for one."""
    from broadsheet.store import deliveries, digests, mails, readers

    with lib.store.reading() as conn:
        there = {reader.id: reader for reader in readers.every(conn)}
        latest, wanted = digests.latest(conn), deliveries.every(conn)
        keys = {reader_id: mail_key(reader_id, last.edition) for reader_id, last in latest.items()}
        sent = mails.by_keys(conn, list(keys.values()))
    found = []
    for one in wanted:
        who, last = there[one.reader_id], latest.get(one.reader_id)
        mail = sent.get(keys.get(one.reader_id, ""))
        found.append(Subscription(who, one, last, mail, _next(lib, who, one, last)))
    return found


def turn_on(lib: Library, who: Reader, said: Wanted, *, confirmed: bool = False) -> Subscription:
    """Switch a reader's digest on, or change it. An address that is new is asked first, by mail.

    `confirmed`: whoever runs the instance vouches for it. Raises UsageError for what cannot be.
    """
    from broadsheet.store import deliveries, digests

    _check(said)
    with lib.store.writing() as conn:
        before = deliveries.get(conn, who.id)
        email = said.email or (before.email if before else None) or who.email
        if not email:
            raise UsageError(
                speech.said("digest of %(name)s", name=who.name), "has no address to go to", "give one with --email"
            )
        wanted = _changed(before or default_delivery(who, lib.now(), email), said, email)
        if before is None or not before.on:
            wanted = replace(wanted, since=lib.now())
        elif any(getattr(wanted, name) != getattr(before, name) for name in ("cadence", "weekday", "at")):
            zone = zone_of(lib, who)
            wanted = schedule.changed(before, zone, wanted, zone, digests.newest(conn, who.id), lib.now())
        if confirmed and wanted.confirmed is None:
            wanted = replace(wanted, confirmed=lib.now())
        deliveries.put(conn, wanted)
    if wanted.confirmed is not None:
        return subscription(lib, who)
    return subscription(lib, who, asked=ask_address(lib, who, email))


def turn_off(lib: Library, who: Reader) -> bool:
    """Switch a reader's digest off at once: what is queued is not sent. False where it was off."""
    from broadsheet.store import deliveries, mails

    with lib.store.writing() as conn:
        wanted = deliveries.get(conn, who.id)
        if wanted is None or not wanted.on:
            return False
        deliveries.put(conn, replace(wanted, on=False))
        mails.withdraw(conn, f"reader:{who.id}:digest:")
    return True


def ask_address(lib: Library, who: Reader, email: str) -> bool:
    """Mail a link by which the address is confirmed. False where it was asked often enough for now."""
    if not may_mail(lib, email):
        return False
    ask_yes(lib, who, email, tickets.confirm_address(lib, who, email))
    return True


def ask_yes(lib: Library, who: Reader | None, email: str, ticket: str, language: str = "") -> None:
    """Queue the mail that asks an address, by a link with this secret; `language` is that of a newcomer's page."""
    link = address(lib, f"confirm/{ticket}")
    name = lib.settings.smtp.sender_name
    notice = Notice(
        subject=speech.said("Shall %(name)s send you papers?", name=name),
        sentence=speech.said(
            "Somebody, you we hope, asked %(name)s to send new research papers to %(email)s. "
            "Nothing is sent before you say yes.",
            name=name,
            email=email,
        ),
        button=speech.said("Yes, send them"),
        link=link,
        otherwise=speech.said("If it was not you, do nothing: nothing more will come. The link is good for a week."),
    )
    queue_notice(lib, who, email, notice, "confirm", language)


def confirmation(lib: Library, shown: str) -> Ticket:
    """What a confirmation link asks. Raises NotFound for one that was used, is too old or of another kind."""
    found = tickets.look(lib, shown)
    if found.kind != "email" or (found.reader_id is None) == (found.said is None):
        raise NotFound("link", "confirms no address", "ask for a new one")
    return found


def confirmed_before(lib: Library, shown: str) -> Subscription | None:
    """The subscription that a link began which was used; None for another, and where digests go there no more."""
    from broadsheet.store import tickets as stored

    with lib.store.reading() as conn:
        used = stored.used(conn, secret.digest(shown), lib.now())
    if used is None or used.kind != "email" or used.reader_id is None or used.said is not None:
        return None
    found = subscription(lib, reader_by_id(lib, used.reader_id))
    goes_there = found.delivery is not None and found.delivery.email == used.email
    return found if goes_there and found.state == "on" else None


def confirm(lib: Library, shown: str) -> Subscription:
    """Confirm an address by its link, once; the first digest comes at the next time that the reader chose."""
    from broadsheet.store import deliveries, readers
    from broadsheet.store import tickets as stored

    confirmation(lib, shown)
    now = lib.now()
    with lib.store.writing() as conn:
        used = stored.use(conn, secret.digest(shown), now)
        wanted = deliveries.get(conn, used.reader_id) if used and used.reader_id is not None else None
        if used is None or wanted is None or wanted.email != used.email:
            raise NotFound("link", "was used before, or is for an address that was changed", "ask for a new one")
        deliveries.put(conn, replace(wanted, confirmed=now, since=now, suspended=None, failures=0, said=""))
        who = readers.by_id(conn, wanted.reader_id)
        assert who is not None
        if not who.email:
            readers.change(conn, replace(who, email=wanted.email))
    return subscription(lib, reader_by_id(lib, wanted.reader_id))


def may_mail(lib: Library, email: str) -> bool:
    """Whether an address may get one more mail that anybody can have sent to it; counts it if so."""
    from broadsheet.store import attempts

    place, now = attempts.of_mail(email), lib.now()
    with lib.store.writing() as conn:
        if attempts.most(conn, [place], now - ASKS_WITHIN) >= ASKS:
            return False
        attempts.add(conn, [place], now)
    return True


def queue_notice(lib: Library, who: Reader | None, email: str, notice: Notice, reason: str, language: str = "") -> None:
    """Queue a mail that asks for one click; `who` is None for somebody who is no reader yet and reads this language."""
    from broadsheet.store import mails

    now = lib.now()
    key = f"{f'reader:{who.id}' if who else f'newcomer:{email}'}:{reason}:{now.timestamp():.6f}"
    letter = render_notice(
        notice, name=lib.settings.smtp.sender_name, home=address(lib), words=words_of(lib, who, language)
    )
    subject, ident = letter.subject, message_id(lib, now)
    made = Mail(key, email, subject, ident, now, now, text=letter.text, html=letter.html)
    with lib.store.writing() as conn:
        mails.put(conn, made)


def time_of(text: str) -> time | None:
    """The time of the day that is written `HH:MM`; None where it is none."""
    try:
        found = datetime.strptime(text.strip(), "%H:%M")  # noqa: DTZ007 - only its time is taken
    except ValueError:
        return None
    return found.time()


def in_words(wanted: Delivery) -> str:
    """When it comes: `each day that has something, at 07:00`."""
    days = {
        "daily": speech.said("every day"),
        "weekly": speech.said("every %(weekday)s", weekday=weekdays.WEEKDAYS[wanted.weekday]),
        "news": speech.said("each day with news"),
    }
    return speech.said("%(days)s, at %(time)s", days=days[wanted.cadence], time=f"{wanted.at:%H:%M}")


def _next(lib: Library, who: Reader, wanted: Delivery | None, last: Digest | None) -> datetime | None:
    """When the next digest is due, in the reader's zone."""
    if wanted is None:
        return None
    zone = zone_of(lib, who)
    return schedule.following(wanted, zone, last, lib.now()).astimezone(zone)


def default_delivery(who: Reader, now: datetime, email: str = "") -> Delivery:
    """What a reader gets who says nothing but that they want it."""
    return Delivery(
        reader_id=who.id,
        on=False,
        email=email,
        confirmed=None,
        cadence="news",
        weekday=0,
        at=time(7),
        sections=tuple(SECTIONS),
        most=12,
        since=now,
    )


def _changed(before: Delivery, said: Wanted, email: str) -> Delivery:
    """An address that is new, or was suspended, is asked again."""
    same = email == before.email and before.suspended is None
    fields = ("cadence", "weekday", "at", "sections", "most")
    given = {name: value for name in fields if (value := getattr(said, name)) is not None}
    fresh = replace(before, on=True, email=email, **given)
    return fresh if same else replace(fresh, confirmed=None, suspended=None, failures=0, said="")


def _check(said: Wanted) -> None:
    if said.email is not None:
        check_email(said.email)
    if said.most is not None and not 1 <= said.most <= MOST:
        raise UsageError(
            speech.said("most %(most)s", most=said.most), speech.said("is not between 1 and %(most)s", most=MOST)
        )
    if said.sections is not None:
        check_sections(said.sections or ("",))
