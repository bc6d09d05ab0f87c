"""The journal of a batch of mails: which of them a server was given, and what it answered.

A batch is noted in the store as a whole, before and after, as a transaction for each mail costs several times what
handing it over does. In between a line is added to a file for each step. A process that is killed leaves its lines to
whoever settles the batch, so that one mail at the most is in doubt, and not fifty.

The lines are with the system and not forced to the disk, so they are believed only on the machine, and since the start
of it, that wrote them. Anywhere else nothing is known, and all of the batch is in doubt: rather that than a mail twice.

Who writes a journal holds its file, which the system lets go when the process ends, however it does: so its batch need
not wait for the end of its lease (where files cannot be held so, as on Windows, it does).
"""

import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, cast

import orjson

from broadsheet.digest.mail import Fate, Handover
from broadsheet.errors import StoreError

BROKEN_OFF: Final = Handover("unknown", "the process that was sending it ended before the server had answered")
UNKNOWN: Final = Handover("unknown", "the process that was sending it ended, and what it had sent is not known here")

OLD: Final = 7 * 86_400
"""Seconds; a batch is settled when its lease has run out, within minutes of the next look."""

_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")


def this_start() -> str:
    """A name of this start of this machine; empty where the system has none."""
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return ""


class Journal:
    """The journal of one batch, in a file of its own; made before the batch is, as without it all would be in doubt.

    Raises StoreError where it cannot be written.
    """

    def __init__(self, folder: Path, batch: str, start: str) -> None:
        self._path = folder / f"{batch}.journal"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
            self._add({"start": start})
        except OSError as e:
            raise self._trouble(e) from e
        _hold(self._file)

    def begin(self, mail_id: int) -> None:
        """The server gets this mail now."""
        try:
            self._add({"mail": mail_id})
        except OSError as e:
            raise self._trouble(e) from e

    def end(self, mail_id: int, handed: Handover) -> None:
        """This is what the server answered. Where it cannot be written the mail would be in doubt, no more."""
        with suppress(OSError):
            self._add({"mail": mail_id, "fate": handed.fate, "said": handed.said})

    def not_given(self, mail_id: int) -> None:
        """The server takes nothing: it was not given this mail after all."""
        with suppress(OSError):
            self._add({"mail": mail_id, "given": False})

    def close(self) -> None:
        """No more is added; what it says stays for whoever settles the batch."""
        os.close(self._file)

    def forget(self) -> None:
        """All that it says is in the store."""
        self.close()
        remove(self._path.parent, self._path.stem)

    def _add(self, said: dict[str, object]) -> None:
        line = orjson.dumps(said) + b"\n"
        if os.write(self._file, line) != len(line):
            raise OSError(28, "no space left")

    def _trouble(self, error: OSError) -> StoreError:
        return StoreError(
            f"journal {self._path}", f"cannot be written ({error.strerror})", "no mail is sent without it"
        )


def read(folder: Path, batch: str, start: str) -> Mapping[int, Handover] | None:
    """What a journal that was left says of each mail that a server was given; None where it says nothing certain."""
    try:
        head, *lines, torn = (folder / f"{batch}.journal").read_bytes().split(b"\n")
        if torn or not start or orjson.loads(head) != {"start": start}:
            return None
        said = {row["mail"]: row for row in map(orjson.loads, lines)}
        return {mail_id: _told(row) for mail_id, row in said.items() if row.get("given", True)}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _told(row: Mapping[str, str]) -> Handover:
    return Handover(cast("Fate", row["fate"]), row["said"]) if "fate" in row else BROKEN_OFF


def is_left(folder: Path, batch: str, start: str) -> bool:
    """Whether it is certain that the process which wrote a journal has ended."""
    try:
        with (folder / f"{batch}.journal").open("rb") as file:
            return bool(start) and orjson.loads(file.readline()) == {"start": start} and _hold(file.fileno())
    except (OSError, ValueError):
        return False


def _hold(file: int) -> bool:
    """Hold an open file until it is closed; False where somebody else does, or nobody can."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def remove(folder: Path, batch: str) -> None:
    """Forget a journal; one that cannot be removed does no harm."""
    with suppress(OSError):
        (folder / f"{batch}.journal").unlink()


def sweep(folder: Path) -> None:
    """Forget the journals that processes left who died before they had a batch: what is days old is of no batch."""
    for left in folder.glob("*.journal"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > OLD:
                left.unlink()
