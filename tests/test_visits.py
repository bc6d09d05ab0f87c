"""What is new to a reader since their last visit, on the page of an edition and in what is kept."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import orjson
import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.library.editions.visits import GAP, continued, visited
from broadsheet.library.handle import Library
from broadsheet.library.harvest.import_ import import_files
from broadsheet.library.readers import add_reader, find_reader
from broadsheet.sources.formats import personal as lines
from broadsheet.store import personal, readers, visits
from broadsheet.types import Visit
from broadsheet.web.app import create_app
from broadsheet.web.times import spoken
from tests.libraries import library_at
from tests.shell import write_listing
from tests.visitors import signed_in

MORNING = datetime(2026, 11, 19, 8, 14, tzinfo=UTC)
DAY = timedelta(days=1)


class Clock:
    """The time of the library."""

    def __init__(self) -> None:
        self.now = MORNING

    def __call__(self) -> datetime:
        return self.now


def paper(number: int, day: str = "2026-11-19") -> dict[str, object]:
    text = "A bumblebee hears the meadow, and a small network hears the bumblebee."
    return {
        "id": f"2611.{number:05}",
        "title": f"Bees of meadow number {number}",
        "abstract": f"{text} {number}",
        "authors": [f"Mara Feld {number}"],
        "categories": ["cs.SD"],
        "day": day,
    }


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lib(tmp_path: Path, clock: Clock) -> Iterator[Library]:
    """A library with two papers and a reader, in UTC."""
    with library_at(tmp_path / "home", {"timezone": "UTC"}, clock) as made:
        add_reader(made, "ada")
        take(made, tmp_path, paper(1), paper(2))
        yield made


@pytest.fixture
def site(lib: Library) -> TestClient:
    """The reader's browser."""
    return signed_in(lib, "ada")


def take(lib: Library, folder: Path, *papers: dict[str, object]) -> None:
    import_files(lib, [str(write_listing(folder / "more.jsonl", list(papers)))])


@given(st.lists(st.integers(0, 400), min_size=1, max_size=30))
def test_a_visit_goes_on_until_nothing_was_looked_at_for_long(minutes: list[int]) -> None:
    """What is new since stays the same within a visit, and is always the end of the visit before."""
    known, now = None, MORNING
    for pause in minutes:
        now += timedelta(minutes=pause)
        seen = continued(known, now)
        assert seen.latest == now
        if known is not None:
            assert seen.before == (known.latest if timedelta(minutes=pause) > GAP else known.before)
        known = seen


@pytest.mark.slow
def test_what_came_since_the_last_visit_is_marked_until_the_next(
    lib: Library, site: TestClient, clock: Clock, tmp_path: Path
) -> None:
    """The first visit has nothing to compare with; the next tells what came, also when the page is loaded again."""
    assert 'class="news"' not in site.get("/").text
    clock.now += timedelta(hours=2)
    take(lib, tmp_path, paper(3), paper(4, "2026-11-18"))
    clock.now += DAY - timedelta(hours=2)

    for _ in range(2):
        page = site.get("/2026-11-19?sort=new").text
        assert "<b>1 new</b> since yesterday 8:14" in page
        assert page.count('class="fresh"') == 1
        assert '#p-arxiv-2611-00003">to the first</a>' in page
        assert '<a href="/2026-11-18">18 November 2026</a> <small>1</small>' in page
        clock.now += timedelta(hours=1)
    clock.now += DAY
    assert 'class="fresh"' not in site.get("/2026-11-19").text
    assert "<b>" not in site.get("/2026-11-19").text.partition('class="news"')[2].partition("</p>")[0]


@pytest.mark.slow
def test_where_everything_is_new_nothing_is_marked(
    lib: Library, site: TestClient, clock: Clock, tmp_path: Path
) -> None:
    """Of an edition that came whole the sentence says it once."""
    site.get("/")
    clock.now += DAY
    take(lib, tmp_path, paper(5, "2026-11-20"))
    page = site.get("/").text

    assert "All of these are new since yesterday 8:14" in page
    assert 'class="fresh"' not in page


@pytest.mark.slow
def test_nobody_and_another_reader_have_their_own_visits(lib: Library, site: TestClient, clock: Clock) -> None:
    """Who has not signed in gets no such line, and a visit of one reader is none of another."""
    add_reader(lib, "ben")
    site.get("/")
    clock.now += DAY

    assert 'class="news"' not in TestClient(create_app(lib)).get("/").text
    assert visited(lib, find_reader(lib, "ben")) is None
    assert visited(lib, find_reader(lib, "ada")) == MORNING


@pytest.mark.slow
def test_a_page_that_is_fetched_ahead_is_no_visit(lib: Library, site: TestClient, clock: Clock) -> None:
    """A browser that guesses where its reader goes does not end their visit."""
    site.get("/")
    clock.now += DAY
    site.get("/", headers={"Sec-Purpose": "prefetch"})

    with lib.store.reading() as conn:
        seen = visits.get(conn, find_reader(lib, "ada").id)
    assert seen == Visit(None, MORNING)


@pytest.mark.slow
def test_visits_go_along_with_the_reader_and_are_forgotten_with_them(lib: Library) -> None:
    """An export has them, another library takes them where it has none, and deletion leaves nothing."""
    ada = find_reader(lib, "ada")
    seen = Visit(MORNING, MORNING + DAY)
    with lib.store.writing() as conn:
        visits.put(conn, ada.id, seen)
        given = [lines.load(orjson.loads(lines.dump(piece))) for piece in personal.read(conn, ada)]
        readers.remove(conn, ada.id, MORNING)
        assert visits.get(conn, ada.id) is None
        for piece in given:
            personal.write(conn, piece)
        again = readers.named(conn, "ada")
        assert again
        assert visits.get(conn, again.id) == seen


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (MORNING, "today 9:14"),
        (MORNING - DAY, "yesterday 9:14"),
        (MORNING + DAY, "tomorrow 9:14"),
        (MORNING - 3 * DAY, "Monday 9:14"),
        (MORNING - 30 * DAY, "Tuesday, 20 October 2026"),
        (MORNING - timedelta(hours=9), "today 0:14"),
    ],
)
def test_moments_are_told_in_the_readers_zone(at: datetime, told: str) -> None:
    """Days of the last week by their names, older ones by their date."""
    assert spoken(at, MORNING, timezone(timedelta(hours=1))) == told
