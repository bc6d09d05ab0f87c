"""The address at which readers reach this instance, for links that leave it."""

import contextlib
from typing import Final

from broadsheet.library.handle import Library

_FILE: Final = "served-at"
"""In the home: where it was served last, as a port given on the command line is known to that process alone."""


def address(lib: Library, path: str = "") -> str:
    """The address of a page, given without a slash before it: under `base_url`, else where it is or was last served."""
    base = lib.settings.base_url or _served_at(lib) or at(lib.settings.serve.host, lib.settings.serve.port)
    return f"{base.rstrip('/')}/{path}"


def at(host: str, port: int) -> str:
    """The address of a port."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def remember(lib: Library, base: str) -> None:
    """Note where it is served; a home that cannot be written has links as the settings say."""
    with contextlib.suppress(OSError):
        (lib.home / _FILE).write_text(base + "\n", encoding="utf-8")


def _served_at(lib: Library) -> str:
    try:
        return (lib.home / _FILE).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
