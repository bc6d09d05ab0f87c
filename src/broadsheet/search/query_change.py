"""A query made narrower or looser by a step: what a facet adds, what can be taken away again. Pure, on the tree."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from broadsheet.search.query_ast import And, Field, Filter, Must, Node, Not, Or, Phrase, Prefix, Range, Word, items_of


@dataclass(frozen=True, slots=True)
class Step:
    """A way to loosen a query: the condition as text, and the query without it."""

    condition: str
    query: str


def _year(value: str) -> Node:
    return Range(date(int(value), 1, 1), date(int(value), 12, 31))


_MADE: dict[str, Callable[[str], Node]] = {
    "category": lambda value: Filter("cat", value),
    "source": lambda value: Filter("source", value),
    "has": lambda value: Filter("has", value),
    "year": _year,
}
"""By the name of a facet: its value as the condition that a query states it by."""


def condition(facet: str, value: str) -> Node | None:
    """What a query says to keep a facet's value alone; None for what no query can say (a year beyond the calendar)."""
    try:
        return _MADE[facet](value)
    except ValueError:
        return None


def holds(ast: Node, wanted: Node) -> bool:
    """Whether a query states this condition."""
    return wanted in items_of(ast)


def switched(ast: Node) -> Callable[[Node], str]:
    """What makes the text of the query with a condition, or without it where it has it."""
    items = items_of(ast)
    whole = f"{And(items)} " if items else ""

    def text(wanted: Node) -> str:
        return str(_sequence(tuple(i for i in items if i != wanted))) if wanted in items else f"{whole}{wanted}"

    return text


def unnarrowed(ast: Node) -> Node:
    """The query without the conditions that facets state."""
    return _sequence(tuple(item for item in items_of(ast) if not _is_of_a_facet(item)))


def conditions(ast: Node) -> tuple[Step, ...]:
    """What a query demands of papers beside its words, each with the query that does not demand it."""
    return tuple(Step(str(item), str(_without(ast, at))) for at, item in enumerate(items_of(ast)) if _narrows(item))


def looser(ast: Node) -> tuple[Step, ...]:
    """`conditions`, and what words demand: a word that must occur may, a phrase becomes its words."""
    found = list(conditions(ast))
    for at, item in enumerate(items_of(ast)):
        words = tuple(_loosened(item))
        if words:
            found.append(Step(str(item), str(_without(ast, at, words))))
    return tuple(step for step in found if step.query)


def _is_of_a_facet(item: Node) -> bool:
    if isinstance(item, Range):
        return item.start is not None and item == condition("year", str(item.start.year))
    return isinstance(item, Filter) and item.name != "id"


def _narrows(item: Node) -> bool:
    if isinstance(item, Or):
        return all(isinstance(option, Filter | Range) for option in item.items)
    return isinstance(item, Filter | Range | Field | Not)


def _loosened(item: Node) -> Iterator[Node]:
    if isinstance(item, Must):
        yield item.body
    elif isinstance(item, Phrase):
        yield from (Word(word) for word in item.text.split() if word.isalnum() and word not in ("OR", "AND", "NOT"))
    elif isinstance(item, And):
        yield from (part for part in item.items if isinstance(part, Word | Prefix))


def _without(ast: Node, at: int, instead: tuple[Node, ...] = ()) -> Node:
    items = items_of(ast)
    return _sequence((*items[:at], *instead, *items[at + 1 :]))


def _sequence(items: tuple[Node, ...]) -> Node:
    return items[0] if len(items) == 1 else And(items)
