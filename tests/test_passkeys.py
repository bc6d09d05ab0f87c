"""Passkeys: made and used over the pages with a software authenticator, and everything that is refused."""

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadsheet import config
from broadsheet.errors import UsageError
from broadsheet.library.access import passkeys, tickets, tries
from broadsheet.library.access.account import own_data
from broadsheet.library.access.site import Site, site_of
from broadsheet.library.handle import Library
from broadsheet.library.readers import Details, add_reader, find_reader, remove_reader, set_disabled
from broadsheet.types import Reader
from broadsheet.web.access import COOKIE, HANDSHAKE_COOKIE
from broadsheet.web.app import create_app
from tests.libraries import library_at

pytest.importorskip("webauthn", reason="the extra `passkeys` is not installed")

from tests.authenticator import PRESENT, Authenticator

HERE = "https://papers.example.org"
PUBLIC = f"{HERE}/daily"


class Clock:
    """A time that a test moves on."""

    at = datetime(2026, 11, 20, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    """Nine in the morning."""
    return Clock()


@pytest.fixture
def lib(tmp_path: Path, clock: Clock) -> Iterator[Library]:
    """A library with two readers, at a public address below a path."""
    options = {"encoder": "none", "base_url": PUBLIC}
    with library_at(tmp_path, options, clock) as made:
        add_reader(made, "ada", Details(display="Ada L."))
        add_reader(made, "bo")
        yield made


@pytest.fixture
def device() -> Authenticator:
    """A device at a browser that shows our pages."""
    return Authenticator(HERE)


@cache
def pages(lib: Library) -> FastAPI:
    """The application over a library, which takes longer to make than a test needs it."""
    return create_app(lib)


def browser(lib: Library) -> TestClient:
    """A browser that nobody has signed in at."""
    return TestClient(pages(lib), base_url=PUBLIC, follow_redirects=False, headers={"Origin": HERE})


def signed_in(lib: Library, name: str) -> TestClient:
    """A browser at which this reader has come in by a link."""
    made = browser(lib)
    assert made.post("/enter/" + tickets.sign_in_link(lib, find_reader(lib, name))).status_code == 303
    return made


def csrf(site: TestClient) -> str:
    """What the forms of a browser's settings page carry."""
    found = re.search(r'name="csrf" value="([^"]+)"', site.get("/settings").text)
    assert found
    return found[1]


def ask_to_add(site: TestClient) -> dict[str, Any]:
    """The options for a new passkey."""
    answer = site.post("/settings/passkeys/ask", headers={"X-CSRF-Token": csrf(site)})
    assert answer.status_code == 200, answer.text
    options: dict[str, Any] = answer.json()
    return options


def add(site: TestClient, device: Authenticator, name: str = "Phone") -> None:
    """Make a passkey on the settings page."""
    form = {"csrf": csrf(site), "name": name, "credential": device.make(ask_to_add(site))}
    answer = site.post("/settings/passkeys", data=form)
    assert answer.status_code == 303, answer.text


def ask(site: TestClient) -> dict[str, Any]:
    """The options for signing in."""
    options: dict[str, Any] = site.post("/sign-in/passkey/ask").json()
    return options


def refused(site: TestClient, answer: str) -> str:
    """The page that an answer gets which signs nobody in."""
    got = site.post("/sign-in/passkey", data={"credential": answer})
    assert got.status_code == 401
    assert COOKIE not in site.cookies
    return got.text


def who(site: TestClient) -> str:
    """Who a browser belongs to."""
    found = re.search(r'title="Settings">([^<]+)<', site.get("/status").text)
    return found[1] if found else ""


@pytest.mark.slow
def test_a_passkey_signs_in_without_a_name(lib: Library, device: Authenticator) -> None:
    """Made in the settings, it opens a session elsewhere, leads on to where one wanted, and notes its use."""
    add(signed_in(lib, "ada"), device)
    site = browser(lib)
    answer = site.post("/sign-in/passkey", data={"credential": device.sign(ask(site)), "next": "/trending"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/daily/trending")
    assert who(site) == "Ada L."
    assert HANDSHAKE_COOKIE not in site.cookies
    (kept,) = passkeys.passkeys_of(lib, find_reader(lib, "ada"))
    assert (kept.name, kept.host, kept.sign_count, kept.used) == ("Phone", "papers.example.org", 1, lib.now())
    assert kept.transports == ("internal",)


@pytest.mark.slow
def test_what_a_device_is_asked_for(lib: Library, device: Authenticator) -> None:
    """Its owner is verified, the key is found without a name, nothing personal is in its handle, none is made twice."""
    site = signed_in(lib, "ada")
    add(site, device)
    options = ask_to_add(site)

    assert options["rp"] == {"name": "Broadsheet", "id": "papers.example.org"}
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["attestation"] == "none"
    kept = passkeys.passkeys_of(lib, reader(lib))[0]
    assert [key["id"] for key in options["excludeCredentials"]] == [kept.id]
    assert options["user"]["id"] == kept.handle
    asked = ask(browser(lib))
    assert asked["userVerification"] == "required"
    assert asked["allowCredentials"] == []


def reader(lib: Library, name: str = "ada") -> Reader:
    """A reader."""
    return find_reader(lib, name)


def stranger() -> ec.EllipticCurvePrivateKey:
    """A key that nobody has told us of."""
    return ec.generate_private_key(ec.SECP256R1())


WRONG: dict[str, Callable[[Authenticator, dict[str, Any]], str]] = {
    "another origin": lambda d, o: replace(d, origin="https://papers.example.com").sign(o),
    "another port": lambda d, o: replace(d, origin=HERE + ":8443").sign(o),
    "without encryption": lambda d, o: replace(d, origin=HERE.replace("https", "http")).sign(o),
    "for another site": lambda d, o: d.sign(o, host="evil.example"),
    "owner not verified": lambda d, o: replace(d, flags=PRESENT).sign(o),
    "nobody there": lambda d, o: replace(d, flags=0).sign(o),
    "another challenge": lambda d, o: d.sign({**o, "challenge": o["challenge"][:-2] + "AA"}),
    "signature of another key": lambda d, o: d.sign(o, key=replace(d.keys[-1], key=stranger())),
    "handle of another": lambda d, o: d.sign(o, key=replace(d.keys[-1], handle=b"another")),
    "no handle": lambda d, o: d.sign(o, key=replace(d.keys[-1], handle=b"")),
    "made instead of used": lambda d, o: d.make({**o, "rp": {"id": "papers.example.org"}, "user": {"id": "AAAA"}}),
    "nothing": lambda _d, _o: "",
    "no JSON": lambda _d, _o: "{",
    "a list": lambda _d, _o: "[]",
    "too long": lambda d, o: d.sign(o) + " " * 20_000,
}


TOLD = ("the device&#39;s answer does not hold here", "or is over already", "is not known here, or was removed")


@pytest.mark.slow
def test_an_answer_that_does_not_hold_is_refused(
    lib: Library, device: Authenticator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each lie of a browser or a device is told in a sentence, and nobody is signed in."""
    monkeypatch.setattr(tries, "FAILURES", replace(tries.FAILURES, most=100))
    add(signed_in(lib, "ada"), device)
    true = device.keys[0]
    for kind, lie in WRONG.items():
        site = browser(lib)
        device.keys = [true]
        page = refused(site, lie(device, ask(site)))
        assert any(told in page for told in TOLD), kind
    site = browser(lib)
    assert site.post("/sign-in/passkey", data={"credential": device.sign(ask(site), key=true)}).status_code == 303


@pytest.mark.slow
def test_an_answer_is_believed_once(lib: Library, device: Authenticator) -> None:
    """The same answer a second time signs nobody in, at the same browser or at another."""
    add(signed_in(lib, "ada"), device)
    site = browser(lib)
    answer = device.sign(ask(site))
    kept = site.cookies[HANDSHAKE_COOKIE]
    assert site.post("/sign-in/passkey", data={"credential": answer}).status_code == 303
    again = browser(lib)
    again.cookies.set(HANDSHAKE_COOKIE, kept)

    assert "is over already" in refused(again, answer)


@pytest.mark.slow
def test_an_answer_is_believed_from_the_browser_that_asked(lib: Library, device: Authenticator) -> None:
    """Who steals an answer on its way has no use for it, and the browser that asked can still send it."""
    add(signed_in(lib, "ada"), device)
    site, thief = browser(lib), browser(lib)
    answer = device.sign(ask(site))
    ask(thief)

    assert "another browser" in refused(thief, answer)
    assert site.post("/sign-in/passkey", data={"credential": answer}).status_code == 303


@pytest.mark.slow
def test_an_answer_that_comes_late_is_refused(lib: Library, device: Authenticator, clock: Clock) -> None:
    """A challenge is good for five minutes."""
    add(signed_in(lib, "ada"), device)
    site = browser(lib)
    answer = device.sign(ask(site))
    clock.at += timedelta(minutes=5)

    assert "too long ago" in refused(site, answer)


@pytest.mark.slow
def test_a_counter_that_goes_back_is_refused(lib: Library, device: Authenticator) -> None:
    """A copy of a key gives itself away by counting less; a device that never counts is let in each time."""
    add(signed_in(lib, "ada"), device)
    for count, status in ((6, 303), (5, 401), (6, 401), (7, 303)):
        site = browser(lib)
        answer = device.sign(ask(site), key=replace(device.keys[-1], count=count - 1))
        got = site.post("/sign-in/passkey", data={"credential": answer})
        assert got.status_code == status
        assert ("counter went back" in got.text) == (status == 401)
    add(signed_in(lib, "bo"), device)
    for _ in range(2):
        site = browser(lib)
        answer = device.sign(ask(site), key=replace(device.keys[-1], count=-1))
        assert site.post("/sign-in/passkey", data={"credential": answer}).status_code == 303


@pytest.mark.slow
def test_a_removed_passkey_and_a_disabled_reader_stay_outside(lib: Library, device: Authenticator) -> None:
    """Once removed in the settings it is not known; a disabled reader's is, and lets nobody in."""
    site = signed_in(lib, "ada")
    add(site, device)
    add(signed_in(lib, "bo"), device)
    set_disabled(lib, "bo", disabled=True)
    outside = browser(lib)
    assert "is disabled" in refused(outside, device.sign(ask(outside)))
    kept = passkeys.passkeys_of(lib, reader(lib))[0].id
    site.post("/settings/passkeys/remove", data={"csrf": csrf(site), "passkey": kept})

    assert passkeys.passkeys_of(lib, reader(lib)) == []
    assert "is not known here" in refused(outside, device.sign(ask(outside), key=device.keys[0]))


@pytest.mark.slow
def test_nobody_touches_the_passkeys_of_another(lib: Library, device: Authenticator) -> None:
    """Neither renamed nor removed, nor added to somebody else's account by an answer that was asked of another."""
    add(signed_in(lib, "ada"), device)
    kept = passkeys.passkeys_of(lib, reader(lib))[0]
    other = signed_in(lib, "bo")
    for form, fields in (("rename", {"name": "Mine"}), ("remove", {})):
        answer = other.post(f"/settings/passkeys/{form}", data={"csrf": csrf(other), "passkey": kept.id, **fields})
        assert answer.status_code in (400, 404)
    made = device.make(ask_to_add(signed_in(lib, "ada")))
    answer = other.post("/settings/passkeys", data={"csrf": csrf(other), "credential": made})

    assert answer.status_code == 400
    assert passkeys.passkeys_of(lib, reader(lib)) == [kept]
    assert passkeys.passkeys_of(lib, reader(lib, "bo")) == []
    assert kept.id not in other.get("/settings").text


@pytest.mark.slow
def test_making_one_needs_our_form_and_a_verified_owner(lib: Library, device: Authenticator) -> None:
    """Without the word of our page nothing is asked; a device that did not verify its owner makes none here."""
    site = signed_in(lib, "ada")
    assert site.post("/settings/passkeys/ask").status_code == 403
    assert browser(lib).post("/settings/passkeys/ask").status_code == 401
    lazy = Authenticator(HERE, flags=PRESENT)
    form = {"csrf": csrf(site), "credential": lazy.make(ask_to_add(site))}

    assert "does not hold" in site.post("/settings/passkeys", data=form).text
    form["credential"] = Authenticator("https://evil.example").make(ask_to_add(site))
    assert site.post("/settings/passkeys", data=form).status_code == 400
    assert passkeys.passkeys_of(lib, reader(lib)) == []


@pytest.mark.slow
def test_a_passkey_is_renamed_and_named_after_the_browser(lib: Library, device: Authenticator) -> None:
    """Without a name it gets that of the browser; another one can be given, none cannot."""
    site = signed_in(lib, "ada")
    site.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140"
    add(site, device, name="")
    kept = passkeys.passkeys_of(lib, reader(lib))[0]
    form = {"csrf": csrf(site), "passkey": kept.id}

    assert kept.name == "Firefox on Linux"
    assert site.post("/settings/passkeys/rename", data={**form, "name": "  "}).status_code == 400
    assert site.post("/settings/passkeys/rename", data={**form, "name": " Old\n laptop "}).status_code == 303
    assert passkeys.passkeys_of(lib, reader(lib))[0].name == "Old laptop"


@pytest.mark.slow
def test_too_many_failures_shut_the_door(lib: Library, device: Authenticator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers that do not hold are counted; then the right one is refused too, for a while."""
    monkeypatch.setattr(tries, "FAILURES", replace(tries.FAILURES, most=2))
    add(signed_in(lib, "ada"), device)
    site = browser(lib)
    for _ in range(2):
        refused(site, "{}")

    answer = site.post("/sign-in/passkey", data={"credential": device.sign(ask(site))})
    assert answer.status_code == 429
    assert "failed too often" in answer.text


def test_an_address_has_only_so_many_challenges(lib: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks on and on gets a sentence instead of a row in the library."""
    monkeypatch.setattr(tries, "BEGINNINGS", replace(tries.BEGINNINGS, most=3))
    site = browser(lib)
    codes = [site.post("/sign-in/passkey/ask").status_code for _ in range(4)]

    assert codes == [200, 200, 200, 429]


def test_other_sites_cannot_ask(lib: Library) -> None:
    """A page of another site gets no challenge out of a reader's browser."""
    assert browser(lib).post("/sign-in/passkey/ask", headers={"Origin": "https://evil.example"}).status_code == 403


@pytest.mark.slow
def test_the_export_tells_of_a_passkey_and_lets_nobody_in(lib: Library, device: Authenticator) -> None:
    """Name and times are a reader's own data; the key, its id and the handle are not in the file."""
    add(signed_in(lib, "ada"), device)
    text = own_data(lib, reader(lib)).decode()
    kept = passkeys.passkeys_of(lib, reader(lib))[0]
    told = [doc["passkeys"] for doc in map(json.loads, text.splitlines()) if "passkeys" in doc]

    assert told == [[{"name": "Phone", "host": kept.host, "created": "2026-11-20T09:00:00+00:00", "used": None}]]
    assert kept.id not in text
    assert kept.handle not in text


@pytest.mark.slow
def test_passkeys_go_with_their_reader(lib: Library, device: Authenticator) -> None:
    """A reader who leaves takes them along, and what they had begun."""
    site = signed_in(lib, "bo")
    add(site, device)
    ask_to_add(site)
    remove_reader(lib, "bo")
    outside = browser(lib)

    assert "is not known here" in refused(outside, device.sign(ask(outside)))


@pytest.mark.parametrize(
    ("public", "seen", "site"),
    [
        ("https://Papers.example.org:443/daily/", "http://10.0.0.1/", Site("papers.example.org", HERE)),
        ("https://papers.example.org:8443", "", Site("papers.example.org", HERE + ":8443")),
        ("", "http://localhost:8000/", Site("localhost", "http://localhost:8000")),
        ("", "https://papers.example.org/daily/", Site("papers.example.org", HERE)),
    ],
)
def test_a_site_is_known_as_browsers_know_it(tmp_path: Path, public: str, seen: str, site: Site) -> None:
    """The public address counts, else the one that was asked; a path and a default port are no part of it."""
    lib = library_at(tmp_path, {"base_url": public})
    assert site_of(lib, seen) == site


@pytest.mark.parametrize(
    ("seen", "told"),
    [
        ("http://127.0.0.1:8000/", "open http://localhost:8000 instead"),
        ("http://papers.example.org/", "is not encrypted"),
        ("ftp://papers.example.org/", "is no web address"),
    ],
)
def test_where_browsers_have_no_passkeys_the_page_says_so(tmp_path: Path, seen: str, told: str) -> None:
    """An address in numbers, or without encryption, is told with the way out."""
    with pytest.raises(UsageError, match=told):
        site_of(Library(config.load({}, home=tmp_path)), seen)


def test_without_the_extra_pages_say_so(lib: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sign-in page then has its other ways alone, and the settings tell that there are no passkeys."""
    assert "Sign in with a passkey" in browser(lib).get("/sign-in").text
    monkeypatch.setattr(passkeys, "are_installed", lambda: False)

    assert "passkey" not in browser(lib).get("/sign-in").text
    assert "installed without passkeys" in signed_in(lib, "ada").get("/settings").text
    assert browser(lib).post("/sign-in/passkey/ask").status_code == 503


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The paths to all that stands in a tree of objects."""
    for name, inner in value.items():
        yield from leaves(inner, (*path, name)) if isinstance(inner, dict) else [(*path, name)]


@pytest.mark.slow
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_garbled_answers_are_refused_in_order(lib: Library, data: st.DataObject) -> None:
    """Whatever stands where in the answer of a device, it is a refusal and never a fault of ours."""
    here, ada = Site("papers.example.org", HERE), reader(lib)
    made = json.loads(Authenticator(HERE).make(passkeys.ask_to_add(lib, ada, here, "browser", "place")))
    *outer, last = data.draw(st.sampled_from([p for p in leaves(made) if p[-1] != "transports"]))
    garbled = deepcopy(made)
    place = garbled
    for name in outer:
        place = place[name]
    place[last] = data.draw(st.none() | st.integers() | st.text(max_size=8) | st.just({}))

    with pytest.raises(UsageError):
        passkeys.add(lib, ada, here, "browser", "Phone", json.dumps(garbled))


@pytest.mark.slow
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "id",
                        "rawId",
                        "type",
                        "response",
                        "clientDataJSON",
                        "authenticatorData",
                        "signature",
                        "userHandle",
                    ]
                )
                | st.text(),
                inner,
                max_size=6,
            )
        ),
        max_leaves=12,
    )
)
def test_no_answer_is_more_than_refused(answer: object) -> None:
    """Whatever JSON somebody sends, reading it ends in our one sentence."""
    from broadsheet.library.access import ceremonies

    for read in (ceremonies.challenge_in, ceremonies.identity_in):
        with contextlib.suppress(UsageError), ceremonies.told():
            read(json.dumps(answer))
