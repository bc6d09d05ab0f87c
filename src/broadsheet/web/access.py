"""Who asks for a page, whether their form may be believed, and the cookie that says who they are."""

import hmac
import ipaddress
from dataclasses import dataclass
from typing import Annotated, Final, Literal, TypedDict
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from broadsheet.errors import BadToken, BroadsheetError, Forbidden, SignInNeeded, StaleForm
from broadsheet.library.access import proxy, secret, sessions, tokens
from broadsheet.library.access.handshakes import LIVES
from broadsheet.library.access.sessions import NOBODY, Visitor
from broadsheet.library.access.site import Site, site_of
from broadsheet.library.handle import Library
from broadsheet.types import Role, SignInWay
from broadsheet.web.behind_proxy import PLACE
from broadsheet.words.said import said

COOKIE: Final = "broadsheet_session"
HANDSHAKE_COOKIE: Final = "broadsheet_handshake"
"""Of a browser that signs in by a way that takes several steps: the steps are believed from there alone."""

SAFE: Final = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))
SWITCHED_WITHIN: Final = 5.0
"""Seconds after which a switch of an admin at another process holds here."""

OPEN: Final = "/unsubscribe/"
"""A mail program may send this form from its own pages (RFC 8058); the secret in the address is what it needs."""

_OWN: Final = frozenset(("same-origin", "none"))
_PORTS: Final = {"http": 80, "https": 443}
_OF_BROWSERS: Final = frozenset(("sec-fetch-site", "origin"))


def sign_in_needed() -> SignInNeeded:
    """What a visitor is told who has to sign in first."""
    return SignInNeeded("page", "is for readers who have signed in", "sign in at /sign-in")


def library_of(request: Request) -> Library:
    """The library that this application is over."""
    lib: Library = request.app.state.library
    return lib


async def _lib(request: Request) -> Library:
    """`library_of`, without the thread that a plain function takes: under load each waits for its turn."""
    return library_of(request)


Lib = Annotated[Library, Depends(_lib)]


def visitor(request: Request) -> Visitor:
    """Who asks: by a program's token, by the cookie of a session, or by what a trusted proxy says."""
    known: Visitor | None = getattr(request.state, "visitor", None)
    if known is None:
        library_of(request).refresh(SWITCHED_WITHIN)
        known = request.state.visitor = _recognised(request)
    return known


def visitor_if_told(request: Request) -> Visitor:
    """Who asks, as far as that can be found out: an error must be told also where the library cannot be read."""
    try:
        return visitor(request)
    except BroadsheetError:
        return NOBODY


async def may_read(request: Request) -> None:
    """Raises SignInNeeded where this instance is not for everybody, and the visitor nobody that it knows.

    Where it is, a browser is not asked who it is here: a page does that in the thread that makes it, and spares one.
    """
    is_open = library_of(request).settings.access.anonymous
    if is_open and not has_bearer(request):
        return
    if (await run_in_threadpool(visitor, request)).reader is None and not is_open:
        raise sign_in_needed()


async def reader(who: Annotated[Visitor, Depends(visitor)]) -> Visitor:
    """A visitor who has signed in. Raises SignInNeeded."""
    if who.reader is None:
        raise sign_in_needed()
    return who


async def writer(request: Request) -> Visitor:
    """A visitor who has signed in, may write, and whose form is ours. Raises SignInNeeded, Forbidden or StaleForm."""
    who = await reader(await run_in_threadpool(visitor, request))
    if not who.may_write:
        raise Forbidden("token", "may only read", "make one that may write")
    if who.session is not None:
        if not hmac.compare_digest(secret.unmasked(await _csrf(request)), who.session.csrf.encode()):
            raise StaleForm
    elif not has_bearer(request) and not _OF_BROWSERS & set(request.headers):
        raise StaleForm  # whom a proxy signed in has no session: `is_ours` must have had something to go by
    return who


async def in_person(request: Request, who: Annotated[Visitor, Depends(reader)]) -> Visitor:
    """A visitor who is no program: a token must not make tokens, or shut its reader out. Raises Forbidden."""
    if has_bearer(request):
        raise Forbidden("page", "is for people, not for programs with a token", "open it in a browser")
    return who


async def in_person_writing(
    who: Annotated[Visitor, Depends(writer)], _person: Annotated[Visitor, Depends(in_person)]
) -> Visitor:
    """`in_person`, and the form is ours."""
    return who


async def admin(who: Annotated[Visitor, Depends(in_person)]) -> Visitor:
    """A visitor who may change the instance. Raises Forbidden."""
    return _of_role(who, "admin")


async def editor(who: Annotated[Visitor, Depends(in_person)]) -> Visitor:
    """A visitor who may change what all read. Raises Forbidden."""
    return _of_role(who, "admin", "editor")


async def ours(_writing: Annotated[Visitor, Depends(writer)]) -> None:
    """The form is ours, whoever sends it. Raises SignInNeeded, Forbidden or StaleForm."""


Who = Annotated[Visitor, Depends(visitor)]
SignedIn = Annotated[Visitor, Depends(reader)]
Writer = Annotated[Visitor, Depends(writer)]
Person = Annotated[Visitor, Depends(in_person)]
PersonWriting = Annotated[Visitor, Depends(in_person_writing)]
Admin = Annotated[Visitor, Depends(admin)]
Editor = Annotated[Visitor, Depends(editor)]


def is_ours(request: Request) -> bool:
    """Whether a request that changes something comes from our own pages, as far as the browser tells.

    Browsers of today send `Sec-Fetch-Site`, all of them `Origin` with a form; what sends neither is no browser, so
    that nobody can be made to send it. The mail programs that unsubscribe with one click are of this kind.
    """
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    if request.method in SAFE or path.startswith(OPEN):
        return True
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site in _OWN
    if origin is None:
        return True
    asked = f"{urlsplit(origin).scheme}://{request.headers.get('host')}"
    theirs = _server_of(origin)
    return theirs is not None and theirs in map(_server_of, (asked, library_of(request).settings.base_url))


def _server_of(address: str) -> tuple[str, int] | None:
    """The host and port of an address, in one spelling; None where it has none, so that it is like no other."""
    try:
        found = urlsplit(address)
        port = found.port or _PORTS.get(found.scheme)
    except ValueError:
        return None
    return (found.hostname, port) if found.hostname and port else None


def begin(request: Request, response: Response, reader_id: int, way: SignInWay) -> None:
    """Sign a reader in and give the browser its cookie; whatever session it had before ends."""
    lib = library_of(request)
    before = visitor(request).session
    if before is not None:
        sessions.sign_out(lib, before.reader_id, before.id)
    shown, made = sessions.sign_in(lib, reader_id, way, request.headers.get("user-agent", ""))
    age = int((made.expires - made.created).total_seconds())
    response.set_cookie(COOKIE, shown, max_age=age, **_kept(request))
    response.delete_cookie(HANDSHAKE_COOKIE, **_kept(request))


def end(request: Request, response: Response) -> None:
    """Sign the visitor out."""
    session = visitor(request).session
    if session is not None:
        sessions.sign_out(library_of(request), session.reader_id, session.id)
    response.delete_cookie(COOKIE, **_kept(request))


@dataclass(frozen=True, slots=True)
class Bond:
    """What ties a handshake to a browser: `bound` is the hash of its session, or of a cookie that it has to keep."""

    bound: str
    cookie: str | None = None

    def keep(self, request: Request, response: Response) -> None:
        """Give the browser its cookie, where it has no session. Lax: a provider sends it back from another site."""
        if self.cookie is not None:
            age = int(max(LIVES.values()).total_seconds())
            response.set_cookie(HANDSHAKE_COOKIE, self.cookie, max_age=age, **_kept(request))


def bond(request: Request) -> Bond:
    """The bond of a browser; a new one, to which nothing is tied yet, for one that has none."""
    session = visitor(request).session
    if session is not None:
        return Bond(session.id)
    kept = _cookie(request, HANDSHAKE_COOKIE) or secret.make()
    return Bond(secret.digest(kept), kept)


def site(request: Request) -> Site:
    """The site that passkeys are for. Raises UsageError where browsers have none."""
    return site_of(library_of(request), str(request.base_url))


def local_path(text: str) -> str:
    """The address of one of our pages, `/` for anything that could lead elsewhere."""
    ours = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable()
    return text if ours and not urlsplit(text).netloc else "/"


def led_to(request: Request, path: str) -> RedirectResponse:
    """After a form: the browser asks for another of our pages, below the path that this instance is served at."""
    return RedirectResponse(request.scope.get("root_path", "") + path, 303)


def place(request: Request) -> str:
    """The address that the request came from, as a listed proxy says or the server sees it."""
    return request.scope.get(PLACE) or _peer(request)


def _peer(request: Request) -> str:
    """Who is at the other end of the connection, which no header can change."""
    return request.client.host if request.client else ""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _recognised(request: Request) -> Visitor:
    lib = library_of(request)
    if has_bearer(request):
        return _program(lib, request.headers["authorization"].partition(" ")[2].strip())
    said = proxy.reader_said(lib, _peer(request), request.headers)
    if said is not None:
        return said
    shown = _cookie(request, COOKIE)
    return sessions.visitor(lib, shown) if shown else NOBODY


def _of_role(who: Visitor, *roles: Role) -> Visitor:
    if who.known.role not in roles:
        raise Forbidden("page", said("is for the role %(role)s", role=roles[-1]), "ask one of them")
    return who


def _program(lib: Library, shown: str) -> Visitor:
    """Whose token it is. Clients of Hugging Face send one of theirs along, which says nothing here."""
    found = tokens.bearer(lib, shown)
    if found.reader is None and shown.startswith(tokens.PREFIX):
        raise BadToken
    return found


def has_bearer(request: Request) -> bool:
    """Whether a program asks, which shows a token."""
    return request.headers.get("authorization", "").lower().startswith("bearer ")


async def _csrf(request: Request) -> bytes:
    if "x-csrf-token" in request.headers:
        return request.headers["x-csrf-token"].encode()
    sent = (await request.form()).get("csrf")  # kept by the request, so that the page can read its form again
    return sent.encode() if isinstance(sent, str) else b""


class _Kept(TypedDict):
    path: str
    httponly: bool
    samesite: Literal["lax"]
    secure: bool


def _kept(request: Request) -> _Kept:
    """How a browser shall keep a cookie: for the path of this instance, as the host may have others."""
    path = request.scope.get("root_path", "") + "/"
    return {"path": path, "httponly": True, "samesite": "lax", "secure": _is_https(request)}


def _cookie(request: Request, name: str) -> str | None:
    """The first cookie of that name: browsers send those of longer paths first, so that it is ours."""
    sent = (pair.partition("=") for pair in request.headers.get("cookie", "").split(";"))
    return next((value.strip().strip('"') for key, _, value in sent if key.strip() == name), None)


def _is_https(request: Request) -> bool:
    return request.url.scheme == "https" or library_of(request).settings.base_url.startswith("https://")
