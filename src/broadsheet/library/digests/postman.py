"""Mails go out while the next digests are made: handing over is waiting for a server, making is this process' work."""

import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import reduce
from threading import Event
from typing import Final

from broadsheet.library.handle import Library
from broadsheet.library.post import PostReport, send_due

PROMPT: Final = 0.0005
"""Seconds after which whoever makes digests lets a thread go on that has a server's answer. By Python's own 5 ms, ten
times in a mail, hardly any would go out meanwhile."""


class Postman:
    """A thread that sends what is due each time that it is called."""

    def __init__(self, lib: Library) -> None:
        self._lib, self._stop = lib, Event()
        self._thread, self._rounds = ThreadPoolExecutor(1), list[Future[PostReport]]()

    def call(self) -> None:
        """There may be mails to send. Raises what sending has raised before."""
        if self._rounds and self._rounds[-1].done():
            self._rounds[-1].result()
        self._rounds.append(self._thread.submit(send_due, self._lib, stop=self._stop))

    def report(self) -> PostReport:
        """What was sent, when all of it is."""
        return reduce(PostReport.plus, (one.result() for one in self._rounds), PostReport())

    def leave(self) -> None:
        """Send what is in hand, and no more."""
        self._stop.set()
        self._thread.shutdown()


@contextmanager
def postman(lib: Library) -> Iterator[Postman]:
    """Somebody who sends mails for as long as the block lasts."""
    one, before = Postman(lib), sys.getswitchinterval()
    sys.setswitchinterval(PROMPT)
    try:
        yield one
    finally:
        one.leave()
        sys.setswitchinterval(before)
