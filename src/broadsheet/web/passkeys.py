"""Signing in with a passkey: what the script of the page asks for, and the form that it sends."""

from collections.abc import Callable
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from broadsheet.errors import BroadsheetError, UsageError
from broadsheet.library.access import passkeys
from broadsheet.web.access import Lib, begin, bond, local_path, place, site
from broadsheet.web.failures import status_of
from broadsheet.web.routers import UNKEPT, Field, for_all
from broadsheet.web.sign_in import again, see
from broadsheet.words.failure import told

router = for_all("/sign-in/passkey")


@router.post("/ask")
def ask(request: Request, lib: Lib) -> Response:
    """What the browser needs to look for a passkey."""
    return asked(request, lambda bound: passkeys.ask_to_sign_in(lib, site(request), bound, place(request)))


@router.post("")
def enter(request: Request, lib: Lib, credential: Field = "", next: Field = "/") -> Response:
    """Sign in by the answer of a device; the form comes again with a sentence where that fails."""
    onward = local_path(next)
    try:
        found = passkeys.sign_in(lib, site(request), bond(request).bound, credential, place(request))
    except UsageError as e:
        return again(request, onward, told(e), status_of(e) if status_of(e) == 429 else 401)
    response = see(request, onward)
    begin(request, response, found.id, "passkey")
    return response


def asked(request: Request, options: Callable[[str], dict[str, Any]]) -> Response:
    """Options for the script of a page, which are good for the browser that gets them alone; or why there are none."""
    tied = bond(request)
    try:
        answer = JSONResponse(options(tied.bound), headers=UNKEPT)
    except BroadsheetError as e:
        return JSONResponse({"error": str(e)}, status_of(e))
    tied.keep(request, answer)
    return answer
