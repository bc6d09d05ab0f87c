"""Asking other servers: polite, patient and bounded.

Requests belong to a rate group ("arxiv" over all its addresses, "huggingface"), which paces them; groups run side by
side in threads. What may pass by itself (429, 5xx, a reset, a truncated body, silence) is tried again with exponential
backoff and jitter, never sooner than `Retry-After` or the end of a used-up limit.
"""

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlencode, urlsplit

import orjson
import urllib3
from urllib3.exceptions import HTTPError

from broadsheet.config import Settings
from broadsheet.errors import FetchError, Interrupted
from broadsheet.net.address import checked, next_hop, shown, subject_of, with_params
from broadsheet.net.failure import NO_CONNECTION, cause_of, told_by, unreachable
from broadsheet.net.headers import asked_to_wait, conditions, retry_after, user_agent
from broadsheet.net.pace import Group
from broadsheet.net.proxy import of_environment
from broadsheet.words.said import said

REDIRECTS = 5
MOVED = frozenset({301, 302, 303, 307, 308})
MOVED_WHOLE = frozenset({307, 308})  # the only ones after which a body is sent again
PASSING = frozenset({408, 425, 429})  # and every 5xx
DEFAULT_INTERVAL = 1.0
CHUNK = 1 << 16
BODY_PATIENCE = 10.0  # times the timeout: a body that trickles for longer is given up


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
        self._proxies = of_environment() if proxies is None else proxies
        self._groups: dict[str, Group] = {}
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
        target = with_params(checked(host, url), params)
        return self._patiently(host, _Request(target, self._headers() | conditions(etag, accept), private or {}))

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
        target = with_params(checked(host, url), params)
        headers = self._headers() | {"Content-Type": "application/json", "Accept": "application/json"}
        return self._patiently(host, _Request(target, headers, private or {}, orjson.dumps(json)))

    def submit(
        self, url: str, *, host: str, form: Mapping[str, str], private: Mapping[str, str] | None = None
    ) -> Response:
        """The answer (200) to a form that is sent once and nowhere else. Raises FetchError for any other."""
        subject, group = subject_of(host, url), self._group(host)
        headers = self._headers() | {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        request = _Request(checked(host, url), headers, private or {}, urlencode(form).encode())
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
        subject, group = subject_of(host, request.url), self._group(host)
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

    def _pause(self, group: "Group", attempt: int, trouble: _Passing) -> float:
        backoff: float = max(1.0, group.interval) * 2.0 ** (attempt - 1) * (0.5 + self._rng.random())
        return max(min(backoff, self._settings.net.max_wait), trouble.after or 0.0)

    def _refuse_long_waits(self, group: "Group", subject: str, trouble: _Passing) -> None:
        if trouble.after is not None and trouble.after > self._settings.net.max_wait:
            group.hold(trouble.after)
            raise self._come_back(subject, trouble.after, trouble.cause, trouble.status)

    def _come_back(self, subject: str, seconds: float, cause: str, status: int | None) -> FetchError:
        moment = datetime.fromtimestamp(self._clock() + seconds, UTC)
        cause = said("%(cause)s and asks to wait %(seconds)s s", cause=cause, seconds=round(seconds))
        remedy = said("come back after %(moment)s UTC", moment=f"{moment:%Y-%m-%d %H:%M:%S}")
        return FetchError(subject, cause, remedy, status=status, until=moment)

    def _group(self, host: str) -> "Group":
        with self._lock:
            if host not in self._groups:
                self._groups[host] = Group(
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

    def _follow(self, group: "Group", request: _Request) -> Response:
        for _ in range(REDIRECTS + 1):
            with group.turn(self._settings.net.max_wait) as left:
                if left:
                    raise self._come_back(
                        subject_of(group.name, request.url), left, said("has asked for a pause"), None
                    )
                answer = self._once(group, request)
            if answer.status not in MOVED:
                return answer
            if request.body is not None and answer.status not in MOVED_WHOLE:
                cause = said("redirects a question with %(status)s", status=answer.status)
                raise FetchError(subject_of(group.name, request.url), cause, "check the address", permanent=True)
            request = request.moved_to(next_hop(group.name, request.url, answer.headers.get("location", "")))
        raise FetchError(
            subject_of(group.name, request.url),
            said("redirects more than %(most)s times", most=REDIRECTS),
            "check the address",
        )

    def _once(self, group: "Group", request: _Request) -> Response:
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

    def _exchange(self, group: "Group", request: _Request) -> Response:
        timeout = self._settings.net.timeout
        subject = subject_of(group.name, request.url)
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
        except NO_CONNECTION as e:
            raise unreachable(subject, e) from e
        except HTTPError as e:
            raise _Passing(cause_of(e, timeout)) from e

    def _answer(self, raw: urllib3.BaseHTTPResponse, request: _Request, subject: str) -> Response:
        headers = {name.lower(): value for name, value in raw.headers.items()}
        if raw.status == 200:
            body = self._body(raw, subject)
        elif raw.status in MOVED or (raw.status == 304 and "If-None-Match" in request.headers):
            body = b""
        else:
            raise self._refusal(raw.status, headers, subject, told_by(raw))
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


def _interval(settings: Settings, host: str) -> float:
    """A group's pause is the setting `min_interval` of its section."""
    interval: float = getattr(getattr(settings, host, None), "min_interval", DEFAULT_INTERVAL)
    return interval
