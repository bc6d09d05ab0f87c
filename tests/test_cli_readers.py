"""The commands of readers and marks, on two invented papers."""

import shutil
from pathlib import Path

import pytest

from tests import stocked as stocked_papers
from tests.shell import Shell, write_listing

BEES, TIDES = "arxiv:2511.00001", "2511.00002"


def test_the_first_reader_needs_no_ceremony(stocked: Shell) -> None:
    """Whoever marks first is there and administers the library; a second name must be added."""
    assert stocked.json("mark", "me", BEES, "up")["marks"] == ["up"]
    assert [(r["reader"], r["role"]) for r in stocked.json("reader", "list")["readers"]] == [("me", "admin")]

    outcome = stocked("mark", "mw", BEES, "up")

    assert outcome.code == 1
    assert "me" in outcome.err


@pytest.mark.slow
def test_a_mark_can_be_given_taken_back_and_undone(stocked: Shell) -> None:
    """Marks stand side by side, `--off` and `clear` take them back, `--undo` goes one action back; a note outlives."""
    stocked.json("mark", "me", TIDES, "up")
    stocked.json("mark", "me", TIDES, "note", "two springs")
    both = stocked.json("mark", "me", TIDES, "save")
    assert (both["marks"], both["note"], both["votes"]) == (["up", "save", "note"], "two springs", 1)

    assert stocked.json("mark", "me", TIDES, "save", "--off")["marks"] == ["up", "note"]
    assert stocked.json("mark", "me", TIDES, "clear")["marks"] == ["note"]
    assert stocked.json("mark", "me", "--undo")["undone"][0]["marks"] == ["up", "note"]
    assert stocked.json("mark", "me", TIDES, "note", "")["marks"] == ["up"]
    assert stocked.json("mark", "me", TIDES)["note"] is None


def test_marks_are_listed_newest_first(stocked: Shell) -> None:
    """The list of a reader's marks may be limited to a kind and in length, and says how many there are."""
    stocked.json("mark", "me", BEES, "read")
    stocked.json("mark", "me", TIDES, "up")

    listed = stocked.json("mark", "me", "--limit", 1)
    assert (listed["total"], [m["key"] for m in listed["marks"]]) == (2, ["arxiv:2511.00002"])
    assert [m["key"] for m in stocked.json("mark", "me", "--kind", "read")["marks"]] == [BEES]


def test_votes_count_in_editions(stocked: Shell) -> None:
    """A reader's vote is a vote of the paper, in its edition and among its signals."""
    stocked.json("mark", "me", BEES, "up")

    assert [p["votes"] for p in stocked.json("edition", "2025-11-20", "--sort", "votes")["papers"]] == [1]
    assert [s["source"] for s in stocked.json("show", BEES)["signals"]] == ["broadsheet"]


@pytest.mark.slow
def test_a_reader_is_renamed_and_forgotten(stocked: Shell) -> None:
    """Marks stay with a reader under a new name, and go with a reader who is removed."""
    stocked.json("reader", "add", "Ann", "--email", "ann@example.org", "--zone", "Europe/Berlin")
    stocked.json("mark", "ann", BEES, "up")

    stocked.json("reader", "rename", "ann", "anna", "--display", "Anna")

    shown = stocked.json("reader", "show", "anna")
    assert (shown["display"], shown["email"], shown["marks"]) == ("Anna", "ann@example.org", {"up": 1})
    assert stocked("reader", "remove", "anna").code == 2
    stocked.json("reader", "remove", "anna", "--yes")
    assert stocked.json("reader", "list")["readers"] == []
    assert stocked.json("edition", "2025-11-20", "--sort", "votes")["papers"][0]["votes"] is None


@pytest.mark.slow
def test_readers_leave_the_library_only_when_asked(stocked: Shell, tmp_path: Path) -> None:
    """An export has papers only, with --personal it has readers too, and the file brings all of it back."""
    stocked.json("mark", "me", BEES, "up")
    stocked.json("mark", "me", BEES, "down")
    stocked.json("mark", "me", BEES, "note", "a note of mine")
    before = stocked.json("mark", "me")
    stocked.json("export", tmp_path / "papers.jsonl")
    stocked.json("export", tmp_path / "all.jsonl", "--personal")
    assert "note of mine" not in (tmp_path / "papers.jsonl").read_text()

    shutil.rmtree(stocked.home)
    answer = stocked.json("import", tmp_path / "all.jsonl")

    assert (answer["new"], answer["dropped_total"]) == (2, 0)
    assert stocked.json("mark", "me") == before
    assert stocked.json("mark", "me", "--undo")["undone"][0]["marks"] == ["down"]
    assert stocked("export", tmp_path / "x.bib", "--personal").code == 2


@pytest.mark.slow
def test_a_reader_moves_house(stocked: Shell, tmp_path: Path) -> None:
    """What one reader has said goes to another library by a file; marks on papers that it lacks are counted."""
    stocked.json("mark", "me", BEES, "save")
    stocked.json("mark", "me", TIDES, "up")
    stocked.json("reader", "export", "me", tmp_path / "me.jsonl")
    shutil.rmtree(stocked.home)
    stocked.json("import", write_listing(tmp_path / "papers.jsonl", [stocked_papers.BEES]))

    answer = stocked.json("import", tmp_path / "me.jsonl")

    assert answer["dropped"] == [
        {
            "source": "import",
            "at": "me: arxiv:2511.00002",
            "reason": "a mark on a paper that is not in the library",
        }
    ]
    assert stocked.json("reader", "show", "me")["marks"] == {"save": 1}


@pytest.mark.slow
def test_a_readers_line_that_is_none_is_dropped(stocked: Shell, tmp_path: Path) -> None:
    """Broken lines of readers are dropped with the reason and leave the others."""
    stocked.json("mark", "me", BEES, "up")
    stocked.json("reader", "export", "me", tmp_path / "x.jsonl")
    head, line, *rest = (tmp_path / "x.jsonl").read_text().splitlines()
    broken = [line.replace('"role":"admin"', '"role":"king"'), line.replace('"me"', '"a b"'), '{"reader":7}']
    (tmp_path / "y.jsonl").write_text("\n".join([head, *broken, line, *rest]))

    assert stocked.json("import", tmp_path / "y.jsonl")["dropped_total"] == 3


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("mark", "me", BEES, "love"), "love"),
        (("mark", "me", "nothing", "up"), "nothing"),
        (("mark", "me", BEES, "note"), "text"),
        (("mark", "me", BEES, "up", "text"), "note"),
        (("mark", "me", BEES, "up", "--interest", "x"), "interest"),
        (("mark", "me", BEES, "--undo"), "name no paper"),
        (("mark", "me", "--off"), "name a paper and a mark"),
        (("mark", "me", BEES, "--interest", "x"), "name a paper and a mark"),
        (("reader", "add", "a b"), "a b"),
        (("reader", "add", "a", "--email", "nobody"), "nobody"),
        (("reader", "add", "a", "--email", "ann,bob@example.org"), "no mail address"),
        (("reader", "add", "a", "--zone", "Mars/Base"), "Mars"),
        (("reader", "add", "a", "--role", "king"), "king"),
        (("reader", "show", "nobody"), "nobody"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(stocked: Shell, args: tuple[str, ...], word: str) -> None:
    """A wrong name, mark or value is refused with the reason and the way out."""
    outcome = stocked(*args)

    assert outcome.code in (1, 2)
    assert outcome.err.count("\n") == 1
    assert word in outcome.err


@pytest.mark.parametrize("args", [("mark", "me"), ("reader", "list"), ("reader", "show", "me")])
def test_people_get_text(stocked: Shell, args: tuple[str, ...]) -> None:
    """Without --json the commands write readable text."""
    stocked("mark", "me", BEES, "up")

    outcome = stocked(*args)

    assert outcome.code == 0
    assert outcome.out.strip()
    assert not outcome.out.startswith("{")
