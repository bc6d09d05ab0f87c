"""Passkeys between browser and server: a question with a cookie, and the answer to it, as JSON, once."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Body, Form, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from broadsheet.errors import BroadsheetError
from broadsheet.library.access import passkeys
from broadsheet.library.access.passkeys import Asked, Site
from broadsheet.library.access.tries import TooManyTries
from broadsheet.web.access import HANDSHAKE, Lib, PersonWriting, begin, is_https, library_of, local_path, peer
from broadsheet.web.lists import site_of

router = APIRouter()
Answer = Annotated[dict[str, Any], Body()]

_LIVES: Final = int(passkeys.ANSWERED_WITHIN.total_seconds())


@router.post("/settings/passkeys/ask")
def ask_new(request: Request, lib: Lib, who: PersonWriting) -> Response:
    """What the browser shall make."""
    try:
        return _question(request, passkeys.ask_new(lib, who.known, _site(request)))
    except BroadsheetError as e:
        return _trouble(e)


@router.post("/settings/passkeys")
def keep_new(request: Request, lib: Lib, who: PersonWriting, answer: Answer) -> Response:
    """What it has made."""
    cookie, name = request.cookies.get(HANDSHAKE, ""), str(answer.pop("name", ""))
    try:
        passkeys.keep_new(lib, who.known, _site(request), cookie=cookie, answer=answer, name=name)
    except BroadsheetError as e:
        return _trouble(e)
    return JSONResponse({"next": f"{request.scope.get('root_path', '')}/settings?saved=passkeys#passkeys"})


@router.post("/settings/passkeys/remove")
def remove(request: Request, lib: Lib, who: PersonWriting, passkey: Annotated[str, Form()] = "") -> Response:
    """Forget one."""
    passkeys.remove(lib, who.known, passkey)
    return RedirectResponse(f"{request.scope.get('root_path', '')}/settings?saved=passkeys#passkeys", 303)


@router.post("/sign-in/passkey/ask")
def ask(request: Request, lib: Lib) -> Response:
    """What the browser shall sign."""
    try:
        return _question(request, passkeys.ask(lib, _site(request)))
    except BroadsheetError as e:
        return _trouble(e)


@router.post("/sign-in/passkey")
def sign_in(request: Request, lib: Lib, answer: Answer) -> Response:
    """What it has signed: the session begins."""
    cookie, onward = request.cookies.get(HANDSHAKE, ""), local_path(str(answer.pop("next", "/")))
    try:
        found = passkeys.check(lib, _site(request), cookie=cookie, answer=answer, place=peer(request))
    except BroadsheetError as e:
        return _trouble(e, 429 if isinstance(e, TooManyTries) else 400)
    if found is None:
        return JSONResponse({"error": "This passkey is not known here, or was too slow. Try again."}, 401)
    response = JSONResponse({"next": request.scope.get("root_path", "") + onward})
    begin(request, response, found.id, "passkey")
    response.delete_cookie(HANDSHAKE)
    return response


def _question(request: Request, asked: Asked) -> Response:
    response = JSONResponse(asked.options)
    response.set_cookie(
        HANDSHAKE, asked.cookie, max_age=_LIVES, httponly=True, samesite="strict", secure=is_https(request)
    )
    return response


def _trouble(error: BroadsheetError, status: int = 400) -> Response:
    return JSONResponse({"error": str(error)}, status)


def _site(request: Request) -> Site:
    """Where the browser sees us: the public address, or the one that was asked."""
    scheme, _, rest = site_of(request, library_of(request)).address.partition("://")
    host = rest.partition("/")[0]
    return Site(host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host, f"{scheme}://{host}")
