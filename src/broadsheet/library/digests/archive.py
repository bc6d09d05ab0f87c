"""Digests as they were sent: looked at again, acted from, and left for good."""

from dataclasses import dataclass

from broadsheet.digest import schedule
from broadsheet.digest.content import Content, from_json
from broadsheet.digest.render import Rendered
from broadsheet.digest.schedule import Due
from broadsheet.errors import NotFound
from broadsheet.library.access import secret
from broadsheet.library.digests.letters import mail_key, sample
from broadsheet.library.digests.make import Made, Waiting, make
from broadsheet.library.digests.offers import Newsstand
from broadsheet.library.digests.readership import known
from broadsheet.library.digests.subscription import default_delivery, subscription, turn_off
from broadsheet.library.handle import Library
from broadsheet.library.language import words_of
from broadsheet.library.outlets.send import outlet_key
from broadsheet.library.readers import let_in, reader_by_id, zone_of
from broadsheet.library.shelf.mark import Marked, mark, unmark
from broadsheet.types import Digest, Mail, Reader
from broadsheet.words.said import said


@dataclass(frozen=True, slots=True)
class Kept:
    """A digest and what became of its mail, None where none was to be sent; `elsewhere`: whether it went to outlets."""

    digest: Digest
    content: Content
    mail: Mail | None
    elsewhere: bool = False

    @property
    def state(self) -> str:
        """What became of it, in a word or two."""
        if self.digest.state == "empty":
            return said("nothing to send")
        if self.mail:
            return self.mail.state
        return said("sent elsewhere") if self.elsewhere else said("taken back")


def digests_of(lib: Library, who: Reader, most: int = 100) -> list[Kept]:
    """A reader's digests, the newest first."""
    from broadsheet.store import digests, mails, outlets

    with lib.store.reading() as conn:
        found = digests.of(conn, who.id, most)
        sent = mails.by_keys(conn, [mail_key(who.id, d.edition) for d in found])
        gone = outlets.reasons(conn, who.id)
    return [
        Kept(d, from_json(d.content), sent.get(mail_key(who.id, d.edition)), outlet_key(d.edition) in gone)
        for d in found
    ]


def digest_of(lib: Library, who: Reader, edition: str) -> Kept:
    """A reader's digest for an edition. Raises NotFound."""
    from broadsheet.store import digests, mails

    with lib.store.reading() as conn:
        found = digests.named(conn, who.id, edition)
        sent = mails.by_key(conn, mail_key(who.id, edition))
    if found is None:
        raise NotFound(
            said("digest %(edition)s", edition=edition),
            "none was made",
            "the archive lists them",
        )
    return Kept(found, from_json(found.content), sent)


def by_link(lib: Library, shown: str) -> tuple[Reader, Digest]:
    """Whose digest a link in a mail is about. Raises NotFound."""
    from broadsheet.store import digests

    with lib.store.reading() as conn:
        found = digests.by_secret(conn, secret.digest(shown))
    if found is None:
        raise NotFound("link", "leads to no digest", "it may have been cut off; copy all of it")
    return reader_by_id(lib, found.reader_id), found


def act(lib: Library, shown: str, kind: str, number: int, *, off: bool = False) -> Marked:
    """Mark a paper of a digest by its link, for its reader, or take the mark back.

    Raises NotFound, UsageError for a word that is no mark.
    """
    who, found = by_link(lib, shown)
    let_in(lib, who.id)
    key = key_of(found, number)
    return unmark(lib, who.name, key, [kind]) if off else mark(lib, who.name, key, kind)


def key_of(found: Digest, number: int) -> str:
    """The paper that has this number in a digest. Raises NotFound."""
    key = next((item.key for item in from_json(found.content).items if item.number == number), None)
    if key is None:
        raise NotFound(said("paper %(key)s", key=f"{number}"), "is not in this digest", "its page lists those that are")
    return key


def unsubscribe(lib: Library, shown: str) -> Reader:
    """End a reader's digests by the link in a mail; doing it twice is as good as once. Raises NotFound."""
    who, _ = by_link(lib, shown)
    turn_off(lib, who)
    return who


def preview_mail(lib: Library, who: Reader, content: Content) -> Rendered:
    """A digest that is not sent as a mail would have it, without the links that act."""
    return sample(lib, content, words_of(lib, who))


def preview(lib: Library, who: Reader) -> Made:
    """The digest that a reader would get if it were due now; nothing is stored, and nothing counts as shown."""
    there = subscription(lib, who)
    wanted = there.delivery or default_delivery(who, lib.now())
    day = lib.now().astimezone(zone_of(lib, who)).date()
    last = there.last if there.last and there.last.day < day else None
    due = Due(schedule.name_of(wanted, day, last) or day.isoformat(), day, lib.now())
    return make(Newsstand(lib), known(lib, [who]), [Waiting(who, wanted, due, last)])[0]
