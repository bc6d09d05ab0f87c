"""What monitors ask: does it live, can it serve, how is it."""

from pathlib import Path

from fastapi.testclient import TestClient

from broadsheet.web.app import create_app
from tests.libraries import library_at, sample_at


def test_figures_are_those_of_the_status_page(tmp_path: Path) -> None:
    """Prometheus gets the papers, each source and each index, every name with its help and type before it."""
    with sample_at(tmp_path) as lib:
        lines = TestClient(create_app(lib)).get("/metrics").text.splitlines()

    assert any(line.startswith("broadsheet_papers 2") for line in lines)
    assert 'broadsheet_index_behind{index="words"} 0' in lines
    names = {line.partition("{")[0].partition(" ")[0] for line in lines if not line.startswith("#")}
    assert {line.split()[2] for line in lines if line.startswith("# TYPE")} == names


def test_a_library_that_cannot_be_read_is_not_ready_but_lives(tmp_path: Path) -> None:
    """A broken database is told with 503 and its reason, so that a proxy sends nobody here."""
    (tmp_path / "library.db").write_bytes(b"no database" * 100)
    with library_at(tmp_path) as lib:
        site = TestClient(create_app(lib))

        assert site.get("/health").json() == {"status": "ok"}
        answer = site.get("/ready")

    assert answer.status_code == 503
    assert "library" in answer.json()["reason"]


def test_monitors_of_a_closed_instance_see_that_it_lives_and_nothing_else(tmp_path: Path) -> None:
    """Without a token the figures of an instance that is not for everybody stay inside."""
    with library_at(tmp_path, {"access.anonymous": False}) as lib:
        site = TestClient(create_app(lib), follow_redirects=False)

        assert site.get("/health").status_code == site.get("/ready").status_code == 200
        assert [site.get(path).status_code for path in ("/metrics", "/papers/2511.00001.md")] == [401, 401]
