"""Snippets with the found words marked."""

from hypothesis import given, settings
from hypothesis import strategies as st

from broadsheet.search.snippet import LONGEST, snippet

ABSTRACT = (
    "We study sheep. " * 30
    + "Graph networks pass messages between nodes. Their transformers are large. "
    + "We study goats. " * 30
)


def test_words_are_marked_by_their_stem() -> None:
    """`network` marks `networks`, a prefix marks what begins so, and capitals do not matter."""
    assert snippet("Graph Networks transform.", {"network": 1.0, "transf*": 1.0}) == (
        "Graph <mark>Networks</mark> <mark>transform</mark>."
    )


def test_the_window_is_where_most_of_the_query_is() -> None:
    """A passage with two terms wins over ones with one term, wherever it is; cuts are shown."""
    found = snippet(ABSTRACT, {"study": 1.0, "graph messages": 3.0})
    assert "<mark>Graph</mark> networks pass <mark>messages</mark>" in found
    assert found.startswith("… ")
    assert found.endswith(" …")


def test_without_a_found_word_the_text_begins_at_its_beginning() -> None:
    """What was found by meaning alone shows how its abstract begins."""
    found = snippet(ABSTRACT, {"llama": 1.0})
    assert found.startswith("We study sheep. We")
    assert "<mark>" not in found
    assert snippet("", {"llama": 1.0}) == ""


@settings(deadline=None, max_examples=80)
@given(st.text(max_size=900), st.dictionaries(st.text(max_size=8), st.floats(0, 9), max_size=4))
def test_a_snippet_is_a_passage_of_the_text(text: str, sought: dict[str, float]) -> None:
    """Without its marks and dots it is part of the text and not too long, whatever text and query are."""
    found = snippet(text, sought).replace("<mark>", "").replace("</mark>", "").removeprefix("… ").removesuffix(" …")
    assert found.strip() in text
    assert len(found) <= LONGEST + 2
