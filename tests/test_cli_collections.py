"""The `collection` and `saved` commands: papers filed, put in order, shared, carried elsewhere, and taken back."""

import json
from pathlib import Path

import pytest

from tests.shell import Shell, write_listing
from tests.stocked import BEES, TIDES, made_home, stocked

__all__ = ["made_home", "stocked"]

BEE, TIDE = "arxiv:2511.00001", "arxiv:2511.00002"


def keys(shell: Shell, name: str) -> list[str]:
    """The papers of ada's collection."""
    return [p["key"] for p in shell.json("collection", "show", "ada", name)["papers"]]


@pytest.mark.slow
def test_papers_are_filed_moved_taken_out_and_all_of_it_is_undone(stocked: Shell) -> None:
    """Each action shows at once, and undoing goes back through all of them."""
    assert stocked.json("collection", "make", "ada", "Seminar", BEE, "--note", "Mondays")["added"] == 1
    assert stocked.json("collection", "add", "ada", "seminar", "2511.00002", BEE) == {
        "collection": "Seminar",
        "added": 1,
        "there": 1,
        "new": 0,
        "dropped": [],
    }
    stocked("collection", "move", "ada", "Seminar", TIDE, 1)
    assert keys(stocked, "Seminar") == [TIDE, BEE]
    stocked("collection", "edit", "ada", "Seminar", "--name", "Club")
    stocked("collection", "remove", "ada", "Club", TIDE)
    stocked("collection", "delete", "ada", "Club")
    assert [c["name"] for c in stocked.json("collection", "list", "ada")["collections"]] == ["Saved"]
    for name, held in (("Club", [BEE]), ("Club", [TIDE, BEE]), ("Seminar", [TIDE, BEE]), ("Seminar", [BEE, TIDE])):
        stocked("collection", "undo", "ada")
        assert keys(stocked, name) == held


@pytest.mark.slow
def test_saved_papers_are_those_that_are_marked_so(stocked: Shell) -> None:
    """Whether a mark or the collection said it, it is the same, and it has an order."""
    stocked("mark", "ada", BEE, "save")
    stocked("collection", "add", "ada", "Saved", TIDE)
    assert keys(stocked, "Saved") == [TIDE, BEE]
    assert stocked.json("mark", "ada", TIDE)["marks"] == ["save"]
    stocked("collection", "move", "ada", "saved", BEE, 1)
    assert keys(stocked, "Saved") == [BEE, TIDE]
    stocked("collection", "remove", "ada", "Saved", BEE)
    assert stocked.json("mark", "ada", BEE)["marks"] == []
    assert stocked("collection", "delete", "ada", "Saved").code == 2


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["bib", "ris", "json", "jsonl"])
def test_a_collection_goes_out_and_comes_back_in_its_order(stocked: Shell, tmp_path: Path, suffix: str) -> None:
    """Every format for programs is recognised when it comes back, and no paper comes twice into the library."""
    stocked("collection", "make", "ada", "Seminar", TIDE, BEE)
    file = tmp_path / f"seminar.{suffix}"
    assert stocked("collection", "export", "ada", "Seminar", file).code == 0
    back = stocked.json("collection", "import", "ada", "Again", file)
    assert (back["added"], back["new"], back["dropped"]) == (2, 0, [])
    assert keys(stocked, "Again") == [TIDE, BEE]
    assert stocked.json("status")["papers"] == 2


def test_markdown_is_for_people(stocked: Shell) -> None:
    """A heading, the note and a line for each paper, and nothing in a title acts as Markdown."""
    stocked("collection", "make", "ada", "To_read", BEE, TIDE, "--note", "Before Monday")
    written = stocked("collection", "export", "ada", "To_read").out
    assert written.startswith("# To\\_read\n\nBefore Monday\n\n- [Counting bees from the sound of a meadow](https://")
    assert "Mara Feld, Ivo Lind" in written
    assert len(written.splitlines()) == 6


@pytest.mark.slow
def test_a_file_brings_papers_that_the_library_lacks(stocked: Shell, tmp_path: Path) -> None:
    """Unknown papers come into the library, known ones are recognised, a list of ids is told; nothing is a failure."""
    wasps = {**BEES, "id": "2511.00003", "title": "Wasps count too, in their own way of counting"}
    listing = write_listing(tmp_path / "more.jsonl", [TIDES, wasps])
    assert stocked.json("collection", "import", "ada", "Insects", listing)["new"] == 1
    assert keys(stocked, "Insects") == [TIDE, "arxiv:2511.00003"]
    ids = tmp_path / "ids.txt"
    ids.write_text("# for Monday\nhttps://arxiv.org/abs/2511.00001\narXiv:2511.00003\n", encoding="utf-8")
    assert stocked.json("collection", "import", "ada", "Insects", ids)["added"] == 1
    assert keys(stocked, "Insects")[-1] == BEE
    nothing = stocked(
        "collection", "import", "ada", "Insects", write_listing(tmp_path / "bad.jsonl", [TIDES | {"id": "x"}])
    )
    assert (nothing.code, "0 papers added" in nothing.out) == (1, True)


def test_a_list_of_ids_may_have_other_lines(stocked: Shell, tmp_path: Path) -> None:
    """What is no id is left out and named; a file with few ids is no list of them, and none is made for it."""
    ids = tmp_path / "ids.txt"
    ids.write_text(f"{BEE}\nbees and tides\n{TIDE}\n", encoding="utf-8")
    taken = stocked.json("collection", "import", "ada", "Insects", ids)
    assert (keys(stocked, "Insects"), taken["added"]) == ([BEE, TIDE], 2)
    assert [drop["at"] for drop in taken["dropped"]] == ["bees and tides"]

    ids.write_text(f"{BEE}\nbees\nand tides\n", encoding="utf-8")
    assert "less than half" in stocked("collection", "import", "ada", "Others", ids, "--format", "ids").err
    assert "Others" not in stocked("collection", "list", "ada").out


@pytest.mark.slow
def test_what_cannot_be_is_told_in_a_sentence(stocked: Shell, tmp_path: Path) -> None:
    """Names that are taken or none, papers and files that are not there each are a sentence, and nothing is changed."""
    stocked("collection", "make", "ada", "Seminar")
    for wrong in (
        ("make", "ada", "seminar"),
        ("make", "ada", "12"),
        ("make", "ada", " "),
        ("add", "ada", "Seminar", BEE, "arxiv:1"),
        ("add", "ada", "Nowhere", BEE),
        ("share", "ada", "Seminar", "everybody"),
        ("import", "ada", "Seminar", tmp_path / "none.bib"),
        ("export", "ada", "Seminar", tmp_path / "seminar.doc"),
    ):
        told = stocked("collection", *wrong)
        assert told.code in (1, 2), wrong
        assert told.err.count("\n") == 1, told.err
    assert keys(stocked, "Seminar") == []


@pytest.mark.slow
def test_a_link_is_given_renewed_and_taken_back(stocked: Shell) -> None:
    """An address is there while a collection is shared, and another one after renewal."""
    stocked("collection", "make", "ada", "Seminar", BEE)
    first = stocked.json("collection", "share", "ada", "Seminar", "link")["link"]
    assert stocked.json("collection", "share", "ada", "Seminar", "lab")["link"] == first
    assert stocked.json("collection", "share", "ada", "Seminar", "lab", "--renew")["link"] != first
    assert stocked.json("collection", "share", "ada", "Seminar", "private")["link"] is None


@pytest.mark.slow
def test_a_collection_for_the_lab_is_listed_for_every_reader(stocked: Shell) -> None:
    """Another reader sees that it is there and whose it is, and nothing of private ones."""
    stocked("collection", "make", "ada", "Seminar", BEE)
    stocked("collection", "make", "ada", "Secret", TIDE)
    stocked("reader", "add", "eve")
    stocked("collection", "share", "ada", "Seminar", "lab")
    listed = stocked.json("collection", "list", "eve")
    assert [(c["name"], c["reader"], c["total"]) for c in listed["shared"]] == [("Seminar", "ada", 1)]
    assert "Secret" not in json.dumps(listed)
    assert stocked("collection", "show", "eve", "Seminar").code == 1


@pytest.mark.slow
def test_a_saved_search_tells_what_came_since(stocked: Shell, tmp_path: Path) -> None:
    """What was there is not new, what comes is until somebody looks, and a muted search is silent."""
    stocked("saved", "add", "ada", "bees OR wasps", "--name", "Insects")
    assert stocked.json("saved", "run", "ada", "Insects")["new"] == 0
    wasps = {**BEES, "id": "2511.00003", "title": "Wasps count too, in their own way of counting"}
    stocked("import", write_listing(tmp_path / "more.jsonl", [wasps]))
    assert [s["new"] for s in stocked.json("saved", "list", "ada")["searches"]] == [1]
    assert [p["key"] for p in stocked.json("saved", "run", "ada", "Insects", "--keep")["papers"]] == [
        "arxiv:2511.00003"
    ]
    assert stocked.json("saved", "run", "ada", "insects")["new"] == 1
    assert stocked.json("saved", "run", "ada", "insects")["new"] == 0
    assert stocked.json("saved", "edit", "ada", "Insects", "--mute", "--name", "Hymenoptera")["muted"]


@pytest.mark.slow
def test_a_saved_search_is_deleted_and_comes_back(stocked: Shell) -> None:
    """Its feeds' address ends with it and does not come back."""
    stocked("saved", "add", "ada", "bees")
    assert stocked.json("saved", "edit", "ada", "bees", "--feed")["feed"].endswith(".atom")
    stocked("saved", "delete", "ada", "bees")
    assert "No searches yet" in stocked("saved", "list", "ada").out
    stocked("mark", "ada", "--undo")
    assert [s["feed"] for s in stocked.json("saved", "list", "ada")["searches"]] == [None]
    assert stocked("saved", "add", "ada", "bees").code == 2
    assert stocked("saved", "add", "ada", "  ").code == 2
