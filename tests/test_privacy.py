"""What is a reader's own stays theirs: every route is walked as another reader, as an admin and as nobody.

Routes come from the application itself, so a new one is walked as well; a new part of an address needs a value in
`World.values`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from broadsheet.library.access import account, tickets, tokens
from broadsheet.library.digests import subscription
from broadsheet.library.handle import Library
from broadsheet.library.interest.profiles import add_interest
from broadsheet.library.readers import Details, add_reader, find_reader
from broadsheet.library.shelf import collections, saved
from broadsheet.library.shelf.mark import mark
from broadsheet.rank.profile import Said
from broadsheet.web.access import OPEN
from broadsheet.web.app import create_app
from tests.libraries import sample_at
from tests.visitors import HERE
from tests.walk import routes

pytestmark = pytest.mark.slow

SECRET = "zebrafinch"
"""Stands in everything that is private to the first reader."""

MAIL = "ada@example.org"
KEY = "demo:0003"


@dataclass(frozen=True)
class World:
    """A library in which one reader has something of every kind."""

    lib: Library
    app: FastAPI
    values: dict[str, list[str]]
    fields: dict[str, str]

    def browser(self, name: str | None) -> TestClient:
        """A browser at which this reader has signed in; with None nobody has."""
        made = TestClient(self.app, headers=HERE, follow_redirects=False, raise_server_exceptions=False)
        if name:
            made.post("/enter/" + tickets.sign_in_link(self.lib, find_reader(self.lib, name)))
            form = re.search(r'name="csrf" value="([^"]+)"', made.get("/settings").text)
            assert form
            made.headers["X-CSRF-Token"] = form[1]
        return made

    def routes(self, *, safe: bool) -> Iterator[tuple[str, str]]:
        """Method and address of each route, once for each value of its places."""
        return routes(self.app, self.values, safe=safe)

    def theirs(self) -> tuple[object, ...]:
        """All that is the first reader's, as it is stored now."""
        ada = find_reader(self.lib, "ada")
        held = account.account(self.lib, ada)
        ids = [s.id for s in held.sessions], [t.id for t in held.tokens]
        return _data(self.lib, "ada"), held.reader, held.preferences, ids


def _data(lib: Library, name: str) -> list[bytes]:
    """A reader's export but for its first line, which says when it was made."""
    return account.own_data(lib, find_reader(lib, name)).splitlines()[1:]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An admin, the reader whose things are private, and another one."""
    with sample_at(tmp_path, {"smtp.url": "smtp://127.0.0.1:9"}) as lib:
        add_reader(lib, "root")
        ada = add_reader(lib, "ada", Details(email=MAIL))
        add_reader(lib, "bob")
        mark(lib, "ada", KEY, "note", text=f"{SECRET} in a note")
        mark(lib, "ada", KEY, "up")
        add_interest(lib, "ada", SECRET, Said(about=(f"{SECRET} song",)))
        made = collections.make(lib, "ada", SECRET, f"{SECRET} too", [KEY])
        kept = saved.save(lib, "ada", SECRET, f"{SECRET} song")
        tokens.make_token(lib, ada, SECRET, "write", None)
        subscription.turn_on(lib, ada, subscription.Wanted(email=MAIL), confirmed=True)
        app = create_app(lib)
        TestClient(app, headers=HERE).post("/enter/" + tickets.sign_in_link(lib, ada))
        held = account.account(lib, ada)
        values = {
            "secret": ["no-such-secret"],
            "kind": ["up"],
            "number": ["1"],
            "extension": ["atom", "json", "bib"],
            "ref": [str(made.collection.id), str(kept.search.id), SECRET],
            "key": [KEY],
            "comment_id": ["1"],
            "name": [SECRET, "ada", "2026-11-20"],
            "id": [KEY],
            "edition": ["2026-11-20"],
        }
        fields = {
            "key": KEY,
            "kind": "note",
            "note": "written by another",
            "name": "taken over",
            "to": f"{made.collection.id} {KEY}",
            "say": f"note {KEY}",
            "token": held.tokens[0].id,
            "session": held.sessions[0].id,
            "comment": "1",
            "typed": "ada",
            "place": "1",
            "way": "everybody",
            "text": "written by another",
        }
        yield World(lib, app, values, fields)


def _leaks(answer: Any, *markers: str) -> bool:
    asked = str(answer.request.url)
    text = answer.text + str(answer.headers)
    return any(marker in text.replace(quote(marker), "") for marker in markers if marker not in asked)


@pytest.mark.parametrize(("name", "markers"), [("bob", (SECRET, MAIL)), (None, (SECRET, MAIL)), ("root", (SECRET,))])
def test_no_page_shows_what_is_another_reader_s(world: World, name: str | None, markers: tuple[str, ...]) -> None:
    """Whatever is asked for, in whatever format: nothing of the first reader's is in the answer.

    Where the address itself has the word, the answer may repeat it, but none may be a success with a page of it.
    """
    browser = world.browser(name)
    leaking = []
    for _, path in world.routes(safe=True):
        answer = browser.get(path)
        assert answer.status_code < 500 or path == "/ready", f"{path}: {answer.status_code}"
        private = path.startswith(("/interests/", "/collection/", "/searches/", "/digests/2"))
        if _leaks(answer, *markers) or (private and answer.status_code == 200):
            leaking.append(path)
    assert leaking == []


def test_the_walk_would_see_it(world: World) -> None:
    """To the reader themselves the pages that are theirs show it, so that the walk looks at the right places."""
    browser = world.browser("ada")

    seen = {path for _, path in world.routes(safe=True) if SECRET in browser.get(path).text}
    wanted = {"/interests", "/collections", "/searches", "/settings", "/settings/export", f"/paper/{KEY}"}
    assert wanted <= seen


@pytest.mark.parametrize("name", ["bob", None])
def test_no_form_changes_what_is_another_reader_s(world: World, name: str | None) -> None:
    """Every route that writes, with the first reader's own ids in its form: theirs is as it was."""
    before = world.theirs()
    browser = world.browser(name)
    for method, path in world.routes(safe=False):
        if not path.startswith(OPEN):
            browser.request(method, path, data=world.fields)
        if path == "/sign-out":
            browser = world.browser(name)
    assert world.theirs() == before


def test_a_form_of_another_site_is_refused_everywhere(world: World) -> None:
    """A browser says where a form comes from; what is not ours gets 403, but for unsubscribing (RFC 8058)."""
    browser = world.browser("bob")
    for method, path in world.routes(safe=False):
        answer = browser.request(method, path, data=world.fields, headers={"Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == (404 if path.startswith(OPEN) else 403), path


def test_a_form_without_its_token_is_refused(world: World) -> None:
    """A reader's session alone writes nothing: each form carries what only our own pages could have put into it."""
    browser = world.browser("bob")
    del browser.headers["X-CSRF-Token"]
    before = _data(world.lib, "bob")
    for method, path in world.routes(safe=False):
        answer = browser.request(method, path, data=world.fields)
        if path.startswith(
            ("/mark", "/undo", "/settings", "/interests", "/collect", "/searches", "/comments", "/notices")
        ):
            assert answer.status_code in (403, 404, 422), f"{path}: {answer.status_code}"
    assert _data(world.lib, "bob") == before


def test_every_answer_has_the_policy(world: World) -> None:
    """Pages, documents, redirects and errors: all say that nothing from elsewhere and nothing inline may run."""
    browser = world.browser("bob")
    for _, path in world.routes(safe=True):
        policy = browser.get(path).headers.get("content-security-policy", "")
        assert policy.startswith("default-src 'none'"), path
        assert "unsafe" not in policy, path


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_no_form_leads_elsewhere(world: World, elsewhere: str) -> None:
    """Where an address to go back to can be given, only our own paths are taken."""
    browser = world.browser("bob")
    for method, path in world.routes(safe=False):
        fields = {**world.fields, "back": elsewhere, "next": elsewhere}
        answer = browser.request(method, path, params={"next": elsewhere, "back": elsewhere}, data=fields)
        assert answer.headers.get("location", "/").startswith(("/", "http://testserver/")), path
        assert not answer.headers.get("location", "/").startswith(("//", "/\\")), path


@pytest.mark.parametrize(
    "path", ["/no-such-page", "/paper/arxiv:0000.00000", "/2026-13-45", "/collection/99", "/by/nobody"]
)
def test_an_error_says_what_to_do(world: World, path: str) -> None:
    """A page that is not there names what was asked for and leads on, in the frame that all pages have."""
    page = world.browser("bob").get(path)

    assert page.status_code in (400, 404)
    assert '<a class="name" href="/">' in page.text
    assert "Traceback" not in page.text
