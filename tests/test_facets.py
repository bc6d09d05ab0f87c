"""How many of the papers that a query finds have what: the same whether its words were asked before or not."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from broadsheet.search.lexical import LexicalIndex
from broadsheet.search.query import parse
from broadsheet.types import Author, Change, Link, Paper

pytestmark = pytest.mark.slow

ADDED = datetime(2026, 1, 1, tzinfo=UTC)
MANY = 2_600
"""Of each common word there are more than a thousand papers."""


def paper(number: int) -> Paper:
    """Half of them have `graph`, the others `protein`, some both, few `sheep`; an author may be named Graph."""
    steps = {"graph": number % 2 == 0, "proteins": number % 2 == 1 or number % 10 == 0, "sheep": number % 900 == 0}
    words = [word for word, there in steps.items() if there]
    return Paper(
        key=f"arxiv:2501.{number:05}",
        aliases=(f"arxiv:2501.{number:05}",),
        title=f"{words[0]} {number}",
        abstract=" ".join(words[1:]),
        authors=(Author("Graph Writer" if number % 9 == 0 else "Jane Doe"),),
        categories=(f"cs.{chr(65 + number % 26)}A", "math.CO")[: 1 + number % 3],
        links=(Link("code", "https://example.org/"),) if number % 7 == 0 else (),
        published=datetime(2001 + number % 24, 1, 1, tzinfo=UTC),
        sources=(("arxiv",), ("arxiv-oai",), ("arxiv", "arxiv-oai"))[number % 3],
        added=ADDED,
    )


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LexicalIndex]:
    """An index of many papers, some of them taken out again."""
    with LexicalIndex(tmp_path_factory.mktemp("words") / "index", memory=15_000_000) as made:
        made.apply((Change(n, n, "put"), paper(n)) for n in range(1, MANY))
        made.apply((Change(MANY + n, n, "delete"), None) for n in range(10, 40))
        made.commit(7)
        yield made


@pytest.mark.parametrize("beside", [(), (7, 50, 900)])
@pytest.mark.parametrize(
    "text", ["graph", "graph proteins", "graph sheep", "sheep graphs protein", "the graph", "graph networks"]
)
def test_counts_are_the_same_when_words_are_asked_again(
    index: LexicalIndex, text: str, beside: tuple[int, ...]
) -> None:
    """What is remembered of common words, put together, is what is counted of the query that says it in another way."""
    whole = parse(" OR ".join(text.removeprefix("the ").split())).ast
    counted = index.facets(whole if " OR " in str(whole) else parse(f"({whole} OR {whole})").ast, beside=beside)
    for _ in range(3):
        assert index.facets(parse(text).ast, beside=beside) == counted


def test_counts_are_of_the_newest_commit(tmp_path: Path) -> None:
    """What was remembered of a word is forgotten when papers come."""
    with LexicalIndex(tmp_path / "index", memory=15_000_000) as index:
        for first in (1, MANY):
            index.apply((Change(n, n, "put"), paper(n)) for n in range(first, first + MANY))
            index.commit(first)
            found = [index.facets(parse("graph protein").ast)["has"]["abstract"] for _ in range(3)]
            assert found == [sum(bool(paper(n).abstract) for n in range(1, first + MANY))] * 3


def test_two_ways_to_a_source_are_one(tmp_path: Path) -> None:
    """Counts have arXiv once; `source:arxiv` finds what came on either way, `source:arxiv-oai` what came on that."""
    ways = (("arxiv",), ("arxiv-oai",), ("arxiv", "arxiv-oai", "huggingface"), ("huggingface",))
    with LexicalIndex(tmp_path / "index", memory=15_000_000) as made:
        made.apply((Change(n, n, "put"), replace(paper(2 * n), sources=of)) for n, of in enumerate(ways, 1))
        made.commit(len(ways))
        found = {
            text: made.search(parse(text).ast, 9) for text in ("source:arxiv", "source:arxiv-oai", "-source:arxiv")
        }
        counted = [made.facets(parse(text).ast)["source"] for text in ("graph", "source:arxiv-oai")]

    assert {text: sorted(id for id, _ in hits.hits) for text, hits in found.items()} == {
        "source:arxiv": [1, 2, 3],
        "source:arxiv-oai": [2, 3],
        "-source:arxiv": [4],
    }
    assert counted == [{"arxiv": 3, "huggingface": 2}, {"arxiv": 2, "huggingface": 1}]
    assert [str(parse(text).ast) for text in found] == list(found)
