"""Where papers come from: one file per service, `formats/` for files. `SOURCES` lists the services."""

from broadsheet.sources import arxiv_feed, arxiv_oai, huggingface
from broadsheet.sources.contract import Ask, Source

__all__ = ["SOURCES", "Ask", "Source"]

SOURCES: dict[str, Source] = {
    source.name: source
    for source in (
        Source(arxiv_feed.NAME, arxiv_feed.GROUP, arxiv_feed.fetch, arxiv_feed.due),
        Source(arxiv_oai.NAME, arxiv_oai.GROUP, arxiv_oai.fetch, arxiv_oai.due),
        Source(huggingface.NAME, huggingface.GROUP, huggingface.fetch, huggingface.due),
    )
}
