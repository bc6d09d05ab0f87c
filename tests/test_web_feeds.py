"""Every list in every format over HTTP: the same papers as its page, told cheaply when nothing has changed."""

import gzip
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import count
from pathlib import Path
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

import feedparser
import orjson
import pytest

from broadsheet.library import watch
from broadsheet.library.access.tokens import make_token
from broadsheet.library.handle import Library
from broadsheet.library.listing import ListAsk
from broadsheet.library.readers import find_reader
from broadsheet.library.shelf.mark import mark
from broadsheet.store import papers, signals
from broadsheet.types import Signal
from broadsheet.web.lists import Piece
from tests.libraries import sample_at
from tests.served import Answer, Served, served
from tests.statements import counting
from tests.stores import item, paper
from tests.test_feeds import ATOM, check_atom, check_json, check_rss

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
EXTENSIONS = ("atom", "rss", "json", "bib", "ris")
LISTS = (
    "/newest",
    "/week",
    "/month",
    "/2026-11-20",
    "/2026-W47",
    "/2026-11",
    "/trending",
    "/category/cs.CL",
    "/category/math",
    "/author/Mirela Antonova",
    "/search",
)


@pytest.fixture(scope="module")
def lib(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """The sample edition of 20 November 2026."""
    with sample_at(tmp_path_factory.mktemp("feeds")) as opened:
        yield opened


@pytest.fixture(scope="module")
def site(lib: Library) -> Iterator[Served]:
    """The sample edition, served."""
    with served(lib) as running:
        yield running


@pytest.fixture
def own(tmp_path: Path) -> Iterator[tuple[Library, Served]]:
    """A sample edition that a test may change."""
    with sample_at(tmp_path / "own") as opened, served(opened) as running:
        yield opened, running


def _with_query(path: str, extension: str) -> str:
    return f"{path}.{extension}" + ("?q=the" if path == "/search" else "")


@pytest.mark.parametrize("path", LISTS)
def test_every_list_is_there_in_every_format(site: Served, path: str) -> None:
    """Feeds follow their formats' rules, and all formats hold the same papers in the same order."""
    answers = {extension: site(_with_query(path, extension)) for extension in EXTENSIONS}

    assert {answer.status for answer in answers.values()} == {200}
    atom, rss = check_atom(answers["atom"].body), check_rss(answers["rss"].body)
    doc = check_json(answers["json"].body)
    ids = [one["id"] for one in doc["items"]]
    assert ids
    assert ids == [entry.findtext(ATOM + "id") for entry in atom.iter(ATOM + "entry")]
    assert ids == [entry.findtext("guid") for entry in rss.iter("item")]
    assert answers["bib"].text.count("@") >= len(ids)
    assert answers["ris"].text.count("ER  - ") == len(ids)
    assert not feedparser.parse(answers["atom"].body).bozo


@pytest.mark.parametrize("path", LISTS)
def test_a_feed_names_its_own_address_and_its_page(site: Served, path: str) -> None:
    """`self` is the address that was asked for, and the page that it names is there."""
    asked = _with_query(path, "atom")
    links = {link.get("rel"): link.get("href") for link in ElementTree.fromstring(site(asked).body).iter(ATOM + "link")}
    page = urlsplit(links["alternate"] or "")

    assert ElementTree.fromstring(site(asked).body).find(f"{ATOM}link[@rel='self']").get("href") == (  # type: ignore[union-attr]
        site.address + quote(asked, safe="/:?&=")
    )
    assert _page(site, page.path + (f"?{page.query}" if page.query else "")).status == 200


def _page(site: Served, path: str) -> Answer:
    answer = site(path)
    return site(answer.headers["location"]) if answer.status == 307 else answer


@pytest.mark.slow
def test_a_feed_lists_what_its_page_lists(site: Served) -> None:
    """The order of the page, with the sort, the category and the window that its address names."""
    edition = ("/2026-11", "?sort=votes"), ("/2026-11", "?sort=new&cat=cs.LG"), ("/2026-11", "?sort=trending")
    for path, query in (*edition, ("/trending", "?window=day"), ("/trending", "?window=day&rising=true")):
        shown = re.findall(r'<h2><a href="/paper/([^"]+)"', site(path + query).text)
        listed = [one["_broadsheet"]["key"] for one in orjson.loads(site(f"{path}.json{query}").body)["items"]]

        assert listed == [key.replace("%3A", ":") for key in shown]


@pytest.mark.parametrize(
    ("name", "extension", "size"),
    [("newest", "atom", 500), ("2025-11-19", "json", 500), ("week", "atom", 100), ("2025-W47", "rss", 100)],
)
def test_the_feed_of_a_day_has_the_day(name: str, extension: str, size: int) -> None:
    """As few programs follow `next`, all papers of a day are in one piece; of a week it has those in front."""
    assert Piece.of(extension, 1, None, ListAsk("edition", name)).size == size
    assert Piece.of(extension, 1, 7, ListAsk("edition", name)).size == 7


def test_pieces_of_a_list_join_up(site: Served) -> None:
    """Following `next` from the first piece gives every paper once, and names the way back."""
    whole = [one["id"] for one in orjson.loads(site("/2026-11.json").body)["items"]]
    ids, address = [], f"{site.address}/2026-11.json?limit=7"
    while address:
        answer = site(address.removeprefix(site.address))
        doc = orjson.loads(answer.body)
        ids += [one["id"] for one in doc["items"]]
        address = doc.get("next_url", "")
        assert (f'<{address}>; rel="next"' in answer.headers.get("link", "")) == bool(address)

    assert ids == whole
    assert 'rel="prev"' in answer.headers["link"]


@pytest.mark.slow
def test_pages_say_where_their_feeds_are(site: Served) -> None:
    """Every page names the newest papers' feed in its head, a list its own, and each of these is there."""
    for path in (
        "/",
        "/2026-11-20?sort=new&cat=cs.CL",
        "/search?q=sleep",
        "/paper/demo:0001",
        "/status",
        "/feeds",
        "/no",
    ):
        links = re.findall(r'<link rel="alternate" type="([^"]+)" title="[^"]+" href="([^"]+)"', site(path).text)

        assert ("application/atom+xml", "/newest.atom") in links
        for kind, address in links:
            answer = site(address.replace("&amp;", "&"))
            assert (answer.status, answer.headers["content-type"].partition(";")[0]) == (200, kind)
    assert 'href="/search.rss?q=sleep&amp;mode=hybrid&amp;sort=new"' in site("/search?q=sleep").text


@pytest.mark.slow
def test_the_page_of_feeds_offers_what_is_there(site: Served) -> None:
    """Every address on `/feeds` answers, and the OPML file has all of its feeds."""
    page, outlines = site("/feeds").text, ElementTree.fromstring(site("/feeds.opml").body).iter("outline")
    offered = re.findall(rf'href="{site.address}([^"]+)"', page)
    feeds = [outline.get("xmlUrl") for outline in outlines if outline.get("xmlUrl")]

    assert len(offered) > 20
    assert [path for path in offered if site(path).status not in (200, 307)] == []
    assert len(feeds) > 10
    assert all((address or "").removeprefix(site.address) in offered for address in feeds)


def test_a_paper_is_a_citation(site: Served) -> None:
    """A paper's page with `.bib` or `.ris` is a file with its entry."""
    answer = site("/paper/demo:0001.bib")

    assert answer.text.startswith("@misc{antonova2026read,")
    assert answer.headers["content-disposition"] == 'attachment; filename="demo-0001.bib"'
    assert site("/paper/demo:9999.ris").status == 404


@pytest.mark.parametrize(
    ("path", "status", "word"),
    [
        ("/nope.atom", 404, "/feeds"),
        ("/2026-13.rss", 400, "no date"),
        ("/search.json", 400, "empty"),
        ("/search.atom?q=x&sort=best", 400, "relevance"),
        ("/category/a b.atom", 400, "cs.CL"),
        ("/newest.atom?limit=1001", 400, "limit"),
        ("/newest.atom?page=x", 400, "page"),
        ("/newest.atom?sort=mine", 400, "sort mine"),
        ("/author/" + "a" * 501 + ".atom", 400, "501 letters"),
    ],
)
def test_errors_of_lists_are_one_line(site: Served, path: str, status: int, word: str) -> None:
    """What cannot be is said in a sentence of text, without a page around it."""
    answer = site(path)

    assert answer.status == status
    assert word in answer.text
    assert answer.text.count("\n") == 1
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("query", ['"><script>', "((", "a\u202eb", "%00", "]]>", "cat:cs.CL -x OR"])
def test_any_search_is_a_valid_feed(site: Served, query: str) -> None:
    """Whatever is searched for stands as text in a feed that follows its rules."""
    check_atom(site("/search.atom?q=" + quote(query)).body)
    check_rss(site("/search.rss?sort=new&q=" + quote(query)).body)


# What does not change -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("extension", [*EXTENSIONS, "opml"])
def test_a_copy_that_is_still_good_is_not_sent_again(site: Served, extension: str) -> None:
    """304 without a body for the tag, also weak or among others, and for the date; the tag counts more."""
    path = f"/feeds.{extension}" if extension == "opml" else f"/newest.{extension}"
    full = site(path)
    tag, at = full.headers["etag"], full.headers["last-modified"]

    assert re.fullmatch(r'"[0-9a-f]{24}"', tag)
    for given in (tag, f'W/{tag}, "other"', "*"):
        again = site(path, If_None_Match=given)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
        assert "cache-control" in again.headers
    assert site(path, If_Modified_Since=at).status == 304
    assert site(path, If_Modified_Since=at, If_None_Match='"other"').status == 200
    assert site(path, If_Modified_Since="Mon, 01 Jan 2001 00:00:00 GMT").status == 200
    assert site(path, If_Modified_Since="yesterday").status == 200


def test_a_packed_answer_has_its_own_tag(site: Served) -> None:
    """gzip for those who take it: other bytes, so another tag, and either tag is recognised."""
    plain, packed = site("/week.atom"), site("/week.atom", Accept_Encoding="br, gzip;q=0.8")

    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 2
    assert packed.headers["etag"] != plain.headers["etag"]
    assert packed.headers["vary"] == "Accept-Encoding"
    assert site("/week.atom", If_None_Match=packed.headers["etag"]).status == 304
    assert "content-encoding" not in site("/week.atom", Accept_Encoding="gzip;q=0, identity").headers


def test_an_answer_that_is_remembered_is_the_one_that_was_made(site: Served) -> None:
    """Also in its headers, of which none is named twice."""
    made, remembered = (site("/2026-11.rss?limit=7") for _ in range(2))
    told = [{name: value for name, value in answer.headers.items() if name != "date"} for answer in (made, remembered)]
    assert told[0] == told[1]
    assert told[0]["vary"] == "Accept-Encoding"


def test_head_is_get_without_its_body(site: Served) -> None:
    """Pages, feeds and errors answer HEAD with the headers of GET."""
    for path in ("/newest.atom", "/", "/nope.atom"):
        whole, head = site(path), site(path, "HEAD")

        assert (head.status, head.body) == (whole.status, b"")
        assert {k: v for k, v in head.headers.items() if k != "date"} == {
            k: v for k, v in whole.headers.items() if k != "date"
        }


@pytest.mark.slow
def test_a_hundred_questions_whether_there_is_news_cost_less_than_one_feed(lib: Library, site: Served) -> None:
    """Counted in statements of SQL; no paper is read for any of them."""
    tag = site("/2026-11.atom").headers["etag"]
    with counting(lib) as asked:
        assert {site("/2026-11.atom", If_None_Match=tag).status for _ in range(100)} == {304}
    with counting(lib) as full:
        site("/2026-11.atom?limit=99")

    assert len(asked) < len(full)
    assert not any("doc" in statement for statement in asked)


@pytest.mark.slow
def test_a_closed_instance_gives_nothing_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Feeds are for those who have a token, also while they are remembered, and no proxy may keep them."""
    monkeypatch.setattr(watch, "TICK_NS", 0)  # the token's first use was written a moment ago
    options = {"encoder": "none", "access.anonymous": False}
    with sample_at(tmp_path / "closed", options) as lib:
        token = make_token(lib, find_reader(lib, None), "reader", "read", None)
        with served(lib) as site:
            site("/newest.atom", Authorization=f"Bearer {token}")
            read = site("/newest.atom", Authorization=f"Bearer {token}")
            refused = site("/newest.atom"), site("/newest.atom", If_None_Match=read.headers["etag"])
            told = site("/api/v1/editions")
            again = site("/newest.atom", Authorization=f"Bearer {token}", If_None_Match=read.headers["etag"])

    assert read.headers["cache-control"].startswith("private")
    assert [answer.status for answer in (read, *refused, told, again)] == [200, 401, 401, 401, 304]
    assert orjson.loads(told.body)["error"]["status"] == 401


@pytest.mark.slow
def test_a_change_is_seen_at_once(own: tuple[Library, Served]) -> None:
    """A paper that is added, and a vote, make a new answer; the date of an answer only grows."""
    lib, site = own
    first = site("/2026-11-20.json")
    with lib.store.writing() as conn:
        added = paper("arxiv:2611.00001", days={NOW.date(): "new"})
        new_id = papers.apply(conn, [item(added)], NOW + timedelta(minutes=1))[0]
    second = site("/2026-11-20.json", If_None_Match=first.headers["etag"])
    with lib.store.writing() as conn:
        signals.append(conn, new_id, [Signal("huggingface", "upvotes", NOW + timedelta(minutes=2), 5)])
    third = site("/2026-11-20.json", If_None_Match=second.headers["etag"])

    assert (second.status, third.status) == (200, 200)
    assert len(orjson.loads(second.body)["items"]) == len(orjson.loads(first.body)["items"]) + 1
    assert 5 in [one["_broadsheet"].get("votes") for one in orjson.loads(third.body)["items"]]
    mark(lib, None, "arxiv:2611.00001", "up")
    fourth = site("/2026-11-20.json", If_None_Match=third.headers["etag"])
    mark(lib, None, "arxiv:2611.00001", "save")

    assert fourth.status == 200
    assert site("/2026-11-20.json", If_None_Match=fourth.headers["etag"]).status == 304
    dates = [parsedate_to_datetime(answer.headers["last-modified"]) for answer in (first, second, third, fourth)]
    assert dates == sorted(set(dates))


@pytest.mark.slow
def test_a_change_elsewhere_leaves_a_copy_good(own: tuple[Library, Served]) -> None:
    """A tag is of the bytes: what brings nothing for a list is no news to those who have it."""
    lib, site = own
    tag = site("/2026-11-18.atom").headers["etag"]
    with lib.store.writing() as conn:
        papers.apply(conn, [item(paper("arxiv:2611.00001", days={NOW.date(): "new"}))], NOW)

    assert site("/2026-11-18.atom", If_None_Match=tag).status == 304
    assert site("/2026-11-20.atom", If_None_Match=tag).status == 200


@pytest.mark.slow
def test_the_memory_of_answers_is_bounded(lib: Library) -> None:
    """However many addresses are asked for, what is kept stays within its bytes."""
    from fastapi import Request

    from broadsheet.web.answers import Answers, Content

    answers, numbers = Answers(lib, most_bytes=5_000), count()
    for number in range(50):
        scope = {
            "type": "http",
            "method": "GET",
            "path": f"/{number}",
            "query_string": b"",
            "headers": [],
            "server": ("e", 80),
        }
        answers.answer(Request(scope), lambda: Content(bytes([next(numbers) % 256]) * 900, "text/plain"))

    assert 0 < answers._bytes <= 5_000
    assert len(answers._known) == 5


@pytest.mark.slow
def test_links_are_under_the_public_address(tmp_path: Path) -> None:
    """With `base_url`, feeds name it everywhere, whatever address they were asked at, and ids are made from it."""
    options = {"encoder": "none", "base_url": "https://papers.example.org/daily/"}
    options["feeds.hub"] = "https://hub.example.org/"
    with sample_at(tmp_path / "public", options) as lib, served(lib) as site:
        body = site("/daily/newest.atom").text
        moved = site("/week")

    assert "127.0.0.1" not in body
    assert 'href="https://papers.example.org/daily/newest.atom"' in body
    assert "tag:papers.example.org,2026:demo:0001" in body
    assert '<link rel="hub" href="https://hub.example.org/" />' in body
    assert moved.headers["location"] == "/daily/2026-W47"
