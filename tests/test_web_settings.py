"""The settings page: what a reader changes of themselves, without script, and what nobody else can."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from broadsheet.library.access import passwords, sessions, tokens
from broadsheet.library.handle import Library
from broadsheet.library.harvest import demo
from broadsheet.library.harvest.import_ import import_files
from broadsheet.library.readers import Details, add_reader, find_reader, list_readers, preferences_of
from broadsheet.library.shelf.mark import mark, marked
from broadsheet.types import Preferences, Reader
from broadsheet.web.access import COOKIE
from broadsheet.web.app import create_app
from tests.libraries import library_at, sample_at
from tests.visitors import HERE, csrf_of, signed_in

GOOD = "correct horse battery"


@pytest.fixture
def lib(tmp_path: Path) -> Iterator[Library]:
    """A library with an admin and a reader."""
    with library_at(tmp_path) as made:
        add_reader(made, "root")
        add_reader(made, "ada", Details(email="ada@example.org"))
        yield made


@pytest.fixture
def ada(lib: Library) -> Reader:
    """The reader."""
    return find_reader(lib, "ada")


@pytest.fixture
def site(lib: Library, ada: Reader) -> TestClient:
    """The reader's browser."""
    return signed_in(lib, "ada")


def post(site: TestClient, form: str, **fields: str) -> tuple[int, str]:
    """Send a form of the settings page; its status and what the page says then."""
    answer = site.post(f"/settings/{form}", data={"csrf": csrf_of(site, "/settings"), **fields})
    return answer.status_code, answer.text


@pytest.mark.slow
def test_every_part_of_the_page_is_led_to(site: TestClient) -> None:
    """The page is long, and begins with what is on it."""
    page = site.get("/settings").text
    parts = re.findall(r'<section id="(\w+)"', page)
    assert [place for place in re.findall(r'href="#(\w+)"', page) if place != "main"] == parts


def test_a_reader_says_who_they_are(site: TestClient, lib: Library) -> None:
    """Name and zone are kept; an empty address is none; another one is refused where it cannot be asked by mail."""
    assert post(site, "about", display="Ada L.", email="ADA@example.org", zone="Europe/London")[0] == 200
    changed = find_reader(lib, "ada")
    assert (changed.display, changed.email, changed.zone) == ("Ada L.", "ADA@example.org", "Europe/London")
    status, told = post(site, "about", display="", email="al@example.org", zone="")
    assert (status, find_reader(lib, "ada").email) == (400, "ADA@example.org")
    assert "this instance sends no mail" in told
    post(site, "about", display="", email="", zone="")
    assert find_reader(lib, "ada").email is None


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"zone": "Mars/Olympus"}, "is not known"),
        ({"email": "nowhere"}, "write name@host"),
        ({"email": "ROOT@example.org"}, "is that of another reader"),
    ],
)
def test_what_cannot_be_is_told_beside_its_form(
    site: TestClient, lib: Library, fields: dict[str, str], told: str
) -> None:
    """A zone or an address that is none, and the address of somebody else, change nothing, and stay to be mended."""
    add_reader(lib, "bo", Details(email="root@example.org"))
    status, page = post(site, "about", **fields)

    assert status == 400
    assert told in page
    assert all(f'value="{typed}"' in page for typed in fields.values())
    assert 'action="/settings/about#about"' in page  # without it the page would begin above what is told
    assert find_reader(lib, "ada").email == "ada@example.org"


@pytest.mark.slow
def test_how_pages_look_is_kept_with_the_reader(site: TestClient, lib: Library, ada: Reader) -> None:
    """Colours, density and keys hold on every page and at every browser; what is not offered is refused."""
    demo.load(lib)
    post(site, "pages", theme="dark", view="titles")

    for browser in (site, signed_in(lib, "ada")):
        page = browser.get("/").text
        assert 'data-theme="dark" data-keys="off"' in page
        assert 'class="papers titles"' in page
    assert post(site, "pages", theme="pink", view="titles")[0] == 400
    assert preferences_of(lib, ada) == Preferences("dark", "titles", keys=False)


@pytest.mark.slow
def test_changing_the_password_ends_the_other_sessions(site: TestClient, lib: Library, ada: Reader) -> None:
    """The one before is asked for from who came by it, a weak one is refused, and only this browser stays signed in."""
    assert post(site, "password", new="short")[0] == 400
    assert post(site, "password", new=GOOD)[0] == 200
    elsewhere, _ = sessions.sign_in(lib, ada.id, "link", "")
    by_password = TestClient(create_app(lib), headers=HERE)
    by_password.post("/sign-in", data={"name": "ada", "password": GOOD})

    assert post(by_password, "password", old="a wrong guess", new=GOOD + "!")[0] == 400
    assert sessions.visitor(lib, elsewhere).reader
    assert post(by_password, "password", old=GOOD, new=GOOD + "!")[0] == 200
    assert sessions.visitor(lib, elsewhere) == sessions.NOBODY
    assert passwords.check(lib, "ada", GOOD + "!", "") == ada
    assert by_password.get("/settings").url.path == "/settings"


@pytest.mark.slow
def test_sessions_are_listed_and_ended_one_by_one_or_all(site: TestClient, lib: Library, ada: Reader) -> None:
    """Browsers have names that one knows, this one is marked, and nobody ends the session of another reader."""
    fox, first = sessions.sign_in(
        lib, ada.id, "password", "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0"
    )
    other, _ = sessions.sign_in(lib, ada.id, "password", "curl/8")
    root, foreign = sessions.sign_in(lib, find_reader(lib, "root").id, "password", "")

    page = site.get("/settings").text
    assert "Firefox on Linux" in page
    assert page.count("(this one)") == 1
    assert post(site, "sessions", session=first.id)[0] == 200
    assert sessions.visitor(lib, fox) == sessions.NOBODY
    assert post(site, "sessions", session=foreign.id)[0] == 404
    post(site, "sessions")
    assert sessions.visitor(lib, other) == sessions.NOBODY
    assert sessions.visitor(lib, root).reader
    assert site.get("/settings").url.path == "/settings"


@pytest.mark.slow
def test_a_token_is_shown_once_works_and_is_revoked(site: TestClient, lib: Library, ada: Reader) -> None:
    """The page that makes it is the only one that has it; revoked, it is refused and not taken for nobody's."""
    status, page = post(site, "tokens", name="Notebook", scope="read", days="30")
    shown = re.search(r'class="secret">([^<]+)<', page)
    assert status == 200
    assert shown
    assert shown[1] not in site.get("/settings").text
    program = TestClient(create_app(lib), headers={"Authorization": f"Bearer {shown[1]}"})

    assert program.get("/api/v1/me").json() == {
        "reader": {"name": "ada", "display": "", "role": "reader", "zone": ""},
        "scope": "read",
    }
    assert site.get("/settings").text.count("<td>never</td>") == 0
    (kept,) = tokens.tokens_of(lib, ada)
    assert post(site, "tokens/revoke", token=kept.id)[0] == 200
    refused = program.get("/api/v1/editions")
    assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")


def test_a_token_reaches_neither_the_settings_nor_the_account(site: TestClient, lib: Library, ada: Reader) -> None:
    """A program must not make tokens, change how its reader comes in, or delete them."""
    token = tokens.make_token(lib, ada, "script", "write", None)
    program = TestClient(create_app(lib), headers={"Authorization": f"Bearer {token}"})

    assert program.get("/settings").status_code == 403
    for form, fields in (("tokens", {"name": "x"}), ("password", {"new": GOOD}), ("delete", {"typed": "ada"})):
        assert program.post(f"/settings/{form}", data=fields).status_code == 403
    assert len(tokens.tokens_of(lib, ada)) == 1


def test_a_token_of_another_place_says_nothing(lib: Library) -> None:
    """Programs made for Hugging Face send their token along, and read what is open to all."""
    program = TestClient(create_app(lib), headers={"Authorization": "Bearer hf_abcdefgh"})

    assert program.get("/api/v1/editions").status_code == 200


@pytest.mark.slow
def test_everything_of_a_reader_comes_in_one_file(site: TestClient, lib: Library, tmp_path: Path) -> None:
    """What is downloaded is taken in elsewhere, marks and settings alike."""
    demo.load(lib)
    mark(lib, "ada", "demo:0001", "note", text="compare with ours")
    post(site, "pages", theme="dark", view="compact", keys="1")
    answer = site.get("/settings/export")
    assert "attachment" in answer.headers["content-disposition"]

    with sample_at(tmp_path / "elsewhere") as there:
        (tmp_path / "ada.jsonl").write_bytes(answer.content)
        assert import_files(there, [str(tmp_path / "ada.jsonl")]).dropped_total == 0
        assert marked(there, "ada", "demo:0001").note == "compare with ours"
        assert preferences_of(there, find_reader(there, "ada")) == Preferences("dark", "compact", keys=True)


@pytest.mark.slow
def test_an_account_is_deleted_after_its_name_was_typed(site: TestClient, lib: Library) -> None:
    """Another word changes nothing; then the reader is gone, and so is the browser's session."""
    assert post(site, "delete", typed="yes")[0] == 400
    status, page = post(site, "delete", typed="Ada")

    assert (status, "Everything that was yours is deleted" in page) == (200, True)
    assert [view.reader.name for view in list_readers(lib)] == ["root"]
    assert COOKIE not in site.cookies
    assert site.get("/settings", follow_redirects=False).status_code == 303


@pytest.mark.slow
def test_the_only_admin_does_not_leave_others_alone(lib: Library) -> None:
    """Somebody has to be able to administer what others use; who is alone may go."""
    site = signed_in(lib, "root")
    status, page = post(site, "delete", typed="root")
    assert (status, "is the only admin" in page) == (400, True)

    assert post(signed_in(lib, "ada"), "delete", typed="ada")[0] == 200
    assert post(site, "delete", typed="root")[0] == 200


@pytest.mark.parametrize("form", ["about", "pages", "password", "sessions", "tokens", "tokens/revoke", "delete"])
def test_no_form_is_believed_without_our_word_in_it(site: TestClient, form: str) -> None:
    """Each of them needs what only our page could have put there, and a reader."""
    assert site.post(f"/settings/{form}", data={"csrf": "guess"}).status_code == 403
    assert TestClient(site.app, headers=HERE).post(f"/settings/{form}").status_code == 401


def test_the_address_of_a_form_s_answer_leads_to_the_page_of_the_form(site: TestClient) -> None:
    """Who opens again what a form was sent to, or sends it after their session ended, goes on at its page."""
    went = site.get("/settings/tokens", follow_redirects=False)
    assert (went.status_code, went.headers["location"]) == (303, "/settings")
    assert site.get("/mark", follow_redirects=False).headers["location"] == "/"
    assert site.put("/settings").status_code == 405

    stranger = TestClient(site.app, headers=HERE)
    for form, page in (("tokens", "/settings"), ("tokens/revoke", "/settings")):
        assert f'href="/sign-in?next={page}"' in stranger.post(f"/settings/{form}").text
    kept = stranger.post("/mark", data={"say": "up x", "back": "/2026-11-20?sort=new"}).text
    assert 'href="/sign-in?next=/2026-11-20%3Fsort%3Dnew"' in kept
    file = {"file": ("refs.bib", b"no end")}
    assert 'href="/sign-in?next=/collection/1"' in stranger.post("/collection/1/import", files=file).text
    elsewhere = stranger.post("/mark", data={"say": "up x", "back": "//example.org/"}).text
    assert 'href="/sign-in?next=/"' in elsewhere
