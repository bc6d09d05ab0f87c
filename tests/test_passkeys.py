"""Passkeys over the pages: made, used, removed; and what is not believed."""

import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadsheet import config
from broadsheet.errors import UsageError
from broadsheet.library.access import passkeys, sessions, tickets, tries
from broadsheet.library.access.passkeys import Site
from broadsheet.library.handle import Library
from broadsheet.library.readers import add_reader, find_reader, set_disabled
from broadsheet.types import Reader
from broadsheet.web.access import COOKIE
from broadsheet.web.app import create_app
from tests.authenticator import Authenticator

pytest.importorskip("webauthn", reason="the extra `passkeys` is not installed")

HOME = "http://localhost"
HERE = {"Origin": HOME}
SITE = Site("localhost", HOME)


class Clock:
    """A time that a test moves on."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 20, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    """Nine in the morning."""
    return Clock()


@pytest.fixture
def lib(tmp_path: Path, clock: Clock) -> Iterator[Library]:
    """A library with an admin and a reader."""
    with Library(config.load({}, home=tmp_path, options={"encoder": "none"}), now=clock) as made:
        add_reader(made, "root")
        add_reader(made, "ada")
        yield made


@pytest.fixture
def ada(lib: Library) -> Reader:
    """The reader."""
    return find_reader(lib, "ada")


def browser(lib: Library) -> TestClient:
    """A browser of somebody who has not signed in."""
    return TestClient(create_app(lib), base_url=HOME, headers=HERE, follow_redirects=False)


@pytest.fixture
def site(lib: Library, ada: Reader) -> TestClient:
    """A browser at which the reader has signed in by a link."""
    made = browser(lib)
    made.post("/enter/" + tickets.sign_in_link(lib, ada))
    return made


def register(site: TestClient, device: Authenticator, name: str = "Phone") -> int:
    """Make a passkey at the settings page, as its script does; the status of the answer."""
    csrf = re.search(r'name="csrf" value="([^"]+)"', site.get("/settings").text)
    assert csrf
    word = {"X-CSRF-Token": csrf[1]}
    asked = site.post("/settings/passkeys/ask", headers=word).json()
    return site.post("/settings/passkeys", headers=word, json=device.make(asked) | {"name": name}).status_code


def enter(site: TestClient, device: Authenticator, **more: str) -> tuple[int, dict[str, Any]]:
    """Sign in by a passkey, as the script does."""
    answer = site.post("/sign-in/passkey", json=device.sign(site.post("/sign-in/passkey/ask").json()) | more)
    return answer.status_code, answer.json()


def test_a_passkey_is_made_signs_in_and_is_removed(site: TestClient, lib: Library) -> None:
    """From the settings to another browser, where it leads on to where one was going; removed, it opens nothing."""
    device, other = Authenticator(), browser(lib)
    assert register(site, device) == 200
    assert "<td>Phone</td><td>never</td>" in site.get("/settings").text

    assert enter(other, device, next="/status") == (200, {"next": "/status"})
    assert ">ada<" in other.get("/status").text
    assert "by passkey" in site.get("/settings").text
    key, csrf = (
        re.search(r'name="passkey" value="([^"]+)"', site.get("/settings").text),
        re.search(r'name="csrf" value="([^"]+)"', site.get("/settings").text),
    )
    assert key
    assert csrf
    assert site.post("/settings/passkeys/remove", data={"csrf": csrf[1], "passkey": key[1]}).status_code == 303
    assert enter(browser(lib), device)[0] == 401


def test_an_answer_counts_once_and_at_the_browser_that_was_asked(site: TestClient, lib: Library) -> None:
    """What was signed for one browser opens no other, and a second time it opens nothing."""
    device, mine, thief = Authenticator(), browser(lib), browser(lib)
    register(site, device)
    answer = device.sign(mine.post("/sign-in/passkey/ask").json())
    thief.post("/sign-in/passkey/ask")

    assert thief.post("/sign-in/passkey", json=answer).status_code == 401
    assert mine.post("/sign-in/passkey", json=answer).status_code == 200
    assert mine.post("/sign-in/passkey", json=answer).status_code == 401


def test_the_session_is_a_new_one(site: TestClient, lib: Library) -> None:
    """A cookie that somebody planted is replaced, and its session is ended."""
    device, victim = Authenticator(), browser(lib)
    register(site, device)
    planted, _ = sessions.sign_in(lib, find_reader(lib, "root").id, "password", "")
    victim.cookies.set(COOKIE, planted)
    assert enter(victim, device)[0] == 200

    assert sessions.visitor(lib, planted) == sessions.NOBODY


@pytest.mark.parametrize(
    "wrong",
    [{"origin": "https://evil.example"}, {"verified": False}],
)
def test_what_another_site_or_an_unasked_device_signed_is_refused(
    site: TestClient, lib: Library, wrong: dict[str, Any]
) -> None:
    """Neither makes a passkey nor signs in."""
    device = Authenticator()
    register(site, device)
    for name, value in wrong.items():
        setattr(device, name, value)

    assert enter(browser(lib), device)[0] == 401
    assert register(site, Authenticator(**wrong)) == 400


def test_a_copy_of_a_key_is_noticed(site: TestClient, lib: Library) -> None:
    """A device that counts its uses never goes back."""
    device = Authenticator(uses=7)
    register(site, device)
    assert enter(browser(lib), device)[0] == 200
    device.uses -= 1

    assert enter(browser(lib), device)[0] == 401


def test_an_answer_that_comes_late_is_none(lib: Library, ada: Reader, clock: Clock) -> None:
    """Five minutes are enough for a finger."""
    device = Authenticator()
    asked = passkeys.ask_new(lib, ada, SITE)
    passkeys.keep_new(lib, ada, SITE, cookie=asked.cookie, answer=device.make(asked.options), name="")
    again = passkeys.ask(lib, SITE)
    clock.at += timedelta(minutes=6)

    assert passkeys.check(lib, SITE, cookie=again.cookie, answer=device.sign(again.options), place="x") is None


def test_nobody_makes_a_passkey_for_another(lib: Library, ada: Reader) -> None:
    """The question is one reader's: the answer to it is nobody else's, and no key belongs to two."""
    root, device = find_reader(lib, "root"), Authenticator()
    asked = passkeys.ask_new(lib, ada, SITE)
    with pytest.raises(UsageError):
        passkeys.keep_new(lib, root, SITE, cookie=asked.cookie, answer=device.make(asked.options), name="")
    for reader in (ada, root):
        asked = passkeys.ask_new(lib, reader, SITE)
        if reader is ada:
            passkeys.keep_new(lib, ada, SITE, cookie=asked.cookie, answer=device.make(asked.options), name="")
        else:
            with pytest.raises(UsageError, match="known already"):
                passkeys.keep_new(lib, root, SITE, cookie=asked.cookie, answer=device.make(asked.options), name="")
    with pytest.raises(UsageError):
        passkeys.remove(lib, root, passkeys.passkeys_of(lib, ada)[0].id)


def test_who_is_disabled_does_not_come_in(site: TestClient, lib: Library) -> None:
    """The key is right and its reader is not let in."""
    device = Authenticator()
    register(site, device)
    set_disabled(lib, "ada", disabled=True)

    assert enter(browser(lib), device)[0] == 401


def test_guessing_shuts_the_door(lib: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unknown keys count as failures of the address that they come from."""
    monkeypatch.setattr(tries, "TRIES", 2)
    site = browser(lib)

    assert [enter(site, Authenticator())[0] for _ in range(3)] == [401, 401, 429]


def test_making_one_needs_our_page_and_a_reader(site: TestClient, lib: Library) -> None:
    """Without the word of our page, or without anybody signed in, nothing is asked or kept."""
    for path in ("/settings/passkeys/ask", "/settings/passkeys", "/settings/passkeys/remove"):
        assert site.post(path, json={}, headers={"X-CSRF-Token": "guess"}).status_code == 403
        assert browser(lib).post(path, json={}).status_code == 401


def test_the_pages_offer_it(site: TestClient, lib: Library) -> None:
    """The forms are there for the script, hidden without it."""
    for page in (site.get("/settings").text, browser(lib).get("/sign-in").text):
        assert re.search(r'<form class="fields passkey"[^>]* hidden>', page)
        assert "passkeys.js" in page


def _leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, inner in value.items():
        yield from _leaves(inner, (*path, name)) if isinstance(inner, dict) else [(*path, name)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_garbled_answers_are_refused_in_order(lib: Library, ada: Reader, data: st.DataObject) -> None:
    """Whatever stands where, it is a refusal and never a fault of ours."""
    device = Authenticator()
    asked = passkeys.ask_new(lib, ada, SITE)
    made = device.make(asked.options)
    garbled = deepcopy(made)
    *outer, last = data.draw(st.sampled_from(list(_leaves(made))))
    place = garbled
    for name in outer:
        place = place[name]
    place[last] = data.draw(st.none() | st.integers() | st.text(max_size=8) | st.just({}))

    if last != "rawId" and garbled != made:
        with pytest.raises(UsageError):
            passkeys.keep_new(lib, ada, SITE, cookie=asked.cookie, answer=garbled, name="x")
