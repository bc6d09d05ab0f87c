"""Work that somebody asks for on a page and nobody waits for; its progress and its outcome can be seen."""

import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from broadsheet.errors import BroadsheetError, NotHad, StoreBusy
from broadsheet.store.waiting import patient
from broadsheet.types import Progress
from broadsheet.words.failure import told
from broadsheet.words.said import said

KEPT: Final = 50
"""Works that ended are remembered, so many."""

Ended = Future[None]
"""Done once the work has ended; its exception is what stopped it."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is done, or was done last: how far it is in which stage, when it ended, and what went wrong; of
    papers that could not be had, which and why.

    `whose`: the reader whom it is for; empty where it is for all. `is_seen`: the reader has seen how it ended.
    """

    what: str
    began: datetime
    whose: str = ""
    stage: str = ""
    done: int = 0
    total: int | None = None
    ended: datetime | None = None
    trouble: str | None = None
    is_seen: bool = False
    not_had: tuple[str, ...] = ()

    @property
    def is_running(self) -> bool:
        """Whether it goes on."""
        return self.ended is None

    @property
    def progress(self) -> str:
        """How far it is: `arxiv, 120 of 400`."""
        many = f"{self.done:,}" if self.done else ""
        if self.total:
            many = said("%(done)s of %(total)s", done=self.done, total=self.total)
        return said("%(stage)s, %(many)s", stage=self.stage, many=many) if self.stage and many else self.stage or many


class Background:
    """Works one after the other, in a thread that does not keep the process alive: what they store is always whole."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._waiting: list[_Task] = []
        self._thread: threading.Thread | None = None
        self._ended: deque[Work] = deque(maxlen=KEPT)
        self.work: Work | None = None

    def recent(self) -> list[Work]:
        """What goes on and what ended, the newest first."""
        with self._lock:
            running = [self.work] if self.work and self.work.is_running else []
            return [*running, *reversed(self._ended)]

    def of(self, reader: str) -> Work | None:
        """What goes on for this reader, or was done last; what goes on for others while theirs waits for it."""
        with self._lock:
            waits = any(task.whose == reader for task in self._waiting)
        return next((work for work in self.recent() if work.whose == reader or (waits and work.is_running)), None)

    def seen(self, reader: str) -> None:
        """Note that a reader knows how all ended that was done for them."""
        with self._lock:
            told = (replace(work, is_seen=True) if work.whose == reader else work for work in self._ended)
            self._ended = deque(told, KEPT)

    def begin(self, what: str, do: Callable[[Progress], object], *, whose: str = "") -> Ended:
        """Begin once what was begun before has ended; `do` is told whom to report to.

        Raises StoreBusy where the same is under way or waits.
        """
        task = _Task(what, whose, do, Ended())
        with self._lock:
            running = self.work is not None and self.work.is_running
            if what in (other.what for other in self._waiting) or (running and self.work and self.work.what == what):
                raise StoreBusy(what, "is under way", "wait until it is done")
            self._waiting.append(task)
            if not running:
                self._thread = threading.Thread(target=self._run, args=(self._next(),), name=what, daemon=True)
                self._thread.start()
        return task.ended

    def join(self) -> None:
        """Wait for the end of what goes on."""
        if self._thread is not None:
            self._thread.join()

    def _next(self) -> "_Task | None":
        """Take the next work up; the lock is held."""
        if not self._waiting:
            return None
        task = self._waiting.pop(0)
        self.work = Work(task.what, self._now(), task.whose)
        return task

    def _run(self, task: "_Task | None") -> None:
        while task is not None:
            trouble = _trouble(task, self._progress)
            with self._lock:
                if self.work is not None:
                    sentence, each = (
                        told(trouble) if trouble else None,
                        trouble.each if isinstance(trouble, NotHad) else (),
                    )
                    self.work = replace(self.work, ended=self._now(), trouble=sentence, not_had=each)
                    self._ended.append(self.work)
                ended, task = task.ended, self._next()
            if trouble:
                ended.set_exception(trouble)
            else:
                ended.set_result(None)

    def _progress(self, stage: str, done: int, total: int | None) -> None:
        with self._lock:
            if self.work is not None:
                self.work = replace(self.work, stage=stage, done=done, total=total)


@dataclass(frozen=True, slots=True)
class _Task:
    what: str
    whose: str
    do: Callable[[Progress], object]
    ended: Ended


def _trouble(task: _Task, report: Progress) -> BroadsheetError | None:
    """Do it; what went wrong."""
    try:
        with patient(lambda told: sys.stderr.write(f"broadsheet: {told}\n")):
            task.do(report)
    except BroadsheetError as e:
        return e
    except Exception:
        traceback.print_exc(file=sys.stderr)
        return BroadsheetError(task.what, "met a fault of Broadsheet", "the terminal that serves it shows where")
    return None
