"""Snippets with the found words marked."""

import re
from collections.abc import Mapping

from hypothesis import example, given
from hypothesis import strategies as st

from broadsheet.search.lexical_schema import stem
from broadsheet.search.snippet import LONGEST, snippet, sought

WORDS = st.from_regex(r"[a-zA-Zé]{1,4}(y|ying|ies|ied|ie|s|ed|ing|bility|ization|ational|ally)?", fullmatch=True)

ABSTRACT = (
    "We study sheep. " * 30
    + "Graph networks pass messages between nodes. Their transformers are large. "
    + "We study goats. " * 30
)


def passage(text: str, weights: Mapping[str, float]) -> str:
    """The snippet for terms with their weights."""
    return snippet(text, sought(weights), weights)


def test_words_are_marked_by_their_stem() -> None:
    """`network` marks `networks`, a prefix marks what begins so, and capitals do not matter."""
    assert passage("Graph Networks transform.", {"network": 1.0, "transf*": 1.0}) == (
        "Graph <mark>Networks</mark> <mark>transform</mark>."
    )


def test_a_word_is_marked_once_and_only_as_a_whole() -> None:
    """What a word and two beginnings find is marked once, and not where it is a part of another word."""
    found = passage("A net in the subnet: nets, a_net, NET.", {"net": 1.0, "ne*": 1.0, "net*": 1.0})
    assert found == ("A <mark>net</mark> in the subnet: <mark>nets</mark>, a_<mark>net</mark>, <mark>NET</mark>.")


@example("die", ["Dying", "dies", "died"])
@example("skill", ["Skilled", "skıll", "\u212ailled"])
@given(WORDS, st.lists(WORDS | st.just("\u212aing_dying"), max_size=6))
def test_every_word_of_a_sought_stem_is_marked_and_no_other(term: str, words: list[str]) -> None:
    """Whatever its ending, its capitals and its accents: what is skimmed for leaves none out."""
    text = " ".join([*words, term])
    alike = (f"<mark>{word}</mark>" if stem(word) == stem(term) else word for word in re.split(r"([\W_]+)", text))
    assert passage(text, {term: 1.0}) == "".join(alike)


def test_the_window_is_where_most_of_the_query_is() -> None:
    """A passage with two terms wins over ones with one term, wherever it is; cuts are shown."""
    found = passage(ABSTRACT, {"study": 1.0, "graph messages": 3.0})
    assert "<mark>Graph</mark> networks pass <mark>messages</mark>" in found
    assert found.startswith("… ")
    assert found.endswith(" …")


def test_a_field_before_a_term_counts_for_nothing() -> None:
    """`title:graph` marks `graph` as the word alone does, with its own weight; without one a term is worth 1."""
    assert "<mark>Graph</mark>" in passage(ABSTRACT, {"title:graph": 1.0})
    assert "<mark>Graph</mark>" in snippet(ABSTRACT, sought(["study", "title:graph"]), {"title:graph": 3.0})
    assert "<mark>study</mark> sheep" in snippet(ABSTRACT, sought(["study", "title:graph"]), {"title:graph": 0.1})


def test_without_a_found_word_the_text_begins_at_its_beginning() -> None:
    """What was found by meaning alone shows how its abstract begins."""
    found = passage(ABSTRACT, {"llama": 1.0})
    assert found.startswith("We study sheep. We")
    assert "<mark>" not in found
    assert passage("", {"llama": 1.0}) == ""


@given(st.text(max_size=900), st.dictionaries(st.text(max_size=8), st.floats(0, 9), max_size=4))
def test_a_snippet_is_a_passage_of_the_text(text: str, weights: dict[str, float]) -> None:
    """Without its marks and dots it is part of the text and not too long, whatever text and query are."""
    found = passage(text, weights).replace("<mark>", "").replace("</mark>", "").removeprefix("… ").removesuffix(" …")
    assert found.strip() in text
    assert len(found) <= LONGEST + 2
