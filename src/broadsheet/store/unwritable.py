"""Reading a library in a folder that takes no files, such as one mounted read-only.

SQLite would make the index of its log (`-shm`) there, unless it is told that nobody changes the library. Where there is
no log nobody has it open for writing, so that this is true now; it is asked again for each connection.
"""

import os
from pathlib import Path
from urllib.parse import quote

from broadsheet.errors import StoreError


def takes_no_files(path: Path) -> bool:
    """Whether there is a library at `path` beside which nothing can be written."""
    return path.is_file() and not os.access(path.parent, os.W_OK)


def may_be_written(path: Path) -> bool:
    """Whether this user may change the library at `path`."""
    return os.access(path, os.W_OK) and not takes_no_files(path)


def uri_of(path: Path, mode: str) -> str:
    """What SQLite opens; `mode` is `ro` or `rw`. Raises StoreError where the library cannot be read as it lies."""
    place = f"file:{quote(str(path.absolute()))}"
    if not takes_no_files(path):
        return f"{place}?mode={mode}"
    if not _has(path, "-wal"):
        return f"{place}?mode=ro&immutable=1"
    if _has(path, "-shm"):
        return f"{place}?mode=ro"
    raise StoreError(
        f"library {path}",
        "its folder cannot be written, and its last changes are not folded into it yet",
        "run `broadsheet status` once where the folder can be written",
    )


def _has(path: Path, suffix: str) -> bool:
    """Whether a file beside the library has anything in it."""
    try:
        return path.with_name(path.name + suffix).stat().st_size > 0
    except OSError:
        return False
