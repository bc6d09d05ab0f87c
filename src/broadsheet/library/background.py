"""Work that somebody asks for on a page and nobody waits for: one at a time, its progress and outcome to be seen."""

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
    """What is done, or was done last: how far it is in which stage, when it ended, and what went wrong."""

    what: str
    began: datetime
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
    """Works in a thread that does not keep the process alive: what it stores is whole whenever that ends."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.work: Work | None = None

    def join(self) -> None:
        """Wait for the end of what goes on."""
        if self._thread is not None:
            self._thread.join()

    def begin(self, what: str, do: Callable[[Report], object]) -> None:
        """Begin; `do` is told whom to report to. Raises StoreBusy while another work goes on."""
        with self._lock:
            if self.work is not None and self.work.is_running:
                raise StoreBusy(what, f"{self.work.what} is under way", "wait until it is done")
            self.work = Work(what, self._now())
            self._thread = threading.Thread(target=self._run, args=(do,), name=what, daemon=True)
            self._thread.start()

    def _run(self, do: Callable[[Report], object]) -> None:
        trouble = "a fault of Broadsheet; the terminal that serves it shows where"
        try:
            do(self._progress)
            trouble = ""
        except BroadsheetError as e:
            trouble = str(e)
        except Exception:
            traceback.print_exc(file=sys.stderr)
        finally:
            self._change(ended=self._now(), trouble=trouble or None)

    def _progress(self, stage: str, done: int, total: int | None) -> None:
        self._change(stage=stage, done=done, total=total)

    def _change(self, **what: object) -> None:
        with self._lock:
            if self.work is not None:
                self.work = replace(self.work, **what)  # type: ignore[arg-type]  # names of its own fields
