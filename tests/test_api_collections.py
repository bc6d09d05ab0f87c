"""Collections and saved searches in the API: what a token may, for its reader alone."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from broadsheet.library.access.tokens import make_token
from broadsheet.library.handle import Library
from broadsheet.library.readers import add_reader
from broadsheet.library.shelf import collections, saved
from broadsheet.types import Reader
from broadsheet.web.app import create_app
from tests.libraries import sample_at

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
ONE, TWO, THREE = "demo:0001", "demo:0002", "demo:0003"
API = "/api/v1"
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def lib(tmp_path: Path) -> Iterator[Library]:
    """The sample edition."""
    with sample_at(tmp_path) as made:
        yield made


@pytest.fixture
def ada(lib: Library) -> Reader:
    """A reader."""
    return add_reader(lib, "ada")


def client(lib: Library, who: Reader | None, scope: str = "write") -> TestClient:
    """A program with a token of that reader."""
    token = make_token(lib, who, "test", scope, None) if who else ""  # type: ignore[arg-type]
    return TestClient(create_app(lib), headers={"Authorization": f"Bearer {token}"} if token else {})


@pytest.mark.slow
def test_a_collection_lives_over_the_api(lib: Library, ada: Reader) -> None:
    """Made, filled, put in order, shared, emptied, deleted and brought back."""
    api = client(lib, ada)
    made = api.post(f"{API}/collections", json={"name": "Seminar", "papers": [ONE], "sharing": "link"})
    assert made.status_code == 201
    path = f"{API}/collections/{made.json()['id']}"
    assert made.json()["link"].rpartition("/")[0].endswith("/shared")
    assert api.post(f"{path}/papers", json={"papers": [TWO, THREE, ONE]}).json()["added"] == 2
    ordered = api.put(f"{path}/papers", json={"papers": [THREE]}).json()
    assert [(p["place"], p["key"]) for p in ordered["papers"]] == [(1, THREE), (2, ONE), (3, TWO)]
    assert [p["key"] for p in api.get(path, params={"limit": 1, "offset": 1}).json()["papers"]] == [ONE]
    changed = api.patch(path, json={"note": "Mondays", "sharing": "private"}).json()
    assert (changed["name"], changed["note"], changed["link"]) == ("Seminar", "Mondays", None)
    assert api.delete(f"{path}/papers/{ONE}").status_code == 204
    assert api.get(f"{path}/export", params={"format": "ris"}).text.count("TY  -") == 2
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404
    assert api.post(f"{API}/undo").json()["things"] == ["Seminar"]
    assert api.get(path).json()["total"] == 2


@pytest.mark.slow
def test_a_saved_search_lives_over_the_api(lib: Library, ada: Reader) -> None:
    """Kept, looked at, silenced, given a feed, deleted."""
    api = client(lib, ada)
    made = api.post(f"{API}/searches", json={"query": "sleep"}).json()
    assert (made["name"], made["new"]) == ("sleep", 0)
    saved.unlook(lib, "ada", "sleep", 0)
    path = f"{API}/searches/{made['id']}"
    assert [api.get(path).json()["new"] for _ in range(2)] == [1, 1]
    assert [len(api.post(f"{path}/look").json()["papers"]) for _ in range(2)] == [1, 0]
    changed = api.patch(path, json={"muted": True, "feed": True, "name": "Night"}).json()
    assert (changed["name"], changed["muted"], changed["feed"].endswith(".atom")) == ("Night", True, True)
    assert api.delete(path).status_code == 204
    assert api.get(f"{API}/searches").json() == {"searches": []}


WRITES = (
    ("POST", "/collections", {"name": "x"}),
    ("PATCH", "/collections/1", {"name": "x"}),
    ("DELETE", "/collections/1", None),
    ("POST", "/collections/1/papers", {"papers": [TWO]}),
    ("PUT", "/collections/1/papers", {"papers": [TWO]}),
    ("DELETE", f"/collections/1/papers/{ONE}", None),
    ("POST", "/undo", None),
    ("POST", "/searches", {"query": "x"}),
    ("POST", "/searches/1/look", None),
    ("PATCH", "/searches/1", {"muted": True}),
    ("DELETE", "/searches/1", None),
)
READS = ("/collections", "/collections/1", "/collections/1/export", "/collections/saved", "/searches", "/searches/1")


@pytest.mark.slow
def test_a_token_that_may_only_read_changes_nothing_and_nobody_sees_anything(lib: Library, ada: Reader) -> None:
    """Every write is refused to a reading token and to nobody, and every read to nobody."""
    collections.make(lib, "ada", "Seminar", "", [ONE])
    saved.save(lib, "ada", "Sleep", "sleep")
    reading, nobody = client(lib, ada, "read"), client(lib, None)
    for path in READS:
        assert reading.get(API + path).status_code == 200, path
        assert nobody.get(API + path).status_code == 401, path
    for method, path, body in WRITES:
        assert reading.request(method, API + path, json=body).status_code == 403, path
        assert nobody.request(method, API + path, json=body).status_code == 401, path
    assert collections.papers(lib, "ada", "Seminar").total == 1


@pytest.mark.slow
def test_two_readers_never_cross(lib: Library, ada: Reader) -> None:
    """Another reader's token finds nothing of it, whatever it asks, until it is for all; then it may read."""
    collections.make(lib, "ada", "Seminar", "", [ONE])
    saved.save(lib, "ada", "Sleep", "sleep")
    eve = client(lib, add_reader(lib, "eve"))
    for method, path, body in WRITES:
        if path.startswith(("/collections/1", "/searches/1")):
            assert eve.request(method, API + path, json=body).status_code == 404, path
    for path in ("/collections/1", "/collections/1/export", "/searches/1"):
        assert eve.get(API + path).status_code == 404, path
    assert "Seminar" not in eve.get(f"{API}/collections").text
    collections.share(lib, "ada", "Seminar", "lab")
    assert eve.get(f"{API}/collections/1").json()["own"] is False
    assert eve.delete(f"{API}/collections/1").status_code == 404


@pytest.mark.slow
def test_what_cannot_be_is_told_in_the_envelope(lib: Library, ada: Reader) -> None:
    """Names that are taken, papers and ways of sharing that are none are each an error with a sentence."""
    api = client(lib, ada)
    api.post(f"{API}/collections", json={"name": "Seminar"})
    for path, body, status in (
        ("/collections", {"name": "seminar"}, 400),
        ("/collections", {}, 400),
        ("/collections", {"name": "y", "papers": ["demo:9999"]}, 404),
        ("/collections", {"name": "y", "sharing": "all"}, 400),
        ("/collections/1/papers", {"papers": ["demo:9999"]}, 404),
        ("/searches", {"query": ""}, 400),
        ("/searches", {"query": "x", "mode": "magic"}, 400),
    ):
        answer = api.post(API + path, json=body)
        assert answer.status_code == status, (path, body, answer.text)
        assert answer.json()["error"]["message"]
    assert api.patch(f"{API}/collections/saved", json={"name": "Mine"}).status_code == 400


@pytest.mark.slow
def test_a_name_that_a_body_must_not_have_is_told_with_the_nearest_that_it_may(lib: Library, ada: Reader) -> None:
    """Nothing that is sent is passed over in silence, and nothing is made of the rest."""
    api = client(lib, ada)
    before = api.get(f"{API}/collections").json()
    for method, path, body, told in (
        ("POST", "/collections", {"nam": "y"}, "nam: is not known here; did you mean name? Known are name, note, "),
        (
            "POST",
            "/collections",
            {"name": "y", "note": "", "colour": "red"},
            "colour: is not known here; known are name,",
        ),
        ("PATCH", "/collections/1", {"papers": []}, "papers: is not known here; known are name, note and sharing"),
        ("POST", "/collections/saved/papers", {"paper": []}, "paper: is not known here; did you mean papers?"),
        ("POST", "/searches", {"query": "x", "moed": "hybrid"}, "moed: is not known here; did you mean mode?"),
        ("PATCH", "/searches/1", {"mute": True}, "mute: is not known here; did you mean muted?"),
        ("PUT", "/comments/1", {"text": "a", "parent": "1"}, "parent: is not known here; known are text"),
        ("POST", "/papers/demo:0001/comments", {"txt": "a"}, "txt: is not known here; did you mean text?"),
    ):
        answer = api.request(method, API + path, json=body)
        assert answer.status_code == 400, (path, body, answer.text)
        assert answer.json()["error"]["message"].startswith(told)
    assert api.get(f"{API}/collections").json() == before


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({}, "body: is missing; send a JSON object with name, note, sharing and papers, as `Content-Type: "),
        ({"content": b"{name", "headers": JSON}, "body: is no JSON; send a JSON object with "),
        ({"json": []}, "body: is no JSON object; send "),
        ({"content": b"null", "headers": JSON}, "body: is no JSON object; send "),
        (
            {"content": b'{"name": "y", "name": "z"}', "headers": JSON},
            "name: is given 2 times; give it once",
        ),
        ({"content": b"[" * 9_000}, "body: is no JSON object; send "),
        ({"data": {"name": "y"}}, "body: is no JSON object; send "),
        ({"json": {"name": 5}}, "name=5: is no text; write it in quotes"),
        (
            {"json": {"name": "y", "papers": "demo:0001"}},
            "papers=demo:0001: is no list; write it in brackets, even for one",
        ),
        ({"json": {"name": "y", "papers": [5]}}, "papers=5: is no text; write it in quotes"),
        (
            {"json": {"name": "y", "sharing": "all"}},
            "sharing=all: is none of 'private', 'link' or 'lab'; write one of them",
        ),
    ],
)
def test_a_body_that_cannot_be_read_is_told_in_the_words_of_json(
    lib: Library, ada: Reader, sent: dict[str, Any], told: str
) -> None:
    """No class of ours, no sentence of a library below, is in what a program's maker reads."""
    answer = client(lib, ada).post(f"{API}/collections", **sent)

    assert answer.status_code == 400
    assert answer.json()["error"]["message"].startswith(told)
