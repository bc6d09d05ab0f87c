"""The page of an edition: orders, density, categories, and what it says where there are no papers."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

import pytest
from fastapi.testclient import TestClient

from broadsheet.library.editions.emptiness import why_empty
from broadsheet.library.handle import Library
from broadsheet.library.harvest.import_ import import_files
from broadsheet.library.interest.profiles import add_interest
from broadsheet.library.readers import add_reader, find_reader, preferences_of
from broadsheet.library.shelf.mark import mark
from broadsheet.rank.profile import Said
from broadsheet.rank.spans import span_of
from broadsheet.web.app import create_app
from tests.libraries import library_at, sample_at
from tests.shell import write_listing
from tests.stocked import BEES, TIDES
from tests.visitors import csrf_of, signed_in

FRIDAY = datetime(2026, 11, 20, 9, tzinfo=UTC)


class Clock:
    """The time of the library."""

    def __init__(self) -> None:
        self.now = FRIDAY

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lib(tmp_path: Path, clock: Clock) -> Iterator[Library]:
    """A library with two papers and an admin."""
    with library_at(tmp_path / "home", {"timezone": "UTC"}, clock) as made:
        add_reader(made, "ada")
        import_files(made, [str(write_listing(tmp_path / "papers.jsonl", [{**BEES, "day": "2026-11-20"}, TIDES]))])
        yield made


@pytest.fixture
def stranger(lib: Library) -> TestClient:
    return TestClient(create_app(lib), headers={"Origin": "http://testserver"})


@pytest.fixture
def site(lib: Library) -> TestClient:
    """The admin's browser."""
    return signed_in(lib, "ada")


def notes(page: str) -> str:
    """The text of a page's notes."""
    found = re.findall(r'<p class="note">(.*?)</p>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", "", " ".join(found)).split())


@pytest.mark.slow
def test_a_readers_density_is_kept_with_the_reader(lib: Library, site: TestClient) -> None:
    """A button keeps it for all browsers and editions, and leads back to the list as it was."""
    page = site.get("/2026-11-20?sort=new").text
    form = re.search(r'<form class="views".*?</form>', page, re.DOTALL)
    assert form
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[0].partition("<button")[0]))
    answer = site.post("/view", data={**fields, "view": "titles"})

    assert str(answer.url).endswith("/2026-11-20?sort=new")
    assert 'class="papers titles"' in answer.text
    assert 'class="papers titles"' in site.get("/2026-11").text
    assert preferences_of(lib, find_reader(lib, "ada")).view == "titles"
    assert site.post("/view", data={**fields, "view": "tapestry"}).status_code == 400
    assert site.post("/view", data={"view": "cards"}).status_code == 403


@pytest.mark.slow
def test_editions_open_in_the_order_that_a_reader_keeps(tmp_path: Path) -> None:
    """A button keeps the order that the address asks for; the page tells it, and strangers and feeds see none of it."""
    with sample_at(tmp_path) as lib:
        add_reader(lib, "ada")
        site, stranger = signed_in(lib, "ada"), TestClient(create_app(lib))
        before = [stranger.get(path).text for path in ("/", "/2026-11", "/newest.atom")]
        trending, page = site.get("/2026-11").text, site.get("/2026-11?sort=new").text
        kept = site.post("/view", data={"csrf": csrf_of(site), "sort": "new", "back": "/2026-11"}).text
        asked = site.get("/2026-11?sort=trending").text
        after = [stranger.get(path).text for path in ("/", "/2026-11", "/newest.atom")]
        wrong = site.post("/view", data={"csrf": csrf_of(site), "sort": "by colour"})
        others = stranger.get("/2026-11?sort=new").text

    assert _first(page) != _first(trending) == _first(before[1])
    assert "Open editions in this order from now on" in page
    assert "Open editions in this order" not in trending + kept + others
    assert _first(kept) == _first(page)
    assert "In your order: newest first." in kept
    assert "In your order" not in asked
    assert _first(asked) == _first(trending)
    assert after == before
    assert wrong.status_code == 400


def _first(page: str) -> str:
    found = re.search(r'class="paper[^"]*" id="([^"]+)"', page)
    assert found
    return found[1]


@pytest.mark.slow
def test_mine_is_told_to_who_has_not_signed_in(stranger: TestClient) -> None:
    """Without a reader there is no such order: the page says so and shows what is trending."""
    page = stranger.get("/2026-11-20?sort=mine")

    assert page.status_code == 200
    assert "Sign in" in notes(page.text)
    assert page.text.count('class="paper"') == 1


@pytest.mark.slow
def test_mine_is_honest_about_a_reader_of_whom_nothing_is_known(site: TestClient) -> None:
    """It says that the order is that of all, and leads to interests."""
    page = site.get("/2026-11?sort=mine").text

    assert "No mark and no interest says yet what comes first" in notes(page)
    assert 'href="/interests">Your interests' in page


@pytest.mark.slow
def test_mine_is_the_order_of_the_readers_interests(tmp_path: Path) -> None:
    """The paper that an interest likes comes first, with its name and how likely it is."""
    with sample_at(tmp_path, now=lambda: FRIDAY) as lib:
        add_reader(lib, "ada")
        add_interest(lib, "ada", "sleep", Said(about=("sleep",), papers=("demo:0006",)))
        page = signed_in(lib, "ada").get("/2026-11?sort=mine").text

    assert "No mark and no interest" not in page
    assert re.search(r'class="why">sleep \d+%', page)


@pytest.mark.slow
def test_feeds_of_mine_are_those_of_all(site: TestClient) -> None:
    """A feed has no reader, so that its links never ask for one's order."""
    page = site.get("/2026-11-20?sort=mine").text
    feed = re.search(r'href="(/2026-11-20\.atom[^"]*)"', page)

    assert feed
    assert "mine" not in feed[1]
    assert site.get(feed[1].replace("&amp;", "&")).status_code == 200


@pytest.mark.slow
def test_an_empty_day_says_why_and_what_next(site: TestClient, clock: Clock) -> None:
    """A weekend, the future and a day before the library each have their reason, and lead to what there is."""
    clock.now = datetime(2026, 11, 21, 9, tzinfo=UTC)
    weekend, future, past = (notes(site.get(f"/{day}").text) for day in ("2026-11-21", "2026-11-25", "2026-10-01"))

    assert "Saturday" in weekend
    assert "due Monday 5:30" in weekend
    assert "Nearest: 2026-11-20" in weekend
    assert "has not come yet" in future
    assert "due Wednesday 5:30" in future
    assert "No source gave papers for this time." in past
    assert "due" not in past


@pytest.mark.slow
def test_the_front_page_says_why_today_is_not_there(site: TestClient, clock: Clock) -> None:
    """It shows the newest edition, and why that is an older one; where it is today's there is nothing to say."""
    assert "Today there is nothing" not in site.get("/").text
    clock.now = datetime(2026, 11, 21, 9, tzinfo=UTC)
    page = site.get("/").text

    assert "Friday, 20 November 2026" in page
    assert "Today there is nothing yet. arXiv announced nothing: a Saturday" in notes(page)
    assert "Today there is nothing" not in site.get("/2026-11-20").text


@pytest.mark.slow
def test_who_may_pull_is_shown_where(lib: Library, site: TestClient, stranger: TestClient) -> None:
    """After a harvest that failed an admin gets the way to another one, and all get what happened."""
    from broadsheet.store import runs

    with lib.store.writing() as conn:
        run_id = runs.start(conn, "arxiv", FRIDAY, {})
        runs.finish(conn, run_id, runs.Outcome(state="failed", error="arXiv does not answer"), FRIDAY)
    own, others = (browser.get("/2026-11-19") for browser in (site, stranger))

    assert "arXiv does not answer" in notes(own.text)
    assert 'href="/admin">Pull now' in own.text
    assert 'href="/status"' in others.text
    assert 'href="/admin"' not in others.text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "now", "due"),
    [
        ("2026-11-20", "2026-11-20T03:00", "2026-11-20T05:30"),  # this morning's is to come
        ("2026-11-20", "2026-11-20T09:00", "2026-11-23T05:30"),  # it is over: the next is Monday's
        ("2026-11-28", "2026-11-26T09:00", "2026-11-30T05:30"),  # after Thanksgiving and a weekend
        ("2026-11", "2026-12-02T09:00", None),
    ],
)
def test_when_papers_are_due(lib: Library, name: str, now: str, due: str | None) -> None:
    """It is the first announcement to come that may be of these days; of days that are over there is none."""
    span = span_of(name)
    assert span
    told = why_empty(lib, span, datetime.fromisoformat(now).replace(tzinfo=UTC)).due

    assert told == (datetime.fromisoformat(due).replace(tzinfo=UTC) if due else None)


@pytest.mark.slow
def test_days_before_arxiv_have_no_holidays(lib: Library) -> None:
    """Of a time before it began that is said, and not which evening was free."""
    span = span_of("1990-01-01")
    assert span
    told = why_empty(lib, span, datetime(2026, 11, 20, tzinfo=UTC))

    assert (told.state, "arXiv began in August 1991" in told.note) == ("empty", True)


@pytest.mark.slow
def test_a_category_without_papers_leads_to_all(site: TestClient) -> None:
    """The note names what there is, and a link shows it."""
    page = site.get("/2026-11-20?cat=math.AG").text

    assert "None of its 1 papers" in notes(page)
    assert 'href="/2026-11-20?sort=trending">All its papers' in page


@pytest.mark.slow
def test_one_goes_on_in_the_order_that_was_seen(tmp_path: Path) -> None:
    """From an edition in one's own order a paper's page leads to those beside it there, votes on the way or not."""
    with sample_at(tmp_path, now=lambda: FRIDAY) as lib:
        add_reader(lib, "ada")
        add_interest(lib, "ada", "sleep", Said(about=("sleep",), papers=("demo:0006",)))
        site = signed_in(lib, "ada")
        page = site.get("/2026-11?sort=mine").text
        listed = re.findall(r'<h2><a href="(/paper/[^"]+)"', page)
        trending = re.findall(r'<h2><a href="(/paper/[^"]+)"', site.get("/2026-11").text)
        walked = [listed[0]]
        while found := re.search(r'rel="next" href="([^"]+)"', site.get(walked[-1]).text):
            walked.append(found[1])
            mark(lib, "ada", unquote(found[1].partition("?")[0].removeprefix("/paper/")), "up")
        first = site.get(walked[1]).text
        unknown = site.get(listed[0].partition("?")[0] + "?within=nonsense.mine").text
        others = signed_in(lib, add_reader(lib, "bo").name).get(walked[1]).text

    assert walked == listed
    assert [address.partition("?")[0] for address in listed] != trending
    assert f'2 of {len(listed)} in your order of <a href="/2026-11?sort=mine">2026-11</a>' in first
    assert 'within=2026-11.mine"' in others
    assert "in your order" not in unknown
    with library_at(tmp_path, now=lambda: FRIDAY) as lib, library_at(tmp_path, now=lambda: FRIDAY) as other:
        servers = signed_in(lib, "ada"), signed_in(other, "ada")  # of two processes, both started after the marks
        pages = [servers[at % 2].get(address).text for at, address in enumerate(listed[:-1])]
        assert [next(iter(re.findall(r'rel="next" href="([^"]+)"', page)), None) for page in pages] == listed[1:]
        now_listed = re.findall(r'<h2><a href="(/paper/[^"]+)"', servers[1].get("/2026-11?sort=mine").text)
        assert now_listed != listed
        assert f'rel="next" href="{now_listed[1]}"' in servers[0].get(now_listed[0]).text
