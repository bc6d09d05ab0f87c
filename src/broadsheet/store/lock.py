"""One long writer for each home: whoever pulls or imports holds a lock that the system releases even after kill -9."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from broadsheet.errors import StoreBusy, StoreError

PATIENCE = 0.3
"""Seconds that a writer waits for the lock: longer than `is_writing` of another process has it in hand."""

_LOCK, _HOLDER = "writer.lock", "writer.pid"


@contextmanager
def writer_lock(home: Path, what: str = "broadsheet") -> Iterator[None]:
    """Hold the home for long writing; `what` is the command, for the sentence that others get.

    Raises StoreBusy that names the holder where another process has it. Readers are never kept out.
    """
    from filelock import FileLock, Timeout

    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(home / _LOCK, timeout=PATIENCE)
        lock.acquire()
    except Timeout as e:
        raise StoreBusy(f"library {home}", f"{_holder(home)} is writing", "wait until it is done, or stop it") from e
    except OSError as e:
        reason = e.strerror or str(e)
        raise StoreError(f"library {home}", f"cannot be written ({reason})", "make its folder writable") from e
    try:
        _sign(home, what)
        yield
    finally:
        with suppress(OSError):
            (home / _HOLDER).unlink()
        lock.release()


def is_writing(home: Path) -> bool | None:
    """Whether a process holds the home for writing now; None where that cannot be told."""
    from filelock import FileLock, Timeout

    if not (home / _LOCK).exists():
        return False
    try:
        with FileLock(home / _LOCK, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:
        return None


def _sign(home: Path, what: str) -> None:
    try:
        (home / _HOLDER).write_text(f"{what} (process {os.getpid()})", encoding="utf-8")
    except OSError as e:
        reason = e.strerror or str(e)
        raise StoreError(f"library {home}", f"cannot be written ({reason})", "check space and permissions") from e


def _holder(home: Path) -> str:
    try:
        return (home / _HOLDER).read_text(encoding="utf-8") or "another process"
    except OSError:
        return "another process"
