"""Work that somebody asks for on a page and nobody waits for; its progress and its outcome can be seen."""

import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from broadsheet.errors import BroadsheetError, StoreBusy

Report = Callable[[str, int, int | None], None]
"""As `library.handle.Progress`."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is done, or was done last: how far it is in which stage, when it ended, and what went wrong.

    `whose`: the reader whom it is for; empty where it is for all.
    """

    what: str
    began: datetime
    whose: str = ""
    stage: str = ""
    done: int = 0
    total: int | None = None
    ended: datetime | None = None
    trouble: str | None = None

    @property
    def is_running(self) -> bool:
        """Whether it goes on."""
        return self.ended is None

    @property
    def progress(self) -> str:
        """How far it is: `arxiv, 120 of 400`."""
        many = f"{self.done:,} of {self.total:,}" if self.total else f"{self.done:,}" if self.done else ""
        return ", ".join(part for part in (self.stage, many) if part)


class Background:
    """Works one after the other, in a thread that does not keep the process alive: what they store is always whole."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._waiting: list[tuple[str, str, Callable[[Report], object]]] = []
        self._thread: threading.Thread | None = None
        self.work: Work | None = None

    def begin(self, what: str, do: Callable[[Report], object], *, whose: str = "") -> None:
        """Begin once what was begun before has ended; `do` is told whom to report to.

        Raises StoreBusy where the same is under way or waits.
        """
        with self._lock:
            running = self.work is not None and self.work.is_running
            if what in (named for named, _, _ in self._waiting) or (running and self.work and self.work.what == what):
                raise StoreBusy(what, "is under way", "wait until it is done")
            self._waiting.append((what, whose, do))
            if not running:
                self._next()
                self._thread = threading.Thread(target=self._run, args=(do,), name=what, daemon=True)
                self._thread.start()

    def join(self) -> None:
        """Wait for the end of what goes on."""
        if self._thread is not None:
            self._thread.join()

    def _next(self) -> Callable[[Report], object] | None:
        """Take the next work up; the lock is held."""
        if not self._waiting:
            return None
        what, whose, do = self._waiting.pop(0)
        self.work = Work(what, self._now(), whose)
        return do

    def _run(self, do: Callable[[Report], object] | None) -> None:
        while do is not None:
            trouble = _trouble(do, self._progress)
            with self._lock:
                if self.work is not None:
                    self.work = replace(self.work, ended=self._now(), trouble=trouble)
                do = self._next()

    def _progress(self, stage: str, done: int, total: int | None) -> None:
        with self._lock:
            if self.work is not None:
                self.work = replace(self.work, stage=stage, done=done, total=total)


def _trouble(do: Callable[[Report], object], report: Report) -> str | None:
    """Do it; what went wrong, in a sentence."""
    try:
        do(report)
    except BroadsheetError as e:
        return str(e)
    except Exception:
        traceback.print_exc(file=sys.stderr)
        return "a fault of Broadsheet; the terminal that serves it shows where"
    return None
