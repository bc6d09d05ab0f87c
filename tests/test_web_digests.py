"""The links of a digest in a browser and in a mail program, the archive, and signing up."""

import email
import email.policy
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from fastapi.testclient import TestClient

from broadsheet.library.access import tickets
from broadsheet.library.digests import archive, subscription
from broadsheet.library.digests.deliver import deliver
from broadsheet.library.digests.sign_up import TRIES
from broadsheet.library.digests.subscription import Wanted, turn_on
from broadsheet.library.handle import Library
from broadsheet.library.interest.profiles import add_interest, list_interests
from broadsheet.library.readers import Details, add_reader, find_reader, list_readers, prefer, preferences_of
from broadsheet.library.shelf.mark import marks_of
from broadsheet.library.upkeep.status import status
from broadsheet.rank.profile import Said
from broadsheet.types import Mail, Preferences, Reader
from broadsheet.web.app import create_app
from broadsheet.web.names import STATES
from tests.libraries import library_at
from tests.smtp_server import MailServer, mail_server
from tests.visitors import HERE, csrf_of, signed_in

MORNING = datetime(2025, 11, 20, 7, tzinfo=UTC)


@dataclass
class Site:
    """A library, its pages in a browser, its mail server and its clock."""

    lib: Library
    browser: TestClient
    server: MailServer
    clock: list[datetime]

    def link(self, kind: str) -> str:
        """The path of a link in the last mail."""
        found = re.search(rf"http://testserver(/{kind}/[^\s\"<]+)", self.text())
        assert found
        return found[1]

    def text(self) -> str:
        """The last mail's text part."""
        message = email.message_from_bytes(self.server.box.taken[-1][1], policy=email.policy.default)
        part = message.get_body(("plain",))
        assert part is not None
        text: str = part.get_content()
        return text

    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([^"]+)"', self.browser.get("/status").text)
        assert found
        return found[1]


@pytest.fixture
def site(topics_home: Path, tmp_path: Path) -> Iterator[Site]:
    """Open for sign-ups, with papers of three subjects."""
    shutil.copytree(topics_home, tmp_path / "home")
    clock = [MORNING - timedelta(hours=12)]
    with mail_server() as server:
        options = {
            "smtp.url": f"smtp://localhost:{server.port}",
            "smtp.sender": "papers@example.org",
            "smtp.tls": "off",
            "base_url": "http://testserver",
            "timezone": "UTC",
            "access.sign_up": True,
        }
        with library_at(tmp_path / "home", options, lambda: clock[0]) as lib:
            yield Site(lib, TestClient(create_app(lib), follow_redirects=False, headers=HERE), server, clock)


def _sent(site: Site) -> Reader:
    """A reader who has got a digest."""
    who = add_reader(site.lib, "ada", Details(email="ada@example.org"))
    add_interest(site.lib, "ada", "birds", Said(about=("songbird migration",)))
    turn_on(site.lib, who, Wanted(), confirmed=True)
    site.clock[0] = MORNING
    assert deliver(site.lib).post.sent == 1
    return who


@pytest.mark.slow
def test_opening_links_changes_nothing_and_posting_does(site: Site) -> None:
    """What scanners do with a mail marks and ends nothing; the button does, without signing in."""
    _sent(site)
    page = site.link("d")
    for path in (page, f"{page}/up/1", f"{page}/hide/2", site.link("unsubscribe")):
        answer = site.browser.get(path)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert marks_of(site.lib, "ada") == ([], 0)
    assert subscription.subscription(site.lib, find_reader(site.lib, "ada")).state == "on"

    assert site.browser.post(f"{page}/up/1").status_code == 200
    ((found,), many) = marks_of(site.lib, "ada")
    assert (found.kinds, many) == (("up",), 1)
    for path in (f"{page}/up/99", f"{page}/note/1", "/d/guess/up/1"):
        assert site.browser.post(path).status_code == 404


def test_every_state_of_a_mail_has_a_name_on_pages() -> None:
    """Also the one that lasts a moment."""
    assert set(get_args(get_type_hints(Mail)["state"])) <= STATES.keys()


@pytest.mark.slow
def test_the_page_of_a_digest_shows_what_was_marked(site: Site) -> None:
    """A button of it leads back to it, is shown as pressed then, and takes the mark back; its end leads out."""
    _sent(site)
    page, pressed = site.link("d"), 'value="no" aria-pressed="true"'
    first = site.browser.get(page).text
    assert (pressed in first, page.replace("/d/", "/unsubscribe/") in first) == (False, True)
    assert site.browser.post(f"{page}/save/1", data={"on": "yes"}).headers["location"] == f"{page}#1"
    assert site.browser.get(page).text.count(pressed) == 1
    assert site.browser.post(f"{page}/save/1", data={"on": "no"}).status_code == 303
    assert pressed not in site.browser.get(page).text


@pytest.mark.slow
def test_a_mail_program_unsubscribes_with_one_request(site: Site) -> None:
    """RFC 8058: a POST without cookies, from wherever, answers 2xx and ends it, and a cut-off link ends nothing."""
    _sent(site)
    wire = site.server.box.taken[-1][1].decode()
    header = re.search(r"^List-Unsubscribe: <http://testserver(/unsubscribe/[^>]+)>", wire, re.MULTILINE)
    assert header
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in wire
    strange = TestClient(create_app(site.lib), headers={"Origin": "https://mail.example"})
    for _ in range(2):
        answer = strange.post(header[1], data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert subscription.subscription(site.lib, find_reader(site.lib, "ada")).state == "off"
    assert "No further digest is sent to you" in strange.get(header[1]).text  # it asks no more
    assert strange.post(header[1][:-3]).status_code == 404


@pytest.mark.slow
def test_the_archive_is_the_readers_own(site: Site) -> None:
    """Signed in, a reader sees their digests and what became of the mails; nobody else does."""
    who = _sent(site)
    assert site.browser.get("/digests").status_code == 303
    site.browser.post("/enter/" + tickets.sign_in_link(site.lib, who))
    page = site.browser.get("/digests").text

    assert "2025-11-20" in page
    assert ">sent<" in page
    assert site.browser.get("/digests/2025-11-20").status_code == 200
    assert site.browser.get("/digests/2025-11-19").status_code == 404


@pytest.mark.slow
def test_a_preview_is_no_digest(site: Site) -> None:
    """It shows what would come, to its reader alone; nothing is sent, kept or no longer new."""
    who = add_reader(site.lib, "ada", Details(email="ada@example.org"))
    add_interest(site.lib, "ada", "birds", Said(about=("songbird migration",)))
    assert site.browser.get("/digests/preview").status_code == 303
    site.browser.post("/enter/" + tickets.sign_in_link(site.lib, who))
    first, second = (site.browser.get("/digests/preview").text for _ in range(2))

    assert "For your interests" in first
    assert "Nothing is sent" in first
    listed = [re.findall(r'href="/paper/([^"]+)"', page) for page in (first, second)]
    assert listed[0] == listed[1] != []
    assert archive.digests_of(site.lib, who) == []
    assert site.server.box.taken == []


@pytest.mark.slow
def test_when_and_what_are_changed_on_a_page(site: Site) -> None:
    """The form's values hold, mistakes are told, and the button to stop stops."""
    who = _sent(site)
    site.browser.post("/enter/" + tickets.sign_in_link(site.lib, who))
    form = {"csrf": site.csrf(), "email": "ada@example.org", "cadence": "weekly", "weekday": "4", "at": "18:30"}
    form |= {"most": "5", "zone": "Asia/Tokyo", "section": "trending"}

    assert site.browser.post("/digests/settings", data=form).status_code == 303
    wanted = subscription.subscription(site.lib, who).delivery
    assert wanted
    assert (wanted.cadence, wanted.weekday, f"{wanted.at:%H:%M}", wanted.most) == ("weekly", 4, "18:30", 5)
    assert wanted.sections == ("trending",)
    assert "It comes every Friday, at 18:30" in site.browser.get("/digests").text
    for wrong in ({"zone": "Nowhere"}, {"at": "25:00"}, {"most": "0"}, {"email": "no address"}):
        assert site.browser.post("/digests/settings", data={**form, **wrong}).status_code == 400
    kept = site.browser.post(
        "/digests/settings", data={**form, "zone": "Nowhere", "most": "7", "section": "rising"}
    ).text
    assert re.findall(r'name="(?:zone|most)"[^>]* value="(\w+)"', kept) == ["Nowhere", "7"]
    assert '<option value="rising" selected>' in kept
    assert site.browser.post("/digests/settings", data={**form, "csrf": "guess"}).status_code == 403
    assert site.browser.post("/digests/settings", data={**form, "off": "1"}).status_code == 303
    assert subscription.subscription(site.lib, who).state == "off"


@pytest.mark.slow
def test_from_signing_up_to_the_first_digest_and_out_again(site: Site) -> None:
    """An address and a few words; a mail asks; its link begins; the digest comes at its minute; one click ends it."""
    form = {"email": "bo@example.org", "about": "songbird migration", "fields": "", "zone": "Asia/Tokyo", "at": "07:00"}
    assert site.browser.post("/subscribe", data=form).status_code == 200
    deliver(site.lib)
    assert [to for to, _ in site.server.box.taken] == ["bo@example.org"]
    assert list_readers(site.lib) == []  # nothing but the link stands for them yet
    assert status(site.lib)["mail"]["readers"]["unconfirmed"] == 1
    confirm = site.link("confirm")
    assert site.browser.get(confirm).status_code == site.browser.get(confirm).status_code == 200
    assert "20 November 2025 at 07:00" in site.browser.post(confirm).text

    site.clock[0] = datetime(2025, 11, 19, 22, tzinfo=UTC) - timedelta(seconds=1)  # seven in Tokyo
    assert deliver(site.lib).made == 0
    site.clock[0] += timedelta(seconds=1)
    assert deliver(site.lib).post.sent == 1
    tickets.invite(site.lib, "reader")  # a look at what has expired
    for again in (site.browser.get(confirm), site.browser.post(confirm)):
        assert "Confirmed already" in again.text
        assert "Digests go to bo@example.org." in again.text
    (view,) = list_readers(site.lib)
    assert list_interests(site.lib, view.reader.name)[0].interest.profile.about == ("songbird migration",)
    assert site.browser.post(site.link("unsubscribe")).status_code == 200
    assert site.browser.get(confirm).status_code == site.browser.post(confirm).status_code == 404
    told = status(site.lib)["mail"]
    assert (told["sent_today"], told["queued"], told["readers"]["on"]) == (2, 0, 0)


@pytest.mark.slow
def test_signing_up_tells_nobody_who_is_known_and_is_no_way_to_annoy(site: Site) -> None:
    """A known address gets a sign-in link and no second reader; the page says the same; too many tries are refused."""
    add_reader(site.lib, "ada", Details(email="ada@example.org"))
    about = {"about": "birds"}
    known = site.browser.post("/subscribe", data={"email": "ada@example.org", **about})
    fresh = site.browser.post("/subscribe", data={"email": "eve@example.org", **about})
    deliver(site.lib)

    assert known.text.replace("ada@", "eve@") == fresh.text
    assert len(list_readers(site.lib)) == 1
    assert any(to == "ada@example.org" and b"/enter/" in wire for to, wire in site.server.box.taken)
    codes = [
        site.browser.post("/subscribe", data={"email": f"x{n}@example.org", **about}).status_code for n in range(9)
    ]
    assert codes.count(200) == TRIES - 2
    assert site.browser.post("/subscribe", data={"email": "nobody", **about}).status_code == 400


@pytest.mark.slow
def test_a_link_to_sign_in_is_mailed_and_names_nobody(site: Site) -> None:
    """The page says the same for a reader and for nobody; only the reader gets a mail, and is led on from it."""
    add_reader(site.lib, "ada", Details(email="ada@example.org"))
    assert '<input type="hidden" name="next" value="/mine?n=2">' in site.browser.get("/sign-in?next=/mine?n=2").text
    told = {"next": "/mine?n=2"}
    answers = [site.browser.post("/sign-in/link", data={"name": name, **told}) for name in ("ada", "nobody")]
    deliver(site.lib)

    assert [a.status_code for a in answers] == [200, 200]
    assert answers[0].text == answers[1].text
    assert len(site.server.box.taken) == 1
    entered = site.browser.post(site.link("enter"))
    assert (entered.status_code, entered.headers["location"]) == (303, "/mine?n=2")


@pytest.mark.slow
def test_a_stranger_finds_the_way_to_sign_up(site: Site) -> None:
    """Every page leads there as long as nobody has signed in; a reader needs it no more."""
    assert all('href="/subscribe"' in site.browser.get(page).text for page in ("/", "/sign-in"))
    who = add_reader(site.lib, "ada", Details(email="ada@example.org"))
    site.browser.post("/enter/" + tickets.sign_in_link(site.lib, who))
    assert 'href="/subscribe"' not in site.browser.get("/").text


def test_words_that_are_no_category_are_told_before_they_keep_every_paper_out(site: Site) -> None:
    """Who writes them where fields are asked for is told so; arXiv's and the library's own are taken in any case."""
    form = {"email": "bo@example.org", "about": "birds"}
    answer = site.browser.post("/subscribe", data={**form, "fields": "machine learning"})
    assert answer.status_code == 400
    assert "is no category; write some such as cs.CL" in answer.text
    assert site.browser.post("/subscribe", data={**form, "fields": "CS.cl, math"}).status_code == 200


def test_an_instance_takes_sign_ups_only_if_told_so(tmp_path: Path) -> None:
    """By default there is no such page."""
    with library_at(tmp_path) as lib:
        site = TestClient(create_app(lib), headers=HERE)
        assert site.get("/subscribe").status_code == 404
        assert site.post("/subscribe", data={"email": "a@example.org", "about": "x"}).status_code == 404


@pytest.mark.slow
def test_the_status_page_tells_the_mails_story_without_addresses(site: Site) -> None:
    """What a server said is there, whom it was about is not."""
    site.server.box.answers["ada@example.org"] = "550 <ada@example.org>: no such user"
    who = add_reader(site.lib, "ada", Details(email="ada@example.org"))
    turn_on(site.lib, who, Wanted(cadence="daily"), confirmed=True)
    site.clock[0] = MORNING
    deliver(site.lib)
    page = site.browser.get("/status").text

    assert "no such user" in page
    assert "ada@example.org" not in page
    assert "1 failed" in page


@pytest.mark.slow
def test_a_new_address_is_used_once_it_has_said_yes(site: Site) -> None:
    """It gets a link that works once, the settings say that it is waited for, and the address before is told."""
    add_reader(site.lib, "root", Details(email="root@example.org"))
    add_reader(site.lib, "ada", Details(email="ada@example.org"))
    ada = signed_in(site.lib, "ada")
    form = {"csrf": csrf_of(ada, "/settings"), "display": "Ada", "zone": ""}

    assert (
        "A mail is on its way to al@example.org"
        in ada.post("/settings/about", data={**form, "email": "al@example.org"}).text
    )
    deliver(site.lib)
    first = site.link("address")
    site.clock[0] += timedelta(minutes=1)
    ada.post("/settings/about", data={**form, "email": "ada2@example.org"})
    deliver(site.lib)
    second = site.link("address")
    assert find_reader(site.lib, "ada").email == "ada@example.org"

    assert site.browser.get(first).status_code == 404  # what was asked before is void
    assert "ada2@example.org" in site.browser.get(second).text
    assert find_reader(site.lib, "ada").email == "ada@example.org"
    assert site.browser.post(second).status_code == 200
    assert find_reader(site.lib, "ada").email == "ada2@example.org"
    assert site.browser.post(second).status_code == 404
    assert "on its way" not in ada.get("/settings").text
    deliver(site.lib)
    assert site.server.box.taken[-1][0] == "ada@example.org"
    assert "ada2@example.org" in site.text()


def test_a_digest_s_confirmation_is_not_one_of_the_account(site: Site) -> None:
    """A link of one kind does nothing at the address of the other."""
    who = add_reader(site.lib, "ada", Details(email="ada@example.org"))
    for_digest, own = (
        tickets.confirm_address(site.lib, who, "x@example.org"),
        tickets.own_address(site.lib, who, "x@example.org"),
    )
    assert site.browser.get(f"/address/{for_digest}").status_code == 404
    assert site.browser.get(f"/confirm/{own}").status_code == 404
    assert site.browser.post(f"/confirm/{own}").status_code == 404


@pytest.mark.slow
def test_mails_speak_the_reader_s_language(site: Site) -> None:
    """A digest and its archive are German for who reads German; a newcomer is asked in the language of the page."""
    who = add_reader(site.lib, "ada", Details(email="ada@example.org"))
    prefer(site.lib, who, Preferences(language="de"))
    add_interest(site.lib, "ada", "birds", Said(about=("songbird migration",)))
    turn_on(site.lib, who, Wanted(), confirmed=True)
    site.clock[0] = MORNING
    deliver(site.lib)
    assert "Für Ihre Interessen".upper() in site.text()
    assert "Donnerstag, 20. November 2025" in site.text()
    assert "because you asked" not in site.text()
    assert "Für Ihre Interessen" in site.browser.get(site.link("d")).text

    said = {"email": "neu@example.org", "about": "Vogelzug"}
    site.browser.post("/subscribe", data=said, headers={"accept-language": "de"})
    deliver(site.lib)
    assert "Forschungsarbeiten an neu@example.org" in " ".join(site.text().split())
    site.browser.post(site.link("confirm"))
    newcomer = next(view.reader for view in list_readers(site.lib) if view.reader.email == "neu@example.org")
    assert preferences_of(site.lib, newcomer).language == "de"
