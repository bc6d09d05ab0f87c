"""Behind a reverse proxy: whose word counts for who asks, from where, and by which address."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from broadsheet.library.access import passwords, sessions, tickets
from broadsheet.library.access.proxy import first_outside
from broadsheet.library.readers import add_reader, find_owner
from broadsheet.web.access import COOKIE
from broadsheet.web.app import create_app
from tests.libraries import library_at
from tests.served import served

GOOD = "correct horse battery"
ME = "/api/v1/me"
NAMED = {"access.proxy_header": "x-remote-user"}


@pytest.mark.slow
def test_only_who_is_at_the_other_end_is_the_proxy(tmp_path: Path) -> None:
    """Whoever is not listed cannot say that they are, nor whom they have signed in."""
    with library_at(tmp_path, {**NAMED, "access.proxy_from": ["127.0.0.2"]}) as lib:
        add_reader(lib, "ada")
        with served(lib) as site:
            assert site(ME, X_Remote_User="ada").status == 401
            assert site(ME, X_Remote_User="ada", X_Forwarded_For="127.0.0.2").status == 401


@pytest.mark.slow
def test_a_listed_proxy_may_say_for_whom_it_asks(tmp_path: Path) -> None:
    """That it names the address of the visitor does not make it another."""
    with library_at(tmp_path, NAMED) as lib:
        add_reader(lib, "ada")
        with served(lib) as site:
            assert site(ME, X_Remote_User="ada", X_Forwarded_For="203.0.113.5").status == 200


@pytest.mark.slow
@pytest.mark.parametrize(("listed", "refused"), [(["127.0.0.1"], False), (["127.0.0.2"], True)])
def test_tries_are_counted_by_the_visitors_that_a_listed_proxy_names(
    tmp_path: Path, listed: list[str], *, refused: bool
) -> None:
    """One who guesses passwords locks out nobody else behind the proxy; what a stranger says is not believed."""
    with library_at(tmp_path, {"access.proxy_from": listed}) as lib:
        passwords.set_password(lib, add_reader(lib, "ada"), GOOD)
        site = TestClient(create_app(lib), client=("127.0.0.1", 1), follow_redirects=False)
        guesser = {"X-Forwarded-For": "203.0.113.5"}
        for name in range(12):
            site.post("/sign-in", data={"name": f"x{name}", "password": "no"}, headers=guesser)
        form = {"name": "ada", "password": GOOD}

        answer = site.post("/sign-in", data=form, headers={"X-Forwarded-For": "203.0.113.6"})

    assert (answer.status_code == 429) is refused


@pytest.mark.slow
def test_the_owners_link_signs_in_at_once_on_this_machine_alone(tmp_path: Path) -> None:
    """Who comes through the proxy from elsewhere sees a button, as with any link."""
    with library_at(tmp_path) as lib:
        site = TestClient(create_app(lib), client=("127.0.0.1", 1), follow_redirects=False)
        link = "/enter/" + tickets.owner_link(lib, find_owner(lib))

        assert site.get(link, headers={"X-Forwarded-For": "203.0.113.5"}).status_code == 200
        assert site.get(link).status_code == 303


@pytest.mark.parametrize(
    ("forwarded", "place"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("198.51.100.1, 203.0.113.5, 10.0.0.7", "203.0.113.5"),
        ("10.0.0.9, 10.0.0.7", "10.0.0.9"),
        ("203.0.113.5:4711", "203.0.113.5"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("203.0.113.5, unknown", None),
        ("", None),
    ],
)
def test_a_request_comes_from_the_last_address_that_is_no_proxys(forwarded: str, place: str | None) -> None:
    """What stands before it may be invented."""
    assert first_outside(("10.0.0.0/8",), forwarded) == place


@pytest.mark.slow
@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("127.0.0.1:8000", "https://papers.example.org", 303),
        ("papers.example.org:443", "https://papers.example.org", 303),
        ("papers.example.org", "https://papers.example.org:443", 303),
        ("192.0.2.1:8000", "http://192.0.2.1:8000", 303),
        ("127.0.0.1:8000", "http://papers.example.org", 403),
        ("127.0.0.1:8000", "https://evil.example", 403),
        ("127.0.0.1:8000", "https://papers.example.org.evil.example", 403),
        ("127.0.0.1:8000", "null", 403),
        ("127.0.0.1:8000", "https://papers.example.org:99999", 403),
    ],
)
def test_forms_come_from_the_public_address_or_the_one_that_was_asked(
    tmp_path: Path, host: str, origin: str, status: int
) -> None:
    """A proxy need not pass on which host the browser asked; pages of other sites are refused as ever."""
    with library_at(tmp_path, {"base_url": "https://papers.example.org/lab/"}) as lib:
        passwords.set_password(lib, add_reader(lib, "ada"), GOOD)
        site = TestClient(create_app(lib), follow_redirects=False)
        answer = site.post("/sign-in", data={"name": "ada", "password": GOOD}, headers={"Host": host, "Origin": origin})

    assert answer.status_code == status


@pytest.mark.slow
def test_two_instances_of_one_host_keep_their_own_sessions(tmp_path: Path) -> None:
    """The cookie is for the path of its instance, and one of the whole host does not hide it."""
    with library_at(tmp_path, {"base_url": "http://testserver/lab/"}) as lib:
        ada = add_reader(lib, "ada")
        passwords.set_password(lib, ada, GOOD)
        site = TestClient(create_app(lib), follow_redirects=False, headers={"Origin": "http://testserver"})
        answer = site.post("/lab/sign-in", data={"name": "ada", "password": GOOD})
        shown, _ = sessions.sign_in(lib, ada.id, "password", "")
        both = {"Cookie": f"{COOKIE}={shown}; {COOKIE}=of-another"}

        assert "path=/lab/;" in answer.headers["set-cookie"].lower() + ";"
        assert TestClient(create_app(lib)).get("/lab" + ME, headers=both).status_code == 200
