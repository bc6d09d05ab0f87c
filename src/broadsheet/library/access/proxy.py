"""What a reverse proxy says of a request: whom it has signed in, and where it came from.

Only the listed proxies are believed, and what counts is the address at the other end of the connection: headers are
written by anybody.
"""

import ipaddress
from collections.abc import Mapping
from functools import lru_cache

from broadsheet.errors import NotLetIn, UsageError
from broadsheet.library import names
from broadsheet.library.access import proxy_login
from broadsheet.library.access.sessions import Visitor
from broadsheet.library.handle import Library
from broadsheet.library.readers import LONGEST_DISPLAY, Details, add_reader, checked_name, free_name_near
from broadsheet.types import Preferences, Reader


def reader_said(lib: Library, peer: str, headers: Mapping[str, str]) -> Visitor | None:
    """The visitor whom the proxy at address `peer` names; None where none is trusted or nobody is named.

    Whom it named before is known by that. A name that is new becomes a reader, if the setting `access.proxy_creates`
    says so. Raises NotLetIn for what can be none.
    """
    settings = lib.settings.access
    said = headers.get(settings.proxy_header, "").strip() if settings.proxy_header else ""
    if not said or not is_listed(settings.proxy_from, peer):
        return None
    from broadsheet.store import readers

    with lib.store.reading() as conn:
        known = proxy_login.named(conn, said)
        found = known or readers.by_name_or_email(conn, said)
        liked = readers.preferences(conn, found.id) if found else Preferences()
    if found is None and settings.proxy_creates:
        found = _welcome(lib, said)
    if found and not known:
        proxy_login.keep(lib, said, found)
    return Visitor(found, None, may_write=True, preferences=liked) if found and not found.disabled else None


def _welcome(lib: Library, said: str) -> Reader:
    """A reader for a name, or an address; what is neither may be one person's name for another."""
    local, at, _ = said.partition("@")
    try:
        name = free_name_near(lib, local) if at else checked_name(said)
    except UsageError as e:
        raise NotLetIn(e.subject, e.cause, "let the proxy send such a name, or a mail address") from e
    return add_reader(lib, name, Details(display=names.fitted(local, LONGEST_DISPLAY), email=said if at else None))


def is_listed(listed: tuple[str, ...], peer: str) -> bool:
    """Whether an address is one of these addresses and networks."""
    address = _address(peer)
    return address is not None and any(address in network for network in _networks(listed))


def first_outside(listed: tuple[str, ...], forwarded: str) -> str | None:
    """Where a request came from by `X-Forwarded-For`: the last address that no listed proxy has.

    Each proxy adds whom it heard, so what stands before that may be invented. The first one where all are listed; None
    where what is said is no address.
    """
    heard = [_address(_without_port(part.strip())) for part in forwarded.split(",")]
    for address in reversed(heard):
        if address is None:
            return None
        if not is_listed(listed, str(address)):
            return str(address)
    return str(heard[0])


def _without_port(part: str) -> str:
    if part.startswith("["):
        return part[1:].partition("]")[0]
    return part.partition(":")[0] if part.count(":") == 1 else part


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """None for a peer without an address, such as a local socket."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


@lru_cache(maxsize=8)
def _networks(listed: tuple[str, ...]) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(ipaddress.ip_network(entry, strict=False) for entry in listed)
