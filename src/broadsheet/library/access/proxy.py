"""Readers whom a reverse proxy has signed in: it names them in a header, and only the listed proxies are believed."""

import ipaddress
import re
from collections.abc import Mapping

from broadsheet.library import names
from broadsheet.library.access.sessions import Visitor
from broadsheet.library.handle import Library
from broadsheet.library.readers import LONGEST_DISPLAY, Details, add_reader
from broadsheet.types import Preferences, Reader

_NOT_IN_NAMES = re.compile(r"[^a-z0-9._-]+")


def reader_said(lib: Library, peer: str, headers: Mapping[str, str]) -> Visitor | None:
    """The visitor whom the proxy at address `peer` names; None where none is trusted or nobody is named.

    A name that is new becomes a reader, if the setting `access.proxy_creates` says so.
    """
    settings = lib.settings.access
    said = headers.get(settings.proxy_header, "").strip() if settings.proxy_header else ""
    if not said or not _trusted(settings.proxy_from, peer):
        return None
    from broadsheet.store import readers

    with lib.store.reading() as conn:
        found = readers.by_name_or_email(conn, said)
        liked = readers.preferences(conn, found.id) if found else Preferences()
    if found is None and settings.proxy_creates:
        found = _welcome(lib, said)
    return Visitor(found, None, may_write=True, preferences=liked) if found and not found.disabled else None


def _welcome(lib: Library, said: str) -> Reader:
    local, at, _ = said.partition("@")
    name = _NOT_IN_NAMES.sub("-", local.casefold()).strip("-._")[:64] or "reader"
    return add_reader(lib, name, Details(display=names.fitted(local, LONGEST_DISPLAY), email=said if at else None))


def _trusted(listed: tuple[str, ...], peer: str) -> bool:
    networks = [ipaddress.ip_network(entry, strict=False) for entry in listed]
    try:
        return any(ipaddress.ip_address(peer) in network for network in networks)
    except ValueError:  # a peer without an address, such as a local socket
        return False
