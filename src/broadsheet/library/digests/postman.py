"""Mails go out while the next digests are made: handing over is waiting for a server, making is this process' work."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import reduce
from typing import Final

from broadsheet.library.handle import Library
from broadsheet.library.post import PostReport, send_due

PROMPT: Final = 0.0005
"""Seconds after which whoever makes digests lets a thread go on that has a server's answer. By Python's own 5 ms, ten
times in a mail, hardly any would go out meanwhile."""


class Postman:
    """A thread that sends what is due each time that it is called, until it has `left` or is halted."""

    def __init__(self, lib: Library, halted: Callable[[], bool]) -> None:
        self._lib, self._halted, self._left = lib, halted, False
        self._thread, self._rounds = ThreadPoolExecutor(1), list[Future[PostReport]]()

    def call(self) -> None:
        """There may be mails to send. Raises what sending has raised before."""
        if self._rounds and self._rounds[-1].done():
            self._rounds[-1].result()
        self._rounds.append(self._thread.submit(send_due, self._lib, halted=lambda: self._left or self._halted()))

    def report(self) -> PostReport:
        """What was sent, when all of it is."""
        return reduce(PostReport.plus, (one.result() for one in self._rounds), PostReport())

    def leave(self) -> None:
        """Send what is in hand, and no more."""
        self._left = True
        self._thread.shutdown()


@contextmanager
def postman(lib: Library, halted: Callable[[], bool]) -> Iterator[Postman]:
    """Somebody who sends mails for as long as the block lasts, and nobody says that it is halted."""
    one, before = Postman(lib, halted), sys.getswitchinterval()
    sys.setswitchinterval(PROMPT)
    try:
        yield one
    finally:
        one.leave()
        sys.setswitchinterval(before)
