"""Ending in order: for commands whose work must not be cut off in the middle, such as handing over a mail."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import typer

STOPPED = 128
"""What shells add to the number of the signal that ended a command: 130 for Ctrl-C, 143 for SIGTERM."""


class Stop(threading.Event):
    """Set once Ctrl-C or SIGTERM asks for the end."""

    def __init__(self) -> None:
        super().__init__()
        self._number = 0

    def ask(self, number: int) -> None:
        """The signal with this number asks."""
        self._number = number
        self.set()

    def leave(self) -> None:
        """Exit as whoever was stopped does, where somebody asked."""
        if self._number:
            raise typer.Exit(STOPPED + self._number)


@contextmanager
def stoppable() -> Iterator[Stop]:
    """A stop that a signal sets; a second one ends the command at once, as Ctrl-C does without this."""
    stop = Stop()

    def ask(number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.ask(number)

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    except KeyboardInterrupt:
        stop.leave()
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
