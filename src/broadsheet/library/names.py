"""Names that readers give to what is theirs: one line, that fits where it is listed."""

from broadsheet.errors import UsageError
from broadsheet.words.said import said


def folded(name: str) -> str:
    """The name on one line."""
    return " ".join(name.split())


def fitted(name: str, most: int) -> str:
    """What of a name from elsewhere can be shown, on one line, cut short; it may be nothing."""
    return folded("".join(letter for letter in folded(name) if letter.isprintable()))[:most]


def checked(what: str, name: str, most: int) -> str:
    """The name on one line. Raises UsageError for none, and one that is too long or cannot be shown."""
    wanted = folded(name)
    if not wanted:
        raise UsageError(what, "has no name", "give it one")
    if len(wanted) > most:
        raise UsageError(what, said("has a name of more than %(most)s letters", most=most), "give it a shorter one")
    if not wanted.isprintable():
        raise UsageError(what, "has a name with characters that cannot be shown", "write it without them")
    return wanted
