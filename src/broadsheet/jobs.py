"""What runs when: while the page is served, whatever is due is harvested and learnt from in the background."""

import sys
import threading
from collections.abc import Callable
from functools import partial

from broadsheet.errors import BroadsheetError
from broadsheet.library.handle import Library
from broadsheet.library.index import learn
from broadsheet.library.pull import pull

# Sources decide themselves whether they are due; asking them costs one look into the store.
LOOK_EVERY_SECONDS = 600.0


class Harvester:
    """Looks every ten minutes what is due and harvests it, until closed. Failures are in the runs of `status`.

    `announce` is told what takes long.
    """

    def __init__(self, lib: Library, announce: Callable[[str], None]) -> None:
        self._lib, self._announce = lib, announce
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="harvester", daemon=True)

    def start(self) -> None:
        """Begin to learn from what there is; the first look at the sources is after one interval."""
        self._thread.start()

    def close(self) -> None:
        """No further harvest begins."""
        self._closing.set()

    def _run(self) -> None:
        self._do(partial(learn, self._lib, announce=self._announce))
        while not self._closing.wait(LOOK_EVERY_SECONDS):
            self._do(partial(pull, self._lib))
            self._do(partial(learn, self._lib, announce=self._announce))

    def _do(self, work: Callable[[], object]) -> None:
        if not self._closing.is_set():
            try:
                work()
            except BroadsheetError as e:
                sys.stderr.write(f"broadsheet: {e}\n")
