"""Served below a path, such as https://example.org/papers/, by a proxy that passes this path on or cuts it."""

from starlette.types import ASGIApp, Receive, Scope, Send


class UnderPath:
    """Tells the application its path, and takes requests with and without it."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        """`prefix` is such as `/papers`, or empty for an instance that has its host for itself."""
        self._app, self._prefix = app, prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if self._prefix and scope["type"] == "http":
            path = scope["path"]
            under = path == self._prefix or path.startswith(self._prefix + "/")
            scope = {**scope, "root_path": self._prefix, "path": path if under else self._prefix + path}
        await self._app(scope, receive, send)
