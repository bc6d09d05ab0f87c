"""The answer of a search, and the token that names its next page."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from zlib import crc32

from msgspec import Struct, field

from broadsheet.types import Hit

_MARK_DIGITS = 8


class SearchResult(Struct, frozen=True):
    """One page of one total order.

    `mode` is the one that was used, and `notes` say why it is not the one that was asked, and how the query was
    read. `total` counts what the query finds, `next` is the token of the page after this one. `facets` maps a field
    to its values and counts. `suggestion` is another spelling where nothing was found.
    """

    query: str
    parsed: str
    mode: str
    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    next: str | None = None
    suggestion: str | None = None
    seconds: float = 0.0


class Ranked(Struct, frozen=True):
    """A place in an order: the paper's id, its score in 0 to 1, what words and meaning gave to it, and its cosine."""

    id: int
    score: float
    lexical: float
    semantic: float
    cosine: float | None = None


def mark_of(*parts: object) -> str:
    """A short name for what an order depends on; other parts, another name."""
    return f"{crc32(repr(parts).encode(errors='surrogatepass')):0{_MARK_DIGITS}x}"


def make_token(offset: int, mark: str) -> str:
    """The token of the page that starts at `offset` of the order `mark`."""
    return urlsafe_b64encode(f"{offset}.{mark}".encode()).decode().rstrip("=")


def read_token(token: str) -> tuple[int, str] | None:
    """Offset and mark of a token, or None where it is none of ours."""
    try:
        text = urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4)).decode()
        offset, _, mark = text.partition(".")
        place = int(offset)
    except ValueError:
        return None
    return (place, mark) if place >= 0 and len(mark) == _MARK_DIGITS else None
