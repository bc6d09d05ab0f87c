"""Exports taken back in: a person's word on what is one work and what is two comes along, and holds here."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.shell import Shell, write_listing
from tests.stocked import BEES

pytestmark = pytest.mark.slow

VENUE = """@article{bees, title = {Counting bees from the sound of a meadow}, author = {Feld, Mara and Lind, Ivo},
year = 2025, doi = {10.1000/bees}, journal = {Meadows},
abstract = {Microphones in a meadow hear how many bumblebees fly; a small network counts them day and night.}}"""
PREPRINT, ARTICLE = "arxiv:2511.00001", "doi:10.1000/bees"


class Library:
    """A library of the preprint and its article, which are joined by themselves."""

    def __init__(self, shell: Shell, folder: Path) -> None:
        self.shell, self._folder = shell, folder
        self.venue = folder / "venue.bib"
        self.venue.write_text(VENUE)
        self.listing = write_listing(folder / "papers.jsonl", [BEES])

    def fill(self, name: str, *files: Path) -> None:
        """Begin a library of this name out of files."""
        self.shell.home = self._folder / name
        for file in files:
            self.shell.json("import", file)

    def export(self, name: str, *more: str) -> Path:
        """Write everything to a file."""
        self.shell.json("export", self._folder / name, *more)
        return self._folder / name

    def keys(self) -> list[str]:
        """What is a paper here."""
        return sorted(paper["key"] for paper in _papers(self.export("keys.jsonl")))


def _papers(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()][1:]


@pytest.fixture
def library(shell: Shell, tmp_path: Path) -> Library:
    """The first library, in which the two are one paper."""
    made = Library(shell, tmp_path)
    made.fill("first", made.listing, made.venue)
    assert made.keys() == [PREPRINT]
    return made


def test_a_split_comes_along(library: Library) -> None:
    """In a new library the two stay two, in the same words, also when their sources tell of them again."""
    library.shell.json("split", PREPRINT, ARTICLE)
    export = library.export("split.jsonl")

    library.fill("second", export, library.listing, library.venue)

    assert library.keys() == [PREPRINT, ARTICLE]
    assert [p["apart"] for p in _papers(library.export("again.jsonl"))] == [
        [[PREPRINT, ARTICLE]],
        [[ARTICLE, PREPRINT]],
    ]
    assert [p | {"sources": []} for p in _papers(library.export("again.jsonl"))] == [
        p | {"sources": []} for p in _papers(export)
    ]


def test_a_split_comes_along_with_one_of_the_two(library: Library) -> None:
    """An export of a search brings what its papers are not, though the others come only later."""
    library.shell.json("split", PREPRINT, ARTICLE)
    export = library.export("one.jsonl", "--query", PREPRINT)
    assert len(_papers(export)) == 1

    library.fill("second", export, library.venue)

    assert library.keys() == [PREPRINT, ARTICLE]


def test_a_split_holds_where_the_two_were_joined_by_themselves(library: Library) -> None:
    """What a person took apart elsewhere is taken apart here too."""
    library.shell.json("split", PREPRINT, ARTICLE)
    export = library.export("split.jsonl")

    library.fill("second", library.listing, library.venue, export)

    assert library.keys() == [PREPRINT, ARTICLE]


def test_a_split_of_elsewhere_gives_way_to_a_merge_here(library: Library) -> None:
    """What a person joined in this very library stays joined."""
    library.shell.json("split", PREPRINT, ARTICLE)
    export = library.export("split.jsonl")
    library.shell.json("merge", PREPRINT, ARTICLE)

    library.shell.json("import", export)

    assert library.keys() == [PREPRINT]
    assert "apart" not in _papers(library.export("again.jsonl"))[0]


def test_an_export_of_before_does_not_undo_a_split(library: Library) -> None:
    """The joined paper of an older export comes in as the two works that it is known to be."""
    export = library.export("joined.jsonl")
    library.shell.json("split", PREPRINT, ARTICLE)
    before = _papers(library.export("split.jsonl"))

    library.shell.json("import", export)

    assert _papers(library.export("again.jsonl")) == before


def test_a_merge_comes_along(shell: Shell, tmp_path: Path) -> None:
    """Two papers that a person joined are one in a new library, with both parts, and stay so."""
    library = Library(shell, tmp_path)
    other = write_listing(
        tmp_path / "other.jsonl", [{**BEES, "id": "2511.00009", "title": "On owls", "abstract": "Owl"}]
    )
    library.fill("first", library.listing, other)
    library.shell.json("merge", PREPRINT, "2511.00009")
    export = library.export("merged.jsonl")

    library.fill("second", export, library.listing, other)

    assert library.keys() == [PREPRINT]
    assert library.shell.json("split", PREPRINT)["parts"] == [PREPRINT, "arxiv:2511.00009"]
