"""What runs when: while the page is served, whatever is due is harvested in the background."""

import sys
import threading

from broadsheet.errors import BroadsheetError
from broadsheet.library.handle import Library
from broadsheet.library.pull import pull

# Sources decide themselves whether they are due; asking them costs one look into the store.
LOOK_EVERY_SECONDS = 600.0


class Harvester:
    """Looks every ten minutes what is due and harvests it, until closed. Failures are in the runs of `status`."""

    def __init__(self, lib: Library) -> None:
        self._lib = lib
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="harvester", daemon=True)

    def start(self) -> None:
        """Begin; the first look is after one interval."""
        self._thread.start()

    def close(self) -> None:
        """No further harvest begins."""
        self._closing.set()

    def _run(self) -> None:
        while not self._closing.wait(LOOK_EVERY_SECONDS):
            try:
                pull(self._lib)
            except BroadsheetError as e:
                sys.stderr.write(f"broadsheet: {e}\n")
