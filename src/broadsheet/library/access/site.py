"""The name and the origin under which browsers know this instance: what a passkey is made for."""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

from broadsheet.errors import UsageError
from broadsheet.library.handle import Library
from broadsheet.words.said import said

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Site:
    """`host` is the relying party's id of WebAuthn, `origin` is as browsers write it, without a default port."""

    host: str
    origin: str


def site_of(lib: Library, seen: str) -> Site:
    """The site by the setting `base_url`; without one, the address `seen` that the browser asked.

    Raises UsageError where browsers have no passkeys: for an address in numbers, and for http elsewhere than at
    `localhost` (Web Authentication, 5.1.3).
    """
    address = lib.settings.base_url or seen
    parts = urlsplit(address)
    host, port = (parts.hostname or "").lower(), parts.port
    if parts.scheme not in _PORTS or not host:
        raise _not_here(address, said("is no web address"), said("check the setting base_url"))
    if _is_number(host):
        raise _not_here(
            address,
            said("has numbers for a name"),
            said("open %(address)s instead", address=f"http://localhost{f':{port}' if port else ''}"),
        )
    if parts.scheme == "http" and host != "localhost" and not host.endswith(".localhost"):
        raise _not_here(address, said("is not encrypted"), said("put a proxy with https before it and set base_url"))
    return Site(host, f"{parts.scheme}://{host}" + (f":{port}" if port and port != _PORTS[parts.scheme] else ""))


def _not_here(address: str, cause: str, remedy: str) -> UsageError:
    parts = urlsplit(address)
    return UsageError(
        "passkeys", said("%(address)s %(why)s", address=f"{parts.scheme}://{parts.netloc}", why=cause), remedy
    )


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
