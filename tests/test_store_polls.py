"""Polls in both databases: which papers were news and how they were looked at, kept, renewed, joined."""

from datetime import date, timedelta

from msgspec.structs import replace

from broadsheet.store import Store, backup, papers, polls
from broadsheet.store.polls import Due, Looked
from broadsheet.types import Announcement
from tests.stores import NOW, item, paper, put

OLD, DAY, NEXT = date(2025, 6, 1), date(2025, 11, 18), date(2025, 11, 20)
A = paper("arxiv:a", days={DAY: "new", NEXT: "replace"})
B = paper("arxiv:b", days={NEXT: "cross"})
C = paper("arxiv:c", days={OLD: "new"})
D = paper("arxiv:d")


def due(store: Store, first: date = DAY, last: date = NEXT, source: str = "github", hours: int = 0) -> list[Due]:
    with store.reading() as conn:
        return polls.due(conn, source, NOW + timedelta(hours=hours), first, last)


def test_papers_are_due_by_the_day_that_they_were_news(store: Store) -> None:
    """The youngest first, ties by id; replacements are no news, and what was never news is not there."""
    a, b, c, _ = put(store, item(A), item(B), item(C), item(D))
    assert due(store) == [Due(b, NEXT), Due(a, DAY)]
    assert due(store, first=OLD)[-1] == Due(c, OLD)
    assert due(store, last=DAY) == [Due(a, DAY)]


def test_a_look_is_kept_for_its_source_and_renewed(store: Store) -> None:
    """When the next is due, how many rested, and what to know again; another source knows nothing of it."""
    a, b = put(store, item(A), item(B))
    hour = timedelta(hours=1)
    with store.writing() as conn:
        polls.put(conn, "github", [Looked(a, DAY, 2, NOW, {"etag": 'W/"é"'}), Looked(b, NEXT, 1, None, {})])
        polls.put(conn, "github", [Looked(a, DAY, 3, NOW + hour, {"etag": "new"})])
        polls.put(conn, "github", [])
    assert due(store) == []
    assert due(store, hours=1) == [Due(a, DAY, 3)]
    assert due(store, source="openalex") == [Due(b, NEXT), Due(a, DAY)]
    with store.reading() as conn:
        assert polls.memories(conn, "github", [a, b, 99]) == {a: {"etag": "new"}, b: {}}
        assert polls.memories(conn, "openalex", [a, b]) == {}


def test_news_make_a_paper_due_again(store: Store) -> None:
    """A paper that was done with begins anew when it is featured, and no look before counts as rest."""
    (a,) = put(store, item(A))
    with store.writing() as conn:
        polls.put(conn, "github", [Looked(a, DAY, 3, None, {})])
    assert due(store) == []
    featured = replace(A, announcements=(*A.announcements, Announcement("huggingface", NEXT, "featured")))
    put(store, item(featured, "changed"))
    assert due(store) == [Due(a, NEXT, 0)]


def test_looks_at_a_paper_that_was_joined_go_with_it(store: Store) -> None:
    """The survivor keeps its own; nothing is left behind."""
    a, b = put(store, item(A), item(B))
    with store.writing() as conn:
        polls.put(conn, "github", [Looked(a, DAY, 1, None, {}), Looked(b, NEXT, 2, None, {})])
        joined = paper("arxiv:a", "arxiv:b", days={DAY: "new"})
        papers.apply(conn, [item(joined, "merged", ("arxiv:b",), (A, B))], NOW)
    with store.reading() as conn:
        assert polls.memories(conn, "github", [a, b]) == {a: {}}
    assert backup.check(store) == []
