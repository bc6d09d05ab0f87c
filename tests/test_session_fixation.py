"""Whichever way somebody comes in, the session is a new one: a cookie that was planted before is worth nothing."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from fastapi.testclient import TestClient

from broadsheet.library.access import passkeys, passwords, sessions, tickets, tries
from broadsheet.library.access.site import Site
from broadsheet.library.digests.subscription import Wanted, turn_on
from broadsheet.library.handle import Library
from broadsheet.library.readers import Details, add_reader, find_reader
from broadsheet.types import Reader, SignInWay
from broadsheet.web.access import COOKIE
from broadsheet.web.app import create_app
from tests.libraries import library_at

pytest.importorskip("webauthn", reason="the extra `passkeys` is not installed")
pytest.importorskip("joserfc", reason="the extra `oidc` is not installed")

from tests.authenticator import Authenticator
from tests.oidc_provider import CLIENT, SECRET, provider
from tests.test_oidc import at_provider

HOME = "http://localhost"
GOOD = "correct horse battery"


@pytest.fixture
def lib(tmp_path: Path) -> Iterator[Library]:
    """A library that has every way to sign in."""
    with provider() as there:
        oidc = {"oidc.issuer": there.issuer, "oidc.client_id": CLIENT, "oidc.client_secret": SECRET}
        with library_at(tmp_path, oidc) as made:
            add_reader(made, "eve")
            add_reader(made, "ada", Details(email="ada@lab.org"))
            yield made


def _by_password(lib: Library, site: TestClient, ada: Reader) -> None:
    passwords.set_password(lib, ada, GOOD)
    site.post("/sign-in", data={"name": "ada", "password": GOOD})


def _by_passkey(lib: Library, site: TestClient, ada: Reader) -> None:
    device, here = Authenticator(HOME), Site("localhost", HOME)
    answer = device.make(passkeys.ask_to_add(lib, ada, here, "its browser", "its place"))
    passkeys.add(lib, ada, here, "its browser", "Phone", answer)
    site.post("/sign-in/passkey", data={"credential": device.sign(site.post("/sign-in/passkey/ask").json())})


def _by_provider(lib: Library, site: TestClient, ada: Reader) -> None:
    turn_on(lib, ada, Wanted(), confirmed=True)
    site.get(at_provider(site.get("/sign-in/oidc").headers["location"]))


WAYS: dict[SignInWay, Callable[[Library, TestClient, Reader], object]] = {
    "owner": lambda lib, site, ada: site.post("/enter/" + tickets.owner_link(lib, ada)),
    "link": lambda lib, site, ada: site.post("/enter/" + tickets.sign_in_link(lib, ada)),
    "password": _by_password,
    "invite": lambda lib, site, _: site.post(
        "/join/" + tickets.invite(lib, "reader"), data={"name": "bo", "password": GOOD}
    ),
    "passkey": _by_passkey,
    "oidc": _by_provider,
}


def test_every_way_is_looked_at() -> None:
    """A way to sign in that is new is a line here."""
    assert set(WAYS) == set(get_args(SignInWay))


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_a_planted_session_is_replaced_and_ended(lib: Library, way: SignInWay) -> None:
    """The browser has a secret that nobody knew before, and the session of the planted one is over."""
    site = TestClient(create_app(lib), base_url=HOME, headers={"Origin": HOME}, follow_redirects=False)
    planted, _ = sessions.sign_in(lib, find_reader(lib, "eve").id, "password", "")
    site.cookies.set(COOKIE, planted, domain="localhost.local")
    WAYS[way](lib, site, find_reader(lib, "ada"))
    held = [cookie.value for cookie in site.cookies.jar if cookie.name == COOKIE]

    assert sessions.visitor(lib, planted) == sessions.NOBODY
    new = [found for secret in held if secret and (found := sessions.visitor(lib, secret)).reader]
    assert [(found.known.name, found.session and found.session.way) for found in new] == [
        ("bo" if way == "invite" else "ada", way)
    ]


@pytest.mark.slow
def test_links_that_are_none_shut_their_own_door(lib: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who tries links at random is refused after some; a password is still heard."""
    monkeypatch.setattr(tries, "FAILURES", replace(tries.FAILURES, most=2))
    site = TestClient(create_app(lib), base_url=HOME, headers={"Origin": HOME})
    codes = [site.get(f"/{door}/guess").status_code for door in ("enter", "join", "enter")]

    assert codes == [404, 404, 429]
    assert site.post("/sign-in", data={"name": "ada", "password": "a wrong guess"}).status_code == 401
