"""Answers that cost nothing when nothing has changed: ETag, Last-Modified, 304, gzip, and a memory of what was made.

Feeds and files are the same for all who may read them; a page only for those who have not signed in.

An answer is made again only after the library has changed (`library.watch`), and its ETag is of its bytes: a harvest
that brings nothing for a list leaves the copies that readers have valid.
"""

import gzip
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2b

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from broadsheet.library.handle import Library
from broadsheet.library.watch import Sight, Watch
from broadsheet.web.access import COOKIE as SESSION_COOKIE
from broadsheet.web.access import library_of, visitor
from broadsheet.web.language import asked_for
from broadsheet.web.misread import has_body

MOST_BYTES = 16_000_000
"""Of packed answers that are kept; a feed of a hundred papers has about 30 kB."""

KEEP_SECONDS = 300
"""How long a client or a proxy need not ask again: sources are asked every few hours."""

VIEW_COOKIE = "view"
"""How dense lists are to a browser whose reader has not signed in."""

_SMALL = 1_000  # bytes below which packing makes an answer longer or saves nothing


_HTML = "text/html; charset=utf-8"
_ASK_AGAIN = {"Cache-Control": "private, no-cache", "Vary": "Accept-Encoding, Accept-Language, Cookie"}


@dataclass(frozen=True, slots=True)
class Content:
    """What an address has to say; `headers` are those of its own (links to neighbouring pages, a file's name)."""

    body: bytes
    kind: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Known:
    """An answer as it was made: from what was seen then, under which tag, since when it is so."""

    sight: Sight
    content: Content
    packed: bool
    tag: str
    changed: datetime


class Answers:
    """The answers of one library that were asked for last."""

    def __init__(self, lib: Library, most_bytes: int = MOST_BYTES) -> None:
        self._lib, self._watch, self._most = lib, Watch(lib), most_bytes
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    @property
    def _scope(self) -> str:
        """What only readers may see must not be kept by proxies, which would show it to anybody."""
        return "public" if self._lib.settings.access.anonymous else "private"

    def remembered(self, request: Request) -> Response | None:
        """The answer if it is known and still good, and may be given to anybody who asks; nothing is read for it."""
        if self._scope != "public":
            return None
        known, control = self._known.get(str(request.url)), _kept_for("public")
        if known is None and (address := self._address(request)):
            known, control = self._known.get(address), _ASK_AGAIN
        sight = self._watch.glance() if known else None
        return _response(request, known, control) if known and sight and sight.mark == known.sight.mark else None

    def page(self, request: Request, make: Callable[[], str]) -> Response:
        """A page for somebody who has not signed in, remembered where it depends on its address and language alone.

        It may be kept by a browser that asks each time whether it still holds: to sign in changes every page.
        """
        address = self._address(request)
        if address is None or self._scope != "public":
            return HTMLResponse(make())
        known = self._known_or_made(address, self._watch.look(), lambda: Content(make().encode(), _HTML))
        return _response(request, known, _ASK_AGAIN)

    def _address(self, request: Request) -> str | None:
        """What a page of nobody's is remembered under; None where the browser or a proxy may say who asks."""
        headers, cookies = request.headers, request.cookies
        named = self._lib.settings.access.proxy_header
        if SESSION_COOKIE in cookies or "authorization" in headers or (named and named in headers):
            return None
        language = asked_for(headers.get("accept-language", ""), self._lib.settings.language)
        return "\n".join((str(request.url), language, cookies.get(VIEW_COOKIE, "")))

    def answer(self, request: Request, make: Callable[[], Content], own: Sight | None = None) -> Response:
        """Answer a request whose content depends on its address and the library alone. `make` is called if it must.

        `own`: what else it depends on, that is a reader's; no proxy may keep it then, and each request is looked at.
        """
        sight, address = self._watch.look(), str(request.url)
        if own is not None:
            sight = Sight((sight.mark, own.mark), max(sight.changed, own.changed))
        known = self._known_or_made(address, sight, make)
        return _response(request, known, _kept_for(self._scope if own is None else "private"))

    def _known_or_made(self, address: str, sight: Sight, make: Callable[[], Content]) -> _Known:
        known = self._known.get(address)
        if known is None or known.sight.mark != sight.mark:
            known = _made(make(), sight, known)
            self._keep(address, known)
        return known

    def _keep(self, address: str, known: _Known) -> None:
        with self._lock:
            old = self._known.pop(address, None)
            self._known[address] = known
            self._bytes += len(known.content.body) - (len(old.content.body) if old else 0)
            while self._bytes > self._most and self._known:
                _, dropped = self._known.popitem(last=False)
                self._bytes -= len(dropped.content.body)


class Remembering:
    """Gives remembered answers before anything else is done for a request: no routing, no threads."""

    def __init__(self, app: ASGIApp, answers: Answers, headers: Mapping[str, str]) -> None:
        """`headers` are those of every answer of the application."""
        self._app, self._answers, self._headers = app, answers, headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it."""
        if scope["type"] == "http" and scope["method"] == "GET" and not has_body(Headers(scope=scope)):
            found = self._answers.remembered(Request(scope))
            if found is not None:
                found.headers.update(self._headers)
                await found(scope, receive, send)
                return
        await self._app(scope, receive, _naming_once(send))


def _naming_once(send: Send) -> Send:
    """Each header that an answer varies by is named once: what packs answers names its own whatever is there."""

    async def pass_on(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message["headers"])
            if "vary" in headers:
                headers["vary"] = ", ".join(dict.fromkeys(headers["vary"].split(", ")))
        await send(message)

    return pass_on


def answers_of(request: Request) -> Answers:
    """The answers of the application that serves this request."""
    answers: Answers = request.app.state.answers
    return answers


def page_of(request: Request, make: Callable[[], str]) -> Response:
    """A page that depends on its address, the library and its reader: made anew for readers, remembered for others."""
    with library_of(request).store.still():
        who = visitor(request)
        return answers_of(request).page(request, make) if who.reader is None else HTMLResponse(make())


def _made(content: Content, sight: Sight, before: _Known | None) -> _Known:
    tag = blake2b(content.body, digest_size=12).hexdigest()
    changed = sight.changed.replace(microsecond=0)
    if before:  # two contents within a second must not have the same date
        changed = before.changed if before.tag == tag else max(changed, before.changed + timedelta(seconds=1))
    packed = len(content.body) >= _SMALL
    if packed:
        content = Content(gzip.compress(content.body, 6, mtime=0), content.kind, content.headers)
    return _Known(sight, content, packed, tag, changed)


def _kept_for(scope: str) -> Mapping[str, str]:
    return {"Cache-Control": f"{scope}, max-age={KEEP_SECONDS}", "Vary": "Accept-Encoding"}


def _response(request: Request, known: _Known, control: Mapping[str, str]) -> Response:
    as_is = known.packed and _takes_gzip(request.headers.get("accept-encoding", ""))
    headers = {
        **known.content.headers,
        "ETag": f'"{known.tag}-gzip"' if as_is else f'"{known.tag}"',
        "Last-Modified": format_datetime(known.changed, usegmt=True),
        **control,
    }
    if _has_it(request.headers, known):
        return Response(status_code=304, headers=headers)
    if as_is:
        headers["Content-Encoding"] = "gzip"
    body = known.content.body if as_is or not known.packed else gzip.decompress(known.content.body)
    return Response(body, media_type=known.content.kind, headers=headers)


def _has_it(asked: Mapping[str, str], known: _Known) -> bool:
    """Whether the client's copy is this one (RFC 9110, 13.2.2: a date counts only where there is no tag)."""
    if (tags := asked.get("if-none-match")) is not None:
        given = {tag.strip().removeprefix("W/").strip('"').removesuffix("-gzip") for tag in tags.split(",")}
        return known.tag in given or tags.strip() == "*"
    since = _date(asked.get("if-modified-since", ""))
    return since is not None and since >= known.changed


def _date(text: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def _takes_gzip(accepted: str) -> bool:
    for part in accepted.lower().split(","):
        name, _, rest = part.partition(";")
        if name.strip() in ("gzip", "*"):
            quality = rest.strip().removeprefix("q=").strip()
            return quality not in ("0", "0.0", "0.00", "0.000")
    return False
