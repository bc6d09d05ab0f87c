"""Freezing digests: what is in each, its mail, what goes to outlets and what counts as shown, in one transaction.

Whoever else makes the same one at the same time finds it there; a process that dies has frozen all of it or nothing.
Many are frozen at once, as a transaction for each takes longer than composing it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from broadsheet.digest.content import to_json
from broadsheet.digest.render import subject_of
from broadsheet.library.access import secret
from broadsheet.library.digests.letters import mail_of
from broadsheet.library.digests.make import Made
from broadsheet.library.digests.readership import Known
from broadsheet.library.handle import Library
from broadsheet.library.outlets.send import queue
from broadsheet.types import Delivery, Digest, Mail, Shown

CHANNEL: Final = "mail"


@dataclass(frozen=True, slots=True)
class Ready:
    """A digest that can be frozen, for a reader who wanted it so; `mail` where it goes out as one."""

    known: Known
    wanted: Delivery
    made: Made
    digest: Digest
    mail: Mail | None

    @property
    def goes_out(self) -> bool:
        """Whether there is something to send, by mail or to outlets."""
        return self.digest.state == "mailed"


def ready(lib: Library, known: Known, wanted: Delivery, made: Made) -> Ready:
    """A digest with its mail, in which links have a secret of their own."""
    mailed = not made.is_empty or wanted.cadence != "news"
    shown_secret = secret.make()
    digest = Digest(
        reader_id=known.who.id,
        edition=made.content.edition,
        day=made.content.day,
        through=made.through,
        created=lib.now(),
        state="mailed" if mailed else "empty",
        subject=subject_of(made.content, known.words),
        content=to_json(made.content),
        secret=secret.digest(shown_secret),
    )
    mail = None
    if mailed and wanted.gets_mail:
        mail = mail_of(lib, made.content, known.words, known.who.id, wanted.email, shown_secret)
    return Ready(known, wanted, made, digest, mail)


def freeze(lib: Library, found: Sequence[Ready]) -> list[Digest]:
    """Freeze, queue for mail and outlets, note as shown. Returns those that are frozen: not what was already, what
    its reader wants no more, and what has a paper that they were shown elsewhere meanwhile.
    """
    from broadsheet.store import deliveries, digests, interests, mails, papers, shown

    with lib.store.writing() as conn:
        ids = papers.ids(conn, {pick.paper.key for one in found for pick in one.made.picks})
        now = deliveries.of(conn, [one.known.who.id for one in found])
        seen = shown.papers_of(conn, now, set(ids.values()))
        may = [one for one in found if _may_go(one, now.get(one.known.who.id), seen, ids)]
        frozen = digests.add(conn, *(one.digest for one in may))
        added = {(digest.reader_id, digest.edition) for digest in frozen}
        go = [one for one in may if (one.digest.reader_id, one.digest.edition) in added]
        mails.put(conn, *(one.mail for one in go if one.mail))
        queue(conn, lib, [(one.known.who, one.known.words, one.made.content) for one in go if one.goes_out])
        of_all = interests.of(conn, [one.known.who.id for one in go if one.known.interests])
        own = {(interest.reader_id, interest.name): interest.id for interest in of_all}
        shown.record_all(conn, {one.known.who.id: list(_shown(one, ids, own)) for one in go})
    return frozen


def _may_go(one: Ready, now: Delivery | None, seen: Mapping[int, set[int]], ids: Mapping[str, int]) -> bool:
    if now is None or (now.gets_mail, now.email) != (one.wanted.gets_mail, one.wanted.email):
        return False
    return seen[one.known.who.id].isdisjoint(ids[p.paper.key] for p in one.made.picks if p.paper.key in ids)


def _shown(one: Ready, ids: Mapping[str, int], interests: Mapping[tuple[int, str], int]) -> Iterator[Shown]:
    for rank, pick in enumerate(one.made.picks, 1):
        if pick.paper.key in ids:
            yield Shown(
                paper_id=ids[pick.paper.key],
                list=f"digest {one.digest.edition}",
                channel=CHANNEL,
                at=one.digest.created,
                rank=rank,
                score=pick.score,
                interest_id=interests.get((one.known.who.id, pick.interest or "")),
                explored=pick.explored,
                why=pick.why,
            )
