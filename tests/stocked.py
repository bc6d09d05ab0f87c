"""A library of two invented papers, for tests of commands."""

import shutil
from pathlib import Path

import pytest

from broadsheet import config
from broadsheet.library.handle import Library
from broadsheet.library.harvest.import_ import import_files
from tests.shell import Shell, write_listing

BEES = {
    "id": "2511.00001",
    "title": "Counting bees from the sound of a meadow",
    "abstract": "Microphones in a meadow hear how many bumblebees fly; a small network counts them day and night.",
    "authors": ["Mara Feld", "Ivo Lind"],
    "categories": ["cs.SD", "q-bio.QM"],
}
TIDES = {
    "id": "2511.00002",
    "title": r"Tidal clocks for $\alpha$-stable harbours",
    "abstract": "Harbour masters want the tide; a clock made of two springs tells it within a minute for forty years.",
    "authors": [r"J\'er\^ome Quay"],
    "categories": ["physics.ao-ph"],
    "day": "2025-11-19",
}


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with two invented papers; tests get copies, which is faster than importing anew."""
    folder = tmp_path_factory.mktemp("made")
    listing = write_listing(folder / "papers.jsonl", [BEES, TIDES])
    with Library(config.load({}, home=folder / "home")) as lib:
        import_files(lib, [str(listing)])
    return folder / "home"


@pytest.fixture
def stocked(shell: Shell, made_home: Path) -> Shell:
    """A library of two invented papers."""
    shutil.copytree(made_home, shell.home)
    return shell
