"""Coming in and going out over the pages: forms, links, cookies, and what other sites cannot do."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from broadsheet.library.access import passwords, sessions, tickets, tokens
from broadsheet.library.handle import Library
from broadsheet.library.readers import add_reader
from broadsheet.web.access import COOKIE, local_path
from broadsheet.web.app import create_app
from tests.libraries import library_at
from tests.visitors import HERE, csrf_of

GOOD = "correct horse battery"


@pytest.fixture
def lib(tmp_path: Path) -> Iterator[Library]:
    """A library with a reader who has a password."""
    with library_at(tmp_path) as made:
        passwords.set_password(made, add_reader(made, "ada"), GOOD)
        yield made


@pytest.fixture
def site(lib: Library) -> TestClient:
    """A browser at the pages of the library."""
    return TestClient(create_app(lib), follow_redirects=False, headers=HERE)


def _sign_in(site: TestClient, **changed: str) -> None:
    form = {"name": "ada", "password": GOOD, **changed}
    assert site.post("/sign-in", data=form).status_code == 303


@pytest.mark.slow
def test_name_and_password_open_a_session_and_lead_on(site: TestClient) -> None:
    """After signing in the browser is where it wanted to go, with a cookie that scripts and other sites cannot use."""
    answer = site.post("/sign-in", data={"name": "ada", "password": GOOD, "next": "/status"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/status")
    assert {"httponly", "samesite=lax"} <= {p.strip().lower() for p in answer.headers["set-cookie"].split(";")}
    assert ">ada<" in site.get("/status").text


@pytest.mark.slow
def test_where_nobody_has_a_password_the_page_says_how_to_come_in(tmp_path: Path) -> None:
    """It names the command that prints a link, and no reader; once there is a password it is as ever."""
    with library_at(tmp_path / "home") as lib:
        ada = add_reader(lib, "ada")
        stranger = TestClient(create_app(lib), headers=HERE)
        page = stranger.get("/sign-in").text
        passwords.set_password(lib, ada, GOOD)
        later = stranger.get("/sign-in").text

    assert "<code>broadsheet reader link</code> prints a link" in page
    assert "ada" not in page
    assert "Nobody has a password" not in later
    assert "<code>broadsheet reader link NAME</code>" in later


@pytest.mark.slow
def test_a_wrong_password_keeps_the_name_and_says_so(site: TestClient) -> None:
    """The form comes again with what was typed, but for the password."""
    answer = site.post("/sign-in", data={"name": "ada", "password": "wrong wrong wrong"})

    assert answer.status_code == 401
    assert 'value="ada"' in answer.text
    assert "No reader has this name and this password" in answer.text
    assert COOKIE not in answer.headers.get("set-cookie", "")


@pytest.mark.slow
def test_signing_in_never_keeps_a_session_that_was_there_before(site: TestClient, lib: Library) -> None:
    """A cookie that somebody planted is replaced, and the session that it had is ended."""
    eve = add_reader(lib, "eve")
    planted, _ = sessions.sign_in(lib, eve.id, "password", "")
    site.cookies.set(COOKIE, planted)
    _sign_in(site)

    assert site.cookies.get(COOKIE, domain="testserver.local") != planted
    assert sessions.visitor(lib, planted) == sessions.NOBODY


@pytest.mark.slow
def test_signing_out_needs_our_form(site: TestClient, lib: Library) -> None:
    """Without the word that only our page holds nothing happens; with it the session is over."""
    _sign_in(site)
    secret = site.cookies[COOKIE]

    assert site.post("/sign-out").status_code == 403
    assert site.post("/sign-out", data={"csrf": "guess"}).status_code == 403
    assert sessions.visitor(lib, secret).reader
    assert site.post("/sign-out", data={"csrf": csrf_of(site)}).status_code == 303
    assert sessions.visitor(lib, secret) == sessions.NOBODY


@pytest.mark.slow
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://testserver"},
    ],
)
def test_other_sites_cannot_send_forms(site: TestClient, headers: dict[str, str]) -> None:
    """A form from elsewhere is refused before it is looked at, the right password in it or not."""
    answer = site.post("/sign-in", data={"name": "ada", "password": GOOD}, headers=headers)

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("asked", "leads"),
    [
        ("/search?q=x", "/search?q=x"),
        ("https://evil.example/", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: x=y", "/"),
        ("", "/"),
    ],
)
def test_only_our_own_addresses_are_led_on_to(asked: str, leads: str) -> None:
    """Where a sign-in leads is always a page of this instance."""
    assert local_path(asked) == leads


@pytest.mark.slow
def test_a_mailed_link_is_not_used_up_by_looking_at_it(site: TestClient, lib: Library) -> None:
    """Programs that follow links in mails see a page with a button; the button signs in, once."""
    link = "/enter/" + tickets.sign_in_link(lib, add_reader(lib, "bo"))

    assert site.get(link).status_code == site.get(link).status_code == 200
    assert site.post(link).status_code == 303
    assert ">bo<" in site.get("/status").text
    assert site.post(link).status_code == 404


@pytest.mark.slow
def test_the_owners_link_signs_in_at_once_but_only_on_the_same_machine(lib: Library) -> None:
    """Opened on the machine itself it needs no button; from elsewhere it does."""
    owner = add_reader(lib, "owner")
    for peer, status in (("127.0.0.1", 303), ("192.0.2.1", 200)):
        browser = TestClient(create_app(lib), follow_redirects=False, client=(peer, 50_000))

        assert browser.get("/enter/" + tickets.owner_link(lib, owner)).status_code == status


@pytest.mark.slow
def test_an_invitation_makes_a_reader_who_is_signed_in(site: TestClient, lib: Library) -> None:
    """Name and password are chosen, mistakes are told without using the invitation up, and then it is."""
    link = "/join/" + tickets.invite(lib, "editor", "bo@example.org")

    assert 'value="bo@example.org"' in site.get(link).text
    assert site.post(link, data={"name": "bo", "password": "short"}).status_code == 400
    assert site.post(link, data={"name": "ada", "password": GOOD}).status_code == 400
    assert site.post(link, data={"name": "bo", "password": GOOD}).status_code == 303
    assert ">bo<" in site.get("/status").text
    assert site.get(link).status_code == 404


def test_a_closed_instance_shows_nothing_before_one_has_signed_in(tmp_path: Path) -> None:
    """Without anonymous reading every page leads to the sign-in form and from there to what was asked for."""
    options = {"encoder": "none", "access.anonymous": False}
    with library_at(tmp_path, options) as lib:
        reader = add_reader(lib, "ada")
        site = TestClient(create_app(lib), follow_redirects=False, headers=HERE)
        answer = site.get("/search?q=graphs")
        token = tokens.make_token(lib, reader, "script", "read", None)
        with_token = site.get("/status", headers={"Authorization": f"Bearer {token}"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/search%3Fq%3Dgraphs")
    assert with_token.status_code == 200


@pytest.mark.slow
def test_a_token_that_may_only_read_changes_nothing(site: TestClient, lib: Library) -> None:
    """Writing with a reading token is refused; with a writing one no form is needed."""
    reader = passwords.check(lib, "ada", GOOD, "")
    assert reader
    for scope, status in (("read", 403), ("write", 303)):
        token = tokens.make_token(lib, reader, scope, scope, None)  # type: ignore[arg-type]

        assert site.post("/sign-out", headers={"Authorization": f"Bearer {token}"}).status_code == status
