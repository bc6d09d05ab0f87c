"""The first steps: what a newcomer sees, says and gets, with and without a network."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from msgspec.structs import replace
from starlette.types import Message

from broadsheet import config
from broadsheet.errors import NotFound
from broadsheet.library.access import tickets
from broadsheet.library.handle import Library
from broadsheet.library.harvest import demo
from broadsheet.library.interest.profiles import show_interest
from broadsheet.library.papers.show import show
from broadsheet.library.readers import Details, add_reader, preferences_of
from broadsheet.sources.arxiv_fields import GROUPS, KNOWN
from broadsheet.sources.formats import Exported, dump_header, dump_paper
from broadsheet.web.app import create_app
from broadsheet.web.bounded import MOST_BYTES, MOST_DROPPED
from tests.libraries import library_at, sample_at
from tests.replay import Replay
from tests.visitors import HERE, csrf_of, signed_in

NOWHERE = {
    "arxiv.feed_url": "http://127.0.0.1:9/",
    "arxiv.oai_url": "http://127.0.0.1:9/",
    "arxiv.api_url": "http://127.0.0.1:9/",
    "huggingface.url": "http://127.0.0.1:9/",
    "net.retries": 0,
}
BEGUN = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.bib"\r\n\r\n'
PIECE = bytes(1_000_000)
BIB = b"@article{x, title={Clocks of the tide in old harbours}, author={Quay, J}, doi={10.1000/t}, year={2025}}"


@pytest.fixture
def lib(tmp_path: Path) -> Iterator[Library]:
    """An empty library without a network, and its owner."""
    with library_at(tmp_path / "home", NOWHERE) as made:
        add_reader(made, "ada")
        yield made
        made.background.join()


@pytest.fixture
def site(lib: Library) -> TestClient:
    """The owner's browser."""
    return signed_in(lib, "ada")


@pytest.mark.slow
def test_an_empty_library_begins_with_the_first_steps(site: TestClient, lib: Library) -> None:
    """Its owner is asked what they read; a stranger sees why there is nothing; what is offered are arXiv's fields."""
    page = site.get("/")
    assert page.url.path == "/welcome"
    for field in ("cs.CL", "math", "q-bio.NC", "hep-th"):
        assert f'value="{field}"' in page.text
    assert "Nothing has been harvested yet" in TestClient(create_app(lib)).get("/").text


@pytest.mark.slow
def test_the_sample_is_there_without_a_network(site: TestClient, lib: Library) -> None:
    """One button fills an empty library, and no other."""
    answer = site.post("/welcome/sample", data={"csrf": csrf_of(site)})
    assert (answer.status_code, answer.url.path) == (200, "/")
    assert "these papers are invented" in answer.text
    assert site.post("/welcome/sample", data={"csrf": csrf_of(site)}).status_code == 400


@pytest.mark.slow
def test_fields_become_an_interest_and_a_harvest(site: TestClient, lib: Library) -> None:
    """What the owner chose is harvested; that no source can be reached is told, and the sample stays offered."""
    answer = site.post("/welcome", data={"csrf": csrf_of(site), "field": ["cs.CL", "math"], "about": "tide clocks"})
    assert answer.status_code == 200
    lib.background.join()

    profile = show_interest(lib, "ada", "main").interest.profile
    assert (profile.categories, profile.about) == (("cs.CL", "math"), ("tide clocks",))
    assert lib.settings.arxiv.categories == ("cs.AI", "cs.CL", "cs.CV", "cs.LG", "math")
    page = site.get("/").text
    assert "harvest: " in page
    assert "Load the sample" in page


@pytest.mark.slow
def test_choosing_fields_says_what_is_fetched_and_narrows_it_only_if_asked(site: TestClient, lib: Library) -> None:
    """Whose choice changes it is told what is fetched and what will be; a box asks for no others; readers have none."""
    demo.load(lib)
    add_reader(lib, "bo")
    bo, told = signed_in(lib, "bo"), "Broadsheet fetches cs.AI, cs.CL, cs.CV, cs.LG; the fields that you choose are"
    assert told in site.get("/welcome").text
    assert "Broadsheet fetches" not in bo.get("/welcome").text
    bo.post("/welcome", data={"csrf": csrf_of(bo), "field": "math", "only": "1"})
    assert lib.settings.origins["arxiv.categories"] == "default"
    site.post("/welcome", data={"csrf": csrf_of(site), "field": "cs.CL"})
    assert lib.settings.origins["arxiv.categories"] == "default"
    site.post("/welcome", data={"csrf": csrf_of(site), "field": "math", "only": "1"})
    lib.background.join()

    assert lib.settings.arxiv.categories == ("math",)
    assert "Broadsheet fetches math; " in site.get("/welcome").text


@pytest.mark.slow
def test_a_page_is_made_of_a_real_harvest_while_it_can_be_read(small_replay: Replay, tmp_path: Path) -> None:
    """The front page is there at once and follows the harvest; when it has ended, it has papers, as has one's own."""
    environ = {**small_replay.environ, "BROADSHEET_ENCODER": "none"}
    with Library(config.load(environ, home=tmp_path / "home")) as lib:
        add_reader(lib, "ada")
        site = signed_in(lib, "ada")
        first = site.post("/welcome", data={"csrf": csrf_of(site), "field": "cs.CL"})
        assert (first.status_code, first.url.path) == (200, "/")
        lib.background.join()

        assert 'class="paper"' in site.get("/").text
        assert "What you named is in" in site.get("/").text
        mine = site.get("/mine").text
        assert 'class="paper"' in mine
        assert "cs.CL" in mine


@pytest.mark.slow
def test_a_file_of_references_begins_an_interest(site: TestClient, lib: Library) -> None:
    """Its papers are in the library and in the interest, and the front page leads to the list made of them."""
    demo.load(lib)
    sent = {"file": ("zotero.bib", BIB, "application/x-bibtex")}
    answer = site.post("/welcome", data={"csrf": csrf_of(site)}, files=sent)
    assert answer.url.path == "/"
    lib.background.join()

    assert show_interest(lib, "ada", "main").interest.profile.seeds == ("doi:10.1000/t",)
    assert "What you named is in" in site.get("/").text
    assert site.get("/mine").status_code == 200


@pytest.mark.slow
def test_what_readers_files_say_of_papers_changes_nothing_for_others(lib: Library) -> None:
    """An ordinary reader's file names papers; neither a new one, nor another title of one, nor its votes come in."""
    demo.load(lib)
    add_reader(lib, "bo")
    before = show(lib, "demo:0001", related=0)
    mine = replace(before.paper, title="Vandalised", abstract="Nothing.")
    invented = replace(mine, key="x:1", aliases=("x:1",))
    forged = dump_header(lib.now()) + b"".join(dump_paper(Exported(one, (one,))) for one in (mine, invented))
    bo = signed_in(lib, "bo")
    for name, content in (("refs.bib", BIB), ("library.jsonl", forged)):
        bo.post("/welcome", data={"csrf": csrf_of(bo)}, files={"file": (name, content)})
        lib.background.join()
        assert "1 could not be had" in bo.get("/").text

    assert show_interest(lib, "bo", "main").interest.profile.seeds == ("demo:0001",)
    assert show(lib, "demo:0001", related=0).paper == before.paper
    for key in ("x:1", "doi:10.1000/t"):
        with pytest.raises(NotFound):
            show(lib, key, related=0)


@pytest.mark.slow
def test_papers_that_cannot_be_had_are_told(site: TestClient, lib: Library) -> None:
    """Those that are there are taken; of the others the page says how many and why."""
    demo.load(lib)
    site.post("/welcome", data={"csrf": csrf_of(site), "papers": "demo:0001, 10.1000/none"})
    lib.background.join()

    assert show_interest(lib, "ada", "main").interest.profile.seeds == ("demo:0001",)
    assert "1 could not be had" in site.get("/").text


@pytest.mark.slow
def test_the_page_begins_with_what_was_said(tmp_path: Path) -> None:
    """After the first steps editions open by the interest that was made; where nothing is learnt they say so."""
    with sample_at(tmp_path) as lib:
        add_reader(lib, "ada")
        add_reader(lib, "bo")
        site, other = signed_in(lib, "ada"), signed_in(lib, "bo")
        assert 'sort=trending" title="attention against what is usual" aria-current="true"' in site.get("/").text
        site.post("/welcome", data={"csrf": csrf_of(site), "papers": "demo:0006", "about": "sleep"})
        lib.background.join()
        page = site.get("/").text
        other.post("/settings/pages", data={"csrf": csrf_of(other), "theme": "system", "view": "cards", "sort": "mine"})
        unknown = other.get("/").text

    assert 'sort=mine" title="by your interests" aria-current="true"' in page
    assert re.search(r'class="why">your general interest \d+%', page)
    assert "In your order: by your interests." in page
    assert "No mark and no interest says yet what comes first, so this is what is trending" in unknown


@pytest.mark.slow
def test_an_order_that_was_changed_back_stays_so(tmp_path: Path) -> None:
    """Only the first steps of a new reader choose the order; what is added there later leaves it alone."""
    with sample_at(tmp_path) as lib:
        ada = add_reader(lib, "ada")
        site = signed_in(lib, "ada")
        site.post("/welcome", data={"csrf": csrf_of(site), "about": "sleep"})
        chosen = preferences_of(lib, ada).sort
        site.post("/view", data={"csrf": csrf_of(site), "sort": "trending"})
        site.post("/welcome", data={"csrf": csrf_of(site), "about": "bees"})

        assert (chosen, preferences_of(lib, ada).sort) == ("mine", "trending")
        assert show_interest(lib, "ada", "main").interest.profile.about == ("sleep", "bees")


@pytest.mark.slow
def test_all_that_cannot_be_had_is_listed(site: TestClient, lib: Library) -> None:
    """Papers and broken entries of the file each with their reason; of more than ten, how many more."""
    demo.load(lib)
    broken = b"@article{y, title={Open at the end\n\n" + BIB.replace(b"@article{x", b"@article{z")
    names = " ".join(f"10.1000/none{n}" for n in range(3))
    site.post("/welcome", data={"csrf": csrf_of(site), "papers": names}, files={"file": ("zotero.bib", broken + b"\n")})
    lib.background.join()
    few = re.findall(r"<li>(.*?)</li>", site.get("/").text)
    names = " ".join(f"10.1000/none{n}" for n in range(12))
    site.post("/welcome", data={"csrf": csrf_of(site), "papers": names})
    lib.background.join()
    page = site.get("/").text

    assert [told for told in few if told.startswith("10.1000/none2: no paper of the library")]
    assert [told for told in few if told.startswith("line 1: ")]
    assert "Of what you named, 12 could not be had:" in page
    assert page.count("<li>10.1000/none") == 10
    assert "<li>and 2 more</li>" in page


@pytest.mark.slow
def test_how_the_first_steps_ended_is_the_reader_s_own_and_can_be_put_away(site: TestClient, lib: Library) -> None:
    """It is told in their language and to nobody else, administrators included, until they have seen it."""
    add_reader(lib, "bob", Details(role="admin"))
    demo.load(lib)
    site.post("/welcome", data={"csrf": csrf_of(site), "papers": "10.1000/none"})
    lib.background.join()
    german = site.get("/mine", headers={"Accept-Language": "de"}).text
    others = signed_in(lib, "bob")
    pages = [others.get(path).text for path in ("/mine", "/admin", "/status")]
    answer = site.post("/underway/seen", data={"csrf": csrf_of(site), "back": "/mine"})

    assert "<li>10.1000/none: keine Arbeit der Bibliothek" in german
    assert not any("10.1000/none" in page for page in pages)
    assert answer.url.path == "/mine"
    assert "10.1000/none" not in answer.text + site.get("/").text


@pytest.mark.slow
def test_how_earlier_first_steps_failed_is_gone_once_new_ones_are_taken(site: TestClient, lib: Library) -> None:
    """Who names what cannot be had, and then says in words what they read, is not told of the failure any more."""
    demo.load(lib)
    site.post("/welcome", data={"csrf": csrf_of(site), "papers": "10.1000/none"})
    lib.background.join()
    site.post("/welcome", data={"csrf": csrf_of(site)})  # says nothing, and clears nothing
    before = site.get("/").text
    answer = site.post("/welcome", data={"csrf": csrf_of(site), "about": "sleep of animals"})

    assert "10.1000/none" in before
    assert answer.url.path == "/mine"
    assert "10.1000/none" not in answer.text


@pytest.mark.parametrize(
    ("fields", "name", "content", "told"),
    [
        ({}, "", b"", "nothing yet to make it of; tick a field, give a file, name a paper"),
        ({"field": "cs.XX"}, "", b"", "is no category; write some such as cs.CL"),
        ({"about": "bees"}, "empty.bib", b"", "is empty"),
        ({"about": "bees"}, "bad.bib", b"\x00\x01 no papers", "file bad.bib: it is a binary file"),
    ],
)
def test_what_cannot_be_is_told_and_the_rest_is_kept(
    site: TestClient, fields: dict[str, str], name: str, content: bytes, told: str
) -> None:
    """The form comes again with what was typed."""
    sent = {"file": (name, content)} if name else None
    answer = site.post("/welcome", data={"csrf": csrf_of(site), **fields}, files=sent)

    assert answer.status_code == 400
    assert told in answer.text
    assert fields.get("about", "") in answer.text


@pytest.mark.slow
def test_who_is_new_is_asked_until_something_is_known_or_they_decline(site: TestClient, lib: Library) -> None:
    """The front page offers the first steps to readers of whom nothing is known; once declined, no more."""
    demo.load(lib)
    add_reader(lib, "bo")
    bo = signed_in(lib, "bo")
    assert "Make it yours" in site.get("/").text
    assert "Make it yours" not in site.get("/welcome/later").text
    assert bo.post("/welcome", data={"csrf": csrf_of(bo), "field": "cs.CL"}).url.path == "/mine"
    assert "Make it yours" not in bo.get("/").text
    assert lib.settings.origins["arxiv.categories"] == "default"
    assert bo.post("/welcome/sample", data={"csrf": csrf_of(bo)}).status_code == 403


@pytest.mark.slow
def test_who_was_invited_begins_there(lib: Library) -> None:
    """The first page after joining asks what they read."""
    guest = TestClient(create_app(lib), headers=HERE)
    link = "/join/" + tickets.invite(lib, "reader")
    assert guest.post(link, data={"name": "bo", "password": "correct horse battery"}).url.path == "/welcome"


def test_fields_have_one_name_each() -> None:
    """No category stands in two groups, and each belongs to an archive that can be asked for."""
    ids = [field.id for group in GROUPS for field in (*group.archives, *group.fields)]
    assert len(ids) == len(KNOWN)
    assert len(ids) > 150
    assert all(field.name[0].isupper() for group in GROUPS for field in group.fields)


@pytest.mark.parametrize(
    ("announced", "sent", "least", "most"),
    [
        (10**9, 10**9, 0, 0),
        (3 * MOST_BYTES, 3 * MOST_BYTES, 3 * MOST_BYTES, 3 * MOST_BYTES + len(PIECE)),
        (None, 10**9, MOST_BYTES, MOST_DROPPED + 2 * len(PIECE)),
    ],
)
def test_a_file_that_is_too_large_is_refused(
    lib: Library, announced: int | None, sent: int, least: int, most: int
) -> None:
    """The page says how large a file may be; it is received for nothing first, as browsers want, up to a limit."""
    read, told = 0, list[Message]()

    async def receive() -> Message:
        nonlocal read
        read += len(PIECE)
        return {"type": "http.request", "body": PIECE if read > len(PIECE) else BEGUN, "more_body": read < sent}

    async def send(message: Message) -> None:
        told.append(message)

    form = [(b"content-type", b"multipart/form-data; boundary=x")]
    form += [] if announced is None else [(b"content-length", str(announced).encode())]
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/welcome",
        "query_string": b"",
        "headers": form,
        "root_path": "",
    }
    asyncio.run(
        create_app(lib)({**scope, "http_version": "1.1", "scheme": "http", "server": ("here", 80)}, receive, send)
    )

    assert told[0]["status"] == 413
    assert b"is larger than 20 MB" in told[1]["body"]
    assert any(name == b"content-security-policy" for name, _ in told[0]["headers"])
    assert least <= read <= most


def test_pages_of_a_new_instance_say_what_is_missing(site: TestClient) -> None:
    """Where nothing is indexed or mailed yet, a page says so."""
    assert "Nothing can be found yet: no papers have come" in site.get("/search?q=birds").text
    for path in ("/digests", "/digests/settings"):
        assert "This instance sends no mail" in site.get(path).text
