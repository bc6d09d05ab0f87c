"""What visitors learn of a store or an index that fails: not where it is and who asks it. The log has the sentence."""

import sys
from datetime import datetime, timedelta

from broadsheet.errors import BroadsheetError, SearchIndexError, StoreBusy, StoreError
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
        if isinstance(error, StoreBusy):
            return StoreBusy("library", error.cause, error.remedy)
        if isinstance(error, StoreError):
            self._log(str(error))
            return StoreError("library", said("its database does not answer"), said("try again in a moment"))
        if isinstance(error, SearchIndexError):
            self._log(str(error))
            return SearchIndexError("search", said("its index cannot be read"), said("try again in a moment"))
        return error

    def _log(self, sentence: str) -> None:
        now = self._lib.now()
        if self._told is None or self._told[0] != sentence or now - self._told[1] >= _AGAIN:
            self._told = sentence, now
            sys.stderr.write(f"broadsheet: {sentence}\n")
