"""Putting a digest together, and keeping it: pure, on invented papers."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.digest.compose import Items, Offer, Pick, compose
from broadsheet.digest.content import Content, from_json, to_json
from broadsheet.text import first_sentences
from broadsheet.types import Author, Link, Paper


def _paper(number: int, abstract: str = "One. Two. Three.") -> Paper:
    return Paper(
        key=f"arxiv:2511.{number:05}",
        aliases=(),
        added=datetime(2026, 11, 20, tzinfo=UTC),
        title=f"Paper {number} on $O(n)$",
        abstract=abstract,
        authors=tuple(Author(f"Ann {letter}") for letter in "ABCDEF"),
        categories=("cs.CL",),
        links=(Link("pdf", "https://example.org/pdf"), Link("abstract", "https://example.org/abs")),
    )


def _offer(name: str, numbers: Sequence[int], note: str | None = None) -> Offer:
    return Offer(name, name.title(), [Pick(_paper(n), (f"from {name}",)) for n in numbers], note)


def test_places_go_round_two_to_the_first_section() -> None:
    """Of six places the first section gets three to four, and what a section cannot fill goes to the others."""
    made = compose([_offer("mine", range(10)), _offer("trending", range(20, 30)), _offer("authors", [40])], 8, Items())

    assert [(s.name, len(s.items)) for s in made.sections] == [("mine", 5), ("trending", 2), ("authors", 1)]
    assert [item.number for s in made.sections for item in s.items] == list(range(1, 9))
    assert [pick.paper.key for pick in made.picks] == [item.key for s in made.sections for item in s.items]


def test_a_section_without_papers_is_there_only_with_a_reason() -> None:
    """An empty section that has something to say stays; one that has not is left out."""
    made = compose(
        [_offer("mine", [], "Nothing is known."), _offer("trending", [1]), _offer("authors", [])], 5, Items()
    )

    assert [(s.name, s.note) for s in made.sections] == [("mine", "Nothing is known."), ("trending", None)]


def test_a_paper_is_told_readably() -> None:
    """TeX is readable, some authors are named, two sentences of the abstract, and the links that people want first."""
    item = compose([_offer("mine", [7])], 1, Items()).sections[0].items[0]

    assert item.title == "Paper 7 on O(n)"
    assert item.authors == "Ann A, Ann B, Ann C, Ann D and 2 more"
    assert item.text == "One. Two."
    assert [kind for kind, _ in item.links] == ["abstract", "pdf"]


def test_a_paper_of_many_digests_has_the_reason_and_the_number_of_each() -> None:
    """What is kept of a paper for all digests is its text; why it is there, and where, is each digest's own."""
    told, paper = Items(), _paper(7)
    one, other = told.of(Pick(paper, ("near yours",)), 1), told.of(Pick(paper, ("trending",), label="birds"), 9)

    assert (one.title, one.authors, one.text) == (other.title, other.authors, other.text)
    assert (one.number, one.why, one.interest) == (1, ("near yours",), None)
    assert (other.number, other.why, other.interest) == (9, ("trending",), "birds")


@given(st.lists(st.lists(st.integers(0, 12), max_size=8), max_size=4), st.integers(1, 20))
def test_no_paper_stands_twice_and_none_is_wasted(offered: list[list[int]], most: int) -> None:
    """Each paper stands once over all sections, in its section's order, and no place is left while papers are."""
    made = compose([_offer(f"s{n}", numbers) for n, numbers in enumerate(offered)], most, Items())
    keys = [item.key for s in made.sections for item in s.items]

    assert len(set(keys)) == len(keys) == min(most, len({n for numbers in offered for n in numbers}))
    for section in made.sections:
        ranks = {f"arxiv:2511.{n:05}": at for at, n in reversed(list(enumerate(offered[int(section.name[1:])])))}
        assert [ranks[item.key] for item in section.items] == sorted(ranks[item.key] for item in section.items)


def test_what_was_frozen_thaws_the_same() -> None:
    """A digest read back from its text is equal to the one that was kept."""
    made = compose([_offer("mine", [1, 2], "A note.")], 5, Items())
    content = Content("2026-11-20", date(2026, 11, 20), made.sections, "Why.")

    assert from_json(to_json(content)) == content


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("We count bees. It works. More.", "We count bees. It works."),
        ("Methods, e.g. of Smith et al. in 2020, fail. J. Doe's does not. End.",
         "Methods, e.g. of Smith et al. in 2020, fail. J. Doe's does not."),
        ("At 3.5 GHz it hums! Does it? Yes.", "At 3.5 GHz it hums! Does it?"),
        ("no end", "no end"),
        ("", ""),
    ],
)  # fmt: skip
def test_the_first_two_sentences(text: str, wanted: str) -> None:
    """Abbreviations, initials and numbers end no sentence."""
    assert first_sentences(text, 2, 400) == wanted


@given(st.text(), st.integers(1, 4), st.integers(10, 60))
def test_sentences_are_a_beginning_that_fits(text: str, many: int, longest: int) -> None:
    """Whatever the text, the answer is its beginning, cut if it must be, and never longer than asked for."""
    found = first_sentences(text, many, longest)

    assert len(found) <= longest + 1
    assert " ".join(text.split()).startswith(found.removesuffix(" …"))
