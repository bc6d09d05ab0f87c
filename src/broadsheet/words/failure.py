"""An error as a sentence that a page says in its reader's language, as far as its parts are in the catalogue."""

from broadsheet.errors import BroadsheetError
from broadsheet.words.said import Said, said


def told(error: BroadsheetError) -> Said:
    """Subject, cause and way out: what was made by `said` or stands in the code as it is, in any language."""
    subject, cause = part(error.subject), part(error.cause)
    if not error.remedy:
        return said("%(subject)s: %(cause)s", subject=subject, cause=cause)
    return said("%(subject)s: %(cause)s; %(remedy)s", subject=subject, cause=cause, remedy=part(error.remedy))


def part(text: str) -> str:
    """One of its parts as a sentence: any text may be a message of the catalogue."""
    return text if isinstance(text, Said) else said(text)
