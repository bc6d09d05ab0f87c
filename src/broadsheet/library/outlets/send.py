"""Sending what is queued for outlets: each noted before and after, and tried again with longer and longer waits."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from threading import Event
from typing import TYPE_CHECKING, Final

import orjson
from msgspec import structs

from broadsheet import net
from broadsheet.digest import services
from broadsheet.digest.content import Content
from broadsheet.digest.mail import Handover
from broadsheet.digest.webhook import signed_headers
from broadsheet.errors import BroadsheetError
from broadsheet.library.handle import Library
from broadsheet.library.mails.post import LEASE, WAITS
from broadsheet.library.outlets.write import written
from broadsheet.types import Dispatch, Outlet, Reader
from broadsheet.words.catalogue import Words

if TYPE_CHECKING:
    from broadsheet.store import Connection

SUSPENDED_AFTER: Final = 3
"""Dispatches in a row that were given up."""

LONGEST_WAIT: Final = timedelta(days=1)
_GONE: Final = 410


@dataclass(frozen=True, slots=True)
class Dispatched:
    """What became of the dispatches that were due."""

    sent: int = 0
    later: int = 0
    failed: int = 0


def queue(conn: "Connection", lib: Library, digests: Iterable[tuple[Reader, Words, Content]]) -> None:
    """Queue digests for those of their readers' outlets that they have something for."""
    from broadsheet.store import outlets

    by_reader = {who.id: (who, words, content) for who, words, content in digests}
    for reader_id, theirs in outlets.of(conn, by_reader).items():
        who, words, content = by_reader[reader_id]
        for to in theirs:
            body = None if to.suspended else written(lib, who, words, to, content)
            if body is not None:
                outlets.put(conn, to.id, outlet_key(content.edition), body, lib.now())


def outlet_key(edition: str) -> str:
    """The reason of a digest's dispatch."""
    return f"digest:{edition}"


def send_dispatches(lib: Library, stop: Event | None = None) -> Dispatched:
    """Send what is due to outlets, none of it begun once `stop` is set; what one does not take holds up no other."""
    from broadsheet.store import outlets

    done = Dispatched()
    with lib.store.reading() as conn:
        if not outlets.is_any_due(conn, lib.now()):
            return done
    with lib.store.writing() as conn:
        outlets.settle(conn, lib.now())
    while not (stop and stop.is_set()):
        with lib.store.writing() as conn:
            taken = outlets.take(conn, lib.now(), lib.now() + LEASE)
        if taken is None:
            break
        sent, to = taken
        done = _end(lib, sent, to, give(lib, to, f"{to.id}-{sent.key}", sent.body), done)
    return done


def give(lib: Library, to: Outlet, message_id: str, body: str) -> Handover:
    """Give a body to an outlet. `message_id`: the same whenever the same is given again."""
    rules = lib.settings.outlets
    if not rules.enabled:
        return Handover("later", "outlets are switched off (outlets.enabled)")
    if to.kind == "service" and services.scheme_of(to.url) not in rules.services:
        return Handover("never", "the service may not be used (outlets.services)")
    if to.kind == "service":
        doc = orjson.loads(body)
        try:
            return services.send(to.url, doc["title"], doc["text"])
        except BroadsheetError as e:
            return Handover("later", str(e))
    wire = body.encode()
    headers = signed_headers(to.secret, message_id, lib.now(), wire)
    told = net.hand_in(
        to.url, wire, headers, timeout=rules.timeout, private=rules.private, contact=lib.settings.net.contact
    )
    return _handover(told)


def _handover(told: net.Receipt) -> Handover:
    said = f"{told.status} {told.said}".strip() if told.status else told.said
    if told.status is None:
        return Handover("later", said)
    if 200 <= told.status < 300:
        return Handover("sent", said)
    passing = told.status in net.PASSING or told.status >= 500
    return Handover("later" if passing else "never", said, gone=told.status == _GONE)


def _end(lib: Library, sent: Dispatch, to: Outlet, handed: Handover, done: Dispatched) -> Dispatched:
    from broadsheet.store import outlets

    now = lib.now()
    with lib.store.writing() as conn:
        kept = outlets.by_id(conn, to.id)
        if kept is None:  # taken away meanwhile
            return done
        if handed.fate == "sent":
            outlets.end(conn, sent.id, "sent", handed.said, now)
            outlets.change(conn, structs.replace(kept, failures=0, reached=now, said=""))
            return replace(done, sent=done.sent + 1)
        if handed.fate == "later" and sent.tries < len(WAITS):
            outlets.put_off(conn, sent.id, handed.said, now + min(WAITS[sent.tries], LONGEST_WAIT))
            outlets.change(conn, structs.replace(kept, said=handed.said))
            return replace(done, later=done.later + 1)
        outlets.end(conn, sent.id, "failed", handed.said, now)
        failed = structs.replace(kept, failures=kept.failures + 1, said=handed.said)
        over = failed.failures >= SUSPENDED_AFTER or handed.gone
        outlets.change(conn, structs.replace(failed, suspended=now) if over else failed)
    return replace(done, failed=done.failed + 1)
