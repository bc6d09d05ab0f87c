"""Collections and saved searches over the pages: filled, put in order, shared, and nobody else's business."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import pytest
from fastapi.testclient import TestClient

from broadsheet.library.handle import Library
from broadsheet.library.harvest.import_ import import_files
from broadsheet.library.readers import Details, add_reader, set_disabled
from broadsheet.library.shelf import collections, saved
from broadsheet.library.shelf.mark import mark
from broadsheet.web.app import create_app
from tests.libraries import sample_at
from tests.shell import write_listing
from tests.statements import counting
from tests.visitors import csrf_of, signed_in
from tests.zotero_server import KEY, zotero

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
ONE, TWO, THREE = "demo:0001", "demo:0002", "demo:0003"


@pytest.fixture
def lib(tmp_path: Path) -> Iterator[Library]:
    """The sample edition, and two readers."""
    with sample_at(tmp_path) as made:
        add_reader(made, "ada")
        add_reader(made, "eve")
        yield made


@pytest.fixture
def ada(lib: Library) -> TestClient:
    """A browser in which ada has signed in."""
    return signed_in(lib, "ada")


@pytest.fixture
def nobody(lib: Library) -> TestClient:
    """A browser in which nobody has signed in."""
    return TestClient(create_app(lib), follow_redirects=False, headers={"Origin": "http://testserver"})


def send(site: TestClient, path: str, **said: str) -> int:
    """Send a form; the status after what it leads to."""
    return site.post(path, data={"csrf": csrf_of(site), **said}).status_code


def order(site: TestClient, path: str) -> list[str]:
    """The papers of a page, in their order."""
    return re.findall(r'<li class="paper[^"]*" id="p-([\w-]+)"', site.get(path).text)


@pytest.fixture
def seminar(lib: Library) -> str:
    """The address of a collection of ada's with three papers."""
    return f"/collection/{collections.make(lib, 'ada', 'Seminar', 'Read *me*', [ONE, TWO, THREE]).collection.id}"


@pytest.mark.slow
def test_a_paper_is_collected_from_wherever_it_is_shown(ada: TestClient) -> None:
    """Each paper of a list has a menu; what is pressed is in, pressed again out, and the page comes back."""
    assert "Into a new collection" in ada.get("/").text
    assert send(ada, "/collections", name="Seminar", key=ONE) == 200
    (collection_id,) = set(re.findall(r'name="to" value="-(\d+) ', ada.get(f"/paper/{ONE}").text))
    answer = ada.post("/collect", data={"csrf": csrf_of(ada), "to": f"{collection_id} {TWO}", "back": "/#p"})
    assert answer.url.path == "/"
    assert order(ada, f"/collection/{collection_id}") == ["demo-0001", "demo-0002"]
    send(ada, "/collect", to=f"-{collection_id} {ONE}", back="https://elsewhere.example/")
    assert order(ada, f"/collection/{collection_id}") == ["demo-0002"]
    assert send(ada, "/undo") == 200
    assert order(ada, f"/collection/{collection_id}") == ["demo-0001", "demo-0002"]


def test_what_arranges_papers_has_a_mode_of_its_own(ada: TestClient, seminar: str) -> None:
    """A row has marks, or what moves the paper and takes it out; a move stays in that mode."""
    plain, arranging = ada.get(seminar).text, ada.get(f"{seminar}?arrange=1").text
    assert ('class="marks"' in plain, 'class="placing"' in plain) == (True, False)
    assert ('class="marks"' in arranging, 'class="placing"' in arranging) == (False, True)
    back = re.search(r'/move\?arrange=1">.*?name="back" value="([^"#]*)', arranging, re.DOTALL)
    assert back
    assert back[1] == f"{seminar}?arrange=1"


@pytest.mark.slow
def test_papers_stand_where_they_are_put_and_come_out_again(ada: TestClient, seminar: str) -> None:
    """A paper goes up, down, to a number or out, without script; a place that is none is a sentence."""
    send(ada, f"{seminar}/move", key=THREE, place="1")
    assert order(ada, seminar) == ["demo-0003", "demo-0001", "demo-0002"]
    send(ada, f"{seminar}/remove", key=ONE)
    assert order(ada, seminar) == ["demo-0003", "demo-0002"]
    assert send(ada, f"{seminar}/move", key=THREE, place="first") == 400
    mistaken = ada.post(f"{seminar}/add", data={"csrf": csrf_of(ada), "papers": f"{ONE} nonsense"})
    assert (mistaken.status_code, f">{ONE} nonsense</textarea>" in mistaken.text) == (400, True)
    assert send(ada, f"{seminar}/add", papers=f"{ONE}, {TWO}") == 200
    assert order(ada, seminar) == ["demo-0003", "demo-0002", "demo-0001"]


@pytest.mark.slow
def test_collecting_and_undoing_tell_scripts_what_a_paper_is_in(ada: TestClient, lib: Library, seminar: str) -> None:
    """What is put in, taken out and undone is answered with the collections of each paper that it was about."""
    number = int(seminar.rpartition("/")[2])
    told = [
        ada.post(path, data={"csrf": csrf_of(ada), "to": to}, headers={"Accept": "application/json"}).json()
        for path, to in (("/collect", f"-{number} {ONE}"), ("/undo", ""), ("/undo", ""))
    ]

    assert [[(p["key"], p["collections"]) for p in answer["papers"]] for answer in told[:2]] == [
        [(ONE, [])],
        [(ONE, [number])],
    ]
    assert told[2]["things"] == ["Seminar"]


@pytest.mark.slow
def test_what_is_saved_is_a_collection_that_keeps_its_name(ada: TestClient, lib: Library) -> None:
    """A mark puts a paper in, taking it out ends the mark, and it cannot be deleted."""
    mark(lib, "ada", ONE, "save")
    assert order(ada, "/collection/saved") == ["demo-0001"]
    assert send(ada, "/collection/saved/delete") == 400
    assert send(ada, "/collection/saved", note="Later") == 200
    assert send(ada, "/collection/saved/remove", key=ONE) == 200
    assert order(ada, "/collection/saved") == []


@pytest.mark.slow
def test_files_come_in_and_go_out_over_the_page(ada: TestClient, seminar: str) -> None:
    """What is exported in a format for programs is known when it is taken in; what is no such file is a sentence."""
    send(ada, "/collections", name="Again")
    (again,) = {int(i) for i in re.findall(r"/collection/(\d+)", ada.get("/collections").text)} - {
        int(seminar.rpartition("/")[2])
    }
    for kind in ("bibtex", "ris", "csl-json", "broadsheet", "markdown"):
        file = ada.get(f"{seminar}/export?format={kind}")
        assert 'filename="Seminar.' in file.headers["content-disposition"]
        answer = ada.post(
            f"/collection/{again}/import", data={"csrf": csrf_of(ada)}, files={"file": ("f", file.content)}
        )
        assert answer.status_code == (400 if kind == "markdown" else 200), answer.text
    assert sorted(order(ada, f"/collection/{again}")) == ["demo-0001", "demo-0002", "demo-0003"]
    assert ada.get(f"{seminar}/export?format=word").status_code == 400


@pytest.mark.slow
def test_whoever_has_the_link_reads_and_changes_nothing(
    ada: TestClient, nobody: TestClient, lib: Library, seminar: str
) -> None:
    """A shared collection is a page and feeds for nobody in particular, not for search engines, until taken back."""
    send(ada, f"{seminar}/share", way="link")
    link = collections.papers(lib, "ada", "Seminar").link
    assert link
    path = "/shared/" + link.rpartition("/")[2]
    page = nobody.get(path)
    assert order(nobody, path) == ["demo-0001", "demo-0002", "demo-0003"]
    assert page.headers["x-robots-tag"] == "noindex, nofollow"
    assert "<em>me</em>" in page.text
    assert "Take out" not in page.text
    assert nobody.post(f"{seminar}/remove", data={"key": ONE}).status_code == 401
    for extension in ("atom", "rss", "json", "bib", "ris"):
        answer = nobody.get(f"{path}.{extension}")
        assert answer.status_code == 200
        assert answer.headers["cache-control"].startswith("private")
    assert len(feedparser.parse(nobody.get(f"{path}.atom").content).entries) == 3
    send(ada, f"{seminar}/renew")
    assert [nobody.get(path + end).status_code for end in ("", ".atom")] == [404, 404]
    again = "/shared/" + str(collections.papers(lib, "ada", "Seminar").link).rpartition("/")[2]
    assert nobody.get(again).status_code == 200
    send(ada, f"{seminar}/share", way="private")
    assert [nobody.get(again + end).status_code for end in ("", ".atom")] == [404, 404]


def test_a_link_is_good_where_only_readers_may_read(tmp_path: Path) -> None:
    """An instance that is closed to everybody else still shows what was shared by its address, and nothing more."""
    options = {"encoder": "none", "access.anonymous": False}
    with sample_at(tmp_path, options) as closed:
        add_reader(closed, "ada", Details(display="Ada L."))
        collections.make(closed, "ada", "Seminar", "", [ONE])
        link = collections.share(closed, "ada", "Seminar", "link").link
        site = TestClient(create_app(closed), follow_redirects=False)
        page = site.get("/shared/" + str(link).rpartition("/")[2])
        assert (page.status_code, "A collection by Ada L." in page.text) == (200, True)
        assert site.get("/").status_code == 303


@pytest.mark.slow
def test_a_private_collection_has_feeds_at_a_secret_address(
    ada: TestClient, nobody: TestClient, lib: Library, seminar: str
) -> None:
    """The address of the feeds opens no page; a feed follows what comes in and out, and is asked cheaply."""
    send(ada, f"{seminar}/renew")
    path = f"/shared/{collections.find(lib, 'ada', 'Seminar').secret}"
    assert nobody.get(path).status_code == 404
    first = nobody.get(f"{path}.atom")
    assert [e.title for e in feedparser.parse(first.content).entries] != []
    known = {"If-None-Match": first.headers["etag"]}
    assert nobody.get(f"{path}.atom", headers=known).status_code == 304
    send(ada, f"{seminar}/remove", key=ONE)
    changed = nobody.get(f"{path}.atom", headers=known)
    assert len(feedparser.parse(changed.content).entries) == 2
    since = {"If-Modified-Since": first.headers["last-modified"]}
    assert nobody.get(f"{path}.atom", headers=since).status_code == 200
    send(ada, "/undo")
    assert len(feedparser.parse(nobody.get(f"{path}.atom").content).entries) == 3
    assert ada.get(f"{seminar}.bib").status_code == 200


@pytest.mark.slow
def test_a_collection_for_all_readers_is_for_them_alone(
    ada: TestClient, nobody: TestClient, lib: Library, seminar: str
) -> None:
    """Another reader finds and reads it, and changes nothing; who has not signed in is asked to."""
    eve = signed_in(lib, "eve")
    assert eve.get(seminar).status_code == 404
    send(ada, f"{seminar}/share", way="lab")
    assert "Seminar" in eve.get("/collections").text
    assert order(eve, seminar) == ["demo-0001", "demo-0002", "demo-0003"]
    assert eve.get(f"{seminar}.atom").status_code == 200
    assert eve.get(f"{seminar}/export").status_code == 200
    assert send(eve, f"{seminar}/remove", key=ONE) == 404
    assert nobody.get(seminar).status_code == 303
    assert order(ada, seminar) == ["demo-0001", "demo-0002", "demo-0003"]


@pytest.mark.slow
def test_saved_papers_for_all_are_not_another_readers_own(ada: TestClient, lib: Library) -> None:
    """Who opens the saved papers of another reader sees that reader's, by number, and still has their own."""
    mark(lib, "ada", ONE, "save")
    mark(lib, "eve", TWO, "save")
    send(ada, "/collection/saved/share", way="lab")
    eve = signed_in(lib, "eve")
    (shared,) = set(re.findall(r"/collection/(\d+)", eve.get("/collections").text))
    assert order(eve, f"/collection/{shared}") == ["demo-0001"]
    assert order(eve, "/collection/saved") == ["demo-0002"]


READS = ("/collection/{c}", "/collection/{c}.atom", "/collection/{c}.bib", "/collection/{c}/export", "/searches/{s}")
WRITES = (
    "/collection/{c}",
    *(f"/collection/{{c}}/{act}" for act in ("add", "move", "remove", "share", "renew", "delete")),
    "/searches/{s}",
    *(f"/searches/{{s}}/{act}" for act in ("unsee", "feed", "delete")),
)
FORM = {"key": ONE, "place": "2", "papers": TWO, "way": "lab", "name": "Mine now", "on": "1"}


@pytest.mark.slow
def test_nobody_sees_or_changes_what_is_anothers(nobody: TestClient, lib: Library, seminar: str) -> None:
    """Every address of a private collection and a saved search is closed to another reader and to nobody."""
    search = saved.save(lib, "ada", "Secret bees", "sleep")
    names = {"c": seminar.rpartition("/")[2], "s": search.search.id}
    before = collections.papers(lib, "ada", "Seminar")
    eve = signed_in(lib, "eve")
    for path in READS:
        assert eve.get(path.format(**names)).status_code == 404, path
        assert nobody.get(path.format(**names)).status_code in (303, 401), path
    for path in WRITES:
        assert send(eve, path.format(**names), **FORM) == 404, path
        assert nobody.post(path.format(**names), data=FORM).status_code == 401, path
    for page in ("/collections", "/searches", f"/collect/{ONE}", "/", "/feeds"):
        assert "Seminar" not in eve.get(page).text, page
        assert "Secret bees" not in eve.get(page).text, page
    assert send(eve, "/collect", to=f"{names['c']} {TWO}") == 404
    assert collections.papers(lib, "ada", "Seminar") == before
    assert [v.search.name for v in saved.searches_of(lib, "ada")] == ["Secret bees"]


def test_a_form_without_its_mark_changes_nothing(ada: TestClient, lib: Library, seminar: str) -> None:
    """Every form is refused that does not carry what only our own page could have put into it."""
    for path in ("/collections", "/collect", "/searches", f"{seminar}/delete", f"{seminar}/share"):
        assert ada.post(path, data={**FORM, "to": "1", "query": "x"}).status_code == 403, path
    assert [v.collection.name for v in collections.collections_of(lib, "ada")] == ["Saved", "Seminar"]


@pytest.mark.slow
def test_a_search_is_saved_and_tells_what_is_new(ada: TestClient, lib: Library, tmp_path: Path) -> None:
    """From the search page it is one press; what comes is counted, listed, seen by that, and can be new again."""
    assert "Save this search" in ada.get("/search?q=wasps").text
    send(ada, "/searches", query="wasps", mode="keyword")
    wasps = {"id": "2611.00003", "title": "Wasps count too", "abstract": "In their own way."}
    import_files(lib, [str(write_listing(tmp_path / "more.jsonl", [wasps]))])
    page = ada.get("/searches").text
    assert "1 new" in page
    (path,) = set(re.findall(r'href="(/searches/\d+)"', page))
    assert order(ada, path) == ["arxiv-2611-00003"]
    assert order(ada, path) == []
    send(ada, f"{path}/unsee", seen="1")
    assert "1 new" in ada.get("/searches").text
    assert send(ada, path, name="Vespidae", muted="1") == 200
    assert "muted" in ada.get("/searches").text
    assert send(ada, path, name="") == 400
    assert send(ada, "/searches", query=" ") == 400


@pytest.mark.slow
def test_a_saved_search_has_a_feed_until_it_is_taken_back(ada: TestClient, nobody: TestClient, lib: Library) -> None:
    """Its secret address needs no sign-in, and is gone with it."""
    made = saved.save(lib, "ada", "Sleep", "sleep")
    send(ada, f"/searches/{made.search.id}/feed", on="1")
    path = f"/feed/{saved.find(lib, 'ada', 'Sleep').secret}"
    answer = nobody.get(f"{path}.atom")
    assert feedparser.parse(answer.content).entries
    assert nobody.get(f"{path}.atom", headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    send(ada, f"/searches/{made.search.id}/feed", on="")
    assert nobody.get(f"{path}.atom").status_code == 404


@pytest.mark.slow
def test_all_feeds_of_a_reader_are_in_one_file(ada: TestClient, nobody: TestClient, lib: Library, seminar: str) -> None:
    """It has those of everybody, and the secret ones of theirs; nobody else gets these."""
    made = saved.save(lib, "ada", "Sleep", "sleep")
    assert "Sleep" not in ada.get("/feeds/mine.opml").text
    send(ada, f"/searches/{made.search.id}/feed", on="1")
    send(ada, f"{seminar}/renew")
    secrets = [saved.find(lib, "ada", "Sleep").secret, collections.find(lib, "ada", "Seminar").secret]
    file, page = ada.get("/feeds/mine.opml"), ada.get("/feeds").text
    assert file.headers["cache-control"] == "no-store"
    assert "/newest.atom" in file.text
    for secret in secrets:
        assert str(secret) in file.text
        assert str(secret) in page
        for other in (signed_in(lib, "eve").get("/feeds/mine.opml"), nobody.get("/feeds.opml"), nobody.get("/feeds")):
            assert str(secret) not in other.text
    assert nobody.get("/feeds/mine.opml").status_code == 401


@pytest.mark.slow
def test_more_papers_and_collections_take_no_more_statements(ada: TestClient, lib: Library, seminar: str) -> None:
    """What a page asks of the database does not depend on how much it shows."""
    many = []
    ada.get("/")
    for number in range(2):
        with counting(lib) as ran:
            ada.get(seminar)
            ada.get("/")
            ada.get("/collections")
        many.append(len(ran))
        for at in range(5):
            collections.make(lib, "ada", f"More {number} {at}", "", [ONE, TWO, THREE])
        collections.add(lib, "ada", "Seminar", [f"demo:{n:04}" for n in range(4, 12)])
    assert many[0] == many[1]


@pytest.mark.slow
def test_a_reader_brings_papers_from_zotero_and_sends_them_there(tmp_path: Path) -> None:
    """With a key of their own, which is kept nowhere; without one the instance's is not used for them."""
    with zotero() as there:
        options = {"encoder": "none", "zotero.url": there.url, "zotero.key": KEY, "zotero.min_interval": 0.0}
        with sample_at(tmp_path, options) as lib:
            add_reader(lib, "ada", Details(role="editor"))
            path = f"/collection/{collections.make(lib, 'ada', 'Bees', '', [ONE]).collection.ref}"
            there.csl = [(5, {"id": "1", "type": "article-journal", "title": "On bees", "DOI": "10.5555/bees"})]
            site, given = signed_in(lib, "ada"), {"place": "users/123", "secret": KEY}
            for wrong in ({"secret": ""}, {"secret": "no key"}, {"secret": "a" * 24}, {"place": "elsewhere"}):
                assert send(site, f"{path}/zotero", **{**given, **wrong}, way="out") == 400
            assert there.written == []

            token = {"csrf": csrf_of(site)}
            came = site.post(f"{path}/zotero", data={**token, **given, "way": "in"}).text
            went = site.post(f"{path}/zotero", data={**token, **given, "way": "out"}).text
            kept = [one.paper.title for one in collections.papers(lib, "ada", "Bees").papers or ()]

    assert "Added: 1." in came
    assert "On bees" in kept
    assert "Written to Zotero: 2." in went
    assert len(there.written) == 2
    assert KEY not in came + went
    assert not any(KEY.encode() in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


@pytest.mark.slow
def test_secret_addresses_of_a_disabled_reader_lead_nowhere(lib: Library, nobody: TestClient) -> None:
    """Neither a collection's link nor the feeds of it and of a search; they are back with the reader."""
    collections.make(lib, "eve", "Seminar", "", [ONE])
    shared = collections.share(lib, "eve", "Seminar", "link").link
    saved.save(lib, "eve", "bees", "bees")
    feed = saved.feed(lib, "eve", "bees", on=True).secret
    assert shared is not None
    page = "/shared/" + shared.rpartition("/")[2]
    paths = (page, page + ".atom", f"/feed/{feed}.atom")

    assert [nobody.get(path).status_code for path in paths] == [200] * 3
    set_disabled(lib, "eve", disabled=True)
    assert [nobody.get(path).status_code for path in paths] == [404] * 3
    set_disabled(lib, "eve", disabled=False)
    assert [nobody.get(path).status_code for path in paths] == [200] * 3
