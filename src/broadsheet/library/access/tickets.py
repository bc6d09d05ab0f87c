"""Links that are good once: for the owner at the terminal, for who forgot a password, for who is invited."""

from datetime import timedelta

from msgspec.structs import replace

from broadsheet.errors import NotFound
from broadsheet.library.access import secret
from broadsheet.library.handle import Library
from broadsheet.types import Reader, Role, Ticket

OWNER_LINK_LIVES = timedelta(hours=12)
SIGN_IN_LINK_LIVES = timedelta(minutes=30)
INVITATION_LIVES = timedelta(days=14)
CONFIRMATION_LIVES = timedelta(days=7)
ACCOUNT = "account"
"""What a ticket says whose address is to be the reader's own."""


def owner_link(lib: Library, reader: Reader) -> str:
    """The secret of a link that signs the owner in, to be printed where only the owner reads it."""
    now = lib.now()
    return _issue(lib, Ticket("", "owner", reader.id, None, None, now, now + OWNER_LINK_LIVES))


def sign_in_link(lib: Library, reader: Reader, onward: str | None = None) -> str:
    """The secret of a link that signs a reader in and leads on to a page, to be sent to their address."""
    now = lib.now()
    return _issue(lib, Ticket("", "signin", reader.id, reader.email, None, now, now + SIGN_IN_LINK_LIVES, onward))


def invite(lib: Library, role: Role, email: str | None = None) -> str:
    """The secret of an invitation to become a reader of this role."""
    now = lib.now()
    return _issue(lib, Ticket("", "invite", None, email, role, now, now + INVITATION_LIVES))


def confirm_address(lib: Library, reader: Reader, email: str) -> str:
    """The secret of a link by which a reader shows that they can read mail at an address."""
    now = lib.now()
    return _issue(lib, Ticket("", "email", reader.id, email, None, now, now + CONFIRMATION_LIVES))


def own_address(lib: Library, reader: Reader, email: str) -> str:
    """The secret of a link by which an address becomes a reader's own; those that were asked before are void."""
    from broadsheet.store import tickets

    now = lib.now()
    with lib.store.writing() as conn:
        for older in tickets.waiting(conn, reader.id, ACCOUNT, now):
            tickets.remove(conn, older.id)
    return _issue(lib, Ticket("", "email", reader.id, email, None, now, now + CONFIRMATION_LIVES, ACCOUNT))


def sign_up_link(lib: Library, email: str, said: str) -> str:
    """The secret of a link by which a newcomer shows the same, and becomes a reader; `said` is kept with it."""
    now = lib.now()
    return _issue(lib, Ticket("", "email", None, email, None, now, now + CONFIRMATION_LIVES, said))


def look(lib: Library, shown: str) -> Ticket:
    """The ticket of a link, unused. Raises NotFound for one that is unknown, used or too old."""
    from broadsheet.store import tickets

    with lib.store.reading() as conn:
        found = tickets.get(conn, secret.digest(shown), lib.now())
    if found is None:
        raise _gone()
    return found


def use(lib: Library, shown: str) -> Ticket:
    """Use a link up. Raises NotFound for everyone but the first."""
    from broadsheet.store import tickets

    with lib.store.writing() as conn:
        found = tickets.use(conn, secret.digest(shown), lib.now())
    if found is None:
        raise _gone()
    return found


def invitations(lib: Library) -> list[Ticket]:
    """The invitations that are still open."""
    from broadsheet.store import tickets

    with lib.store.reading() as conn:
        return tickets.open_invitations(conn, lib.now())


def take_back(lib: Library, ticket_id: str) -> None:
    """Take an invitation back. Raises NotFound where it is open no more."""
    from broadsheet.store import tickets

    with lib.store.writing() as conn:
        if not tickets.remove(conn, ticket_id):
            raise NotFound("invitation", "is open no more", "the list shows those that are")


def _issue(lib: Library, ticket: Ticket) -> str:
    from broadsheet.store import tickets

    shown = secret.make()
    with lib.store.writing() as conn:
        tickets.remove_expired(conn, lib.now())
        tickets.add(conn, replace(ticket, id=secret.digest(shown)))
    return shown


def _gone() -> NotFound:
    return NotFound("link", "was used before, is too old, or was cut off", "ask for a new one")
