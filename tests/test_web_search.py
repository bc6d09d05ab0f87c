"""The search page: facets that narrow, ways out of an empty list, why a hit was found, pages that stay."""

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from fastapi.testclient import TestClient

from broadsheet.library.readers import add_reader
from broadsheet.types import SEARCH_MODES, SEARCH_SORTS
from broadsheet.web.app import create_app
from broadsheet.web.openapi import ADDRESS
from broadsheet.web.pages import search as pages
from tests.libraries import library_at, sample_at
from tests.replay import Replay
from tests.shell import Shell
from tests.visitors import HERE, csrf_of, signed_in

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The sample edition, found by words alone."""
    home: Path = tmp_path_factory.mktemp("search")
    with sample_at(home) as lib:
        yield TestClient(create_app(lib))


def search(site: TestClient, q: str, path: str = "/search", **more: str) -> str:
    """A page of a search."""
    answer = site.get(path, params={"q": q, **more})
    assert answer.status_code == 200
    return answer.text


def links(page: str, start: str, end: str) -> dict[str, str]:
    """Text and address of the links in a piece of a page."""
    piece = page.partition(start)[2].partition(end)[0]
    found = re.findall(r'<a href="([^"]*)"[^>]*>(.*?)</a>', piece, re.DOTALL)
    return {" ".join(re.sub(r"<[^>]+>", "", text).split()): html.unescape(url) for url, text in found}


def query_of(url: str) -> str:
    return parse_qs(urlsplit(url).query)["q"][0]


def count(page: str) -> int:
    found = re.search(r'id="count">([\d,]+)', page)
    assert found
    return int(found[1].replace(",", ""))


def test_a_facet_narrows_by_its_count_and_can_be_taken_off(site: TestClient) -> None:
    """A facet's link finds as many papers as it says, shows a chip, and the chip leads back."""
    page = search(site, "a* OR s*")
    facets = links(page, '<dl class="facets"', "</dl>")
    text, url = next((text, url) for text, url in facets.items() if text.startswith("cs."))
    name, many = text.split()
    narrowed = site.get(url).text
    chips = links(narrowed, '<ul class="chips"', "</ul>")

    assert count(narrowed) == int(many) < count(page)
    assert f"cat:{name}" in query_of(url)
    assert query_of(chips[f"cat:{name} ×"]) == "a* OR s*"
    assert query_of(links(narrowed, '<dl class="facets"', "</dl>")[f"{name} {many}"]) == "a* OR s*"


@pytest.mark.slow
def test_without_a_query_the_library_can_be_browsed_and_the_help_is_open(site: TestClient) -> None:
    """The empty page tells how to ask in examples that are links, and offers facets of all papers."""
    page = search(site, " ")
    examples = links(page, '<dl class="syntax"', "</dl>")

    assert '<details class="help" open>' in page
    assert len(examples) > 5
    assert all(site.get(url).status_code == 200 for url in examples.values())
    assert any("cat:cs." in query_of(url) for url in links(page, '<dl class="facets"', "</dl>").values())
    assert "<ol" not in page


def test_a_query_that_finds_nothing_leads_on(site: TestClient) -> None:
    """Conditions that can be dropped are offered with what is then found, and only if something is."""
    page = search(site, "bees year:1901 has:code")
    ways = links(page, '<div class="none">', "</div>")

    assert "No paper matches" in page
    assert list(ways.values()) == ["/"]
    page = search(site, "sleep year:1901")
    ways = links(page, '<div class="none">', "</div>")
    assert [query_of(url) for url in ways.values()] == ["sleep"]
    assert count(site.get(ways["without year:1901"]).text) > 0


def test_a_query_without_a_word_offers_no_other_way(site: TestClient) -> None:
    """What seeks nothing finds nothing in any mode."""
    page = site.get("/search", params={"q": "(("}).text

    assert "there is nothing in it to search for" in page.lower()
    assert "These find something" not in page


@pytest.mark.slow
def test_a_misspelled_word_is_spelled(site: TestClient) -> None:
    """Where no paper has a word, the nearest one is a link, also above what was found by meaning."""
    nothing, near = search(site, "slep", mode="keyword"), search(site, "slep memory")

    assert "No paper matches" in nothing
    assert query_of(next(iter(links(nothing, "Did you mean", "</p>").values()))) == "sleep"
    assert count(near) > 0
    assert query_of(next(iter(links(near, "Did you mean", "</p>").values()))) == "sleep memory"


def test_why_is_told_of_each_hit(site: TestClient) -> None:
    """Each hit says which words it has and what each adds."""
    page = search(site, "sleep")

    assert re.search(r"<dt>sleep</dt><dd>\d+\.\d\d</dd>", page)
    assert "<mark>" in page


def test_the_piece_is_what_the_page_holds(site: TestClient) -> None:
    """What a script fetches while a person types is the same as what the page shows without it."""
    page, piece = search(site, "sleep"), search(site, "sleep", "/search/results")

    assert piece.strip()
    assert piece.strip() in page
    assert "<html" not in piece


def test_order_and_mode_stay_when_a_person_searches_on(site: TestClient) -> None:
    """The form carries what was chosen, and links of facets do as well."""
    page = search(site, "s*", mode="keyword", sort="new")

    assert '<input type="hidden" name="mode" value="keyword">' in page
    assert '<input type="hidden" name="sort" value="new">' in page
    for url in links(page, '<dl class="facets"', "</dl>").values():
        assert "mode=keyword" in url
        assert "sort=new" in url


def test_every_way_of_searching_is_on_the_page_in_the_api_and_in_the_shell(site: TestClient, shell: Shell) -> None:
    """Modes and orders are named once; each has its words on the page."""
    taken = site.get(ADDRESS).json()["paths"]["/api/v1/search"]["get"]["parameters"]
    options = {one["name"]: one["schema"] for one in taken}
    page = search(site, "sleep")

    for name, known, told in (("mode", SEARCH_MODES, pages.MODES), ("sort", SEARCH_SORTS, pages.SORTS)):
        assert tuple(options[name]["enum"]) == tuple(told) == known
        assert all(f"{name}={one}" in page or one == options[name]["default"] for one in known)
        assert f"--{name} <{'|'.join(known)}>" in shell("search", "--help").out


def test_a_search_can_be_subscribed_to(site: TestClient) -> None:
    """Programs find the feed of what a search finds, the newest first and the best first."""
    page = search(site, "sleep")
    feeds = [html.unescape(url) for url in re.findall(r'rel="alternate"[^>]*href="(/search\.atom[^"]*)"', page)]

    assert len(feeds) == 2
    assert all(site.get(url).status_code == 200 for url in feeds)


@pytest.mark.parametrize("page", ["2", "9999"])
def test_a_page_behind_the_last_one_leads_back(site: TestClient, page: str) -> None:
    """It says that the list ended, and where it begins."""
    assert "From its beginning" in search(site, "sleep", page=page)


@pytest.mark.parametrize("after", ["nonsense", "MTAuZGVhZGJlZWY"])
def test_a_place_in_another_list_is_told(site: TestClient, after: str) -> None:
    """A place from before the library changed gives a page with a note, never an error."""
    assert 'class="note"' in search(site, "s*", page="2", after=after)


@pytest.mark.slow
def test_hits_are_listed_by_votes_alike_on_page_and_in_the_api(site: TestClient) -> None:
    """The most votes first; pages of any size are cut from one order, facets stay."""
    query = {"q": "a* OR s*", "sort": "votes"}
    whole = site.get("/api/v1/search", params={**query, "limit": 100, "facets": True}).json()
    keys = [hit["key"] for hit in whole["hits"]]
    votes = [hit["why"].get("votes", 0) for hit in whole["hits"]]
    newest = site.get("/api/v1/search", params={**query, "sort": "new", "limit": 100, "facets": True}).json()

    assert votes[0] > votes[-1]
    assert votes == sorted(votes, reverse=True)
    assert (whole["total"], whole["facets"]) == (newest["total"], newest["facets"])
    assert len(set(keys)) == len(keys) == whole["total"]
    cut: list[str] = []
    after: str | None = None
    while len(cut) < len(keys):
        step = site.get("/api/v1/search", params={**query, "limit": 7, **({"after": after} if after else {})}).json()
        cut += [hit["key"] for hit in step["hits"]]
        after = step["next"]
    assert cut == keys
    page = search(site, query["q"], sort="votes")
    shown = [unquote(key) for key in re.findall(r'href="/paper/([^"#]+)"', page)]
    assert list(dict.fromkeys(shown))[:5] == keys[:5]
    assert f"{votes[0]} votes" in page


@pytest.mark.slow
def test_a_paper_that_the_library_lacks_is_asked_of_arxiv(tmp_path: Path, replay: Replay) -> None:
    """An id or address that finds nothing has a button for readers; the paper is there then, or it is told why not."""
    options = {"arxiv.api_url": f"{replay.url}/api/query", "arxiv.min_interval": 0, "net.retries": 0}
    with library_at(tmp_path, options) as lib:
        add_reader(lib, "ada")
        add_reader(lib, "eve")
        nobody, reader = TestClient(create_app(lib), headers=HERE), signed_in(lib, "eve")
        assert "Ask arXiv" not in search(nobody, "2511.11563")
        assert "Ask arXiv" not in search(reader, "bees")
        assert "Ask arXiv for arxiv:2511.11563</button>" in search(reader, "https://arxiv.org/abs/2511.11563v2")

        form = {"csrf": csrf_of(reader), "id": "arxiv:2511.11563"}
        assert nobody.post("/search/ask", data=form).status_code in {401, 403}
        brought = reader.post("/search/ask", data=form)
        assert brought.url.path == "/paper/arxiv:2511.11563"
        assert "LARM" in brought.text

        unknown = reader.post("/search/ask", data=form | {"id": "arxiv:2511.99999"})
        assert unknown.status_code == 404
        assert "arXiv gave no such paper" in unknown.text
        replay.fault("/api/query", "503")
        down = reader.post("/search/ask", data=form | {"id": "arxiv:2511.14159"})
        assert (down.status_code, "answered 503" in down.text) == (404, True)
