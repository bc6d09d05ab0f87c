"""Making a digest: composed from what is new, then frozen, queued as a mail and noted as shown in one transaction.

Whoever else makes the same one at the same time finds it there; a process that dies has made all of it or nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from broadsheet.digest.compose import Composed, Pick, compose
from broadsheet.digest.content import Content, in_words, to_json
from broadsheet.digest.render import Links, Rendered, render, subject_of
from broadsheet.digest.schedule import Due
from broadsheet.library.access import secret
from broadsheet.library.address import address
from broadsheet.library.digests.offers import Newsstand, Window, offers
from broadsheet.library.handle import Library
from broadsheet.library.language import words_of
from broadsheet.library.outlets.send import queue
from broadsheet.library.post import message_id
from broadsheet.types import Delivery, Digest, Mail, Reader, Shown
from broadsheet.words.said import counted, said

if TYPE_CHECKING:
    from broadsheet.store import Connection

WEEK: Final = timedelta(days=7)
CHANNEL: Final = "mail"


@dataclass(frozen=True, slots=True)
class Made:
    """A composed digest. `through`: the newest day of papers that it looked at."""

    content: Content
    picks: tuple[Pick, ...]
    through: date | None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it but a reason."""
        return not self.picks


def make(stand: Newsstand, who: Reader, wanted: Delivery, due: Due, last: Digest | None) -> Made:
    """What a reader's digest has in it; nothing is stored. `last` is the one before."""
    seen = last.through if last else None
    window = _window(stand, wanted, due, seen)
    composed = Composed((), ())
    if window is not None:
        composed = compose(offers(stand, who, window, wanted.sections, wanted.most), wanted.most)
    note = _note(stand, due, empty=not composed.picks)
    through = window.last if window else seen
    content = Content(due.edition, due.day, composed.sections, note)
    return Made(in_words(content, words_of(stand.lib, who).say), composed.picks, through)


def keep(lib: Library, who: Reader, wanted: Delivery, made: Made) -> Digest | None:
    """Freeze, queue for mail and outlets, note as shown. None where that was done, or the reader wants it no more."""
    from broadsheet.store import deliveries, digests, mails, papers, shown

    mailed = not made.is_empty or wanted.cadence != "news"
    shown_secret = secret.make()
    digest = Digest(
        reader_id=who.id,
        edition=made.content.edition,
        day=made.content.day,
        through=made.through,
        created=lib.now(),
        state="mailed" if mailed else "empty",
        subject=subject_of(made.content, words_of(lib, who)),
        content=to_json(made.content),
        secret=secret.digest(shown_secret),
    )
    mail = _mail(lib, who, wanted, made.content, shown_secret) if mailed and wanted.gets_mail else None
    with lib.store.writing() as conn:
        now = deliveries.get(conn, who.id)
        if now is None or _is_other_mail(now, wanted):
            return None
        ids = papers.ids(conn, [pick.paper.key for pick in made.picks])
        if ids and shown.among(conn, who.id, ids.values()):  # by another channel since it was composed
            return None
        if not digests.add(conn, digest):
            return None
        if mail is not None:
            mails.put(conn, mail)
        if mailed:
            queue(conn, lib, who, made.content)
        _note_shown(conn, digest, made, ids)
    return digest


def _is_other_mail(now: Delivery, before: Delivery) -> bool:
    return now.gets_mail != before.gets_mail or now.email != before.email


def mail_key(reader_id: int, edition: str) -> str:
    """The reason of a digest's mail."""
    return f"reader:{reader_id}:digest:{edition}"


def written(lib: Library, who: Reader, content: Content, links: Links, to: str) -> Rendered:
    """A digest as a mail."""
    because = said("Sent to %(to)s because you asked for it.", to=to) if to else said("A preview: nothing is sent.")
    return render(content, links, name=lib.settings.smtp.sender_name, because=because, words=words_of(lib, who))


def links_of(lib: Library, shown_secret: str) -> Links:
    """Where a digest's mail leads."""
    return Links(
        page=address(lib, f"d/{shown_secret}"),
        settings=address(lib, "digests/settings"),
        unsubscribe=address(lib, f"unsubscribe/{shown_secret}"),
        paper=lambda key: paper_address(lib, key),
        act=lambda kind, number: address(lib, f"d/{shown_secret}/{kind}/{number}"),
    )


def paper_address(lib: Library, key: str) -> str:
    """The page of a paper."""
    return address(lib, f"paper/{quote(key, safe=':/')}")


def _mail(lib: Library, who: Reader, wanted: Delivery, content: Content, shown_secret: str) -> Mail:
    links = links_of(lib, shown_secret)
    letter = written(lib, who, content, links, wanted.email)
    now, key = lib.now(), mail_key(who.id, content.edition)
    domain = lib.settings.smtp.sender.rpartition("@")[2] or "localhost"
    return Mail(
        key=key,
        recipient=wanted.email,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        message_id=message_id(lib, key, now),
        created=now,
        due=now,
        list_id=f"<digest.{domain}>",
        unsubscribe=links.unsubscribe,
    )


def _window(stand: Newsstand, wanted: Delivery, due: Due, seen: date | None) -> Window | None:
    """None where no day has come since the last digest. What came late for its last day is looked at once more."""
    last, days = stand.last_day(due.day), stand.lib.settings.recommend.days
    if last is None or (seen is not None and last <= seen):
        return None
    if seen is None:
        back = WEEK if wanted.cadence == "weekly" else timedelta(days=1)
        return Window(last - timedelta(days=days - 1), last, last - back + timedelta(days=1))
    longest = max(WEEK, timedelta(days=days))
    first = max(seen, last - longest)
    return Window(first, last, min(first + timedelta(days=1), last))


def _note(stand: Newsstand, due: Due, *, empty: bool) -> str | None:
    """Why a digest is empty, what it lacks, or what it makes up for."""
    told: list[str] = []
    day = stand.edition(due.day.isoformat())
    if day.state == "failed":
        told.append(said("The last harvest did not go through; what is missing comes with the next digest."))
    elif empty:
        told.append(day.note if day.state == "holiday" and day.note else _REASONS.get(day.state, _NOTHING_NEAR))
    if due.missed:
        told.append(
            counted(
                "One digest could not be made in time; this one has what it would have had.",
                "%(num)s digests could not be made in time; this one has what they would have had.",
                due.missed,
            )
        )
    return said("%(note)s %(more)s", note=told[0], more=told[1]) if len(told) == 2 else told[0] if told else None


_REASONS: Final = {
    "pending": said("The papers of this day were not announced yet; they come with the next digest."),
    "empty": said("No papers came for this day."),
    "never": said("No papers have come yet."),
}
_NOTHING_NEAR: Final = said("Nothing came that was new to you and near enough to what you like.")


def _note_shown(conn: "Connection", digest: Digest, made: Made, ids: Mapping[str, int]) -> None:
    from broadsheet.store import interests, shown

    named = any(pick.interest for pick in made.picks)
    own = {i.name: i.id for i in interests.of(conn, [digest.reader_id])} if named else {}
    name = f"digest {digest.edition}"
    listed = [
        Shown(
            paper_id=ids[pick.paper.key],
            list=name,
            channel=CHANNEL,
            at=digest.created,
            rank=rank,
            score=pick.score,
            interest_id=own.get(pick.interest or ""),
            explored=pick.explored,
            why=pick.why,
        )
        for rank, pick in enumerate(made.picks, 1)
        if pick.paper.key in ids
    ]
    shown.record(conn, digest.reader_id, listed)
