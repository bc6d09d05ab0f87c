"""The address at which readers reach this instance, for links that leave it."""

from broadsheet.library.handle import Library


def address(lib: Library, path: str = "") -> str:
    """The address of a page, given without a slash before it."""
    serve = lib.settings.serve
    host = f"[{serve.host}]" if ":" in serve.host else serve.host
    base = lib.settings.base_url or f"http://{host}:{serve.port}"
    return f"{base.rstrip('/')}/{path}"
