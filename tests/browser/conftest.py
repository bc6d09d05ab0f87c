"""One Chromium and one running sample instance for all of these tests, and a reader who has just come in."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from broadsheet.library.access import tickets
from broadsheet.library.readers import find_owner
from tests.browser.visit import Visit
from tests.libraries import library_at

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NAMES = ("chromium", "chromium-browser", "google-chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them take their time."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium; without it, or without Playwright, these tests are skipped."""
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None or find_spec("playwright") is None:
        pytest.skip("no browser: `apt-get install chromium`, and Playwright is a developers' package")
    from playwright.sync_api import sync_playwright

    alone = ["--no-sandbox"] if os.geteuid() == 0 else []  # the sandbox refuses to work for root
    with sync_playwright() as playing:
        made = playing.chromium.launch(executable_path=path, args=[*alone, "--disable-dev-shm-usage"])
        yield made
        made.close()


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the instance keeps its library."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def address(home: Path) -> Iterator[str]:
    """The address of a running instance with the sample edition."""
    command = [sys.executable, "-m", "broadsheet", "up", "--demo", "--port", "0", "--home", str(home)]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BROADSHEET_")}
    with subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env={**kept, "BROADSHEET_ENCODER": "none"},
    ) as process:
        assert process.stderr is not None
        told = ""
        for line in process.stderr:
            told += line
            if found := re.search(r"Broadsheet is at (http://\S+)/ ", line):
                yield found[1]
                break
        else:
            pytest.fail(f"it does not serve: {told}")
        process.terminate()


@pytest.fixture(scope="session")
def owner_link(address: str, home: Path) -> "Any":
    """Makes a link that signs its owner in; each works once."""

    def make() -> str:
        with library_at(home) as lib:
            return f"{address}/enter/{tickets.owner_link(lib, find_owner(lib))}"

    return make


@pytest.fixture
def visit(browser: "Browser", address: str, owner_link: "Any") -> Iterator[Visit]:
    """A browser's window with nobody signed in; what went wrong on its pages is told at the end."""
    made = Visit(browser, address, owner_link)
    yield made
    made.close()
    assert made.faults == []


@pytest.fixture
def reader(visit: Visit) -> Visit:
    """The same with the owner signed in, at the front page."""
    visit.sign_in()
    return visit
