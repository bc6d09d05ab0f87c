"""Handing something in once, at an address that somebody typed in: never into a private network unasked."""

import ipaddress
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import urllib3
from urllib3.exceptions import HTTPError

from broadsheet.net.failure import NO_CONNECTION, cause_of, told_by, unreachable
from broadsheet.net.headers import retry_after, user_agent
from broadsheet.net.proxy import of_environment, proxy_for


@dataclass(frozen=True, slots=True)
class Receipt:
    """What somebody else's server said to what it was given; `status` is None where it said nothing."""

    status: int | None
    said: str
    after: float | None = None


def hand_in(
    url: str, body: bytes, headers: Mapping[str, str], *, timeout: float, private: bool, contact: str = ""
) -> Receipt:
    """POST once to an address that a reader typed in. No redirect is followed; never raises.

    Unless `private`, only public addresses are connected to, and those that the name was looked up as: a name that
    means something else a moment later leads nowhere.
    """
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if secure else 80)
    proxy = proxy_for(url, of_environment())
    try:
        place = _place(host, port, private=private)
        sent = {**headers, "User-Agent": user_agent(contact), "Host": parts.netloc.rpartition("@")[2]}
        with _line_to(place, host, port, secure=secure, proxy=proxy) as pool:
            target = url if proxy else urlunsplit(("", "", parts.path or "/", parts.query, ""))
            given = {"timeout": timeout, "redirect": False, "retries": False, "preload_content": False}
            raw = pool.request("POST", target, body=body, headers=sent, **given)  # type: ignore[arg-type]
            try:
                return Receipt(raw.status, told_by(raw), retry_after(raw.headers.get("Retry-After", ""), time.time()))
            finally:
                raw.close()
    except PrivateAddress:
        return Receipt(None, "its name leads to a private address, which only `outlets.private` allows")
    except OSError as e:
        return Receipt(None, f"its name cannot be resolved ({e.strerror or e})")
    except NO_CONNECTION as e:
        return Receipt(None, unreachable(host, e).cause)
    except HTTPError as e:
        return Receipt(None, cause_of(e, timeout))


class PrivateAddress(Exception):
    """A name that leads into a private network."""


def is_private(host: str) -> bool:
    """Whether a name leads into a private network, or an address is of one; a name of nothing does not."""
    try:
        _place(host, 0, private=False)
    except PrivateAddress:
        return True
    except OSError:
        return False
    return False


def _place(host: str, port: int, *, private: bool) -> str:
    """The address to connect to. Raises PrivateAddress where one of the name's is not public, OSError for no name."""
    found = [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not private and not all(_is_public(address) for address in found):
        raise PrivateAddress
    return found[0]


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        within = address.ipv4_mapped or address.sixtofour or (address in _NAT64 and _last_four(address)) or None
        if within:
            address = within
    return address.is_global and not address.is_multicast


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def _last_four(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address:
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)


def _line_to(
    place: str, host: str, port: int, *, secure: bool, proxy: str
) -> "urllib3.ProxyManager | urllib3.HTTPConnectionPool":
    """Connections to this address, whose certificate is that of the name."""
    if proxy:
        return urllib3.ProxyManager(proxy, cert_reqs="CERT_REQUIRED")
    if secure:
        return urllib3.HTTPSConnectionPool(
            place, port, cert_reqs="CERT_REQUIRED", server_hostname=host, assert_hostname=host
        )
    return urllib3.HTTPConnectionPool(place, port)
