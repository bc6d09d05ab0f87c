"""The page of a paper: versions, counts as charts, citations, the reader's note, and the way through the edition."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from markupsafe import Markup
from msgspec.structs import replace

from broadsheet import prose
from broadsheet.library.access import tickets
from broadsheet.library.handle import Library
from broadsheet.library.readers import find_owner
from broadsheet.store import papers, signals
from broadsheet.types import Author, Earlier, Intent, Link, Signal, Version
from broadsheet.web.app import create_app
from broadsheet.web.chart import MOST_POINTS, charts
from broadsheet.web.links import by_kind, licence_name
from tests.libraries import sample_at

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
KEY = "demo:0006"


@pytest.fixture
def lib(tmp_path: Path) -> Iterator[Library]:
    """The sample edition, one of its papers with three versions and a licence."""
    with sample_at(tmp_path) as made:
        with made.store.writing() as conn:
            paper = papers.get(conn, [KEY])[KEY]
            versions = tuple(Version(n, NOW - timedelta(days=9 - n)) for n in (1, 2, 3))
            after = replace(paper, versions=versions, licence="http://creativecommons.org/licenses/by/4.0/")
            before = Earlier(KEY, 2, NOW, paper.title, "Formerly " + paper.abstract)
            intent = Intent("changed", after, (after,), "test")
            papers.apply(conn, [papers.stored(intent, None, earlier=(before,))], NOW)
        yield made


@pytest.fixture
def site(lib: Library) -> TestClient:
    """A browser whose owner has signed in."""
    browser = TestClient(create_app(lib), headers={"Origin": "http://testserver"}, client=("127.0.0.1", 50_000))
    browser.get("/enter/" + tickets.owner_link(lib, find_owner(lib)))
    return browser


@pytest.mark.slow
def test_versions_tell_what_they_changed_and_what_is_not_held(site: TestClient) -> None:
    """The last version shows the word that went; of the second nothing older is held; the first is the first."""
    page = site.get(f"/paper/{KEY}").text

    assert "<del>Formerly</del>" in page
    assert "the text before it was never seen" in page
    assert "the first" in page


@pytest.mark.slow
def test_every_style_and_format_can_be_copied_without_script(site: TestClient) -> None:
    """Five styles and three files are text of the page, each under a name that its button copies."""
    page = site.get(f"/paper/{KEY}").text
    copied = set(re.findall(r'data-copy="([^"]+)"', page))

    assert len(copied) == 8
    assert all(f'id="{name}"' in page for name in copied)


@pytest.mark.slow
def test_sources_have_the_names_that_people_know(lib: Library, site: TestClient) -> None:
    """Both ways to ask arXiv are one source, called as it calls itself; one without a name here keeps its own."""
    with lib.store.writing() as conn:
        paper = replace(papers.get(conn, [KEY])[KEY], sources=("arxiv", "arxiv-oai", "huggingface", "elsewhere"))
        papers.apply(conn, [papers.stored(Intent("changed", paper, (paper,), "test"), None)], NOW)

    assert "<dd>arXiv, Hugging Face, elsewhere</dd>" in site.get(f"/paper/{KEY}").text


@pytest.mark.slow
def test_counts_are_a_chart_and_a_table(lib: Library, site: TestClient) -> None:
    """What moved is drawn without inline style, and stands in a table as well."""
    with lib.store.writing() as conn:
        paper_id = papers.ids(conn, [KEY])[KEY]
        told = [Signal("github", "github_stars", NOW - timedelta(hours=h), 1_200 - h) for h in (9, 5, 1)]
        signals.append(conn, paper_id, told)
    page = site.get(f"/paper/{KEY}").text

    assert 'aria-label="Stars, GitHub: from 1,191' in page
    assert '<td class="number">1,195</td>' in page
    assert "style=" not in page


def test_a_count_that_never_moved_is_no_chart() -> None:
    """One that was the same at each look is told as a number alone."""
    level = [Signal("level", "upvotes", NOW + timedelta(days=d), 7) for d in (1, 2)]
    looks = [*level, *(Signal("moving", "upvotes", NOW + timedelta(days=d), d) for d in (1, 2))]
    assert [chart.signal.source for chart in charts(looks)] == ["moving"]


def test_a_long_series_is_thinned_evenly() -> None:
    """A line has no more points than can be told apart, and keeps both its ends."""
    (chart,) = charts([Signal("hf", "upvotes", NOW + timedelta(hours=h), h) for h in range(1_000)])

    assert len(chart.points) == MOST_POINTS
    assert (chart.points[0][1], chart.points[-1][1]) == (0, 999)


@pytest.mark.slow
def test_a_note_is_markdown_and_can_be_changed_and_deleted(site: TestClient, lib: Library) -> None:
    """What is written is shown made up, is in the box again, and goes with a button."""
    page = site.get(f"/paper/{KEY}").text
    section = page.partition('class="own-note"')[2]
    form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', section.partition("</form>")[0]))
    page = site.post("/mark", data={**form, "note": "Look **here** <script>"}).text
    assert "Look <strong>here</strong> &lt;script&gt;" in page
    assert "Look **here** &lt;script&gt;</textarea>" in page

    page = site.post("/mark", data={**form, "say": f"-note {KEY}"}).text
    assert "<strong>here</strong>" not in page


@pytest.mark.slow
def test_a_note_is_nobody_elses(site: TestClient, lib: Library) -> None:
    """Who has not signed in sees neither the note nor a box for one."""
    form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', site.get(f"/paper/{KEY}").text))
    site.post("/mark", data={**form, "say": f"note {KEY}", "note": "my secret"})

    page = TestClient(create_app(lib)).get(f"/paper/{KEY}").text
    assert "my secret" not in page
    assert "own-note" not in page


@pytest.mark.slow
def test_a_reader_goes_through_the_edition_paper_by_paper(site: TestClient) -> None:
    """Next leads through all papers in the order that the edition was seen in, and previous back."""
    listed = re.findall(r'<h2><a href="(/paper/[^"]+)"', site.get("/2026-11-20").text)
    page = site.get(listed[0]).text
    went = [listed[0]]
    while found := re.search(r'<a rel="next" href="([^"]+)"', page):
        page = site.get(found[1]).text
        went.append(found[1])

    assert went == listed
    assert f'<a rel="prev" href="{listed[-2]}"' in page


def test_links_say_where_they_lead_and_lead_to_the_web_only() -> None:
    """Two repositories can be told apart; an address of another kind is no link."""
    links = [Link("code", "https://github.com/a/b/tree/x"), Link("other", "javascript:alert(1)")]

    ((name, (place,)),) = by_kind(links)
    assert (name, place.where) == ("Code", "github.com/a/b")


@pytest.mark.parametrize(
    ("licence", "name"),
    [
        ("http://creativecommons.org/licenses/by-nc-sa/4.0/", "CC BY-NC-SA 4.0"),
        ("http://creativecommons.org/publicdomain/zero/1.0/", "CC0 1.0"),
        ("Own terms", "Own terms"),
    ],
)
def test_licences_have_names(licence: str, name: str) -> None:
    """What everybody knows by a short name has it."""
    assert licence_name(licence) == name


@pytest.mark.parametrize(
    ("text", "never"),
    [
        ("<img src=x onerror=alert(1)>", "<img"),
        ("[x](javascript:alert(1))", "href"),
        ("[x](data:text/html,hi)", "href"),
        ("![x](https://example.org/x.png)", "<img"),
        ("# Loud", "<h1"),
        ("`<b>`", "<b>"),
    ],
)
def test_prose_is_safe(text: str, never: str) -> None:
    """No HTML, pictures, headings or addresses other than the web's come out of what readers write."""
    assert never not in prose.to_html(text)


def test_prose_links_those_who_are_mentioned() -> None:
    """A known name after an `@` is a link, but not in code, in an address or in a link."""
    text = "@ada, not a@ada.org or `@ada` or [@ada](https://example.org); @nobody. @Ada"

    assert prose.mentioned(text) == ("ada", "nobody")
    assert prose.to_html(text, {"ada": "/by/ada"}).count('href="/by/ada"') == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("as $a_1 * b_2$ *is*", "<p>as <i>a_1 * b_2</i> <em>is</em></p>"),
        ("$5 and $6", "<p>$5 and $6</p>"),
        ("`$x$`", "<p><code>$x$</code></p>"),
        ("\ue0000\ue001 $x$", "<p>0 <i>x</i></p>"),
    ],
)
def test_formulas_in_prose(text: str, said: str) -> None:
    """TeX between dollars is handed out as it is; money, code and forged marks are none."""
    assert prose.to_html(text, formula=lambda tex: Markup("<i>{}</i>").format(tex)).strip() == said


def test_a_formula_without_a_maker_is_text() -> None:
    """It stays as it was written, and safe."""
    assert prose.to_html("$<b>$").strip() == "<p>$&lt;b&gt;$</p>"


def test_after_twenty_authors_the_others_are_unfolded(site: TestClient, lib: Library) -> None:
    """A paper of a hundred authors names twenty and counts the others, each of whom is a link all the same."""
    with lib.store.writing() as conn:
        paper = papers.get(conn, [KEY])[KEY]
        after = replace(paper, authors=tuple(Author(f"Person {n}") for n in range(100)))
        papers.apply(conn, [papers.stored(Intent("changed", after, (after,), "test"), None)], NOW)

    page = site.get(f"/paper/{KEY}").text
    named, _, others = page.partition("<details><summary>and 80 more</summary>")
    assert named.count(">Person ") == 20
    assert others.count(">Person ") >= 80


def test_the_edition_of_a_paper_is_named_as_people_name_a_day(site: TestClient) -> None:
    """Between its neighbours a paper says how many there are on which day, in words."""
    beside = site.get(f"/paper/{KEY}").text.partition('<nav class="beside"')[2].partition("</nav>")[0]
    assert re.search(r'href="/\d{4}-\d\d-\d\d">\d+ [A-Z][a-z]+ \d{4}</a>', beside)
