"""Signing in at an OpenID provider, a small real one on this machine: who is let in, and what is not believed."""

import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient

from broadsheet.library.access import oidc, sessions, tickets, tries
from broadsheet.library.access.account import own_data
from broadsheet.library.digests.subscription import Wanted, turn_on
from broadsheet.library.handle import Library
from broadsheet.library.readers import Details, add_reader, find_reader, list_readers, remove_reader, set_disabled
from broadsheet.types import Reader
from broadsheet.web.access import COOKIE
from broadsheet.web.app import create_app
from tests.libraries import library_at

pytest.importorskip("joserfc", reason="the extra `oidc` is not installed")

from joserfc import jwk

from tests.oidc_provider import CLIENT, SECRET, Provider, provider
from tests.visitors import HERE, csrf_of

Open = Callable[..., Library]


@pytest.fixture
def there() -> Iterator[Provider]:
    """The provider."""
    with provider() as running:
        yield running


@pytest.fixture
def open_library(tmp_path: Path, there: Provider) -> Iterator[Open]:
    """Opens a library with an admin and a reader, whose provider it is."""
    opened = []

    def open_(base_url: str = "", **more: Any) -> Library:
        given = {"issuer": there.issuer, "client_id": CLIENT, "client_secret": SECRET, "name": "The Lab", **more}
        options = {
            "encoder": "none",
            "base_url": base_url,
            "net.retries": 0,
            **{f"oidc.{name}": value for name, value in given.items()},
        }
        lib = library_at(tmp_path, options)
        opened.append(lib)
        if not list_readers(lib):
            add_reader(lib, "root")
            add_reader(lib, "ada")
        return lib

    yield open_
    for lib in opened:
        lib.close()


@pytest.fixture
def lib(open_library: Open) -> Library:
    """With nothing said of who is new."""
    return open_library()


def browser(lib: Library, name: str | None = None) -> TestClient:
    """A browser, at which this reader has signed in by a link."""
    made = TestClient(create_app(lib), headers=HERE, follow_redirects=False)
    if name:
        made.post("/enter/" + tickets.sign_in_link(lib, find_reader(lib, name)))
    return made


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def at_provider(address: str) -> str:
    """Sign in there, as the browser does; the path on our site that it is sent back to."""
    try:
        urllib.request.build_opener(_Stay).open(address)
    except HTTPError as e:
        e.close()
        back = urlsplit(e.headers["Location"])
        return f"{back.path}?{back.query}"
    raise AssertionError("the provider kept the browser")


def come_back(site: TestClient, query: str = "") -> Any:
    """All the way: away, there, and back."""
    return site.get(at_provider(site.get(f"/sign-in/oidc{query}").headers["location"]))


def connect(site: TestClient) -> Any:
    """Connect the account at the provider from the settings."""
    page = site.post("/settings/oidc", data={"csrf": csrf_of(site, "/settings")}).text
    leads = re.search(r'<a href="([^"]+)" rel="noreferrer">Continue to The Lab', page)
    assert leads
    return site.get(at_provider(leads[1].replace("&amp;", "&")))


@pytest.mark.slow
def test_an_account_that_was_connected_signs_in(lib: Library) -> None:
    """Connected in the settings, it opens another browser and leads on; disconnected it does not."""
    site, other = browser(lib, "ada"), browser(lib)
    assert "Sign in with The Lab" in other.get("/sign-in").text
    assert connect(site).headers["location"] == "/settings?saved=logins#logins"
    assert "ada@lab.org" in site.get("/settings").text

    answer = come_back(other, "?next=/search%3Fq%3Dx")
    assert (answer.status_code, answer.headers["location"]) == (303, "/search?q=x")
    assert ">ada<" in other.get("/status").text
    assert "by single sign-on" in site.get("/settings").text
    (login,) = oidc.logins_of(lib, find_reader(lib, "ada"))
    oidc.remove(lib, find_reader(lib, "ada"), login.issuer, login.subject)
    assert come_back(browser(lib)).status_code == 403


def test_the_way_there_carries_what_protects_it(lib: Library) -> None:
    """State, nonce and a PKCE challenge, each of its own, and an address on our site to come back to."""
    asked = [parse_qs(urlsplit(browser(lib).get("/sign-in/oidc").headers["location"]).query) for _ in range(2)]

    assert asked[0]["redirect_uri"] == ["http://testserver/sign-in/oidc/back"]
    assert asked[0]["code_challenge_method"] == ["S256"]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]


def test_a_code_that_is_too_old_is_told(lib: Library, there: Provider) -> None:
    """The provider forgets its codes soon; who comes back late reads a sentence, which holds no secret of ours."""
    site = browser(lib)
    back = at_provider(site.get("/sign-in/oidc").headers["location"])
    there.codes.clear()
    answer = site.get(back)

    assert answer.status_code == 401
    assert "too old or used" in answer.text
    assert SECRET not in answer.text


@pytest.mark.slow
def test_an_address_that_both_have_confirmed_is_its_readers(lib: Library, there: Provider) -> None:
    """A reader who has confirmed theirs by mail comes in by the same one, confirmed there; else it is nobody's."""
    add_reader(lib, "bo", Details(email="ada@lab.org"))
    assert come_back(browser(lib)).status_code == 403
    turn_on(lib, find_reader(lib, "bo"), Wanted(email="Ada@lab.org"), confirmed=True)
    there.person["email_verified"] = False
    assert come_back(browser(lib)).status_code == 403
    there.person["email_verified"] = True
    site = browser(lib)
    assert come_back(site).status_code == 303
    assert ">bo<" in site.get("/status").text
    assert [login.subject for login in oidc.logins_of(lib, find_reader(lib, "bo"))] == ["u-1"]


@pytest.mark.parametrize(("subject", "status"), [("u-1", 303), ("u-2", 401)])
def test_an_address_that_is_not_in_the_token_is_asked_for(
    open_library: Open, there: Provider, subject: str, status: int
) -> None:
    """Some providers tell it only when asked, and are believed as far as they speak of the same person."""
    lib = open_library(creates=True, domains=["lab.org"])
    there.person = {"sub": "u-1"}
    there.more = {"sub": subject, "email": "ada@lab.org", "email_verified": True}

    assert come_back(browser(lib)).status_code == status


def test_an_address_has_only_so_many_trips(lib: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who begins again and again gets a sentence instead of a row in the library."""
    monkeypatch.setattr(tries, "BEGINNINGS", replace(tries.BEGINNINGS, most=2))

    assert [browser(lib).get("/sign-in/oidc").status_code for _ in range(3)] == [303, 303, 429]


@pytest.mark.slow
def test_the_export_tells_of_an_account_and_it_goes_with_its_reader(lib: Library) -> None:
    """Which account it is is a reader's own; who leaves is not known by it any more."""
    connect(browser(lib, "ada"))
    ada = find_reader(lib, "ada")
    told = [doc["logins"] for doc in map(json.loads, own_data(lib, ada).splitlines()) if "logins" in doc]
    assert [(a["subject"], a["label"]) for a in told[0]] == [("u-1", "ada@lab.org")]
    remove_reader(lib, "ada")

    assert come_back(browser(lib)).status_code == 403


def test_below_a_path_the_way_back_is_below_it_too(open_library: Open) -> None:
    """The provider sends the browser to the public address."""
    lib = open_library("https://papers.example.org/daily")
    away = browser(lib).get("/sign-in/oidc").headers["location"]

    assert parse_qs(urlsplit(away).query)["redirect_uri"] == ["https://papers.example.org/daily/sign-in/oidc/back"]


def test_an_address_alone_is_nobodys(open_library: Open, there: Provider) -> None:
    """Who has a reader's address at the provider is not that reader; strangers are told the way in."""
    lib = open_library()
    add_reader(lib, "bo")
    there.person = {"sub": "eve", "email": "ada@lab.org", "email_verified": True}

    answer = come_back(browser(lib))
    assert answer.status_code == 403
    assert "is connected to no reader" in answer.text


def test_who_is_new_becomes_a_reader_where_that_is_wanted(open_library: Open, there: Provider) -> None:
    """Once, under a name that is free, with the address that the provider has confirmed."""
    lib = open_library(creates=True, domains=["lab.org"])
    there.person |= {"preferred_username": "Ada", "name": "Ada Lovelace"}
    site = browser(lib)
    assert come_back(site).status_code == 303
    assert come_back(browser(lib)).status_code == 303

    made: list[Reader] = [v.reader for v in list_readers(lib)][2:]
    assert [(r.display, r.email, r.role) for r in made] == [("Ada Lovelace", "ada@lab.org", "reader")]
    assert made[0].name.startswith("ada-")


@pytest.mark.parametrize(
    "person", [{"email": "ada@evil.org"}, {"email_verified": None}, {"email_verified": "true"}, {"email": None}]
)
def test_other_domains_and_unconfirmed_addresses_are_not_let_in(
    open_library: Open, there: Provider, person: dict[str, Any]
) -> None:
    """Neither a new nor a known account comes in without a confirmed address of a domain that is named."""
    lib = open_library(creates=True, domains=["lab.org"])
    assert come_back(browser(lib)).status_code == 303
    there.person |= person

    assert come_back(browser(lib)).status_code == 403


@pytest.mark.slow
@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "another"},
        {"aud": [CLIENT, "another"]},
        {"azp": "another"},
        {"iss": "https://evil.example"},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"sub": None},
        {"iat": None},
    ],
)
def test_a_token_that_is_not_the_answer_is_not_believed(lib: Library, there: Provider, wrong: dict[str, Any]) -> None:
    """For another sign-in, instance or provider, too old, or without what it must have: nobody comes in."""
    connect(browser(lib, "ada"))
    assert come_back(browser(lib)).status_code == 303
    there.wrong = wrong
    site = browser(lib)

    assert come_back(site).status_code == 401
    assert COOKIE not in site.cookies


@pytest.mark.slow
@pytest.mark.parametrize("forged", ["key", "kid", "secret", "none"])
def test_a_token_that_another_signed_is_not_believed(lib: Library, there: Provider, forged: str) -> None:
    """By another key under the right name or under none that is known, by our secret, or by nobody."""
    connect(browser(lib, "ada"))
    if forged in ("key", "kid"):
        there.signs_with = jwk.RSAKey.generate_key(2048, {"kid": "k1" if forged == "key" else "k2"})
    elif forged == "secret":
        there.signs_with, there.algorithm = jwk.OctKey.import_key("k" * 32, {"kid": "k1"}), "HS256"
    else:
        there.algorithm = "none"

    assert come_back(browser(lib)).status_code == 401


@pytest.mark.slow
def test_a_provider_names_keys_of_other_kinds(lib: Library, there: Provider) -> None:
    """Keys that encrypt, and kinds that are not known here, are passed over; a token may leave its only key unnamed."""
    other = jwk.RSAKey.generate_key(2048, {"kid": "k1", "use": "enc", "alg": "RSA-OAEP"})
    there.other_keys = [other.as_dict(private=False), {"kty": "EC", "crv": "of tomorrow"}, {"kty": "?"}]
    connect(browser(lib, "ada"))
    there.names_key = False

    assert come_back(browser(lib)).status_code == 303


@pytest.mark.slow
def test_a_key_that_the_provider_has_changed_is_asked_for(lib: Library, there: Provider) -> None:
    """Providers change their keys; the first token by a new one is believed."""
    connect(browser(lib, "ada"))
    there.key = jwk.RSAKey.generate_key(2048, {"kid": "k2", "use": "sig"})

    assert come_back(browser(lib)).status_code == 303


@pytest.mark.slow
def test_an_answer_counts_once_and_at_the_browser_that_was_sent(lib: Library, there: Provider) -> None:
    """Somebody else's answer, an answer twice, and one that nobody asked for bring nobody in."""
    connect(browser(lib, "ada"))
    mine, victim = browser(lib), browser(lib)
    back = at_provider(mine.get("/sign-in/oidc").headers["location"])
    victim.get("/sign-in/oidc")

    assert victim.get(back).status_code == browser(lib).get(back).status_code == 401
    assert mine.get(back).status_code == 303
    assert mine.get(back).status_code == 401
    other = browser(lib)
    other.get("/sign-in/oidc")
    assert other.get("/sign-in/oidc/back?error=access_denied&state=x").status_code == 401


@pytest.mark.slow
def test_connecting_ends_with_the_reader_who_began(lib: Library) -> None:
    """If somebody else is signed in by then nothing is connected; an account signs in one reader only."""
    site = browser(lib, "ada")
    page = site.post("/settings/oidc", data={"csrf": csrf_of(site, "/settings")}).text
    leads = re.search(r'<a href="([^"]+)" rel="noreferrer">', page)
    assert leads
    back = at_provider(leads[1].replace("&amp;", "&"))
    site.post("/enter/" + tickets.sign_in_link(lib, find_reader(lib, "root")))
    assert site.get(back).status_code == 401
    assert connect(browser(lib, "ada")).status_code == 303
    assert connect(browser(lib, "root")).status_code == 400
    assert site.post("/settings/oidc", data={"csrf": "guess"}).status_code == 403


@pytest.mark.slow
def test_the_session_is_a_new_one_and_the_disabled_get_none(lib: Library) -> None:
    """A planted cookie is replaced; who is disabled stays out."""
    connect(browser(lib, "ada"))
    site = browser(lib)
    planted, _ = sessions.sign_in(lib, find_reader(lib, "root").id, "password", "")
    site.cookies.set(COOKIE, planted)
    assert come_back(site).status_code == 303
    assert sessions.visitor(lib, planted) == sessions.NOBODY
    set_disabled(lib, "ada", disabled=True)
    assert come_back(browser(lib)).status_code == 403


def test_failures_shut_the_door(lib: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """After too many from one address no code is taken to the provider any more."""
    monkeypatch.setattr(tries, "FAILURES", replace(tries.FAILURES, most=2))
    site = browser(lib)
    answers = [site.get("/sign-in/oidc/back?state=x&code=y").status_code for _ in range(3)]

    assert answers == [401, 401, 429]


@pytest.mark.slow
def test_a_provider_that_is_wrong_or_gone_is_told(open_library: Open, there: Provider) -> None:
    """One that calls itself otherwise, one that is not there, and none at all are sentences."""
    wrong = open_library(issuer=there.issuer + "/")
    assert "not as oidc.issuer does" in browser(wrong).get("/sign-in/oidc").text
    gone = open_library(issuer="http://127.0.0.1:9")
    assert browser(gone).get("/sign-in/oidc").status_code == 503
    none = open_library(issuer="")
    assert browser(none).get("/sign-in/oidc").status_code == 404
    assert "/sign-in/oidc" not in browser(none).get("/sign-in").text
    assert "Accounts elsewhere" not in browser(none, "ada").get("/settings").text
