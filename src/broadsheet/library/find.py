"""Search for a reader: the one call behind the shell, the page and every other face."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from broadsheet.library.handle import Library

if TYPE_CHECKING:
    from broadsheet.search.result import SearchResult


@dataclass(frozen=True, slots=True)
class SearchAsk:
    """What a reader asks: `after` is the `next` token of the page before and wins over `offset`."""

    query: str
    mode: str = "hybrid"
    limit: int = 10
    offset: int = 0
    after: str | None = None
    sort: str = "relevance"
    facets: bool = False


def search(lib: Library, ask: SearchAsk) -> "SearchResult":
    """Find papers. Never raises for what the query holds; `notes` say how it was read."""
    return lib.engine.search(
        ask.query, mode=ask.mode, limit=ask.limit, offset=ask.offset, token=ask.after, sort=ask.sort, facets=ask.facets
    )
