"""What all tests share: where the outside data lie, and a clean environment."""

import os
from pathlib import Path

import pytest

SHARED = Path(os.environ.get("BROADSHEET_SHARED", Path(__file__).resolve().parents[2] / "shared"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real papers and recorded answers beside the project; its tests are skipped without it."""
    if not (SHARED / "data").is_dir():
        pytest.skip(f"no test data: {SHARED}/data is missing")
    return SHARED


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the person who runs the tests reaches them."""
    for name in list(os.environ):
        if name.startswith("BROADSHEET_") and name != "BROADSHEET_SHARED":
            monkeypatch.delenv(name)
    monkeypatch.setenv("BROADSHEET_HOME", str(tmp_path / "home"))
