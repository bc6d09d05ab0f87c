"""Pages are of one language: nothing that German has another word for is said in English on a German page."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote_plus

import pytest
from babel.messages.pofile import read_po
from fastapi import FastAPI
from fastapi.testclient import TestClient

from broadsheet.errors import FetchError
from broadsheet.library.access import tickets, tokens
from broadsheet.library.comments import discussion
from broadsheet.library.digests import subscription
from broadsheet.library.digests.deliver import deliver
from broadsheet.library.handle import Library
from broadsheet.library.harvest.import_ import import_files
from broadsheet.library.harvest.polling import PollTally
from broadsheet.library.interest.profiles import add_interest
from broadsheet.library.outlets.keep import add_outlet
from broadsheet.library.readers import Details, add_reader, find_reader, prefer
from broadsheet.library.shelf import collections, saved
from broadsheet.library.shelf.mark import mark
from broadsheet.rank.profile import Said
from broadsheet.store import mails, outlets, runs
from broadsheet.store.runs import Outcome
from broadsheet.types import Mail, Preferences
from broadsheet.web.app import create_app
from broadsheet.words.catalogue import FOLDER
from broadsheet.words.failure import told
from broadsheet.words.said import said
from tests.libraries import NOW, sample_at
from tests.shell import write_listing
from tests.visitors import HERE
from tests.walk import routes

pytestmark = pytest.mark.slow

KEYS = [f"demo:{number:04}" for number in range(1, 7)]
NAMES = ("root", "ada", "bob")
SPOKEN = ("title", "aria-label", "placeholder", "alt")
UNSPOKEN = ("script", "style", "code", "kbd", "pre")
ALONE = ("input", "br", "hr", "img", "meta", "link", "path", "circle", "rect", "line", "polyline", "col", "wbr")

ASKED = [
    *("/?sort=votes", "/?sort=new", "/?sort=mine", "/?field=cs.CL", "/?density=titles", "/2026-11-21", "/2026-11-22"),
    *("/2026-W47", "/2026-11", "/2020-01-01", "/trending?window=month", "/trending?rising=1", "/month?month=2026-11"),
    *("/search?q=zebrafinch", "/search?q=a&sort=votes", "/by/nobody", "/nothing-here", "/mine?list=2026-11-20"),
    *(f"/search?q={quote_plus(query)}" for query in ("a AND", '"a', "(a", "a OR", "since:never", "cat:+", "has:gold")),
    *(f"/search?q={quote_plus(query)}" for query in ("nofield:x", ")a", "NOT", "year:x", "bees", "AND a", "doi:x")),
]
"""Addresses beside those that the routes have by themselves: choices, faults, what is not there."""

BIB = """@article{a, title={Counting bees by ear alone}, author={Feld, Mara and Lind, Ivo}, year={2025},
doi={10.1145/1111.2222}, eprint={2511.00001}, archiveprefix={arXiv}}"""
PREPRINT = {
    "id": "2511.00001",
    "title": "Counting bees by ear alone",
    "abstract": "They hum.",
    "authors": ["Mara Feld"],
    "categories": ["cs.SD"],
}
NAMED = frozenset(["demo", "words", "never"])
"""A source, an index and what was searched for: names, which are the same in any language."""


@dataclass
class Texts(HTMLParser):
    """What is seen and read aloud of a page, but for what is in a language of its own."""

    found: list[str] = field(default_factory=list)
    open: list[tuple[str, bool]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        foreign = given.get("lang", "de") != "de"
        if not (foreign or self._is_foreign()):
            self.found += [given[name] or "" for name in SPOKEN if name in given]
        if tag not in ALONE:
            self.open.append((tag, foreign or tag in UNSPOKEN))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self._is_foreign():
            self.found.append(data)

    def _is_foreign(self) -> bool:
        return any(foreign for _, foreign in self.open)


@cache
def english() -> list[tuple[str, re.Pattern[str]]]:
    """What is said otherwise in German: its longest piece without a value, and how the whole may look."""
    with (FOLDER / "de.po").open("rb") as file:
        catalogue = read_po(file, locale="de")
    pairs = [
        pair
        for message in catalogue
        if message.id
        for pair in zip(_forms(message.id), _forms(message.string), strict=False)
    ]
    german = {form for _, form in pairs}
    found = []
    for form in dict.fromkeys(one for one, other in pairs if one != other and one not in german):
        for piece in map(_folded, re.split(r"<[^>]*>", form)):
            plain = max(map(str.strip, re.split(r"%\(\w+\)s", piece)), key=len)
            if len(re.findall(r"[A-Za-z]{2,}", plain)) > (0 if piece == form and plain == piece else 1):
                found.append((plain, _looks(piece)))
    return found


def _forms(text: str | Sequence[str] | None) -> Sequence[str]:
    return [text] if isinstance(text, str) else text or ()


def _looks(piece: str) -> re.Pattern[str]:
    """A sentence is seen anywhere in a text, a word or two only where they are the whole of it."""
    body = re.sub(r"%\\\(\w+\\\)s", ".+?", re.escape(piece)).replace("%%", "%")
    return re.compile(rf"(?<!\w){body}(?!\w)" if len(piece.split()) > 2 else rf"{body}[:.…]?\Z")


def _folded(text: str) -> str:
    return " ".join(text.split())


def english_in(html: str) -> set[str]:
    """What a German page says in English although the catalogue has it."""
    page = Texts()
    page.feed(html)
    texts = {folded for text in page.found if (folded := _folded(text))} - NAMED
    return {
        text
        for text in texts
        for plain, whole in english()
        if plain in text and (whole.match(text) or (len(plain.split()) > 2 and whole.search(text)))
    }


@pytest.fixture
def app(tmp_path: Path) -> Iterator[FastAPI]:
    """A library with something of everything, and with troubles of every kind."""
    options = {
        "smtp.url": "smtp://127.0.0.1:9",
        "smtp.sender": "papers@example.org",
        "base_url": "http://testserver",
        "access.sign_up": True,
        "outlets.private": True,
        "github.enabled": True,
        "arxiv.categories": ["cs.CL", "cs.zz"],
    }
    with sample_at(tmp_path / "home", options) as lib:
        root, ada, bob = (add_reader(lib, name, Details(email=f"{name}@example.org")) for name in NAMES)
        prefer(lib, root, Preferences(language="de"))  # in which digests are frozen
        _of_reader(lib)
        prefer(lib, root, Preferences())
        (tmp_path / "a.bib").write_text(BIB)
        import_files(lib, [str(write_listing(tmp_path / "p.jsonl", [PREPRINT])), str(tmp_path / "a.bib")])
        first = discussion.say(lib, ada, KEYS[0], "What of **bees**, @root?")
        discussion.say(lib, bob, KEYS[0], "None.", first.id)
        discussion.report(lib, bob, first.id, "rude")
        discussion.hide(lib, root, discussion.say(lib, bob, KEYS[0], "Buy!").id, hidden=True)
        _runs(lib)
        _queues(lib)
        yield create_app(lib)


def _of_reader(lib: Library) -> None:
    root = find_reader(lib, "root")
    for key, kind in zip(KEYS, ("up", "down", "save", "read", "hide", "note"), strict=True):
        mark(lib, "root", key, kind, text="Lesen." if kind == "note" else None)
    add_interest(lib, "root", "Bienen", Said(about=("bees in a meadow",), papers=(KEYS[0],), include=("bees",)))
    collections.make(lib, "root", "Bienen", "", KEYS[:2])
    collections.share(lib, "root", "Bienen", "link")
    saved.save(lib, "root", "Modelle", "bees")
    tokens.make_token(lib, root, "cli", "write", None)
    subscription.turn_on(lib, root, subscription.Wanted(email="root@example.org"), confirmed=True)
    deliver(lib)


def _runs(lib: Library) -> None:
    """A run of each end that a source can come to."""
    tally = PollTally(9, moved=1, same=2, unknown=2, skipped=2)
    tally.reasons["unknown"][said("not there yet")] = 2
    tally.reasons["skipped"][said("no code on GitHub")] = 2
    fault = FetchError("arxiv", said("did not answer within %(seconds)s s", seconds="20"), "try again later")
    ends = [
        ("arxiv", Outcome(state="failed", error=told(fault))),
        ("arxiv-oai", Outcome(state="empty", note=said("nothing new in %(set)s since %(day)s", set="cs", day="2026"))),
        ("huggingface", Outcome(state="interrupted", error=runs.DIED)),
        ("github", Outcome(state="unchanged", note=tally.sentence())),
    ]
    with lib.store.writing() as conn:
        for source, outcome in ends:
            runs.finish(conn, runs.start(conn, source, lib.now()), outcome, lib.now())


def _queues(lib: Library) -> None:
    """Mails and dispatches in trouble."""
    made = add_outlet(lib, find_reader(lib, "root"), "http://127.0.0.1:9/hook", "lab")
    with lib.store.writing() as conn:
        lost = Mail("lost", "a@example.org", "s", "m0", NOW, NOW, state="uncertain", said=mails.TAKEN_BACK)
        mails.put(conn, lost, Mail("gone", "a@example.org", "s", "m1", NOW, NOW, state="failed"))
        outlets.put(conn, made.id, "digest:1", "{}", NOW)
        taken = outlets.take(conn, NOW, NOW + timedelta(minutes=1))
        assert taken
        outlets.end(conn, taken[0].id, "uncertain", outlets.LEASE_LOST, NOW)


def _pages(browser: TestClient, app: FastAPI) -> Iterator[tuple[str, str]]:
    values: Mapping[str, Sequence[str]] = {
        "secret": ["no-such-secret"],
        "kind": ["up"],
        "number": ["1"],
        "extension": ["bib"],
        "ref": ["1", "2", "nothing"],
        "key": [KEYS[0], "arxiv:2511.00001", "demo:none"],
        "comment_id": ["1", "99"],
        "name": ["Bienen", "root", "2026-11-20"],
        "id": [KEYS[0]],
        "edition": ["2026-11-20"],
    }
    for path in [*(path for _, path in routes(app, values, safe=True)), *ASKED]:
        answer = browser.get(path)
        if answer.headers.get("content-type", "").startswith("text/html"):
            yield path, answer.text


@pytest.mark.parametrize("name", ["root", None])
def test_a_german_page_says_nothing_in_english(app: FastAPI, name: str | None) -> None:
    """As an admin and as nobody whose browsers ask for German: whatever the catalogue has is German."""
    browser = TestClient(app, headers={**HERE, "Accept-Language": "de"}, follow_redirects=False)
    if name:
        browser.post("/enter/" + tickets.sign_in_link(app.state.library, find_reader(app.state.library, name)))
    seen = {path: html for path, html in _pages(browser, app) if '<html lang="en"' not in html}

    assert len(seen) > 40
    assert not [f"{path}: {text}" for path, html in seen.items() for text in english_in(html)]


def test_the_walk_would_see_it(app: FastAPI) -> None:
    """The same pages in English are full of it, so that the walk knows what it looks for."""
    browser = TestClient(app, headers={**HERE, "Accept-Language": "en"})

    for path in ("/", "/status", "/search?q=a+AND", "/trending", f"/paper/{KEYS[0]}", "/sign-in"):
        assert len(english_in(browser.get(path).text.replace('lang="en"', 'lang="de"', 1))) > 5, path
