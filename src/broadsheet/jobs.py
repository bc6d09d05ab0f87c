"""What runs when: harvests, digests and mails, in the background while the page is served, or once for a timer.

Any number of processes may do this: one harvests at a time, and a digest or a mail that one has made or taken is left
alone by the others.
"""

import sys
import threading
from collections.abc import Callable
from functools import partial

from broadsheet.errors import BroadsheetError
from broadsheet.library.digests.deliver import Delivered, deliver
from broadsheet.library.handle import Library, Progress
from broadsheet.library.harvest.pull import pull
from broadsheet.library.index import learn
from broadsheet.library.outlets.send import send_dispatches
from broadsheet.library.websub import tell_hub

# Sources decide themselves whether they are due; asking them costs one look into the store.
LOOK_EVERY_SECONDS = 600.0

# A digest comes at its minute, and who waits for a link in a mail does not wait long; a look costs a millisecond.
POST_EVERY_SECONDS = 10.0


def run_once(lib: Library, *, harvest: bool, progress: Progress, announce: Callable[[str], None]) -> Delivered:
    """Do what is due, once. Raises BroadsheetError for what stops the mails; failed harvests are in `status`."""
    if harvest:
        pull(lib, progress=progress)
    try:
        done = deliver(lib, progress=progress)
    finally:
        send_dispatches(lib)
        tell_hub(lib)
    if harvest:
        learn(lib, progress, announce=announce)
    return done


class Background:
    """Does a work again and again in a thread of its own, until closed. A failure is told once, and not again."""

    def __init__(self, name: str, every: float, work: Callable[[], object], *, at_once: Callable[[], object]) -> None:
        self._every, self._work, self._at_once = every, work, at_once
        self._closing = threading.Event()
        self._told = ""
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """Nothing further begins."""
        self._closing.set()

    def _run(self) -> None:
        self._do(self._at_once)
        while not self._closing.wait(self._every):
            self._do(self._work)

    def _do(self, work: Callable[[], object]) -> None:
        if self._closing.is_set():
            return
        try:
            work()
        except BroadsheetError as e:
            if str(e) != self._told:
                sys.stderr.write(f"broadsheet: {e}\n")
            self._told = str(e)


def harvester(lib: Library, announce: Callable[[str], None]) -> Background:
    """Harvests what is due and learns from it. Failures are in the runs of `status`; `announce` hears what is slow."""
    teach = partial(learn, lib, announce=announce)

    def harvest() -> None:
        pull(lib)
        teach()

    return Background("harvester", LOOK_EVERY_SECONDS, harvest, at_once=teach)


def courier(lib: Library) -> Background:
    """Sends what is due to outlets, and news to the hub: beside the postman, as a slow webhook holds up no mail."""

    def work() -> None:
        send_dispatches(lib)
        tell_hub(lib)

    return Background("courier", POST_EVERY_SECONDS, work, at_once=work)


def postman(lib: Library) -> Background:
    """Makes the digests that are due and sends the mails that are."""
    work = partial(deliver, lib)
    return Background("postman", POST_EVERY_SECONDS, work, at_once=work)
