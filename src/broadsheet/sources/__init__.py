"""Where papers come from: one file per service, `formats/` for files. `SOURCES` lists the services."""

from broadsheet.sources import arxiv_feed
from broadsheet.sources.contract import Answer, Ask, Get, Source

__all__ = ["SOURCES", "Answer", "Ask", "Get", "Source"]

SOURCES: dict[str, Source] = {
    source.name: source for source in (Source(arxiv_feed.NAME, arxiv_feed.GROUP, arxiv_feed.fetch, arxiv_feed.due),)
}
