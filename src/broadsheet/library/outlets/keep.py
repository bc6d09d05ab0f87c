"""A reader's outlets: added, tried, taken away, and how they stand."""

import secrets
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from msgspec.structs import replace

from broadsheet import net
from broadsheet.digest import services, webhook
from broadsheet.digest.mail import Handover
from broadsheet.errors import NotFound, UsageError
from broadsheet.library import names
from broadsheet.library.digests.offers import check_sections
from broadsheet.library.digests.subscription import default_delivery
from broadsheet.library.handle import Library
from broadsheet.library.outlets.send import give
from broadsheet.library.outlets.write import trial
from broadsheet.types import Dispatch, Outlet, Reader
from broadsheet.words.said import said

MOST: Final = 10
"""Outlets of a reader: whoever needs more wants a program behind one webhook."""

LONGEST_NAME, LONGEST_URL = 60, 2_000

_HOSTED: Final = ("matrix", "ntfy", "mmost", "rocket", "gotify", "signal")
HOSTED: Final = frozenset(name + end for name in _HOSTED for end in ("", "s"))
"""Services that anybody can run, so that the address names a host; with the others its first part is a secret."""


@dataclass(frozen=True, slots=True)
class OutletView:
    """An outlet as its reader sees it, and the newest of what went there."""

    outlet: Outlet
    latest: tuple[Dispatch, ...] = ()

    @property
    def state(self) -> str:
        """`on` or `suspended`."""
        return "suspended" if self.outlet.suspended else "on"

    @property
    def place(self) -> str:
        """Where it leads, without what is secret in the address."""
        return place_of(self.outlet.url)


def place_of(url: str) -> str:
    """An address without what is secret in it."""
    parts = urlsplit(url)
    is_host = parts.scheme in ("http", "https") or (parts.scheme in HOSTED and "." in (parts.hostname or ""))
    return f"{parts.scheme}://{parts.hostname if is_host else ''}/…".replace(":///", "://")


def outlets_of(lib: Library, who: Reader) -> list[OutletView]:
    """A reader's outlets, by name."""
    from broadsheet.store import outlets

    with lib.store.reading() as conn:
        own = outlets.of(conn, [who.id]).get(who.id, [])
        sent = outlets.latest(conn, [o.id for o in own], 20 * MOST)
    return [OutletView(o, tuple(d for d in sent if d.outlet_id == o.id)[:5]) for o in own]


def every_outlet(lib: Library) -> list[tuple[Reader, Outlet]]:
    """All outlets with their readers."""
    from broadsheet.store import outlets, readers

    with lib.store.reading() as conn:
        there = {reader.id: reader for reader in readers.every(conn)}
        return [(there[o.reader_id], o) for o in outlets.every(conn)]


def find_outlet(lib: Library, who: Reader, name: str) -> Outlet:
    """A reader's outlet. Raises NotFound."""
    from broadsheet.store import outlets

    with lib.store.reading() as conn:
        found = outlets.named(conn, who.id, name)
    if found is None:
        raise NotFound(
            said("outlet %(name)s", name=repr(name)),
            "there is none of that name",
            "`broadsheet outlet list` has all",
        )
    return found


def add_outlet(lib: Library, who: Reader, url: str, name: str = "", sections: tuple[str, ...] = ()) -> Outlet:
    """Let a reader's digests go there, too, or there only. Raises UsageError for what cannot be.

    An `https://` address is a webhook, whose requests are signed with the `secret` of what is returned; others are of
    services. Digests come when the reader's wishes say, whether a mail is sent or not.
    """
    from broadsheet.store import deliveries, outlets

    url = url.strip()
    kind = _checked(lib, url)
    check_sections(sections)
    by_itself = (urlsplit(url).hostname if kind == "webhook" else None) or services.scheme_of(url)
    made = Outlet(
        id=0,
        reader_id=who.id,
        name=checked_name(name.strip() or by_itself[:LONGEST_NAME]),
        kind="webhook" if kind == "webhook" else "service",
        url=url,
        secret=webhook.secret_of(secrets.token_bytes(32)) if kind == "webhook" else "",
        sections=sections,
        created=lib.now(),
    )
    with lib.store.writing() as conn:
        if len(outlets.of(conn, [who.id]).get(who.id, [])) >= MOST:
            raise UsageError("outlet", said("there are %(most)s already", most=MOST), "take one away first")
        kept = outlets.add(conn, made)
        if kept is None:
            raise UsageError(
                said("outlet %(name)s", name=repr(made.name)),
                "there is one of that name",
                "give another with a name of its own",
            )
        if deliveries.get(conn, who.id) is None:
            deliveries.put(conn, default_delivery(who, lib.now(), who.email or ""))
    return kept


def checked_name(name: str) -> str:
    """The name of an outlet as it is stored. Raises UsageError for one that cannot be."""
    return names.checked("outlet", name, LONGEST_NAME)


def remove_outlet(lib: Library, who: Reader, name: str) -> None:
    """Take an outlet away; what is queued for it is not sent. Raises NotFound."""
    from broadsheet.store import outlets

    found = find_outlet(lib, who, name)
    with lib.store.writing() as conn:
        outlets.remove(conn, found.id)


def try_outlet(lib: Library, who: Reader, name: str) -> Handover:
    """Send a short message there now; one that is taken ends a suspension. Raises NotFound."""
    from broadsheet.store import outlets

    found = find_outlet(lib, who, name)
    handed = give(lib, found, f"trial-{secrets.token_hex(8)}", trial(lib, who, found))
    if handed.fate == "sent":
        with lib.store.writing() as conn:
            outlets.change(conn, replace(found, suspended=None, failures=0, said="", reached=lib.now()))
    return handed


def _checked(lib: Library, url: str) -> str:
    """Which kind an address is of. Raises UsageError, without what may be secret in it."""
    rules = lib.settings.outlets
    if not rules.enabled:
        raise UsageError("outlet", "this instance sends mails only", "ask whoever runs it")
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        fine = bool(parts.scheme and host and url.isprintable() and " " not in url and len(url) <= LONGEST_URL)
        fine = fine and parts.port != 0
    except ValueError:
        fine = False
    if not fine:
        raise UsageError("outlet", "its address is none", "write https://… or a service's, such as slack://…")
    subject = said("outlet %(name)s", name=place_of(url))
    if parts.scheme in ("http", "https"):
        if parts.scheme == "http" and not rules.private:
            raise UsageError(subject, "is not encrypted", "write https://…")
        if not rules.private and net.is_private(host):
            raise UsageError(subject, "leads into a private network", "setting outlets.private allows that")
        return "webhook"
    if parts.scheme not in rules.services:
        raise UsageError(
            subject, "is no service that may be used", said("those are %(known)s", known=", ".join(rules.services))
        )
    if parts.scheme in HOSTED and not rules.private and (parts.path.strip("/") or "." in host) and net.is_private(host):
        raise UsageError(subject, "leads into a private network", "setting outlets.private allows that")
    services.check(url)
    return "service"
