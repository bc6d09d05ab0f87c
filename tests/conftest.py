"""What all tests share: where the outside data lie, and a clean environment."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import settings

from tests import processes
from tests import replay as replay_server
from tests import services as local_services
from tests.processes import Commands
from tests.shell import Shell

pytest_plugins = ["tests.stores", "tests.stocked", "tests.topics"]

SHARED = Path(os.environ.get("BROADSHEET_SHARED", Path(__file__).resolve().parents[2] / "shared"))


# How much a property test draws: a little while one works, more where all tests run (`--hypothesis-profile many`).
settings.register_profile("few", max_examples=25, deadline=None)
settings.register_profile("many", max_examples=100, deadline=None)
settings.load_profile("few")


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


@pytest.fixture(scope="session")
def listings(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small listings file: a few neighbouring days of real papers."""
    return replay_server.cut_listings(shared, replay_server.DAYS, tmp_path_factory.mktemp("listings") / "days.jsonl")


@pytest.fixture(scope="session")
def replay_parts(shared: Path, listings: Path) -> tuple[ModuleType, dict[str, bytes]]:
    """The server's module, and the recorded answers of Hugging Face, read once."""
    module = replay_server.load(shared)
    answers = shared / "data" / "recorded" / "huggingface_daily_papers.tar.gz"
    return module, module.World([], answers, replay_server.TODAY).hf


@pytest.fixture
def replay(replay_parts: tuple[ModuleType, dict[str, bytes]], listings: Path) -> Iterator[replay_server.Replay]:
    """A fresh local arXiv and Hugging Face."""
    module, answers = replay_parts
    world = module.World([listings], None, replay_server.TODAY)
    world.hf = answers
    with replay_server.serve(module, world) as server:
        yield server


@pytest.fixture
def small_replay(
    replay_parts: tuple[ModuleType, dict[str, bytes]], listings: Path, tmp_path: Path
) -> Iterator[replay_server.Replay]:
    """A local arXiv and Hugging Face of few papers in small pages, of the last day that both have answers of."""
    module, answers = replay_parts
    world = replay_server.small_world(module, listings, answers, tmp_path)
    with replay_server.serve(module, world, page=10) as server:
        yield server


@pytest.fixture
def services() -> Iterator[local_services.Services]:
    """A fresh local GitHub, Semantic Scholar and OpenAlex."""
    with local_services.serve() as running:
        yield running


@pytest.fixture(scope="session")
def parent() -> Iterator["subprocess.Popen[bytes]"]:
    """The process that commands are forked from."""
    with processes.parent() as process:
        yield process


@pytest.fixture
def commands(parent: "subprocess.Popen[bytes]", tmp_path: Path) -> Commands:
    """Real processes of the command on an empty home, finding by words only, that retry without pauses."""
    return Commands(parent, tmp_path, {"BROADSHEET_ENCODER": "none", "BROADSHEET_NET__MAX_WAIT": "0.02"})


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    """The command on an empty home, finding by words and by the model that comes with it."""
    return Shell(tmp_path / "home", capsys, monkeypatch)
