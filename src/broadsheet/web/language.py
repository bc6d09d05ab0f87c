"""In which language a visitor reads: as their settings say, else as the browser asks, else as the instance does."""

from functools import lru_cache

from fastapi import Request

from broadsheet.library.access.sessions import Visitor
from broadsheet.web.access import library_of
from broadsheet.web.spoken import words_of_pages
from broadsheet.words.catalogue import Words, best


def words_for(request: Request, who: Visitor) -> Words:
    """The words for who asks for a page."""
    own = getattr(who, "preferences", None)
    chosen = (own.language if own else "") or asked_for(
        request.headers.get("accept-language", ""), library_of(request).settings.language
    )
    return words_of_pages(chosen)


@lru_cache(maxsize=256)
def asked_for(header: str, otherwise: str) -> str:
    """The best known language of an `Accept-Language` header (RFC 9110, 12.5.4)."""
    ranges = [_range(part) for part in header.split(",") if part.strip()]
    wanted = [name for quality, name in sorted(ranges, key=lambda pair: -pair[0]) if quality > 0]
    return best(wanted, otherwise)


def _range(part: str) -> tuple[float, str]:
    name, _, rest = part.partition(";")
    try:
        return float(rest.strip().removeprefix("q=") or 1), name.strip()
    except ValueError:
        return 0.0, name.strip()
