"""Marks over the pages, without script: buttons are forms, and what they say is seen everywhere."""

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from broadsheet.library.access import tickets
from broadsheet.library.access.tokens import make_token
from broadsheet.library.editions.edition import edition
from broadsheet.library.handle import Library
from broadsheet.library.readers import add_reader, find_owner
from broadsheet.library.shelf.collections import describe, make
from broadsheet.library.shelf.mark import mark, marked
from broadsheet.library.shelf.saved import save
from broadsheet.web.app import create_app
from tests.libraries import sample_at
from tests.visitors import signed_in

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
KEY, TITLE = "demo:0006", "Sleep Replays the Routes That Were Not Taken"


@pytest.fixture
def lib(tmp_path: Path) -> Iterator[Library]:
    """The sample edition."""
    with sample_at(tmp_path) as made:
        yield made


@pytest.fixture
def site(lib: Library) -> TestClient:
    """A browser whose owner has signed in."""
    browser = TestClient(create_app(lib), headers={"Origin": "http://testserver"}, client=("127.0.0.1", 50_000))
    browser.get("/enter/" + tickets.owner_link(lib, find_owner(lib)))
    return browser


def _form(page: str, say: str) -> dict[str, str]:
    """What is sent by the button that says so."""
    (form,) = re.findall(r'<form id="marks".*?</form>', page, re.DOTALL)
    assert f'<button form="marks" name="say" value="{say}"' in page
    return {**dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)), "say": say}


@pytest.mark.slow
def test_a_mark_is_there_on_every_page_and_can_be_taken_back(site: TestClient, lib: Library) -> None:
    """A pressed button leads back to its place, is pressed wherever the paper is, and lets go when pressed again."""
    answer = site.post("/mark", data=_form(site.get("/2026-11?sort=new").text, f"up {KEY}"))

    assert answer.url.path == "/2026-11"
    assert answer.url.fragment == "p-demo-0006"
    for path in ("/2026-11", f"/paper/{KEY}"):
        assert f'value="-up {KEY}" aria-pressed="true"' in site.get(path).text
    site.post("/mark", data=_form(answer.text, f"-up {KEY}"))
    assert marked(lib, None, KEY).kinds == ()


@pytest.mark.slow
def test_the_last_action_can_be_undone(site: TestClient, lib: Library) -> None:
    """Undo takes back what was said last and nothing else."""
    form = _form(site.get(f"/paper/{KEY}").text, f"save {KEY}")
    for kind in ("save", "hide"):
        site.post("/mark", data={**form, "say": f"{kind} {KEY}"})
    site.post("/undo", data=form)

    assert marked(lib, None, KEY).kinds == ("save",)


@pytest.mark.slow
def test_the_last_action_is_told_before_it_is_undone(site: TestClient, lib: Library) -> None:
    """A page says what it would take back, of marks, collections and searches, and asks again only for what is left."""
    collection = make(lib, None, "Seminar").collection
    mark(lib, None, KEY, "note", text="mine")
    save(lib, None, "graphs", "graph")
    form, back = _form(site.get(f"/paper/{KEY}").text, f"up {KEY}"), f"/collection/{collection.ref}"

    said, led = [], []
    for _ in range(4):
        page = html.unescape(site.get("/undo", params={"back": back}).text)
        said += re.findall(r"(?:saved the|made the|a note on|is nothing)[^<]*?(?=[.]</p>|[.] <a)", page)
        led.append(site.post("/undo", data={**form, "back": back}).url.path)

    assert said == [
        "saved the search “graphs”",
        f"a note on “{TITLE}”",
        "made the collection “Seminar”",
        "is nothing to take back",
    ]
    assert led == [back, back, "/collections", "/collections"]


def test_what_was_done_since_is_not_taken_back(site: TestClient, lib: Library) -> None:
    """A page takes back what it told, or nothing."""
    mark(lib, None, KEY, "up")
    form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', site.get("/undo").text))
    mark(lib, None, KEY, "save")

    answers = [site.post("/undo", data=form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert "something else by now, and nothing was taken back" in answers[0].text
    assert marked(lib, None, KEY).kinds == ("up", "save")


def test_a_note_that_another_window_changed_is_not_written_over(site: TestClient, lib: Library) -> None:
    """Who saves what they began before is told, keeps their words, and finds both on the page."""
    form = re.search(r'<form[^>]*data-draft="note .*?</form>', site.get(f"/paper/{KEY}").text, re.DOTALL)
    assert form
    sent = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[0]))

    first, second = (site.post("/mark", data={**sent, "note": note}) for note in ("from one", "from two"))

    assert (first.status_code, second.status_code) == (200, 409)
    assert "from two</textarea>" in second.text
    assert f'href="/paper/{KEY}#note-title"' in second.text
    assert marked(lib, None, KEY).note == "from one"


@pytest.mark.slow
def test_programs_and_scripts_get_json(site: TestClient) -> None:
    """The answer says what holds now, so that a page can show it without being loaded again."""
    form = _form(site.get(f"/paper/{KEY}").text, f"up {KEY}")
    answer = site.post("/mark", data=form, headers={"Accept": "application/json"})

    held = {"key": KEY, "title": TITLE, "marks": ["up"], "votes": 1, "note": None, "collections": []}
    assert answer.json() == {"papers": [held], "things": []}


@pytest.mark.slow
def test_a_hidden_paper_is_a_line_that_shows_it_again(site: TestClient, lib: Library) -> None:
    """In editions and trends it keeps its place and says that it is hidden; in one's own order it is left out."""
    before = site.get("/2026-11?sort=new").text
    site.post("/mark", data=_form(before, f"hide {KEY}"))
    page, own = site.get("/2026-11?sort=new").text, site.get("/2026-11?sort=mine").text
    lines = [re.findall(r'<li class="paper away".*?</li>', site.get(path).text, re.DOTALL) for path in PLACES]
    line = lines[0][0]
    answer = site.post("/mark", data=_form(page, f"-hide {KEY}"))

    assert _places(page) == _places(before)
    assert {key for key, _ in _places(own)} == {key for key, _ in _places(before)} - {"p-demo-0006"}
    assert [len(there) for there in lines] == [1] * len(PLACES)
    assert re.sub(r"<[^>]+>", "", line).split() == [*TITLE.split(), "hidden", "·", "Show", "it", "again"]
    assert line.count("<button") == 1
    assert answer.url.fragment == "p-demo-0006"
    assert 'class="paper away"' not in answer.text


@pytest.mark.slow
def test_what_a_reader_hid_is_in_no_list_of_their_own_order(lib: Library) -> None:
    """Page, API and shell leave it out before they count: who asks for three papers has three, in one order."""
    token = make_token(lib, add_reader(lib, "ada"), "test", "read", None)
    site, headers = signed_in(lib, "ada"), {"Authorization": f"Bearer {token}"}
    all_of_them = edition(lib, "2026-11", sort="mine", reader="ada")
    first = [entry.paper.key for entry in all_of_them.entries][:2]
    for key in first:
        mark(lib, "ada", key, "hide")
    page = site.get("/2026-11?sort=mine").text
    told = site.get("/api/v1/editions/2026-11?sort=mine&limit=3", headers=headers)
    shell = edition(lib, "2026-11", sort="mine", reader="ada", limit=3)
    mark(lib, "ada", first[0], "up")

    assert [p["key"] for p in told.json()["papers"]] == [entry.paper.key for entry in shell.entries]
    assert [p["rank"] for p in told.json()["papers"]] == [1, 2, 3]
    assert told.json()["total"] == all_of_them.total - 2
    assert [key.removeprefix("p-demo-") for key, _ in _places(page)[:3]] == [
        p["key"].removeprefix("demo:") for p in told.json()["papers"]
    ]
    assert "no-cache" in told.headers["cache-control"]
    assert edition(lib, "2026-11", sort="mine", reader="ada").total == all_of_them.total - 1
    assert TestClient(create_app(lib)).get("/api/v1/editions/2026-11?sort=mine").status_code == 401


PLACES = ("/2026-11?sort=new", "/2026-11?sort=votes", "/2026-W47?view=titles", "/trending?window=month")


def _places(page: str) -> list[tuple[str, str]]:
    return re.findall(r'<li class="paper[^>]* id="(\S+)" value="(\d+)"', page)


def test_who_has_not_signed_in_sees_no_buttons_and_marks_nothing(lib: Library) -> None:
    """Without a reader there is nobody to remember a mark for."""
    stranger = TestClient(create_app(lib), headers={"Origin": "http://testserver"})

    assert 'class="marks"' not in stranger.get("/2026-11").text
    assert stranger.post("/mark", data={"say": f"up {KEY}"}).status_code == 401


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fields", "status"),
    [({"say": f"love {KEY}"}, 400), ({"say": "up"}, 404), ({"say": "up arxiv:0000.00000"}, 404), ({"csrf": "x"}, 403)],
)
def test_what_cannot_be_marked_is_told(site: TestClient, fields: dict[str, str], status: int) -> None:
    """A mark that is none, a paper that is not there, and a form that is not ours are errors with a sentence."""
    form = _form(site.get(f"/paper/{KEY}").text, f"up {KEY}")
    answer = site.post("/mark", data={**form, **fields})

    assert answer.status_code == status
    assert "<h1>" in answer.text


@pytest.mark.slow
def test_a_form_leads_back_to_our_own_pages_only(site: TestClient) -> None:
    """An address of another site in the form is not followed."""
    form = _form(site.get(f"/paper/{KEY}").text, f"up {KEY}")
    answer = site.post("/mark", data={**form, "back": "//evil.example/"}, follow_redirects=False)

    assert answer.headers["location"] == "/#p-demo-0006"


@pytest.mark.slow
def test_what_is_remembered_of_rows_is_nobody_elses(lib: Library, site: TestClient) -> None:
    """Buttons are pressed for their reader alone, and collections offered under the name that they have now."""
    other = signed_in(lib, add_reader(lib, "bob").name)
    seminar = make(lib, find_owner(lib).name, "Seminar").collection
    for page in (site, other):
        assert f'value="up {KEY}" aria-pressed="false"' in page.get("/2026-11").text
    site.post("/mark", data=_form(site.get("/2026-11").text, f"up {KEY}"))
    describe(lib, find_owner(lib).name, str(seminar.id), called="Reading group", note="")

    assert f'value="-up {KEY}" aria-pressed="true"' in site.get("/2026-11").text
    assert ">Reading group</button>" in site.get("/2026-11").text
    assert ">Seminar</button>" not in site.get("/2026-11").text
    assert f'value="up {KEY}" aria-pressed="false"' in other.get("/2026-11").text
    assert "Reading group" not in other.get("/2026-11").text
    assert (
        f'value="-up {KEY}" aria-pressed="true" aria-label="Mehr davon"'
        in site.get("/2026-11", headers={"Accept-Language": "de"}).text
    )


def test_undoing_says_of_which_paper(site: TestClient) -> None:
    """The script gets the title of what was taken back, which may have been marked in another window."""
    form = _form(site.get(f"/paper/{KEY}").text, f"up {KEY}")
    site.post("/mark", data=form)

    undone = site.post("/undo", data={"csrf": form["csrf"]}, headers={"Accept": "application/json"}).json()
    assert undone["papers"][0]["title"] == TITLE
