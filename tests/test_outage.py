"""What visitors and the log learn of a database that does not answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from broadsheet import config
from broadsheet.errors import SettingError
from broadsheet.library.handle import Library
from broadsheet.web.app import create_app
from tests.libraries import sample_at


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator[TestClient]:
    """A browser at an instance whose PostgreSQL is down."""
    pytest.importorskip("psycopg")
    options = {"encoder": "none", "database": "postgresql://paper:hunter2@127.0.0.1:1/daily"}
    with Library(config.load({}, home=tmp_path, options=options)) as lib:
        yield TestClient(create_app(lib))


@pytest.mark.slow
def test_visitors_learn_nothing_of_where_files_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of a library or an index that cannot be read pages say that, and its path stands in the log alone."""
    with sample_at(tmp_path) as lib:
        site = TestClient(create_app(lib))
        lib.engine.close()
        (found,) = (tmp_path / "index").glob("*/meta.json")
        found.write_text("{")
        searched = site.get("/search?q=sleep")
        (tmp_path / "library.db").write_bytes(b"no database" * 500)
        answers = [
            site.get(path) for path in ("/2026-11-20", "/trending.atom", "/api/v1/editions/2026-11-20", "/ready")
        ]
    told = capsys.readouterr().err

    assert (searched.status_code, "its index cannot be read" in searched.text) == (503, True)
    for answer in answers:
        assert (answer.status_code, "its database does not answer" in answer.text) == (503, True), answer.url
    assert not any(str(tmp_path) in answer.text for answer in (searched, *answers))
    assert str(tmp_path) in told


def test_visitors_learn_nothing_of_the_database_and_the_log_all_once(
    visitor: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    """Page, feed, API and probe say that it does not answer; whose and where it is stands in one line of the log."""
    secrets = ("127.0.0.1", "paper:", "/daily", "postgresql", "hunter2")
    for path in ("/", "/search?q=x", "/trending.atom", "/api/v1/search?q=x", "/ready", "/metrics"):
        answer = visitor.get(path)
        assert answer.status_code == 503, path
        assert "its database does not answer" in answer.text, path
        assert [word for word in secrets if word in answer.text] == [], path
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert told[0].startswith("broadsheet: library postgresql+psycopg://paper:***@127.0.0.1:1/daily: no connection")


@pytest.mark.parametrize("password", ["p@ss", "a/b@c", "x?y@z"])
def test_a_password_that_is_not_escaped_is_not_shown(password: str, tmp_path: Path) -> None:
    """An address with an @ too many is told with the way to write it, and without any of it."""
    with pytest.raises(SettingError) as caught:
        config.load({}, home=tmp_path, options={"database": f"postgresql://paper:{password}@127.0.0.1/x"})
    assert str(caught.value) == (
        "setting database: what comes from option is not the address of a database; "
        "write sqlite:///FILE or postgresql://user:password@host/name, with %40 for an @ in the password"
    )
