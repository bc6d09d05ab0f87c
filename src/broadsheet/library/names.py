"""Names that readers give to what is theirs: one line, that fits where it is listed."""

from typing import Final

from broadsheet.errors import UsageError
from broadsheet.words.said import said

_JOINERS: Final = str.maketrans("", "", "\u200c\u200d")
"""What shapes the letters beside it, in Persian and Indic scripts, or makes one of several emoji."""


def folded(name: str) -> str:
    """The name on one line."""
    return " ".join(name.split())


def fitted(name: str, most: int) -> str:
    """What of a name from elsewhere can be shown, on one line, cut short; it may be nothing."""
    return folded("".join(letter for letter in folded(name) if letter.translate(_JOINERS).isprintable()))[:most]


def checked(what: str, name: str, most: int) -> str:
    """The name on one line. Raises UsageError for none, and one that is too long or cannot be shown."""
    wanted = folded(name)
    seen = wanted.translate(_JOINERS)
    if not seen:
        raise UsageError(what, "has no name", "give it one")
    if len(wanted) > most:
        raise UsageError(what, said("has a name of more than %(most)s letters", most=most), "give it a shorter one")
    if not seen.isprintable():
        raise UsageError(what, "has a name with characters that cannot be shown", "write it without them")
    return wanted
