"""Feeds of what is a reader's own, by the same rules as all others; and the way to feeds from every page."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import feedparser
import pytest
from fastapi.testclient import TestClient

from broadsheet.library.handle import Library
from broadsheet.library.interest.feed import set_feed
from broadsheet.library.interest.profiles import add_interest
from broadsheet.library.readers import find_owner
from broadsheet.library.shelf import collections, saved
from broadsheet.library.shelf.mark import mark
from broadsheet.rank.profile import Said
from broadsheet.web.app import create_app
from tests.libraries import sample_at
from tests.test_feeds import ATOM, check_atom, check_json, check_rss
from tests.visitors import signed_in

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
PUBLIC = ("/2026-11-20", "/trending", "/category/cs.LG", "/search?q=learning")
VALIDATE = """
ARGV.each do |name|
  RSS::Parser.parse(File.read(name), validate: true, ignore_unknown_element: name.end_with?("rss"))
rescue RSS::Error => e
  puts "#{File.basename(name)}: #{e.message}"
end
"""
PAGES = 20
"""Kinds of pages that the walk must have found: fewer would mean that it got nowhere."""


@pytest.fixture(scope="module")
def lib(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """The sample edition, whose owner has an interest, a search and a collection, all with feeds."""
    home: Path = tmp_path_factory.mktemp("feeds")
    options = {"encoder": "none", "base_url": "http://testserver"}
    with sample_at(home, options) as opened:
        owner = find_owner(opened).name
        add_interest(opened, owner, "Sleep", Said(about=("sleep and memory",)))
        mark(opened, owner, "demo:0001", "up")
        saved.save(opened, owner, "Learning", "learning")
        collections.make(opened, owner, "Reading group", "", ["demo:0001", "demo:0004"])
        yield opened


@pytest.fixture(scope="module")
def browser(lib: Library) -> TestClient:
    """The owner's."""
    return signed_in(lib, find_owner(lib).name)


def _own(lib: Library) -> list[str]:
    """The addresses of the owner's feeds, without their ending."""
    owner = find_owner(lib).name
    interest = set_feed(lib, owner, "Sleep", on=True)
    search = saved.feed(lib, owner, "Learning", on=True)
    shared = collections.share(lib, owner, "Reading group", "link")
    assert interest
    assert shared.link
    return [urlsplit(interest).path.removesuffix(".atom"), f"/feed/{search.secret}", urlsplit(shared.link).path]


def test_own_feeds_follow_the_rules_in_every_format(lib: Library, browser: TestClient) -> None:
    """Interest, saved search and collection: valid, the same papers in each, read back by another program; in OPML."""
    addresses = _own(lib)
    for address in addresses:
        answers = {extension: browser.get(f"{address}.{extension}") for extension in ("atom", "rss", "json")}
        atom, doc = check_atom(answers["atom"].content), check_json(answers["json"].content)
        check_rss(answers["rss"].content)
        ids = [one["id"] for one in doc["items"]]
        assert ids
        assert ids == [entry.findtext(ATOM + "id") for entry in atom.iter(ATOM + "entry")]
        for extension in ("atom", "rss"):
            read = feedparser.parse(answers[extension].content)
            assert (read.bozo, [entry.id for entry in read.entries]) == (False, ids)
        for answer in answers.values():
            again = browser.get(answer.url.path, headers={"If-None-Match": answer.headers["etag"]})
            assert (again.status_code, again.content) == (304, b"")

    outlines = ElementTree.fromstring(browser.get("/feeds/mine.opml").content).iter("outline")
    listed = {urlsplit(url).path for outline in outlines if (url := outline.get("xmlUrl"))}
    assert {f"{address}.atom" for address in addresses} <= listed


def test_a_validator_in_another_language_finds_nothing(lib: Library, browser: TestClient, tmp_path: Path) -> None:
    """Ruby's library knows which elements RSS 2.0 and Atom want, allow, and how often; and it knows a bad feed."""
    if shutil.which("ruby") is None:
        pytest.skip("ruby is not installed")
    files = []
    for number, address in enumerate([*_own(lib), *PUBLIC]):
        for extension in ("atom", "rss"):
            path, _, query = address.partition("?")
            answer = browser.get(f"{path}.{extension}?{query}")
            assert answer.status_code == 200, address
            files.append(tmp_path / f"{number}.{extension}")
            files[-1].write_bytes(answer.content)
    assert _by_ruby(files) == []
    for file, lost in zip(files, ("updated", "link"), strict=False):
        file.write_text(re.sub(f"<{lost}>.*?</{lost}>", "", file.read_text()))
    assert [line.partition(":")[0] for line in _by_ruby(files)] == ["0.atom", "0.rss"]


def _by_ruby(files: list[Path]) -> list[str]:
    """What Ruby finds wrong, one line for each file. Of RSS it knows no elements of Atom, and leaves them out."""
    told = subprocess.run(["ruby", "-rrss", "-e", VALIDATE, *files], capture_output=True, text=True, check=True)
    return told.stdout.splitlines()


def test_a_feed_that_was_taken_back_is_gone(lib: Library) -> None:
    """A new address ends the one before; without one nobody reads along."""
    addresses = _own(lib)
    stranger, owner = TestClient(create_app(lib)), find_owner(lib).name
    assert [stranger.get(f"{address}.atom").status_code for address in addresses] == [200] * 3
    set_feed(lib, owner, "Sleep", on=False)
    saved.feed(lib, owner, "Learning", on=False)
    collections.share(lib, owner, "Reading group", "private")
    assert [stranger.get(f"{address}.atom").status_code for address in addresses] == [404] * 3


def test_every_page_leads_to_a_feed(browser: TestClient) -> None:
    """Whoever follows all links of the pages finds a feed in the head of each page."""
    without, seen, found = [], {"/"}, ["/"]
    for path in found:
        answer = browser.get(path)
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        assert answer.status_code == 200, path
        if not re.search(r'<link rel="alternate" type="application/atom\+xml"', answer.text):
            without.append(path)
        for href in re.findall(r'href="(/[^"#?]*)', answer.text):
            if (kind := _kind(href)) not in seen:
                seen.add(kind)
                found.append(href)

    assert without == []
    assert len(found) >= PAGES, found


def _kind(path: str) -> str:
    """One page stands for all that differ by the last part of their address alone."""
    first, _, rest = path.strip("/").partition("/")
    day = re.fullmatch(r"\d{4}(-W?\d\d(-\d\d)?)?(\..+)?", first)
    return f"/{'day' if day else first}/{'x' if rest else ''}"
