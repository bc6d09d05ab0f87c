"""What visitors learn of a store that fails: not where it is and who asks it. The whole sentence is in the log."""

import sys
from datetime import datetime, timedelta

from broadsheet.errors import BroadsheetError, StoreBusy, StoreError
from broadsheet.library.handle import Library
from broadsheet.words.said import said

_AGAIN = timedelta(minutes=10)
"""How long the log is silent about a fault that it has told: pages that are asked meanwhile have the same."""


class Outages:
    """The faults of one application's store, told in its log once and not with each request."""

    def __init__(self, lib: Library) -> None:
        self._lib = lib
        self._told: tuple[str, datetime] | None = None

    def for_visitors(self, error: BroadsheetError) -> BroadsheetError:
        """The error as it may be shown to anybody."""
        if not isinstance(error, StoreError):
            return error
        is_busy = isinstance(error, StoreBusy)
        if not is_busy:
            self._log(str(error))
        if self._lib.settings.database_url.startswith("sqlite:"):
            return error
        if is_busy:
            return StoreBusy("library", error.cause, error.remedy)
        return StoreError("library", said("its database does not answer"), said("try again in a moment"))

    def _log(self, sentence: str) -> None:
        now = self._lib.now()
        if self._told is None or self._told[0] != sentence or now - self._told[1] >= _AGAIN:
            self._told = sentence, now
            sys.stderr.write(f"broadsheet: {sentence}\n")
