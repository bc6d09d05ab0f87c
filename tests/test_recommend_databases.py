"""Readers' lists in both databases, by the library's own calls."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from broadsheet import config
from broadsheet.library.handle import Library
from broadsheet.library.harvest.import_ import import_files
from broadsheet.library.interest.profiles import Said, add_interest, show_interest
from broadsheet.library.interest.recommend import recommend
from broadsheet.library.interest.recommendation import Ask
from broadsheet.library.joining import merge, split
from broadsheet.library.mark import mark
from tests.shell import write_listing
from tests.topics import rows

NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def lib(url: str, tmp_path: Path) -> Iterator[Library]:
    """A library of papers on three subjects; the clock stands still."""
    settings = config.load({}, home=tmp_path / "home", options={"database": url})
    with Library(settings, lambda: NOW) as opened:
        import_files(opened, [str(write_listing(tmp_path / "papers.jsonl", rows()))])
        yield opened


@pytest.mark.slow
def test_a_readers_day(lib: Library) -> None:
    """An interest lists, what was listed is not new again, a mark teaches, and joined papers are one to the reader."""
    add_interest(lib, "me", "birds", Said(papers=("2511.01000",)))
    first = recommend(lib, Ask("me", limit=5, explore=0.0))
    assert [e.rank for e in first.entries] == [1, 2, 3, 4, 5]
    shown = {e.paper.key for e in first.entries}
    liked, other = (e.paper.key for e in first.entries[:2])
    mark(lib, "me", liked, "up")
    second = recommend(lib, Ask("me", limit=5, explore=0.0))
    assert not shown & {e.paper.key for e in second.entries}
    assert {paper.key for paper, label, seed in show_interest(lib, "me", "birds").examples if not seed} == {liked}

    survivor = merge(lib, liked, "2511.03001")
    assert {p.key for p, _, seed in show_interest(lib, "me", "birds").examples if not seed} == {survivor}
    kept, taken = split(lib, survivor, "2511.03001")
    assert {kept, taken} == {liked, "arxiv:2511.03001"}

    again = recommend(lib, Ask("me", again=True))
    assert [e.paper.key for e in again.entries] == [e.paper.key for e in (*first.entries, *second.entries)]
    assert other in {e.paper.key for e in again.entries}
