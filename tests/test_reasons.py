"""Reasons in words."""

from broadsheet.library.interest.reasons import in_words, itself
from broadsheet.rank.interest.why import Reason
from broadsheet.types import MarkKind


def words(*reasons: Reason) -> list[str]:
    return [str(said) for said in in_words(reasons, {}, {})]


def test_terms_against_a_paper_are_told_beside_those_for_it() -> None:
    """A term that takes away a good part of what the strongest gives is told; a slight one is not."""
    for_it = Reason("for", "songbird", 0.8)
    assert words(for_it, Reason("against", "hull", -0.7)) == ["for: songbird", "against: hull"]
    assert words(for_it, Reason("against", "hull", -0.01)) == ["for: songbird"]


def test_what_is_against_a_paper_alone_is_no_reason_to_show_it() -> None:
    """Where nothing speaks for a paper, terms against it are not told."""
    assert words(Reason("against", "hull", -0.7)) == []


def test_a_near_paper_is_told_by_what_was_said_of_it() -> None:
    """Liked, saved and begun with are three things; each sentence names the papers of one."""
    kinds: dict[str, MarkKind | None] = {"a": "save", "b": "up", "c": None, "d": "save"}
    near = [Reason("near", key, 1.0) for key in kinds]
    assert in_words(near, {key: key.upper() for key in kinds}, kinds) == (
        "near “B”, which you liked",
        "near “A” and “D”, which you saved",
        "near “C”, which you began with",
    )


def test_a_category_that_speaks_for_a_paper_is_told_as_that() -> None:
    """Words alone teach it, too, so that nobody need have liked a paper of it; beside other reasons it is not told."""
    category = Reason("category", "cs.LG", 0.2)
    assert words(category) == ["for: cs.LG"]
    assert words(category, Reason("for", "songbird", 0.8)) == ["for: songbird"]


def test_a_paper_that_is_liked_is_among_one_s_own_for_that() -> None:
    """What was begun with, liked or saved is told as that, and another paper by its reasons."""
    kinds: dict[str, MarkKind | None] = {"a": "save", "b": "up", "c": None}
    assert [itself(key, kinds) for key in "abcd"] == [
        ("you saved it",),
        ("you liked it",),
        ("you began with it",),
        (),
    ]
