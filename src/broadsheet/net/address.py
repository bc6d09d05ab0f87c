"""Addresses that are asked: checked, followed, and shown without their secrets."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from broadsheet.errors import FetchError
from broadsheet.words.said import said

SECRET = re.compile(r"(?i)key|secret|password|^(access_?)?token$|^auth")


def shown(url: str) -> str:
    """The address as it may be stored and printed: no user, no password, no keys."""
    parts = urlsplit(url)
    query = [(name, "***" if SECRET.search(name) else value) for name, value in parse_qsl(parts.query, True)]
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, urlencode(query, safe="*:|/,"), ""))


def checked(host: str, url: str) -> str:
    """The address itself. Raises FetchError where it is none of the web."""
    try:
        parts = urlsplit(url)
        fine = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fine = False
    if not fine:
        raise FetchError(
            host,
            said("%(url)s is no web address", url=repr(url.rpartition("@")[2])),
            "check it in the settings",
            permanent=True,
        )
    return url


def with_params(url: str, params: Mapping[str, str] | None) -> str:
    """The address with more in its query."""
    if not params:
        return url
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(params)}"


def subject_of(host: str, url: str) -> str:
    """What an error calls the rate group and the server of it that was asked."""
    return f"{host} ({urlsplit(url).netloc.rpartition('@')[2] or shown(url)})"


def next_hop(host: str, url: str, location: str) -> str:
    """Where a redirect leads. Raises FetchError for nowhere, for no web address, and from HTTPS to less."""
    try:
        target = urljoin(url, location)
        there = urlsplit(target)
        wrong = there.scheme not in {"http", "https"} or not there.hostname or not location
    except ValueError:
        wrong = True
    if wrong or (urlsplit(url).scheme == "https" and there.scheme != "https"):
        cause = said("redirects to %(place)s, which is refused", place=repr(location.rpartition("@")[2]))
        raise FetchError(subject_of(host, url), cause, "check the address in the settings", permanent=True)
    return target
