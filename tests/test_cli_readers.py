"""The commands of readers and marks, on two invented papers."""

import pytest

from tests.shell import Shell

BEES, TIDES = "arxiv:2511.00001", "2511.00002"


def test_the_first_reader_needs_no_ceremony(stocked: Shell) -> None:
    """Whoever marks first is there and administers the library; a second name must be added."""
    assert stocked.json("mark", "me", BEES, "up")["marks"] == ["up"]
    assert [(r["reader"], r["role"]) for r in stocked.json("reader", "list")["readers"]] == [("me", "admin")]

    outcome = stocked("mark", "mw", BEES, "up")

    assert outcome.code == 1
    assert "me" in outcome.err


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


@pytest.mark.parametrize(
    ("args", "word"),
    [
        (("mark", "me", BEES, "love"), "love"),
        (("mark", "me", "nothing", "up"), "nothing"),
        (("mark", "me", BEES, "note"), "text"),
        (("mark", "me", BEES, "up", "text"), "note"),
        (("mark", "me", BEES, "up", "--interest", "x"), "interest"),
        (("reader", "add", "a b"), "a b"),
        (("reader", "add", "a", "--email", "nobody"), "nobody"),
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
