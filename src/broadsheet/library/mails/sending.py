"""Sending while digests are made, on a core of its own where there is one to spare: by a second process.

It has the settings of the first, opens the library by itself, and takes mails by the batch as any process does: so
it is no matter to any mail which of the two ends, and when. Where it has ended, the first one sends. It is told each
time that something was queued, and answers with what became of what was due:

    {settings}             first of all; then an empty line each time; where these end, the mail in hand is the last
    [{"sent": 200…}, true] for each empty line; false where the second process ends before all was sent
"""

import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import IO, Any, Final, Self

import msgspec
import orjson
from msgspec.structs import replace

from broadsheet.config import Settings
from broadsheet.errors import BroadsheetError
from broadsheet.library import second_process
from broadsheet.library.handle import Library
from broadsheet.library.mails.post import PostReport, send_due

AHEAD: Final = 400
"""Mails that may wait before no more are made: who reads or unsubscribes meanwhile is not written to in vain."""

_LOOK: Final = 0.05  # seconds


class Sending:
    """What sends whenever something was queued; in a `with` block, after which a second process ends.

    `apart`: whether there is enough for a second process, half a second of work to start.
    """

    def __init__(self, lib: Library, stop: Event, *, apart: bool) -> None:
        self._lib, self._stop, self._asked = lib, stop, 0
        self._answers: SimpleQueue[bytes] = SimpleQueue()
        self._process = _second_process(lib.settings) if apart and _is_possible() else None
        if self._process:
            Thread(target=_listen, args=(self._process.stdout, self._answers), daemon=True).start()

    def queued(self) -> PostReport:
        """Something was queued. What is known of what became of mails since the last call."""
        if not self._process:
            return send_due(self._lib, stop=self._stop)
        with suppress(BrokenPipeError, ValueError):  # it has ended, or was told to: its answers end as well
            _said_by(self._process).write(b"\n")
        self._asked += 1
        return self._answered(self._are_many)

    def rest(self) -> PostReport:
        """What became of the mails since the last call, once all that were queued have been looked at."""
        return self._answered(lambda: True)

    def _answered(self, is_waited_for: Callable[[], bool]) -> PostReport:
        """What is answered as long as answers are waited for."""
        done = PostReport()
        while self._process and self._asked and is_waited_for():
            with suppress(Empty):
                line = self._answers.get(timeout=_LOOK)
                if not line:
                    return done.plus(self._instead(self._process))
                report, is_all = orjson.loads(line)
                self._asked -= is_all
                done = done.plus(PostReport(**report))
            if self._stop.is_set():
                self._hang_up()
        return done

    def _are_many(self) -> bool:
        from broadsheet.store import mails

        with self._lib.store.reading() as conn:
            return mails.count_due(conn, self._lib.now()) > AHEAD

    def _instead(self, process: "subprocess.Popen[bytes]") -> PostReport:
        """The second process has ended: do what it left."""
        self._hang_up()
        self._process, code = None, process.wait()
        if self._stop.is_set():
            return PostReport()
        trouble = f"the process that hands over mails ended too early (exit code {code}); this one went on"
        return PostReport(trouble=trouble if code else None).plus(send_due(self._lib, stop=self._stop))

    def _hang_up(self) -> None:
        if self._process:
            _said_by(self._process).close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._hang_up()
        if self._process and (kind is None or issubclass(kind, Exception)):  # who asks twice to end does not wait
            self._process.wait()


def _is_possible() -> bool:
    # On Windows what a process leaves that was killed waits ten minutes for the end of its lease.
    return sys.platform != "win32" and second_process.has_core()


def _second_process(settings: Settings) -> "subprocess.Popen[bytes] | None":
    """None where the system starts none: a Python that an upgrade took away, or too many processes."""
    # A group of its own: Ctrl-C is for us alone.
    command = second_process.command_of(__name__)
    try:
        process = subprocess.Popen(  # noqa: S603 - our own program
            command, bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE, process_group=0
        )
    except OSError:
        return None
    with suppress(BrokenPipeError):
        _said_by(process).write(msgspec.json.encode(replace(settings, origins={}), enc_hook=str) + b"\n")
    return process


def _said_by(process: "subprocess.Popen[bytes]") -> IO[bytes]:
    assert process.stdin
    return process.stdin


def _listen(pipe: IO[bytes], answers: "SimpleQueue[bytes]") -> None:
    with pipe:
        while (line := pipe.readline()).endswith(b"\n"):
            answers.put(line)
    answers.put(b"")


def _main() -> None:
    """The second process."""
    stop, told = Event(), SimpleQueue[bool]()

    def end(*_: object) -> None:
        stop.set()
        told.put(False)

    def answer(done: PostReport, *, is_all: bool) -> None:
        sys.stdout.buffer.write(orjson.dumps((done, is_all)) + b"\n")
        sys.stdout.buffer.flush()

    def hear() -> None:
        while said.readline():
            told.put(True)
        end()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    said = open(sys.stdin.fileno(), "rb", buffering=0, closefd=False)  # noqa: SIM115 - a buffer would be locked at exit
    settings = msgspec.json.decode(said.readline(), type=Settings, dec_hook=_path)
    Thread(target=hear, daemon=True).start()
    try:
        with Library(settings) as lib:
            while told.get() and not stop.is_set():
                answer(send_due(lib, stop=stop), is_all=not stop.is_set())
    except BroadsheetError as e:  # the first one tries what this one could not
        answer(PostReport(trouble=str(e)), is_all=False)


def _path(kind: type, given: Any) -> Path:
    assert kind is Path
    return Path(given)


if __name__ == "__main__":
    with suppress(BrokenPipeError):  # the first one is gone; all is stored
        _main()
