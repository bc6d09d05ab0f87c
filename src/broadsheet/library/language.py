"""The language in which a reader is written to."""

from typing import TYPE_CHECKING

from broadsheet.library.handle import Library
from broadsheet.types import Reader

if TYPE_CHECKING:
    from broadsheet.words.catalogue import Words


def words_of(lib: Library, who: Reader | None, asked: str = "") -> "Words":
    """The words for a mail: as the reader chose, else as `asked` where they wrote from, else as the instance has it."""
    from broadsheet.library.readers import preferences_of
    from broadsheet.words.catalogue import words

    chosen = preferences_of(lib, who).language if who else ""
    return words(chosen or asked or lib.settings.language)
