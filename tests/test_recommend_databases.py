"""Readers' lists in both databases, by the library's own calls."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from broadsheet import config
from broadsheet.errors import NotFound
from broadsheet.library.digests.readership import known as known_of
from broadsheet.library.handle import Library
from broadsheet.library.harvest.import_ import import_files
from broadsheet.library.interest.lookup import Lookup
from broadsheet.library.interest.offered import Wish, offered
from broadsheet.library.interest.profiles import add_interest, show_interest
from broadsheet.library.interest.recommend import recommend
from broadsheet.library.interest.recommendation import Ask, Recommended
from broadsheet.library.papers.joining import merge, split
from broadsheet.library.readers import add_reader, find_reader
from broadsheet.library.shelf.mark import mark
from broadsheet.rank.profile import Said
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
    add_interest(lib, "me", "roots", Said(about=("roots",)))
    assert recommend(lib, Ask("me", interest="birds", limit=2, again=True)).entries == again.entries[:2]
    with pytest.raises(NotFound, match="was not shown"):
        recommend(lib, Ask("me", interest="roots", again=True))


@pytest.mark.slow
def test_votes_of_those_who_like_the_same_count(lib: Library) -> None:
    """What two of them voted for moves up and says why; one alone, what is saved, and others' tastes say nothing."""
    add_interest(lib, "me", "birds", Said(papers=("2511.01000", "2511.01001")))
    alone = _likely(lib)
    last = min(alone, key=lambda key: alone[key])
    for name in ("ann", "bob", "cid"):
        add_reader(lib, name)
    for name in ("ann", "bob"):
        mark(lib, name, "2511.01000", "up")
        mark(lib, name, "2511.03000", "save")
    mark(lib, "ann", last, "up")
    mark(lib, "bob", last, "save")
    mark(lib, "cid", last, "up")
    assert _likely(lib) == alone

    mark(lib, "bob", last, "up")

    lifted = next(e for e in _list(lib) if e.paper.key == last)
    assert _likely(lib)[last] > alone[last]
    assert "liked by 2 readers who share 1 of your papers" in lifted.why
    assert [r.what for r in lifted.reasons if r.kind == "readers"] == ["2"]
    assert {key: p for key, p in _likely(lib).items() if key != last} == {k: p for k, p in alone.items() if k != last}


@pytest.mark.slow
def test_lists_for_many_are_those_of_each_alone(lib: Library) -> None:
    """Made at once, each list has the papers and reasons that it would have alone; nobody is their own fellow."""
    for name in ("ann", "bob", "cid"):
        add_reader(lib, name)
        add_interest(lib, name, "birds", Said(papers=("2511.01000",)))
        mark(lib, name, "2511.01000", "up")
        mark(lib, name, "2511.03000", "up")
    readers = [find_reader(lib, name) for name in ("ann", "bob", "cid")]
    days = (date(2025, 11, 14), date(2025, 11, 20))
    known = known_of(lib, readers)
    wishes = [Wish(who, known[who.id].interests, known[who.id].papers, days, 5) for who in readers]

    together = {reader_id: made.told() for reader_id, made in offered(Lookup(lib), wishes).items()}

    alone = {who.id: Ask(who.name, first=days[0], last=days[1], limit=5, preview=True) for who in readers}
    assert together == {reader_id: list(recommend(lib, ask).entries) for reader_id, ask in alone.items()}
    assert all(together.values())


def _list(lib: Library) -> tuple[Recommended, ...]:
    return recommend(lib, Ask("me", limit=10, explore=0.0, diversity=0.0, preview=True)).entries


def _likely(lib: Library) -> dict[str, float]:
    return {e.paper.key: e.probability or 0.0 for e in _list(lib)}
