"""Search for a reader: the one call behind the shell, the page and every other face."""

from typing import TYPE_CHECKING, Final

from msgspec import Struct, structs

from broadsheet.library.handle import Library
from broadsheet.text import canonical_id
from broadsheet.words.said import said

if TYPE_CHECKING:
    from broadsheet.search.result import SearchResult


LONGEST: Final = 2_000
"""Letters of a query, wherever it is asked; a pasted abstract has fewer."""

_CUT: Final = said("longer than %(most)s letters, the rest is left out", most=LONGEST)


class SearchAsk(Struct, frozen=True):
    """What a reader asks: `after` is the `next` token of the page before and wins over `offset`.

    `sort` is `relevance`, `new` or `votes`.
    """

    query: str
    mode: str = "hybrid"
    limit: int = 10
    offset: int = 0
    after: str | None = None
    sort: str = "relevance"
    facets: bool = False


def search(lib: Library, ask: SearchAsk) -> "SearchResult":
    """Find papers. Never raises for what the query holds; `notes` say how it was read."""
    query = ask.query[:LONGEST]
    sort = _votes(lib, query) if ask.sort == "votes" else ask.sort
    found = lib.engine.search(
        query, mode=ask.mode, limit=ask.limit, offset=ask.offset, token=ask.after, sort=sort, facets=ask.facets
    )
    return found if query == ask.query else structs.replace(found, notes=(*found.notes, _CUT))


def lacking(result: "SearchResult") -> str | None:
    """The arXiv id that a search is for and that no paper of the library has: arXiv can be asked for it."""
    id = result.parsed.removeprefix("id:")
    is_one = id != result.parsed and id.startswith("arxiv:") and canonical_id(id) == id
    return id if is_one and not result.total else None


def _votes(lib: Library, query: str) -> dict[int, int]:
    """Votes of the papers that the words find and that have some, the most first, then the one stored last."""
    from broadsheet.library.editions.attention import VOTES, counts_of
    from broadsheet.store import signals

    with lib.store.reading() as conn:
        there = lib.engine.matching_among(query, signals.voted(conn))
        votes = counts_of(conn, sorted(there))[VOTES]
    return {paper_id: votes[paper_id] for paper_id in sorted(votes, key=lambda i: (-votes[i], -i)) if votes[paper_id]}
