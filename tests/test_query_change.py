"""Queries made narrower and looser by a step: what the text becomes, and that it still says the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.search.query import parse
from broadsheet.search.query_change import condition, conditions, holds, looser, switched

VALUES = st.sampled_from(
    [("category", "cs.CL"), ("category", "math"), ("has", "code"), ("year", "2025"), ("source", "arxiv")]
)
PIECES = st.sampled_from(
    [
        "graph",
        "-survey",
        '"a b"',
        "bert OR gpt",
        "(x y)",
        "cat:cs.CL",
        "year:2025",
        "+a",
        "title:b",
        "c*",
        "-2",
        "(",
        "2405.15738",
    ]
)
QUERIES = st.lists(PIECES, max_size=5).map(" ".join)


@pytest.mark.parametrize(
    ("query", "facet", "value", "becomes"),
    [
        ("", "category", "cs.CL", "cat:cs.CL"),
        ("graph nets", "has", "code", "graph nets has:code"),
        ("bert OR gpt", "year", "2025", "(bert OR gpt) year:2025"),
        ("graph cat:cs.CL nets", "category", "cs.CL", "graph nets"),
        ("cat:cs.CL", "category", "cs.CL", ""),
        ("year:2025 graph", "year", "2025", "graph"),
    ],
)
def test_a_facet_is_a_condition_that_is_switched(query: str, facet: str, value: str, becomes: str) -> None:
    """A click adds what the facet says to the query, and another one takes it away."""
    wanted = condition(facet, value)

    assert wanted
    assert switched(parse(query).ast)(wanted) == becomes


@given(QUERIES, VALUES)
def test_switching_twice_changes_nothing(query: str, value: tuple[str, str]) -> None:
    """A condition that was added is in the query's text, and goes again without a trace."""
    wanted, ast = condition(*value), parse(query).ast
    assert wanted
    if holds(ast, wanted):
        return
    text = switched(ast)(wanted)

    assert holds(parse(text).ast, wanted)
    assert switched(parse(text).ast)(wanted) == str(ast)


@given(QUERIES)
def test_what_is_loosened_is_a_query_again(query: str) -> None:
    """Each step leads to text that parses to itself (an id that is left alone, to its paper), and to another query."""
    ast = parse(query).ast
    for step in (*conditions(ast), *looser(ast)):
        assert str(parse(step.query).ast) in (step.query, f"id:arxiv:{step.query}")
        assert step.query != str(ast)


def test_words_that_must_occur_may() -> None:
    """Beside conditions, a phrase becomes its words and a word with a plus an ordinary one."""
    found = [step.query for step in looser(parse('+graph "message passing" has:code').ast)]

    assert found == ['+graph "message passing"', 'graph "message passing" has:code', "+graph message passing has:code"]


def test_a_year_that_no_calendar_has_is_no_condition() -> None:
    """What an index may hold and a query cannot say has no link."""
    assert condition("year", "0") is None
