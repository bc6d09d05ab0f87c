"""Editions: which paper is news on which day, over both databases."""

from datetime import date

import pytest

from broadsheet.store import Store, editions
from broadsheet.store.announced import first_announcements
from broadsheet.types import Announcement, AnnouncementKind
from tests.stores import item, paper, put

D1, D2, D3, D4 = (date(2025, 11, day) for day in (17, 18, 19, 20))


def told(day: date, kind: AnnouncementKind, source: str = "arxiv") -> Announcement:
    return Announcement(source, day, kind)


@pytest.mark.parametrize(
    ("announcements", "first"),
    [
        ([told(D2, "new"), told(D3, "cross"), told(D4, "replace")], [told(D2, "new")]),
        ([told(D2, "cross"), told(D2, "new")], [told(D2, "new")]),
        ([told(D1, "listed"), told(D2, "new")], [told(D2, "new")]),
        ([told(D2, "listed"), told(D1, "listed", "file"), told(D3, "relisted")], [told(D1, "listed", "file")]),
        ([told(D1, "replace"), told(D2, "replace-cross")], []),
        ([told(D1, "relisted")], []),
        (
            [told(D1, "new"), told(D3, "featured", "hf"), told(D2, "featured", "hf")],
            [told(D1, "new"), told(D2, "featured", "hf")],
        ),
        (
            [told(D3, "featured", "hf"), told(D2, "featured", "x")],
            [told(D3, "featured", "hf"), told(D2, "featured", "x")],
        ),
        ([], []),
    ],
)
def test_a_paper_is_news_once(announcements: list[Announcement], first: list[Announcement]) -> None:
    """The first day of a source's list counts; listings, replacements and cross-lists later do not."""
    assert first_announcements(announcements) == frozenset(first)


@pytest.fixture
def week(store: Store) -> Store:
    put(
        store,
        item(paper("x:new", days={D1: "new", D2: "replace"}, categories=("cs.CL", "cs.LG"))),
        item(paper("x:cross", days={D2: "cross"}, categories=("math.ST",))),
        item(paper("x:both", announcements=(told(D1, "new"), told(D2, "featured", "hf")), categories=("cs.CV",))),
        item(paper("x:old", days={D2: "replace"}, categories=("cs.CL",))),
    )
    return store


def test_a_day_has_its_papers(week: Store) -> None:
    """What is new, crossed or featured on the day is in its edition; a replacement is not."""
    with week.reading() as conn:
        found = editions.papers(conn, D2, D2)
        assert [(p.key, a.kind) for _, p, a in found] == [("x:cross", "cross"), ("x:both", "featured")]


def test_a_week_lists_each_paper_once(week: Store) -> None:
    """A paper of several days is listed on its first."""
    with week.reading() as conn:
        found = editions.papers(conn, D1, D4)
        assert [(p.key, a.day, a.kind) for _, p, a in found] == [
            ("x:new", D1, "new"),
            ("x:both", D1, "new"),
            ("x:cross", D2, "cross"),
        ]


def test_an_edition_of_some_categories(week: Store) -> None:
    """Categories choose, an archive stands for all of its own, sources choose too."""
    with week.reading() as conn:
        assert [p.key for _, p, _ in editions.papers(conn, D1, D4, ["cs.LG"])] == ["x:new"]
        assert [p.key for _, p, _ in editions.papers(conn, D1, D4, ["cs"])] == ["x:new", "x:both"]
        assert [p.key for _, p, _ in editions.papers(conn, D1, D4, ["cs"], ["hf"])] == ["x:both"]


def test_days_are_counted(week: Store) -> None:
    """Each day with papers has their number, and their kinds; the last day is known."""
    with week.reading() as conn:
        assert editions.days(conn, D1, D4) == [
            editions.Day(D1, 2, {"new": 2}),
            editions.Day(D2, 2, {"cross": 1, "featured": 1}),
        ]
        assert editions.days(conn, D3, D4) == []
        assert (editions.latest_day(conn), editions.latest_day(conn, D1)) == (D2, D1)
        assert (editions.next_day(conn, D1), editions.next_day(conn, D2)) == (D2, None)


def test_an_empty_library_has_no_day(store: Store) -> None:
    """Without papers there is no last day."""
    with store.reading() as conn:
        assert editions.latest_day(conn) is None
        assert editions.papers(conn, D1, D4) == []
