"""Digests to webhooks and services: signed, given once, tried again, seen when they fail, never into private nets."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from time import sleep

import orjson
import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from broadsheet import config, net
from broadsheet.digest import webhook
from broadsheet.digest.bulletin import MOST, bulletin
from broadsheet.digest.content import Content, Item, Section
from broadsheet.errors import SettingError, UsageError
from broadsheet.jobs import courier, deliver_everywhere
from broadsheet.library.answers import delivered_fields
from broadsheet.library.digests.archive import digests_of
from broadsheet.library.digests.deliver import deliver
from broadsheet.library.digests.subscription import Wanted, turn_on
from broadsheet.library.export import write_reader
from broadsheet.library.handle import Library, no_progress
from broadsheet.library.harvest.import_ import import_files
from broadsheet.library.interest.profiles import add_interest
from broadsheet.library.mails.post import LEASE, WAITS
from broadsheet.library.outlets.keep import add_outlet, outlets_of, remove_outlet, try_outlet
from broadsheet.library.outlets.send import SUSPENDED_AFTER, send_dispatches
from broadsheet.library.readers import Details, add_reader, find_reader, prefer, remove_reader
from broadsheet.library.upkeep.status import status
from broadsheet.rank.profile import Said
from broadsheet.store import outlets
from broadsheet.types import Outlet, Preferences, Reader
from broadsheet.web.app import create_app
from broadsheet.words.catalogue import words
from tests.libraries import library_at
from tests.receiver import Got, Receiver, is_signed, receiver

MORNING = datetime(2025, 11, 20, 7, tzinfo=UTC)


@dataclass
class Desk:
    """A library, a reader of it, its clock, and a server that takes what is given to it."""

    lib: Library
    who: Reader
    clock: list[datetime]
    taker: Receiver

    def made(self, **given: object) -> Outlet:
        return add_outlet(self.lib, self.who, f"{self.taker.url}/hook", **given)  # type: ignore[arg-type]


@pytest.fixture
def desk(topics_home: Path, tmp_path: Path) -> Iterator[Desk]:
    """Outlets on this machine are allowed, and no mail server is set up."""
    shutil.copytree(topics_home, tmp_path / "home")
    clock = [MORNING - timedelta(hours=12)]
    options = {"outlets.private": True, "outlets.timeout": 2.0, "outlets.services": ["json"], "timezone": "UTC"}
    settings = config.load({}, home=tmp_path / "home", options=options)
    with receiver() as taker, Library(settings, now=lambda: clock[0]) as lib:
        who = add_reader(lib, "ada", Details(email="ada@example.org"))
        add_interest(lib, "ada", "birds", Said(about=("songbird migration",)))
        yield Desk(lib, who, clock, taker)


@pytest.mark.slow
def test_a_digest_goes_to_a_webhook_signed_and_without_any_mail_server(desk: Desk) -> None:
    """At its hour the digest is handed over once, as JSON that its receiver can check, and is in the archive."""
    made = desk.made()
    desk.clock[0] = MORNING
    assert deliver(desk.lib).made == 1
    assert send_dispatches(desk.lib).sent == 1
    deliver(desk.lib)
    assert send_dispatches(desk.lib).sent == 0

    (got,) = desk.taker.got
    doc = orjson.loads(got.body)
    assert (doc["type"], doc["reader"], doc["edition"]) == ("digest", "ada", "2025-11-20")
    assert any(item["title"] and item["why"] for section in doc["sections"] for item in section["items"])
    assert is_signed(made.secret, got.headers, got.body, MORNING)
    assert digests_of(desk.lib, desk.who)[0].state == "sent elsewhere"
    assert outlets_of(desk.lib, desk.who)[0].outlet.reached == MORNING


@pytest.mark.slow
def test_only_the_sections_that_were_asked_for_go_there(desk: Desk) -> None:
    """An outlet of one section gets that one, and nothing on a day when it is empty."""
    desk.made(name="interests", sections=("interests",))
    desk.made(name="authors", sections=("authors",))
    desk.clock[0] = MORNING
    deliver(desk.lib)
    assert send_dispatches(desk.lib).sent == 1

    assert [s["name"] for s in orjson.loads(desk.taker.got[0].body)["sections"]] == ["interests"]


@pytest.mark.slow
@pytest.mark.parametrize("status_code", [503, 429, None])
def test_what_may_pass_is_tried_again_under_the_same_id(desk: Desk, status_code: int | None) -> None:
    """A receiver that is busy or hangs up gets it later, and can tell that it is the same."""
    desk.made()
    desk.clock[0] = MORNING
    deliver(desk.lib)
    desk.taker.answers = [status_code]
    assert send_dispatches(desk.lib).later == 1
    assert outlets_of(desk.lib, desk.who)[0].outlet.said
    assert status(desk.lib)["outlets"]["trouble"][0]["state"] == "queued"
    desk.clock[0] += WAITS[0]
    assert send_dispatches(desk.lib).sent == 1

    first, second = desk.taker.got
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]
    assert not outlets_of(desk.lib, desk.who)[0].outlet.said


@pytest.mark.slow
def test_an_outlet_that_goes_on_refusing_is_suspended_until_a_test_is_taken(desk: Desk) -> None:
    """After some refusals in a row nothing more is sent, the status tells it, and a good test begins anew."""
    made = desk.made()
    desk.taker.answers = [400] * SUSPENDED_AFTER
    for number in range(SUSPENDED_AFTER):
        with desk.lib.store.writing() as conn:
            outlets.put(conn, made.id, f"digest:{number}", "{}", desk.clock[0])
        assert send_dispatches(desk.lib).failed == 1
    assert outlets_of(desk.lib, desk.who)[0].state == "suspended"
    assert any("suspended" in problem for problem in status(desk.lib)["problems"])

    assert try_outlet(desk.lib, desk.who, made.name).fate == "sent"
    assert outlets_of(desk.lib, desk.who)[0].state == "on"


def test_a_receiver_that_is_gone_is_suspended_at_once(desk: Desk) -> None:
    """410 says that nobody waits there any more."""
    made = desk.made()
    desk.taker.answers = [410]
    with desk.lib.store.writing() as conn:
        outlets.put(conn, made.id, "digest:1", "{}", desk.clock[0])
    send_dispatches(desk.lib)

    assert outlets_of(desk.lib, desk.who)[0].state == "suspended"


@pytest.mark.slow
def test_what_a_dead_process_had_goes_to_a_webhook_again_and_is_in_doubt_for_a_service(desk: Desk) -> None:
    """A webhook's receiver knows the id; a chat would show the message twice."""
    pytest.importorskip("apprise")
    hook = desk.made()
    chat = add_outlet(desk.lib, desk.who, desk.taker.url.replace("http://", "json://") + "/chat", "chat")
    with desk.lib.store.writing() as conn:
        for to in (hook, chat):
            outlets.put(conn, to.id, "digest:1", '{"title": "t", "text": "x"}', desk.clock[0])
        assert outlets.take(conn, desk.clock[0], desk.clock[0] + LEASE)
        assert outlets.take(conn, desk.clock[0], desk.clock[0] + LEASE)
    assert send_dispatches(desk.lib).sent == 0
    desk.clock[0] += LEASE
    assert send_dispatches(desk.lib).sent == 1

    assert [got.path for got in desk.taker.got] == ["/hook"]
    assert status(desk.lib)["outlets"]["uncertain"] == 1


@pytest.mark.slow
def test_a_service_gets_a_short_message_with_links_that_act_for_nobody(desk: Desk) -> None:
    """Titles, why and the pages of the papers; no secret of the reader's goes into a channel."""
    pytest.importorskip("apprise")
    add_outlet(desk.lib, desk.who, desk.taker.url.replace("http://", "json://") + "/chat", "chat")
    desk.clock[0] = MORNING
    deliver(desk.lib)
    assert send_dispatches(desk.lib).sent == 1

    doc = orjson.loads(desk.taker.got[0].body)
    assert "/paper/" in doc["message"]
    assert "/d/" not in doc["message"]


@pytest.mark.parametrize(
    ("url", "said"),
    [("", "none"), ("https://", "none"), ("ftp://example.org/x", "no service"), ("file:///etc/passwd", "none"),
     ("http://example.org/x", "not encrypted"), ("https://127.0.0.1/x", "private"), ("https://localhost/x", "private"),
     ("https://[::1]/", "private"), ("https://[::ffff:10.0.0.1]/", "private"), ("https://169.254.169.254/", "private"),
     ("https://[64:ff9b::7f00:1]/", "private"), ("https://0x7f000001/", "private"), ("ntfy://127.0.0.1/x", "private"),
     ("https://a b/", "none"), ("mailto://a:b@example.org", "no service"), ("slack://nothing", "not understood")],
)  # fmt: skip
def test_addresses_that_must_not_be_are_refused_in_a_sentence(tmp_path: Path, url: str, said: str) -> None:
    """What is no address, is not encrypted or leads into a private network is refused before anything is stored."""
    if url.startswith("slack"):
        pytest.importorskip("apprise")
    with Library(config.load({}, home=tmp_path), now=lambda: MORNING) as lib:
        who = add_reader(lib, "ada")
        with pytest.raises(UsageError, match=said):
            add_outlet(lib, who, url)


@pytest.mark.slow
def test_a_check_tells_of_services_that_there_are_not(tmp_path: Path) -> None:
    """A name in the settings that Apprise does not know is a problem; those that are there by themselves are known."""
    pytest.importorskip("apprise")
    given = config.load({}, home=tmp_path).outlets.services
    with library_at(tmp_path, {"outlets.services": [*given, "slak"]}) as lib:
        told = [problem for problem in status(lib, check=True)["problems"] if "services" in problem]

    assert told == ["setting outlets.services: 'slak' is no service of Apprise; its wiki lists them"]


def test_a_name_that_became_private_later_leads_nowhere(desk: Desk) -> None:
    """The address is looked at again when something is sent, and no redirect is followed."""
    told = net.hand_in(f"{desk.taker.url}/hook", b"{}", {}, timeout=2, private=False)
    assert told.status is None
    assert "private" in told.said
    desk.taker.answers = [302]
    assert net.hand_in(f"{desk.taker.url}/hook", b"{}", {}, timeout=2, private=True).status == 302
    assert len(desk.taker.got) == 1


@given(st.binary(max_size=200), st.binary(min_size=24, max_size=64), st.integers(-600, 600))
def test_a_signature_holds_for_its_body_and_its_time(body: bytes, raw: bytes, late: int) -> None:
    """Another body, another secret, or a clock more than five minutes away is refused."""
    secret = webhook.secret_of(raw)
    headers = {k.lower(): v for k, v in webhook.signed_headers(secret, "id", MORNING, body).items()}

    assert is_signed(secret, headers, body, MORNING + timedelta(seconds=late)) == (abs(late) <= 300)
    assert not is_signed(secret, headers, body + b"x", MORNING)
    assert not is_signed(webhook.secret_of(raw[::-1] + b"!"), headers, body, MORNING)


def test_the_signature_is_that_of_the_standard() -> None:
    """The example of Standard Webhooks comes out as its authors print it."""
    at, secret = datetime.fromtimestamp(1614265330, UTC), "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    headers = webhook.signed_headers(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')

    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.slow
def test_an_export_has_the_outlets_and_what_is_taken_in_sends_nothing_yet(desk: Desk, tmp_path: Path) -> None:
    """Address, secret and sections come along; somebody has to try it before anything goes there."""
    made = desk.made(sections=("authors",))
    file = tmp_path / "ada.jsonl"
    with file.open("wb") as out:
        write_reader(desk.lib, desk.who, out)
    with Library(config.load({}, home=tmp_path / "other"), now=lambda: MORNING) as other:
        import_files(other, [str(file)])
        (found,) = outlets_of(other, find_reader(other, "ada"))

    assert (found.outlet.url, found.outlet.secret, found.outlet.sections) == (made.url, made.secret, ("authors",))
    assert found.state == "suspended"


def test_outlets_go_with_their_reader(desk: Desk) -> None:
    """Who leaves takes outlets and what was queued for them along; one that is taken away gets nothing more."""
    made = desk.made()
    with desk.lib.store.writing() as conn:
        outlets.put(conn, made.id, "digest:1", "{}", desk.clock[0])
    remove_outlet(desk.lib, desk.who, made.name)
    assert send_dispatches(desk.lib).sent == 0
    desk.made()
    remove_reader(desk.lib, "ada")
    with desk.lib.store.reading() as conn:
        assert outlets.every(conn) == []


@pytest.mark.slow
def test_the_page_adds_tries_and_takes_away(desk: Desk) -> None:
    """A reader sees the secret once, tests, and reads why something failed; others see nothing of it."""
    from broadsheet.library.access import tickets

    browser = TestClient(create_app(desk.lib), follow_redirects=False, headers={"Origin": "http://testserver"})
    assert browser.get("/digests/outlets").status_code in (303, 307, 401)
    browser.post(f"/enter/{tickets.sign_in_link(desk.lib, desk.who)}")
    page = browser.get("/digests/outlets").text
    csrf = page.split('name="csrf" value="')[1].split('"')[0]
    bad = browser.post("/digests/outlets", data={"csrf": csrf, "url": "nothing"})
    added = browser.post("/digests/outlets", data={"csrf": csrf, "url": f"{desk.taker.url}/?token=hush", "name": "lab"})
    desk.taker.answers = [200, 500]
    taken = browser.post("/digests/outlets/test", data={"csrf": csrf, "name": "lab"}).text
    refused = browser.post("/digests/outlets/test", data={"csrf": csrf, "name": "lab"}).text

    assert bad.status_code == 400
    assert "whsec_" in added.text.split('id="add-title"')[1]  # where the form leads, as it is not shown again
    assert "hush" not in added.text
    assert "lab took a test message" in taken
    assert "did not take" in refused
    assert "whsec_" not in browser.get("/digests/outlets").text
    assert browser.post("/digests/outlets/remove", data={"csrf": csrf, "name": "lab"}).status_code == 303
    assert outlets_of(desk.lib, desk.who) == []


def test_a_message_speaks_its_readers_language_and_shows_no_more_than_fits() -> None:
    """Twelve papers over all sections, and a link to the rest, in words of the language that it is told in."""
    items = [Item(n, f"arxiv:2511.{n:05}", f"Title *{n}*", "", "", (), (), ()) for n in range(1, 16)]
    sections = (Section("trending", "Im Trend", tuple(items[:9])), Section("rising", "Steigend", tuple(items[9:])))
    content = Content("2025-11-20", MORNING.date(), sections)
    told = bulletin(content, lambda key: f"/{key}", "/archive", words("de"))

    assert told.count("\n- [") == MOST
    assert r"- [Title \*10\*](/arxiv:2511.00010)" in told
    assert told.endswith("[+ 3 weitere](/archive)\n")


def test_a_trial_speaks_its_readers_language(desk: Desk) -> None:
    """The message of a trial is in the words that the reader's digests will have."""
    made = desk.made()
    prefer(desk.lib, desk.who, Preferences(language="de"))
    try_outlet(desk.lib, desk.who, made.name)
    assert orjson.loads(desk.taker.got[0].body)["text"].startswith("Das ist eine Probe von")


@pytest.mark.slow
def test_what_outlets_got_is_told_and_a_missing_mail_server_keeps_nothing_from_them(desk: Desk) -> None:
    """One run says how many messages went out; where another reader's mail has no server, outlets get theirs first."""
    made = desk.made()
    desk.clock[0] = MORNING
    done = deliver_everywhere(desk.lib, Event(), progress=no_progress)
    assert delivered_fields(done)["outlets"] == {"sent": 1, "later": 0, "failed": 0}

    bo = add_reader(desk.lib, "bo", Details(email="bo@example.org"))
    turn_on(desk.lib, bo, Wanted(cadence="daily"), confirmed=True)
    desk.clock[0] += timedelta(days=1)
    with desk.lib.store.writing() as conn:
        outlets.put(conn, made.id, "digest:2025-11-21", "{}", desk.clock[0])
    with pytest.raises(SettingError, match="no mail server"):
        deliver_everywhere(desk.lib, Event(), progress=no_progress)
    assert len(desk.taker.got) == 2


class _OnceGot(Event):
    """Asks for the end once a receiver got something."""

    def __init__(self, taker: Receiver) -> None:
        super().__init__()
        self._taker = taker

    def is_set(self) -> bool:
        return bool(self._taker.got)


@pytest.mark.slow
def test_who_is_stopped_ends_with_the_message_in_hand(desk: Desk) -> None:
    """What is queued for other outlets stays so, and the next run sends it."""
    for name in ("one", "two", "three"):
        desk.made(name=name)
    desk.clock[0] = MORNING
    stopped = deliver_everywhere(desk.lib, _OnceGot(desk.taker), progress=no_progress)
    assert (stopped.outlets.sent, status(desk.lib)["outlets"]["queued"]) == (1, 2)
    assert deliver_everywhere(desk.lib, Event(), progress=no_progress).outlets.sent == 2


class _Slow(list[Got]):
    """What a receiver got, who takes a while over it. `begun`: whether there is anything."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = Event()

    def append(self, got: Got) -> None:
        self.begun.set()
        sleep(0.3)
        super().append(got)


@pytest.mark.slow
def test_a_server_that_ends_waits_a_moment_for_the_message_in_hand(desk: Desk) -> None:
    """What became of it is known, and what is queued behind it is left to the next."""
    for name in ("one", "two"):
        desk.made(name=name)
    desk.clock[0] = MORNING
    deliver(desk.lib)
    desk.taker.got = got = _Slow()
    sends = courier(desk.lib)
    sends.start()
    assert got.begun.wait(10)
    sends.close()
    told = status(desk.lib)["outlets"]
    assert (told["sent_today"], told["queued"]) == (1, 1)
