"""What runs when: harvests, rankings, digests and mails, behind the page while it is served, or once for a timer.

Any number of processes may do this: one harvests at a time, and a digest or a mail that one has made or taken is left
alone by the others.
"""

import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

from broadsheet.errors import BroadsheetError, DeliveryError, Interrupted, StoreBusy
from broadsheet.library.digests.deliver import Delivered, deliver
from broadsheet.library.editions.ready import prepare
from broadsheet.library.handle import Library, Progress
from broadsheet.library.harvest.due import any_due
from broadsheet.library.harvest.pull import GRACE, pull
from broadsheet.library.index import learn, learn_behind
from broadsheet.library.outlets.send import Dispatched, send_dispatches
from broadsheet.library.websub import tell_hub
from broadsheet.store.waiting import patient
from broadsheet.words.said import said

# Papers come soon after they were announced, or a source was switched on; a look costs some milliseconds.
LOOK_EVERY_SECONDS = 60.0

# How long after a harvest or a full hour a reader may meet a list that is not ranked.
RANK_EVERY_SECONDS = 30.0

# A digest comes at its minute, and who waits for a link in a mail does not wait long; a look costs a millisecond.
POST_EVERY_SECONDS = 10.0


def run_once(
    lib: Library, stop: threading.Event, *, harvest: bool, progress: Progress, announce: Callable[[str], None]
) -> tuple[Delivered, bool]:
    """Do what is due, once, until `stop` is set: then what is in hand is the last. Also whether all sources gave what
    they have; `announce` gets what kept one from it.

    Raises as `deliver_everywhere` does, once all else is done: no fault of a harvest keeps mails from being sent, and
    none of the mails keeps from learning.
    """
    harvested = True
    with suppress(Interrupted):
        if harvest:
            harvested = _harvest(lib, stop, progress, announce)
    try:
        done = deliver_everywhere(lib, stop, progress=progress)
    finally:
        if not stop.is_set():
            tell_hub(lib)
        with suppress(Interrupted, StoreBusy):  # who is busy learns, or leaves it to the next
            if harvest and not stop.is_set():
                learn(lib, _until(stop, progress), announce=announce)
    return done, harvested


def _harvest(lib: Library, stop: threading.Event, progress: Progress, announce: Callable[[str], None]) -> bool:
    try:
        report = pull(lib, progress=_until(stop, progress), stop=stop)
    except StoreBusy as e:  # another process is at it
        announce(f"Nothing is harvested now: {e}")
        return True
    except Interrupted:
        raise
    except BroadsheetError as e:
        announce(f"broadsheet: {e}")
        return False
    for run in report.runs:
        if run.failed:
            announce(f"broadsheet: source {run.source}: {run.error or run.state}")
    return not report.any_failed


def deliver_everywhere(
    lib: Library, stop: threading.Event, reader: str | None = None, *, progress: Progress
) -> Delivered:
    """Make the digests that are due, of one reader or of all, and send what is queued for mailboxes and for outlets.

    Raises BroadsheetError for what stops the mails, once the outlets have theirs.
    """
    outlets = Dispatched()
    try:
        done = deliver(lib, reader, progress, stop=stop, apart=True)
    finally:
        if not stop.is_set():
            outlets = send_dispatches(lib, stop)
    return replace(done, outlets=outlets)


class Background:
    """Does a work again and again in a thread of its own, until closed. A failure is told once, and not again."""

    def __init__(
        self,
        name: str,
        every: float,
        work: Callable[[], object],
        *,
        at_once: Callable[[], object],
        stop: threading.Event | None = None,
    ) -> None:
        """`stop` is set when it is closed, for a work that looks at it: it is waited for, a moment."""
        self._every, self._work, self._at_once = every, work, at_once
        self._closing = stop or threading.Event()
        self._patience = GRACE + 1.0 if stop else 0.0
        self._told = self._waited = ""
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """Nothing further begins."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join(self._patience)

    def _run(self) -> None:
        with patient(self._tell_of_waiting):
            self._do(self._at_once)
            while not self._closing.wait(self._every):
                self._do(self._work)

    def _do(self, work: Callable[[], object]) -> None:
        if self._closing.is_set():
            return
        try:
            work()
        except Interrupted:
            return
        except BroadsheetError as e:
            if str(e) != self._told:
                _tell(str(e))
            self._told = str(e)
        except Exception:
            traceback.print_exc(file=sys.stderr)  # a fault of ours, which the next round may not meet
        else:
            self._waited = ""

    def _tell_of_waiting(self, sentence: str) -> None:
        """Once in an outage, however many rounds it lasts."""
        if sentence != self._waited:
            _tell(sentence)
        self._waited = sentence


def _tell(sentence: str) -> None:
    sys.stderr.write(f"broadsheet: {sentence}\n")


First = Callable[[Progress, threading.Event], object]
"""The first harvest, told whom to report to and when to stop."""


def harvester(lib: Library, announce: Callable[[str], None], first: First) -> Background:
    """Harvests at once, by `first`, then what is due, and learns from it; pages show how far it is.

    Failures are in the runs of `status`; `announce` hears what is slow.
    """
    stop = threading.Event()

    def harvest(do: Callable[[Progress], object]) -> None:
        """Behind the page; then to learn, once nobody waits for anything else."""
        lib.background.begin(said("the harvest of what is due"), lambda told: do(_until(stop, told))).result()
        learning = learn_behind(lib, announce)
        if learning:
            learning.result()

    def look() -> None:
        if any_due(lib):
            harvest(lambda progress: pull(lib, progress=progress, stop=stop))

    return Background(
        "harvester", LOOK_EVERY_SECONDS, look, at_once=lambda: harvest(lambda told: first(told, stop)), stop=stop
    )


def _until(stop: threading.Event, progress: Progress) -> Progress:
    """A progress that ends the work which reports to it once `stop` is set."""

    def report(stage: str, done: int, total: int | None) -> None:
        if stop.is_set():
            raise Interrupted(stage, "was stopped", "the next run goes on where it ended")
        progress(stage, done, total)

    return report


def courier(lib: Library) -> Background:
    """Sends what is due to outlets, and news to the hub: beside the postman, as a slow webhook holds up no mail.

    Once it is closed the message in hand is the last.
    """
    stop = threading.Event()

    def work() -> None:
        send_dispatches(lib, stop)
        if not stop.is_set():
            tell_hub(lib)

    return Background("courier", POST_EVERY_SECONDS, work, at_once=work, stop=stop)


def ranker(lib: Library) -> Background:
    """Keeps the lists ranked that readers open first."""
    work = partial(prepare, lib)
    return Background("ranker", RANK_EVERY_SECONDS, work, at_once=work)


def postman(lib: Library) -> Background:
    """Makes the digests that are due and sends the mails that are; once it is closed the mail in hand is the last.

    What could not be made or sent is tried again, and told as a failure of the whole.
    """
    stop = threading.Event()

    def work() -> None:
        done = deliver(lib, stop=stop)
        told = [*done.failures, *([f"mail: {done.post.trouble}"] if done.post.trouble else [])]
        if told:
            others = f" (and {len(told) - 1} more)" if len(told) > 1 else ""
            raise DeliveryError("digests", told[0] + others, "what is due is tried again")

    return Background("postman", POST_EVERY_SECONDS, work, at_once=work, stop=stop)
