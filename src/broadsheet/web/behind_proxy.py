"""Behind a proxy: where a request came from, and whether it was encrypted, as a listed proxy says."""

from collections.abc import Callable
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from broadsheet.library.access.proxy import first_outside, is_listed

PLACE: Final = "broadsheet.place"
"""What of a request's scope is the address that it came from, where a proxy said so. `client` stays the proxy's."""

_SCHEMES: Final = ("http", "https")


class BehindProxy:
    """Takes `X-Forwarded-For` and `X-Forwarded-Proto` from the listed proxies, and from nobody else."""

    def __init__(self, app: ASGIApp, listed: Callable[[], tuple[str, ...]]) -> None:
        self._app, self._listed = app, listed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] == "http" and scope.get("client"):
            headers, listed = Headers(scope=scope), self._listed()
            forwarded, scheme = headers.get("x-forwarded-for"), headers.get("x-forwarded-proto")
            if (forwarded or scheme) and is_listed(listed, scope["client"][0]):
                scope = dict(scope)
                if scheme in _SCHEMES:
                    scope["scheme"] = scheme
                if forwarded and (place := first_outside(listed, forwarded)):
                    scope[PLACE] = place
        await self._app(scope, receive, send)
