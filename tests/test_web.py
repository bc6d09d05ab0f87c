"""The local page over real HTTP: the day's list, search, a paper, the status, and errors that help."""

import re
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
import uvicorn
from fastapi.testclient import TestClient

from broadsheet.errors import BroadsheetError
from broadsheet.web.app import create_app
from broadsheet.web.hits import marked
from broadsheet.web.render import with_code
from broadsheet.web.server import configured, listen
from tests.libraries import sample_at

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Page:
    """An answer."""

    status: int
    text: str
    headers: dict[str, str]


class Site:
    """A running page."""

    def __init__(self, address: str) -> None:
        self.address = address

    def __call__(self, path: str) -> Page:
        """Ask for a page."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=20) as answer:
                return Page(answer.status, answer.read().decode(), dict(answer.headers))
        except urllib.error.HTTPError as e:
            with e:
                return Page(e.code, e.read().decode(), dict(e.headers))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The sample edition of 20 November 2026, served."""
    with sample_at(tmp_path_factory.mktemp("web")) as lib, listen("127.0.0.1", 0) as listening:
        server = uvicorn.Server(configured(lib))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        yield Site(f"http://127.0.0.1:{listening.getsockname()[1]}")
        server.should_exit = True
        thread.join()


@pytest.mark.slow
def test_the_front_page_lists_the_newest_edition(site: Site) -> None:
    """The front page has the day's date, its papers and the way to other days."""
    page = site("/")

    assert page.status == 200
    assert "Friday, 20 November 2026" in page.text
    assert page.text.count('class="paper"') > 3
    assert 'href="/2026-11-19"' in page.text


@pytest.mark.parametrize("path", ["/2026-11-20", "/2026-W47", "/2026-11", "/2026-11-20?sort=new", "/2026-11-20?page=9"])
def test_editions_have_addresses(site: Site, path: str) -> None:
    """Days, weeks and months are pages, in any order and at any page number."""
    assert site(path).status == 200


def test_a_category_narrows_the_edition(site: Site) -> None:
    """A tab shows the papers of one category."""
    everything, some = site("/2026-11"), site("/2026-11?cat=cs.CV")

    assert 0 < some.text.count('class="paper"') < everything.text.count('class="paper"')


def test_search_finds_and_marks(site: Site) -> None:
    """A query shows its papers with the words marked, and what it was keeps standing in the box."""
    page = site("/search?q=sleep")

    assert "<mark>" in page.text
    assert 'value="sleep"' in page.text


@pytest.mark.parametrize("query", ['"><script>alert(1)</script>', "'\"&<>", "((((", "a" * 3000, "\u202e", "%00"])
def test_no_query_breaks_or_becomes_markup(site: Site, query: str) -> None:
    """Whatever is typed, the page answers and shows it as text."""
    page = site("/search?q=" + quote(query))

    assert page.status == 200
    assert "<script>" not in page.text
    assert page.text.count("<script") == page.text.count("/static/") - 2  # the stylesheet and the icon


def test_a_paper_has_a_page_under_each_of_its_ids(site: Site) -> None:
    """The page of a paper shows its abstract and facts."""
    page = site("/paper/demo:0006")

    assert page.status == 200
    assert "Invented sample" in page.text


@pytest.mark.parametrize(("path", "status"), [("/nope", 404), ("/paper/arxiv:0000.00000", 404), ("/2026-13", 400)])
def test_errors_help(site: Site, path: str, status: int) -> None:
    """What is not there is said in a sentence, with a way back."""
    page = site(path)

    assert page.status == status
    assert 'href="/"' in page.text
    assert "Traceback" not in page.text


def test_a_paper_that_is_not_there_can_be_searched_for(site: Site) -> None:
    """Its page leads to the search for its id, from where whoever may can ask arXiv for it."""
    page = site("/paper/arxiv:2511.99999")

    assert page.status == 404
    assert 'href="/search?q=arxiv%3A2511.99999"' in page.text
    assert 'href="/search?q=' not in site("/nope").text


@pytest.mark.parametrize("page", ["x", "0", "-1", "99999", "1.5", "", "%00", "<b>"])
@pytest.mark.parametrize("path", ["/?page=", "/2026-11-20?page=", "/search?q=bees&page="])
def test_a_page_number_that_is_none_is_told_on_a_page(site: Site, path: str, page: str) -> None:
    """The page says which part of the address is wrong and why, and leads back."""
    answer = site(path + page)

    assert answer.status == 400
    assert "page=" in answer.text
    assert any(why in answer.text for why in ("is no whole number", "is less than 1;", "is more than 10,000;"))
    assert 'href="/"' in answer.text
    assert "<b>" not in answer.text


def test_every_answer_forbids_inline_scripts_and_other_hosts(site: Site) -> None:
    """Pages, errors and files come with the policy, and no page asks another host for anything."""
    for path in ("/", "/status", "/search?q=x", "/nope", "/static/style.css", "/health"):
        page = site(path)

        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        assert "src=" not in page.text or "//" not in page.text.partition("src=")[2][:10]


def test_the_status_page_tells_runs_and_indexes(site: Site) -> None:
    """The status has the run that filled the library and the state of the word index."""
    page = site("/status")

    assert "demo" in page.text
    assert "words" in page.text


def test_snippets_are_escaped_but_for_their_marks() -> None:
    """Markup in a paper's text stays text."""
    assert str(marked("<b>a</b> <mark>b</mark>")) == "&lt;b&gt;a&lt;/b&gt; <mark>b</mark>"


def test_a_taken_port_is_one_sentence() -> None:
    """Serving where another program listens fails with the address and a way out."""
    with listen("127.0.0.1", 0) as first, pytest.raises(BroadsheetError, match="--port"):
        listen("127.0.0.1", first.getsockname()[1])


@pytest.mark.slow
@pytest.mark.parametrize("asked", ["/papers/2026-11-20", "/2026-11-20"])
def test_below_a_path_every_link_stays_below_it(tmp_path: Path, asked: str) -> None:
    """Behind a proxy under a sub-path, which it may cut off or not, pages answer and their links keep the path."""
    options = {"encoder": "none", "base_url": "https://example.org/papers/"}
    with sample_at(tmp_path, options) as lib:
        page = TestClient(create_app(lib)).get(asked)

    links = set(re.findall(r'(?:href|action)="(/[^"]*)"', page.text))
    assert page.status_code == 200
    assert len(links) > 10
    assert [link for link in links if not link.startswith("/papers/")] == []


@pytest.mark.parametrize("view", ["cards", "compact", "titles"])
def test_a_view_holds_until_another_is_chosen(site: Site, view: str) -> None:
    """How dense the list is comes from the address, and from then on from the browser's memory."""
    chosen = site(f"/2026-11?view={view}")

    assert f'class="papers {view}"' in chosen.text
    assert f"view={view}" in chosen.headers["set-cookie"]


@pytest.mark.slow
def test_what_trends_shows_the_parts_of_each_score(site: Site) -> None:
    """The page has windows and fields, and of each paper the summands that its place comes from."""
    page = site("/trending?window=month")

    assert page.status == 200
    assert page.text.count('class="paper"') > 3
    assert "<summary>score " in page.text
    assert site("/trending?window=month&cat=cs.CV").text.count('class="paper"') < page.text.count('class="paper"')
    assert site("/trending?rising=true&window=nonsense").status == 200


def test_a_command_in_a_sentence_is_code() -> None:
    """What stands between backticks is set apart, and nothing of it is HTML of its own."""
    assert with_code("`<b>` & `up`") == "<code>&lt;b&gt;</code> &amp; <code>up</code>"
    assert with_code("<b>") == "<b>"  # nothing to do: the template escapes it


def test_the_page_that_one_is_on_is_marked_among_the_places(site: Site) -> None:
    """Whatever list of a place is chosen, its link at the head says that one is there, and no other does."""
    page = site("/trending?window=month").text
    assert re.findall(r'<a href="([^"]*)" aria-current="page"', page) == ["/trending"]


def test_an_error_ends_as_sentences_do(site: Site) -> None:
    """What went wrong is told by a whole sentence."""
    assert "begin at the newest edition.</p>" in site("/no-such-page").text


def test_the_status_page_names_the_newest_edition_as_people_do(site: Site) -> None:
    """The day of the newest edition is told in words."""
    assert '<a href="/2026-11-20">20 November 2026</a>' in site("/status").text
