"""Files that are whole or absent: written beside, made durable, renamed into place."""

import glob
import os
from pathlib import Path

from broadsheet.errors import NotReadable


def replace_file(path: Path, data: bytes) -> None:
    """Put `data` at `path` so that a reader, or a crash at any moment, finds the old content or the new one."""
    made = beside(path)
    try:
        with made.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        made.replace(path)
    finally:
        made.unlink(missing_ok=True)
    sync_folder(path.parent)


def beside(path: Path) -> Path:
    """A name beside `path` for what shall take its place; what killed processes left under such names is removed."""
    for piece in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        pid = piece.name.removesuffix(".part").rpartition(".")[2].partition("-")[0]
        if pid.isdecimal() and not _is_alive(int(pid)):
            piece.unlink(missing_ok=True)
    return path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}.part")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def sync_file(path: Path) -> None:
    """Make the content of a file durable, or, of a folder, what names are in it."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


sync_folder = sync_file


def unreadable(subject: str, why: PermissionError) -> NotReadable:
    """The error for a file that is there; strangers may read it, and learn of no folder above that of the file."""
    file = Path(str(why.filename))
    cause = f"{file.parent.name}/{file.name} cannot be read ({why.strerror})"
    return NotReadable(subject, cause, "let the user that runs Broadsheet read it")
