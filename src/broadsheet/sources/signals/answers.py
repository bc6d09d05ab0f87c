"""Reading what services answer about papers: JSON that may be anything, and counts that may be missing."""

import json

from broadsheet.errors import FormatError
from broadsheet.words.said import said


def parsed(body: bytes, place: str) -> object:
    """The JSON of an answer. Raises FormatError where it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as e:
        kind = "a web page" if body.lstrip()[:1] == b"<" else "nothing" if not body.strip() else "what is no JSON"
        raise FormatError(place, said("answered %(kind)s", kind=kind), "try again later") from e


def count(owner: object, name: str) -> int | None:
    """The count under this name; None where there is none, which is not zero."""
    value = owner.get(name) if isinstance(owner, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 62 else None
