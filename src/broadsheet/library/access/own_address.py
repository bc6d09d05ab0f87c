"""The address that signs a reader in: another one is used once it has said yes, by a link that is mailed to it.

A typing error would else hand the account to a stranger, and whoever finds a browser open could take it away.
"""

from typing import TYPE_CHECKING

from broadsheet.digest.render import Notice
from broadsheet.errors import NotFound, TooManyTries, UsageError
from broadsheet.library.access import secret, tickets
from broadsheet.library.address import address
from broadsheet.library.digests.subscription import may_mail, queue_notice
from broadsheet.library.handle import Library
from broadsheet.library.mails.post import is_set_up
from broadsheet.library.readers import Details, change_reader, check_details, find_reader
from broadsheet.types import Reader, Ticket
from broadsheet.words.said import said

if TYPE_CHECKING:
    from broadsheet.store import Connection


def ask(lib: Library, reader: Reader, email: str) -> None:
    """Mail a link to an address that is to be the reader's own. An empty one, and the one they have, need none.

    Raises UsageError for one that is another's and where no mail can be sent, TooManyTries where it got many today.
    """
    from broadsheet.store import tickets as stored

    if not email or _same(reader.email, email):
        with lib.store.writing() as conn:
            for asked in stored.waiting(conn, reader.id, tickets.ACCOUNT, lib.now()):
                stored.remove(conn, asked.id)
        change_reader(lib, reader.name, Details(email=email))
        return
    check_details(Details(email=email))
    with lib.store.reading() as conn:
        _must_be_free(conn, reader, email)
    if not is_set_up(lib):
        way = said(
            "whoever runs it can set it with `broadsheet reader rename %(name)s --email %(email)s`",
            name=reader.name,
            email=email,
        )
        raise UsageError(
            said("e-mail address %(email)s", email=email), "cannot be confirmed, as this instance sends no mail", way
        )
    if not may_mail(lib, email):
        raise TooManyTries(
            said("e-mail address %(email)s", email=email), "was sent several mails today", "try again tomorrow"
        )
    name = lib.settings.smtp.sender_name
    notice = Notice(
        subject=said("Is this your address?"),
        sentence=said(
            "%(reader)s at %(name)s says that %(email)s is theirs. Once you say yes, links to sign in come here.",
            reader=reader.display or reader.name,
            name=name,
            email=email,
        ),
        button=said("Yes, it is mine"),
        link=address(lib, f"address/{tickets.own_address(lib, reader, email)}"),
        otherwise=said("If it was not you, do nothing: nothing changes. The link is good for a week."),
    )
    queue_notice(lib, reader, email, notice, "address")


def asked(lib: Library, reader: Reader) -> str | None:
    """The address that has yet to say yes."""
    from broadsheet.store import tickets as stored

    with lib.store.reading() as conn:
        waiting = stored.waiting(conn, reader.id, tickets.ACCOUNT, lib.now())
    return waiting[-1].email if waiting else None


def look(lib: Library, shown: str) -> Ticket:
    """What a link would confirm. Raises NotFound for one that was used, is too old or of another kind."""
    found = tickets.look(lib, shown)
    if found.said != tickets.ACCOUNT:
        raise NotFound("link", "confirms no address", "ask for a new one")
    return found


def confirm(lib: Library, shown: str) -> Reader:
    """Make an address the reader's own by its link, once, and tell the one before. Raises NotFound, UsageError."""
    from broadsheet.store import readers
    from broadsheet.store import tickets as stored

    look(lib, shown)
    with lib.store.writing() as conn:
        used = stored.use(conn, secret.digest(shown), lib.now())
        before = readers.by_id(conn, used.reader_id) if used and used.reader_id is not None else None
        if used is None or used.email is None or before is None:
            raise NotFound("link", "was used before", "ask for a new one")
        _must_be_free(conn, before, used.email)
    changed = change_reader(lib, before.name, Details(email=used.email))
    if before.email and is_set_up(lib):
        _tell(lib, before, used.email)
    return find_reader(lib, changed.name)


def _tell(lib: Library, before: Reader, email: str) -> None:
    name = lib.settings.smtp.sender_name
    notice = Notice(
        subject=said("Your address at %(name)s is another one now", name=name),
        sentence=said(
            "Links to sign in as %(reader)s go to %(email)s from now on, and come here no more.",
            reader=before.display or before.name,
            email=email,
        ),
        button=said("To the page"),
        link=address(lib),
        otherwise=said("If it was not you, tell whoever runs %(name)s.", name=name),
    )
    queue_notice(lib, before, before.email or "", notice, "address-changed")


def _must_be_free(conn: "Connection", reader: Reader, email: str) -> None:
    """Raise UsageError for an address of somebody else, as an address signs in."""
    from broadsheet.store import readers

    if any(other.id != reader.id and _same(other.email, email) for other in readers.every(conn)):
        raise UsageError(
            said("e-mail address %(email)s", email=email), "is that of another reader", "give another, or none"
        )


def _same(one: str | None, other: str) -> bool:
    return one is not None and one.casefold() == other.strip().casefold()
