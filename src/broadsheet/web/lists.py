"""Lists and their addresses: which addresses a list has, and its papers as the document of each format."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from fastapi import Request
from starlette.convertors import Convertor, register_url_convertor

from broadsheet import __version__, cite
from broadsheet.feeds import Feed, Item, Site, atom, json_feed, rss
from broadsheet.library.handle import Library
from broadsheet.library.listing import ListAsk, Listing
from broadsheet.rank.spans import span_of
from broadsheet.types import Paper
from broadsheet.web.answers import Content
from broadsheet.web.files import KINDS, to_be_saved

FEEDS: dict[str, tuple[str, Callable[[Feed], bytes]]] = {
    "atom": (atom.TYPE, atom.to_atom),
    "rss": (rss.TYPE, rss.to_rss),
    "json": (json_feed.TYPE, json_feed.to_json_feed),
}
CITATIONS: dict[str, tuple[str, Callable[[Iterable[Paper]], str]]] = {
    "bib": (KINDS["bib"], cite.to_bibtex),
    "ris": (KINDS["ris"], cite.to_ris),
}
IN_A_FEED, OF_A_DAY, IN_A_FILE = 100, 500, 1_000
"""Papers of a document where nothing else is asked for: what a reader's program takes, all of a day as few programs
follow `next`, and what a person wants whole."""


class _Extension(Convertor[str]):
    """One of the formats, in an address."""

    regex = "|".join((*FEEDS, *CITATIONS))

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


class _CitationExtension(_Extension):
    regex = "|".join(CITATIONS)


register_url_convertor("format", _Extension())
register_url_convertor("citation", _CitationExtension())


@dataclass(frozen=True, slots=True)
class Piece:
    """The `number`th piece of a list, of `size` papers, in a format; `limit` is the size if one was asked for, or 0."""

    extension: str
    number: int
    size: int
    limit: int

    @classmethod
    def of(cls, extension: str, number: int, limit: int | None, ask: ListAsk) -> "Piece":
        """The piece of a list that a request means."""
        span = span_of(ask.name) if ask.kind == "edition" else None
        is_of_a_day = span.is_day if span else (ask.kind, ask.name) == ("edition", "newest")
        in_a_feed = OF_A_DAY if is_of_a_day else IN_A_FEED
        return cls(extension, number, limit or (in_a_feed if extension in FEEDS else IN_A_FILE), limit or 0)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a piece of a list is; `hub` distributes it, where there is one."""

    site: Site
    ask: ListAsk
    piece: Piece
    hub: str = ""

    @property
    def page(self) -> str:
        """The page that people read."""
        return self.site.address + path_of(self.ask)

    def document(self, number: int) -> str:
        """The document with the piece of that number."""
        more = {"limit": self.piece.limit, "page": number if number > 1 else 0}
        return self.site.address + path_of(self.ask, self.piece.extension, **more)


def site_of(request: Request, lib: Library) -> Site:
    """This instance as the visitor sees it, or as the setting `base_url` says."""
    return Site.of(str(request.base_url), lib.settings.base_url, __version__)


def path_of(ask: ListAsk, extension: str = "", **more: str | int) -> str:
    """Path and query of a list's page, or of the list in a format. `more` are further parameters; empty ones go."""
    given = {
        "q": ask.name if ask.kind == "search" else "",
        "mode": "" if ask.mode == "hybrid" else ask.mode,
        **({"window": ask.name, "rising": ask.sort and "true"} if ask.kind == "trending" else {"sort": ask.sort}),
        "cat": ask.category,
        **more,
    }
    query = "&".join(f"{key}={_quoted(str(value))}" for key, value in given.items() if value)
    path = {"trending": "/trending", "search": "/search"}.get(ask.kind)
    if path is None:
        path = f"/{_quoted(ask.name)}" if ask.kind == "edition" else f"/{ask.kind}/{_quoted(ask.name)}"
    whole = f"{path}.{extension}" if extension else path
    return f"{whole}?{query}" if query else whole


def _quoted(text: str) -> str:
    return quote(text, safe="", errors="replace")


def document(found: Listing, address: Address, today: datetime) -> Content:
    """A piece of a list in its format. `today` is the time of a feed without papers."""
    number = address.piece.number
    before = address.document(number - 1) if number > 1 else None
    after = address.document(number + 1) if number * address.piece.size < found.total else None
    links = ", ".join(f'<{url}>; rel="{rel}"' for url, rel in ((before, "prev"), (after, "next")) if url)
    headers = {"Link": links} if links else {}
    if address.piece.extension in CITATIONS:
        name = address.ask.name or address.ask.kind
        return citation((one.paper for one in found.papers), address.piece.extension, name, headers)
    kind, write = FEEDS[address.piece.extension]
    feed = Feed(
        site=address.site,
        title=f"{found.title} · Broadsheet",
        description=" ".join(part for part in (found.about, found.note) if part),
        path=path_of(address.ask),
        page=address.page,
        url=address.document(number),
        items=tuple(Item(one.paper, one.votes) for one in found.papers),
        changed=today,
        before=before,
        after=after,
        hub=address.hub or None,
    )
    return Content(write(feed), f"{kind}; charset=utf-8", headers)


def citation(papers: Iterable[Paper], extension: str, name: str, headers: dict[str, str] | None = None) -> Content:
    """Papers as a file to be saved, called by what it holds."""
    kind, write = CITATIONS[extension]
    saved = {**to_be_saved(name, extension), **(headers or {})}
    return Content(write(papers).encode(errors="replace"), f"{kind}; charset=utf-8", saved)
