"""Administration over the pages: who may, what it changes, and that it is obeyed."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from msgspec.structs import replace

from broadsheet import config
from broadsheet.errors import UsageError
from broadsheet.library.access import passwords, proxy_login, sessions, tickets, tokens
from broadsheet.library.handle import Library
from broadsheet.library.harvest import demo
from broadsheet.library.harvest.due import known_sources
from broadsheet.library.harvest.import_ import import_files
from broadsheet.library.papers.show import show
from broadsheet.library.readers import Details, add_reader, find_reader, list_readers, set_disabled
from broadsheet.library.upkeep import switches
from broadsheet.web.app import create_app
from tests.libraries import library_at
from tests.shell import write_listing
from tests.visitors import HERE, csrf_of, signed_in

GOOD = "correct horse battery"
NOWHERE = {"arxiv.feed_url": "http://127.0.0.1:9/", "arxiv.oai_url": "http://127.0.0.1:9/", "net.retries": 0}
TITLE = "Counting bees from the sound of a meadow in the early morning"
PREPRINT = {"id": "2511.00001", "title": TITLE, "authors": ["Mara Feld", "Ivo Lind"], "categories": ["cs.SD"]}
BIB = f"@article{{x, title={{{TITLE}}}, author={{Feld, Mara and Lind, Ivo}}, doi={{10.1000/bees}}, year={{2025}}}}"


@pytest.fixture
def lib(tmp_path: Path) -> Iterator[Library]:
    """A library with a reader of each role, whose sources are down."""
    with library_at(tmp_path / "home", NOWHERE) as made:
        for role in ("admin", "editor", "reader"):
            add_reader(made, role, Details(role=role))
        yield made


@pytest.fixture
def site(lib: Library) -> TestClient:
    """The admin's browser."""
    return signed_in(lib, "admin")


def post(site: TestClient, form: str, **fields: str) -> tuple[int, str]:
    """Send a form of the administration; its status and what the page says then."""
    answer = site.post(form, data={"csrf": csrf_of(site, "/status"), **fields})
    return answer.status_code, answer.text


FORMS = ("/admin/invitations", "/admin/invitations/revoke", "/admin/switch", "/admin/pull", "/admin/readers/reader")


@pytest.mark.slow
def test_administration_is_for_admins(lib: Library) -> None:
    """Editors get what suits them, readers nothing, strangers the form to sign in, programs a refusal."""
    editor, reader = signed_in(lib, "editor"), signed_in(lib, "reader")
    for form in FORMS:
        assert post(editor, form)[0] == post(reader, form)[0] == 403
    for path in ("/admin", "/admin/readers/admin"):
        assert editor.get(path).status_code == reader.get(path).status_code == 403
    assert (editor.get("/admin/merges").status_code, reader.get("/admin/merges").status_code) == (200, 403)
    assert post(reader, "/admin/merges", do="right")[0] == 403
    stranger = TestClient(create_app(lib), headers=HERE, follow_redirects=False)
    assert stranger.get("/admin").headers["location"] == "/sign-in?next=/admin"
    token = tokens.make_token(lib, find_reader(lib, "admin"), "script", "write", None)
    assert stranger.get("/admin", headers={"Authorization": f"Bearer {token}"}).status_code == 403


@pytest.mark.parametrize("form", [*FORMS, "/admin/merges"])
def test_no_form_is_believed_without_our_word_in_it(site: TestClient, form: str) -> None:
    """Being an admin is not enough; the form must be of our page."""
    assert site.post(form, data={"csrf": "guess", "do": "disable", "path": "access.anonymous"}).status_code == 403


@pytest.mark.slow
def test_an_invitation_is_made_shown_once_and_taken_back(site: TestClient, lib: Library) -> None:
    """Its link stands on the page that made it alone; whoever has it joins, unless it was taken back."""
    status, page = post(site, "/admin/invitations", role="editor", email="bo@example.org")
    link = re.search(r'class="secret">http://testserver(/join/[^<]+)<', page)
    assert (status, bool(link)) == (200, True)
    assert link
    assert link[1] not in site.get("/admin").text
    guest = TestClient(create_app(lib), headers=HERE)
    assert guest.get(link[1]).status_code == 200

    (open_one,) = tickets.invitations(lib)
    assert post(site, "/admin/invitations/revoke", invitation=open_one.id)[0] == 200
    assert guest.get(link[1]).status_code == 404
    assert post(site, "/admin/invitations", role="king")[0] == 400


@pytest.mark.slow
def test_who_is_disabled_is_let_in_by_no_way(site: TestClient, lib: Library) -> None:
    """Session, token, password and link stop at once, and all but the session work again when they are let in."""
    reader = find_reader(lib, "reader")
    passwords.set_password(lib, reader, GOOD)
    session, _ = sessions.sign_in(lib, reader.id, "password", "")
    token, link = tokens.make_token(lib, reader, "script", "read", None), tickets.sign_in_link(lib, reader)
    assert "disabled" in post(site, "/admin/readers/reader", do="disable")[1].lower()

    assert sessions.visitor(lib, session) == tokens.bearer(lib, token) == sessions.NOBODY
    assert passwords.check(lib, "reader", GOOD, "") is None
    assert TestClient(create_app(lib), headers=HERE).post(f"/enter/{link}").status_code == 404
    post(site, "/admin/readers/reader", do="enable")
    assert sessions.visitor(lib, session) == sessions.NOBODY
    assert tokens.bearer(lib, token).reader == passwords.check(lib, "reader", GOOD, "") == reader


@pytest.mark.slow
def test_a_reader_gets_another_role_and_is_forgotten(site: TestClient, lib: Library) -> None:
    """Forgetting needs the name typed; an admin neither disables nor forgets themselves here."""
    post(site, "/admin/readers/reader", do="role", role="editor")
    assert find_reader(lib, "reader").role == "editor"
    assert post(site, "/admin/readers/reader", do="forget", typed="no")[0] == 400
    assert post(site, "/admin/readers/reader", do="forget", typed="reader")[0] == 200
    assert [v.reader.name for v in list_readers(lib)] == ["admin", "editor"]
    for do in ("disable", "forget"):
        assert post(site, "/admin/readers/admin", do=do, typed="admin")[0] == 400
    assert post(site, "/admin/readers/admin", do="role", role="reader")[0] == 400


def test_the_only_admin_is_not_disabled_from_the_command_line_either(lib: Library) -> None:
    """Of those who stay somebody can administer."""
    with pytest.raises(UsageError, match="only admin"):
        set_disabled(lib, "admin", disabled=True)


@pytest.mark.slow
def test_a_source_that_is_switched_off_is_not_harvested(site: TestClient, lib: Library) -> None:
    """The switch is kept in the library: other processes obey it, and what counts papers can be switched on."""
    post(site, "/admin/switch", path="arxiv.enabled", value="off")
    post(site, "/admin/switch", path="github.enabled", value="on")

    with library_at(lib.home) as other:
        other.refresh()
        assert list(known_sources(other)) == ["huggingface", "github"]
        assert other.settings.origins["github.enabled"] == "library"


@pytest.mark.slow
def test_what_the_machine_says_counts_for_more(tmp_path: Path) -> None:
    """A setting of the environment is shown as such and cannot be switched on the page."""
    settings = config.load({"BROADSHEET_GITHUB__ENABLED": "yes"}, home=tmp_path, options={"encoder": "none"})
    with Library(settings) as lib:
        add_reader(lib, "admin")
        site = signed_in(lib, "admin")
        assert "set by environment" in site.get("/admin").text
        assert post(site, "/admin/switch", path="github.enabled", value="off")[0] == 400
        assert post(site, "/admin/switch", path="smtp.url", value="on")[0] == 400
        assert lib.settings.github.enabled


@pytest.mark.slow
def test_closing_the_instance_holds_at_once_and_for_what_is_remembered(site: TestClient, lib: Library) -> None:
    """A feed that anybody got a moment ago is refused, and is private to those who still get it."""
    demo.load(lib)
    stranger = TestClient(create_app(lib), follow_redirects=False)
    assert stranger.get("/newest.atom").headers["cache-control"].startswith("public")
    post(site, "/admin/switch", path="access.anonymous", value="off")

    assert stranger.get("/newest.atom").status_code == 401
    assert stranger.get("/").status_code == 303
    assert site.get("/newest.atom").headers["cache-control"].startswith("private")
    post(site, "/admin/switch", path="access.anonymous", value="on")
    assert stranger.get("/newest.atom").status_code == 200


@pytest.mark.slow
def test_the_categories_of_arxiv_are_chosen_on_the_page(site: TestClient, lib: Library) -> None:
    """They are what the next harvest asks for; none at all is refused."""
    post(site, "/admin/switch", path="arxiv.categories", value="math, math; q-bio.NC")
    assert lib.settings.arxiv.categories == ("math", "q-bio.NC")
    post(site, "/admin/switch", path="arxiv.categories", value="math q-bio.XX")
    assert "category &#39;q-bio.XX&#39; is not known to be one of arXiv&#39;s" in site.get("/admin").text
    assert post(site, "/admin/switch", path="arxiv.categories", value=" ")[0] == 400


@pytest.mark.slow
def test_pull_now_begins_a_harvest_whose_outcome_is_seen(site: TestClient, lib: Library) -> None:
    """The page does not wait; the harvest's run says what came of it."""
    assert post(site, "/admin/pull", source="arxiv")[0] == 200
    lib.background.join()

    page = site.get("/admin").text
    assert "The harvest ended" in page
    assert "arxiv: " in site.get("/status").text
    assert post(site, "/admin/pull", source="nowhere")[0] == 200
    lib.background.join()
    assert "source nowhere: is not known" in site.get("/admin").text


@pytest.fixture
def joined(lib: Library, tmp_path: Path) -> str:
    """The key of a paper that was joined from a preprint and an article."""
    (tmp_path / "a.bib").write_text(BIB)
    import_files(lib, [str(write_listing(tmp_path / "p.jsonl", [PREPRINT])), str(tmp_path / "a.bib")])
    return show(lib, "arxiv:2511.00001", related=0).paper.key


@pytest.mark.slow
def test_an_editor_takes_papers_apart_and_joins_them_again(lib: Library, joined: str) -> None:
    """What was joined by itself is offered; taken apart it is two papers, and that can be undone."""
    editor = signed_in(lib, "editor")
    page = editor.get("/admin/merges").text
    part = re.search(r'name="part" value="([^"]+)"', page)
    assert part
    assert TITLE in page
    post(editor, "/admin/merges", do="split", key=joined, part=part[1])
    assert show(lib, "arxiv:2511.00001", related=0).paper.key != show(lib, "doi:10.1000/bees", related=0).paper.key

    undo = re.search(
        r'name="key" value="([^"]+)"><input type="hidden" name="part" value="([^"]+)"', editor.get("/admin/merges").text
    )
    assert undo
    post(editor, "/admin/merges", do="join", key=undo[1], part=undo[2])
    assert show(lib, "arxiv:2511.00001", related=0).paper == replace(show(lib, "doi:10.1000/bees", related=0).paper)
    assert "There is nothing to look at" in editor.get("/admin/merges").text


@pytest.mark.slow
def test_what_a_person_has_confirmed_is_not_asked_again(lib: Library, joined: str) -> None:
    """The word is kept; a part that is not there is told."""
    editor = signed_in(lib, "editor")
    part = re.search(r'name="part" value="([^"]+)"', editor.get("/admin/merges").text)
    assert part
    assert post(editor, "/admin/merges", do="right", key=joined, part="doi:10.1/none")[0] == 404
    assert "There is nothing to look at" in post(editor, "/admin/merges", do="right", key=joined, part=part[1])[1]


def test_switches_of_a_newer_version_are_passed_over(lib: Library) -> None:
    """A setting that is unknown here or has a value of another kind leaves everything as it is."""
    given = config.switched(lib.settings, {"arxiv.telepathy": True, "github.enabled": [1], "access.anonymous": False})

    assert (given.github.enabled, given.access.anonymous) == (False, False)
    assert given.origins["github.enabled"] == "default"


def test_only_what_is_meant_for_it_can_be_switched() -> None:
    """Nothing secret and nothing of the machine is in reach of the page."""
    secret = {row.path for row in config.table() if row.secret}
    assert not secret & set(switches.SWITCHABLE)
    assert not {p for p in switches.SWITCHABLE if p.partition(".")[0] in ("smtp", "serve", "net")}


@pytest.mark.slow
def test_a_login_at_the_proxy_is_given_on_the_page_and_back(site: TestClient, lib: Library) -> None:
    """It is told whose it was, with a button that gives it back; an admin's own is not given away."""
    assert "Login at the proxy" not in site.get("/admin/readers/reader").text
    proxy_login.give(lib, "editor", "eve@example.org")
    proxy_login.give(lib, "admin", "root@example.org")

    status, page = post(site, "/admin/readers/reader", do="login", login="eve@example.org")
    assert (status, "<li>eve@example.org</li>" in page, "Give it back to editor" in page) == (200, True, True)
    back = re.search(r'action="(/admin/readers/editor)#login".*?name="login" value="([^"]+)"', page)
    assert back is not None
    assert post(site, back[1], do="login", login=back[2])[0] == 200
    assert proxy_login.words_of(lib, find_reader(lib, "editor")) == ("eve@example.org",)

    status, page = post(site, "/admin/readers/reader", do="login", login="root@example.org")
    assert (status, "root@example.org: is yours" in page) == (400, True)
    assert proxy_login.words_of(lib, find_reader(lib, "reader")) == ()
    assert signed_in(lib, "editor").post("/admin/readers/editor", data={"do": "login", "login": "x"}).status_code == 403
