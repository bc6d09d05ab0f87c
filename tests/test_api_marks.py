"""Marks in the REST API: what a token of each scope may do, and whose marks they are."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from fastapi.testclient import TestClient

from broadsheet.library.access.tokens import make_token
from broadsheet.library.handle import Library
from broadsheet.library.readers import add_reader, find_reader
from broadsheet.web.app import create_app
from tests.libraries import sample_at

PLACE = "/api/v1/papers/demo:0001/marks"


@pytest.fixture
def lib(tmp_path: Path) -> Iterator[Library]:
    """The sample edition with two readers."""
    with sample_at(tmp_path) as made:
        add_reader(made, "ada")
        add_reader(made, "bo")
        yield made


def program(lib: Library, name: str, scope: Literal["read", "write"]) -> TestClient:
    """A program with a token of this reader."""
    token = make_token(lib, find_reader(lib, name), "test", scope, None)
    return TestClient(create_app(lib), headers={"Authorization": f"Bearer {token}"})


@pytest.mark.slow
def test_a_program_marks_lists_and_takes_back(lib: Library) -> None:
    """What it says is its reader's alone, twice is as good as once, and a note carries its text."""
    ada, bo = program(lib, "ada", "write"), program(lib, "bo", "read")
    assert ada.put(f"{PLACE}/up").json()["marks"] == ada.put(f"{PLACE}/up").json()["marks"] == ["up"]
    assert ada.put(f"{PLACE}/note", params={"text": "compare"}).json()["note"] == "compare"
    listed = ada.get("/api/v1/marks").json()
    assert (listed["total"], listed["marks"][0]["marks"]) == (1, ["up", "note"])
    assert ada.get("/api/v1/marks", params={"kind": "save"}).json()["total"] == 0
    assert bo.get("/api/v1/marks").json() == {"total": 0, "marks": []}
    assert ada.delete(f"{PLACE}/up").json()["marks"] == ["note"]
    assert ada.delete(f"{PLACE}/up").status_code == 200


def test_a_token_that_may_only_read_marks_nothing(lib: Library) -> None:
    """Neither does nobody; errors come in the API's envelope."""
    reading = program(lib, "ada", "read")
    for method in ("PUT", "DELETE"):
        answer = reading.request(method, f"{PLACE}/up")
        assert (answer.status_code, answer.json()["error"]["subject"]) == (403, "token")
        assert TestClient(create_app(lib)).request(method, f"{PLACE}/up").status_code == 401
    assert TestClient(create_app(lib)).get("/api/v1/marks").status_code == 401
    assert reading.get("/api/v1/marks").json()["total"] == 0


@pytest.mark.parametrize(
    ("path", "status"), [(f"{PLACE}/love", 400), (f"{PLACE}/note", 400), ("/api/v1/papers/arxiv:0/marks/up", 404)]
)
def test_what_cannot_be_marked_is_told(lib: Library, path: str, status: int) -> None:
    """A mark that is none, a note without a text, and a paper that is not here."""
    assert program(lib, "ada", "write").put(path).status_code == status
