"""Names that readers give to what is theirs: one line, that fits where it is listed."""

from broadsheet.errors import UsageError
from broadsheet.words.said import said


def checked(what: str, name: str, most: int) -> str:
    """The name on one line. Raises UsageError for none, and one that is too long or cannot be shown."""
    folded = " ".join(name.split())
    if not folded:
        raise UsageError(what, "has no name", "give it one")
    if len(folded) > most:
        raise UsageError(what, said("has a name of more than %(most)s letters", most=most), "give it a shorter one")
    if not folded.isprintable():
        raise UsageError(what, "has a name with characters that cannot be shown", "write it without them")
    return folded
