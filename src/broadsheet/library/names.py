"""Names that readers give to what is theirs: one line, that fits where it is listed."""

from collections.abc import Collection, Sequence
from typing import Final

from broadsheet.errors import NotFound, UsageError
from broadsheet.words.said import said

MOST_LISTED: Final = 8
"""Names of a reader's things that are told to who named another."""

_JOINERS: Final = str.maketrans("", "", "\u200c\u200d")
"""What shapes the letters beside it, in Persian and Indic scripts, or makes one of several emoji."""


def folded(name: str) -> str:
    """The name on one line."""
    return " ".join(name.split())


def fitted(name: str, most: int) -> str:
    """What of a name from elsewhere can be shown, on one line, cut short; it may be nothing."""
    return folded("".join(letter for letter in folded(name) if letter.translate(_JOINERS).isprintable()))[:most]


def free(what: str, name: str, most: int, taken: Collection[str]) -> str:
    """`checked`, and no number, as ids are. Raises UsageError for one that is `taken`, in letters of any case."""
    wanted = checked(what, name, most)
    if wanted.isdecimal() or wanted.casefold() in {one.casefold() for one in taken}:
        raise UsageError(
            said("%(what)s %(name)s", what=what, name=wanted), "is taken already, or a number", "choose another name"
        )
    return wanted


def not_there(subject: str, own: Sequence[str], way: str = "") -> NotFound:
    """What is said of a name that none of a reader's things has. `own`: the names that they have; `way`: if none."""
    remedy = said("choose from %(names)s", names=", ".join(own[:MOST_LISTED])) if own else way
    return NotFound(subject, "there is none of that name", remedy)


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
