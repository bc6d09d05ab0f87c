"""The order of an edition."""

import random
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.rank.order import Candidate, order
from broadsheet.types import Announcement, Paper

NOW = datetime(2025, 11, 20, 18, tzinfo=UTC)


def candidate(key: str, day: int = 20, votes: int | None = None, comments: int | None = None) -> Candidate:
    """A paper announced on a day of November 2025."""
    paper = Paper(key=key, aliases=(key,), title=key, added=NOW)
    return Candidate(paper, Announcement("arxiv", date(2025, 11, day), "new"), votes, comments)


def keys(candidates: list[Candidate], sort: str) -> list[str]:
    """Keys in ranked order."""
    return [e.key for e in order(candidates, sort)]  # type: ignore[arg-type]


def test_votes_order_by_votes() -> None:
    """More votes come first; a paper without counts comes last."""
    assert keys([candidate("a:1", votes=2), candidate("a:2"), candidate("a:3", votes=9)], "votes") == [
        "a:3",
        "a:1",
        "a:2",
    ]


def test_new_orders_by_day_of_announcement() -> None:
    """The newest announcement comes first."""
    assert keys([candidate("a:1", 18), candidate("a:2", 20), candidate("a:3", 19)], "new") == ["a:2", "a:3", "a:1"]


def test_why_can_be_checked() -> None:
    """The reason names the counts, or the announcement where there are none."""
    entries = order([candidate("a:1", votes=12, comments=3), candidate("a:2")], "votes")

    assert [e.why for e in entries] == ["12 votes and 3 comments, new on 20 November 2025", "new on 20 November 2025"]


@given(
    st.lists(st.tuples(st.integers(1, 20), st.none() | st.integers(0, 3), st.none() | st.integers(0, 3)), max_size=12),
    st.sampled_from(["votes", "new"]),
    st.integers(),
)
def test_the_order_is_total(rows: list[tuple[int, int | None, int | None]], sort: str, seed: int) -> None:
    """The order does not depend on the order in which papers come, and ranks count from one."""
    papers = [candidate(f"a:{i}", *row) for i, row in enumerate(rows)]
    mixed = random.Random(seed).sample(papers, len(papers))

    assert keys(papers, sort) == keys(mixed, sort)
    assert list(range(1, len(rows) + 1)) == [e.rank for e in order(papers, sort)]  # type: ignore[arg-type]
