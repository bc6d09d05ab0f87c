"""Which proxy stands between here and an address, as the environment has it."""

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass


def of_environment() -> Mapping[str, str]:
    """The proxies of `http_proxy`, `https_proxy` and `all_proxy`, by scheme."""
    return getproxies()


def proxy_for(url: str, proxies: Mapping[str, str]) -> str:
    """The proxy between here and the address; empty for none, and for this machine."""
    parts = urlsplit(url)
    name = parts.hostname or ""
    if _is_loopback(name) or proxy_bypass(name):
        return ""
    proxy = proxies.get(parts.scheme) or proxies.get("all") or ""
    return proxy if not proxy or "://" in proxy else f"http://{proxy}"


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
