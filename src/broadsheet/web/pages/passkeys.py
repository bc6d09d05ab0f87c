"""The passkeys of a reader on their settings page: add, rename, remove."""

from fastapi import Request, Response

from broadsheet.errors import UsageError
from broadsheet.library.access import passkeys
from broadsheet.library.access.devices import device
from broadsheet.web.access import Lib, PersonWriting, bond, place, site
from broadsheet.web.pages import settings
from broadsheet.web.passkeys import asked
from broadsheet.web.routers import Field, for_readers
from broadsheet.words.failure import told

router = for_readers("/settings/passkeys")


@router.post("/ask")
def ask(request: Request, lib: Lib, who: PersonWriting) -> Response:
    """What the browser needs to make a passkey."""
    return asked(request, lambda bound: passkeys.ask_to_add(lib, who.known, site(request), bound, place(request)))


@router.post("")
def add(request: Request, lib: Lib, who: PersonWriting, credential: Field = "", name: Field = "") -> Response:
    """Keep the passkey that the browser made."""
    called = name.strip() or device(request.headers.get("user-agent", ""))
    try:
        passkeys.add(lib, who.known, site(request), bond(request).bound, called, credential)
    except UsageError as e:
        return settings.show(request, lib, who, passkeys=told(e))
    return settings.back(request, "passkeys")


@router.post("/rename")
def rename(request: Request, lib: Lib, who: PersonWriting, passkey: Field = "", name: Field = "") -> Response:
    """Call a passkey something else."""
    try:
        passkeys.rename(lib, who.known, passkey, name)
    except UsageError as e:
        return settings.show(request, lib, who, passkeys=told(e))
    return settings.back(request, "passkeys")


@router.post("/remove")
def remove(request: Request, lib: Lib, who: PersonWriting, passkey: Field = "") -> Response:
    """Let a passkey sign in no more."""
    passkeys.remove(lib, who.known, passkey)
    return settings.back(request, "passkeys")
