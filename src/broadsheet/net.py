"""The only outgoing HTTP: polite, patient and bounded.

Requests belong to a rate group ("arxiv" over all its addresses, "huggingface"): one at a time, over one connection,
with a pause between two. Groups run side by side in threads. What may pass by itself (429, 5xx, a reset, a
truncated body, silence) is tried again with exponential backoff and jitter, never sooner than `Retry-After` or the
end of a used-up limit.
"""

import ipaddress
import json
import random
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit
from urllib.request import getproxies, proxy_bypass

import orjson
import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    DecodeError,
    HTTPError,
    LocationValueError,
    NameResolutionError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from broadsheet import __version__
from broadsheet.config import Settings
from broadsheet.errors import FetchError, Interrupted
from broadsheet.words.said import said

REDIRECTS = 5
MOVED = frozenset({301, 302, 303, 307, 308})
MOVED_WHOLE = frozenset({307, 308})  # the only ones after which a body is sent again
PASSING = frozenset({408, 425, 429})  # and every 5xx
SECRET = re.compile(r"(?i)key|secret|password|^(access_?)?token$|^auth")
DEFAULT_INTERVAL = 1.0
CHUNK = 1 << 16
BODY_PATIENCE = 10.0  # times the timeout: a body that trickles for longer is given up
DAY = 86_400.0  # a longer pause in the note of another process is a clock that was wrong
UNIX_TIMES_BEGIN = 1e9  # a smaller X-RateLimit-Reset counts seconds from now
MOST_TOLD = 200  # letters of what a source says about a refusal


@dataclass(frozen=True, slots=True)
class Response:
    """An answer: `status` is 200 or 304; `body` is decompressed; names of `headers` are in lower case."""

    status: int
    body: bytes
    etag: str | None
    url: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it is noted in a run: the address without secrets, and what came of it.

    `status` is None and `failure` says why where there was no whole answer; `bytes` is the size after decompression.
    """

    url: str
    status: int | None
    seconds: float
    bytes: int
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class _Request:
    """What is sent: `body` makes it a POST; `private` headers go to no other host than the first."""

    url: str
    headers: Mapping[str, str]
    private: Mapping[str, str]
    body: bytes | None = None

    def moved_to(self, url: str) -> "_Request":
        stays = urlsplit(url).netloc == urlsplit(self.url).netloc
        return replace(self, url=url, private=self.private if stays else {})


class _Passing(Exception):
    """A failure that another attempt may cure; `after` is how long the server asks to wait, in seconds."""

    def __init__(self, cause: str, *, status: int | None = None, after: float | None = None) -> None:
        super().__init__(cause)
        self.cause, self.status, self.after = cause, status, after


class Client:
    """Asks politely. `clock` gives Unix seconds, `sleep` waits, `rng` is the jitter; tests hand in their own.

    Setting `stop` ends every wait with Interrupted. With `folder`, the pause between two requests also holds
    between processes that share it. Threads may share a client. `asked` is what it asked so far.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], object] | None = None,
        rng: random.Random | None = None,
        stop: threading.Event | None = None,
        folder: Path | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> None:
        self.asked: list[Asked] = []
        self._settings = settings
        self._clock = clock
        self._stop = stop or threading.Event()
        self._sleep = sleep or self._stop.wait
        self._rng = rng or random.Random()  # noqa: S311 - jitter, no secret
        self._folder = folder
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
        self._proxies = getproxies() if proxies is None else proxies
        self._groups: dict[str, _Group] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        for group in self._groups.values():
            group.close()

    def get(
        self,
        url: str,
        *,
        host: str,
        params: Mapping[str, str] | None = None,
        etag: str | None = None,
        accept: str | None = None,
        private: Mapping[str, str] | None = None,
    ) -> Response:
        """The answer of `url` (200, or 304 where `etag` still holds), asked as one of the rate group `host`.

        `private` headers hold secrets: a redirect to another host does not get them. Raises FetchError for every other
        answer and for none, Interrupted where `stop` was set.
        """
        target = _with_params(_checked(host, url), params)
        return self._patiently(host, _Request(target, self._headers() | _conditions(etag, accept), private or {}))

    def post(
        self,
        url: str,
        *,
        host: str,
        json: object,
        params: Mapping[str, str] | None = None,
        private: Mapping[str, str] | None = None,
    ) -> Response:
        """As `get`, with a question that is sent as JSON. Only for questions that may be asked twice."""
        target = _with_params(_checked(host, url), params)
        headers = self._headers() | {"Content-Type": "application/json", "Accept": "application/json"}
        return self._patiently(host, _Request(target, headers, private or {}, orjson.dumps(json)))

    def submit(
        self, url: str, *, host: str, form: Mapping[str, str], private: Mapping[str, str] | None = None
    ) -> Response:
        """The answer (200) to a form that is sent once and nowhere else. Raises FetchError for any other."""
        subject, group = _subject(host, url), self._group(host)
        headers = self._headers() | {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        request = _Request(_checked(host, url), headers, private or {}, urlencode(form).encode())
        try:
            with group.turn(self._settings.net.max_wait):
                answer = self._once(group, request)
        except _Passing as e:
            raise FetchError(subject, e.cause, "try again", status=e.status) from e
        if answer.status in MOVED:
            raise FetchError(
                subject,
                said("redirects a form with %(status)s", status=answer.status),
                "check the address",
                permanent=True,
            )
        return answer

    def _headers(self) -> dict[str, str]:
        return {"User-Agent": user_agent(self._settings.net.contact), "Accept-Encoding": "gzip, deflate"}

    def _patiently(self, host: str, request: _Request) -> Response:
        subject, group = _subject(host, request.url), self._group(host)
        trouble = _Passing("was not asked")
        for attempt in range(self._settings.net.retries + 1):
            if attempt:
                group.hold(self._pause(group, attempt, trouble))
            try:
                return self._follow(group, request)
            except _Passing as e:
                trouble = e
                self._refuse_long_waits(group, subject, e)
        tries = self._settings.net.retries + 1
        cause = said("%(cause)s, %(tries)s times", cause=trouble.cause, tries=tries) if tries > 1 else trouble.cause
        raise FetchError(subject, cause, "try again later; what came before is kept", status=trouble.status)

    def _pause(self, group: "_Group", attempt: int, trouble: _Passing) -> float:
        backoff: float = max(1.0, group.interval) * 2.0 ** (attempt - 1) * (0.5 + self._rng.random())
        return max(min(backoff, self._settings.net.max_wait), trouble.after or 0.0)

    def _refuse_long_waits(self, group: "_Group", subject: str, trouble: _Passing) -> None:
        if trouble.after is not None and trouble.after > self._settings.net.max_wait:
            group.hold(trouble.after)
            raise self._come_back(subject, trouble.after, trouble.cause, trouble.status)

    def _come_back(self, subject: str, seconds: float, cause: str, status: int | None) -> FetchError:
        moment = datetime.fromtimestamp(self._clock() + seconds, UTC)
        cause = said("%(cause)s and asks to wait %(seconds)s s", cause=cause, seconds=round(seconds))
        remedy = said("come back after %(moment)s UTC", moment=f"{moment:%Y-%m-%d %H:%M:%S}")
        return FetchError(subject, cause, remedy, status=status, until=moment)

    def _group(self, host: str) -> "_Group":
        with self._lock:
            if host not in self._groups:
                self._groups[host] = _Group(
                    host, _interval(self._settings, host), self._clock, self._wait, self._note(host)
                )
            return self._groups[host]

    def _note(self, host: str) -> Path | None:
        return self._folder / f"{quote(host, safe='')}.pace" if self._folder else None

    def _wait(self, seconds: float) -> None:
        if seconds > 0:
            self._sleep(seconds)
        if self._stop.is_set():
            raise Interrupted("harvest", "stopped between two requests", "what came before is kept")

    def _follow(self, group: "_Group", request: _Request) -> Response:
        for _ in range(REDIRECTS + 1):
            with group.turn(self._settings.net.max_wait) as left:
                if left:
                    raise self._come_back(_subject(group.name, request.url), left, said("has asked for a pause"), None)
                answer = self._once(group, request)
            if answer.status not in MOVED:
                return answer
            if request.body is not None and answer.status not in MOVED_WHOLE:
                cause = said("redirects a question with %(status)s", status=answer.status)
                raise FetchError(_subject(group.name, request.url), cause, "check the address", permanent=True)
            request = request.moved_to(_next_hop(group.name, request.url, answer.headers.get("location", "")))
        raise FetchError(
            _subject(group.name, request.url),
            said("redirects more than %(most)s times", most=REDIRECTS),
            "check the address",
        )

    def _once(self, group: "_Group", request: _Request) -> Response:
        began = self._clock()
        status, size, failure = None, 0, None
        try:
            answer = self._exchange(group, request)
            status, size = answer.status, len(answer.body)
        except (_Passing, FetchError) as e:
            status, failure = e.status, e.cause
            raise
        else:
            return answer
        finally:
            self.asked.append(Asked(shown(request.url), status, round(self._clock() - began, 3), size, failure))

    def _exchange(self, group: "_Group", request: _Request) -> Response:
        timeout = self._settings.net.timeout
        subject = _subject(group.name, request.url)
        try:
            raw = group.pool(request.url, self._proxies).request(
                "GET" if request.body is None else "POST",
                request.url,
                body=request.body,
                headers={**request.headers, **request.private},
                timeout=timeout,
                redirect=False,
                retries=False,
                preload_content=False,
            )
            try:
                pause = retry_after(raw.headers.get("Backoff", ""), self._clock())  # as Zotero asks while it answers
                if pause:
                    group.hold(min(pause, self._settings.net.max_wait))
                return self._answer(raw, request, subject)
            finally:
                raw.close()
        except (NameResolutionError, NewConnectionError, ProxyError, SSLError, LocationValueError) as e:
            raise _unreachable(subject, e) from e
        except HTTPError as e:
            raise _Passing(_cause(e, timeout)) from e

    def _answer(self, raw: urllib3.BaseHTTPResponse, request: _Request, subject: str) -> Response:
        headers = {name.lower(): value for name, value in raw.headers.items()}
        if raw.status == 200:
            body = self._body(raw, subject)
        elif raw.status in MOVED or (raw.status == 304 and "If-None-Match" in request.headers):
            body = b""
        else:
            raise self._refusal(raw.status, headers, subject, _told(raw))
        return Response(raw.status, body, headers.get("etag"), request.url, headers)

    def _refusal(self, status: int, headers: Mapping[str, str], subject: str, told: str) -> Exception:
        after = asked_to_wait(headers, self._clock())
        cause = (
            said("answered %(status)s (%(told)s)", status=status, told=told)
            if told
            else said("answered %(status)s", status=status)
        )
        if status in PASSING or status >= 500 or (status == 403 and after is not None):
            return _Passing(cause, status=status, after=after)
        remedy = {
            403: said("it may refuse this client; set net.contact"),
            404: said("check the address in the settings"),
        }
        way_out = remedy.get(status, said("check the settings"))
        return FetchError(subject, cause, way_out, permanent=True, status=status, told=told, headers=headers)

    def _body(self, raw: urllib3.BaseHTTPResponse, subject: str) -> bytes:
        most = self._settings.net.max_bytes
        give_up = self._clock() + BODY_PATIENCE * self._settings.net.timeout
        body = bytearray()
        for chunk in raw.stream(CHUNK, decode_content=True):
            body += chunk
            if len(body) > most:
                raise FetchError(
                    subject,
                    said("answered more than %(most)s bytes", most=most),
                    "raise net.max_bytes",
                    permanent=True,
                    status=200,
                )
            if self._clock() > give_up:
                raise _Passing(said("was still sending after a long wait"))
            self._wait(0)
        return bytes(body)


class _Group:
    """One request at a time and `interval` seconds between two, for one source over all its addresses."""

    def __init__(
        self,
        name: str,
        interval: float,
        clock: Callable[[], float],
        wait: Callable[[float], None],
        note: Path | None,
    ) -> None:
        self.name, self.interval, self._clock, self._wait, self._note = name, interval, clock, wait, note
        self._lock = threading.Lock()
        self._last = float("-inf")
        self._until = float("-inf")
        self._pools: dict[str, urllib3.PoolManager] = {}

    def hold(self, seconds: float) -> None:
        """Nobody asks for so many seconds from now."""
        self._until = max(self._until, self._clock() + seconds)
        self._remember()

    @contextmanager
    def turn(self, most: float) -> Iterator[float]:
        """Hold the group's one turn once the pause is over; gives the seconds left where they are more than `most`."""
        with self._alone():
            self._recall()
            now = self._clock()
            pause = min(max(self._last + self.interval - now, 0.0), self.interval)
            held = self._until - now if self._until - now < DAY else 0.0
            if held > most:
                yield held
                return
            self._wait(max(pause, held, 0.0))
            try:
                yield 0.0
            finally:
                self._last = self._clock()
                self._remember()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        while not self._lock.acquire(timeout=0.2):
            self._wait(0)
        try:
            if self._note is None:
                yield
            else:
                with _file_lock(self._note, self._wait):
                    yield
        finally:
            self._lock.release()

    def _recall(self) -> None:
        if self._note is None:
            return
        try:
            last, until = json.loads(self._note.read_text(encoding="ascii"))
            self._last, self._until = max(self._last, float(last)), max(self._until, float(until))
        except (OSError, ValueError, TypeError):
            return  # no note yet, or a torn one: only this process's own pace is known

    def _remember(self) -> None:
        if self._note is None:
            return
        try:
            self._note.write_text(json.dumps([max(self._last, 0.0), max(self._until, 0.0)]), encoding="ascii")
        except OSError:
            return  # a full disk is for the store to tell; until then only this process knows the pace

    def pool(self, url: str, proxies: Mapping[str, str]) -> urllib3.PoolManager:
        """The group's connections: at most one is open."""
        proxy = _proxy_for(url, proxies)
        if proxy not in self._pools:
            self.close()
            options = {"num_pools": 1, "maxsize": 1, "cert_reqs": "CERT_REQUIRED"}
            self._pools[proxy] = (
                urllib3.ProxyManager(proxy, **options) if proxy else urllib3.PoolManager(**options)  # type: ignore[arg-type]
            )
        return self._pools[proxy]

    def close(self) -> None:
        for pool in self._pools.values():
            pool.clear()
        self._pools.clear()


@contextmanager
def _file_lock(note: Path, wait: Callable[[float], None]) -> Iterator[None]:
    from filelock import FileLock, Timeout

    lock = FileLock(note.with_suffix(".lock"))
    while True:
        try:
            lock.acquire(timeout=0.2)
            break
        except Timeout:
            wait(0)
    try:
        yield
    finally:
        lock.release()


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
    proxy = _proxy_for(url, getproxies())
    try:
        place = _place(host, port, private=private)
        sent = {**headers, "User-Agent": user_agent(contact), "Host": parts.netloc.rpartition("@")[2]}
        with _line_to(place, host, port, secure=secure, proxy=proxy) as pool:
            target = url if proxy else urlunsplit(("", "", parts.path or "/", parts.query, ""))
            given = {"timeout": timeout, "redirect": False, "retries": False, "preload_content": False}
            raw = pool.request("POST", target, body=body, headers=sent, **given)  # type: ignore[arg-type]
            try:
                return Receipt(raw.status, _told(raw), retry_after(raw.headers.get("Retry-After", ""), time.time()))
            finally:
                raw.close()
    except PrivateAddress:
        return Receipt(None, "its name leads to a private address, which only `outlets.private` allows")
    except OSError as e:
        return Receipt(None, f"its name cannot be resolved ({e.strerror or e})")
    except (NameResolutionError, NewConnectionError, ProxyError, SSLError, LocationValueError) as e:
        return Receipt(None, _unreachable(host, e).cause)
    except HTTPError as e:
        return Receipt(None, _cause(e, timeout))


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


def user_agent(contact: str) -> str:
    """Who we are, with the contact that the settings give."""
    contact = "".join(c for c in contact if " " < c < "\x7f" and c not in "()")
    return f"broadsheet/{__version__}" + (f" (+{contact})" if contact else "")


def retry_after(value: str, now: float) -> float | None:
    """Seconds that a `Retry-After` header asks for (RFC 9110 10.2.3: seconds or a date); None if it says nothing."""
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, moment.timestamp() - now)


def asked_to_wait(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds that a refusal asks to wait: `Retry-After`, else the end of a limit that is used up; None if neither.

    `X-RateLimit-Remaining: 0` with `X-RateLimit-Reset` is how GitHub and others say the latter, with 403 or 429.
    """
    after = retry_after(headers.get("retry-after", ""), now)
    reset = headers.get("x-ratelimit-reset", "").strip()
    if after is not None or headers.get("x-ratelimit-remaining", "").strip() != "0":
        return after
    if not (reset.isascii() and reset.isdigit()):
        return None
    moment = float(reset[:12])
    return max(0.0, moment - now if moment >= UNIX_TIMES_BEGIN else moment)


def shown(url: str) -> str:
    """The address as it may be stored and printed: no user, no password, no keys."""
    parts = urlsplit(url)
    query = [(name, "***" if SECRET.search(name) else value) for name, value in parse_qsl(parts.query, True)]
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, urlencode(query, safe="*:|/,"), ""))


def _interval(settings: Settings, host: str) -> float:
    """A group's pause is the setting `min_interval` of its section."""
    interval: float = getattr(getattr(settings, host, None), "min_interval", DEFAULT_INTERVAL)
    return interval


def _conditions(etag: str | None, accept: str | None) -> dict[str, str]:
    return ({"If-None-Match": etag} if etag else {}) | ({"Accept": accept} if accept else {})


def _checked(host: str, url: str) -> str:
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


def _with_params(url: str, params: Mapping[str, str] | None) -> str:
    if not params:
        return url
    return f"{url}{'&' if urlsplit(url).query else '?'}{urlencode(params)}"


def _subject(host: str, url: str) -> str:
    return f"{host} ({urlsplit(url).netloc.rpartition('@')[2] or shown(url)})"


def _next_hop(host: str, url: str, location: str) -> str:
    try:
        target = urljoin(url, location)
        there = urlsplit(target)
        wrong = there.scheme not in {"http", "https"} or not there.hostname or not location
    except ValueError:
        wrong = True
    if wrong or (urlsplit(url).scheme == "https" and there.scheme != "https"):
        cause = said("redirects to %(place)s, which is refused", place=repr(location.rpartition("@")[2]))
        raise FetchError(_subject(host, url), cause, "check the address in the settings", permanent=True)
    return target


def _proxy_for(url: str, proxies: Mapping[str, str]) -> str:
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


def _told(raw: urllib3.BaseHTTPResponse) -> str:
    """What a refusal says about itself, where it is JSON with an `error` or a `message`."""
    try:
        answer = json.loads(raw.read(1 << 12, decode_content=True))
    except (HTTPError, ValueError, RecursionError):
        return ""
    words = (answer.get(name) for name in ("message", "error")) if isinstance(answer, dict) else ()
    return next((" ".join(text.split())[:MOST_TOLD] for text in words if isinstance(text, str) and text), "")


def _unreachable(subject: str, error: Exception) -> FetchError:
    if isinstance(error, LocationValueError):
        return FetchError(subject, "this is no web address", "check it in the settings", permanent=True)
    if isinstance(error, NameResolutionError):
        return FetchError(subject, "its name cannot be resolved", "check the network connection")
    if isinstance(error, SSLError):
        return FetchError(subject, "its certificate cannot be verified", "check this machine's clock and certificates")
    if isinstance(error, ProxyError):
        return FetchError(subject, "the proxy cannot be reached", "check the proxy in the environment")
    return FetchError(subject, "it cannot be reached", "check the network connection and the address")


def _cause(error: HTTPError, timeout: float) -> str:
    if isinstance(error, ConnectTimeoutError | ReadTimeoutError):
        return said("did not answer within %(seconds)s s", seconds=f"{timeout:g}")
    if isinstance(error, DecodeError):
        return said("sent a body that cannot be decompressed")
    if isinstance(error, ProtocolError):
        return said("broke off its answer")
    return said("failed (%(what)s)", what=type(error).__name__)
