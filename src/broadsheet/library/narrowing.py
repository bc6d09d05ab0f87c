"""A page of hits with the ways on: facets that narrow it, conditions that can be dropped, and what would find more."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from msgspec import structs

from broadsheet.library.find import SearchAsk, search
from broadsheet.library.handle import Library

if TYPE_CHECKING:
    from broadsheet.search.query_ast import Node
    from broadsheet.search.query_change import Step
    from broadsheet.search.result import SearchResult

SHOWN: Final = {"category": 10, "year": 8, "source": 6, "has": 10}
"""Facets in the order of the page, with how many of their values are offered."""

_TELLING: Final = ("code", "data", "model", "demo", "project", "discussion", "venue", "doi", "revision", "withdrawal")
"""What papers have that readers choose by; nearly all have an abstract and a PDF, and a comment says little."""

STEPS: Final = 6
"""Ways to loosen a query that are tried where it finds nothing; each is a search of its own."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet: how many hits have it, whether the query demands it, and the query that is the other way."""

    value: str
    count: int
    is_on: bool
    query: str


@dataclass(frozen=True, slots=True)
class Facet:
    """What hits can be told apart by."""

    name: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """A query that finds something where this one does not: without `condition`, or in another `mode`."""

    query: str
    mode: str
    total: int
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits. `conditions` are what the query demands beside its words; `ways` are there where nothing is."""

    result: "SearchResult"
    facets: tuple[Facet, ...]
    conditions: "tuple[Step, ...]"
    ways: tuple[Way, ...] = ()


def find(lib: Library, ask: SearchAsk) -> Found:
    """Find papers, and say how to go on. Never raises for what the query holds."""
    from broadsheet.search import query, query_change

    result = search(lib, structs.replace(ask, facets=True))
    ast = query.parse(result.parsed).ast
    ways = () if result.total or not str(ast) else _ways(lib, ask, ast)
    return Found(result, _facets(ast, result.facets, result.total), query_change.conditions(ast), ways)


def _facets(ast: "Node", counts: Mapping[str, Mapping[str, int]], total: int) -> tuple[Facet, ...]:
    """A value that all hits have narrows nothing and is left out, unless the query demands it."""
    from broadsheet.search.query_change import condition, holds, switched

    found, query = [], switched(ast)
    for name, most in SHOWN.items():
        values = counts.get(name, {})
        offered: list[tuple[str, Node, bool]] = []
        for value in sorted(values, key=lambda v: (-int(v) if name == "year" else -values[v], v)):
            wanted = condition(name, value)
            if wanted is None:
                continue
            on = holds(ast, wanted)
            if on or (values[value] < total and (name != "has" or value in _TELLING)):
                offered.append((value, wanted, on))
        chosen = sorted(offered[:most] + [one for one in offered[most:] if one[2]], key=lambda one: not one[2])
        if chosen:
            choices = (Choice(value, values[value], on, query(wanted)) for value, wanted, on in chosen)
            found.append(Facet(name, tuple(choices)))
    return tuple(found)


def _ways(lib: Library, ask: SearchAsk, ast: "Node") -> tuple[Way, ...]:
    """What finds something near a query that finds nothing: other modes, and the query with one demand less."""
    from broadsheet.search.query_change import looser

    tried = [Way(str(ast), mode, 0) for mode in ("hybrid", "keyword") if mode != ask.mode]
    tried += [Way(step.query, ask.mode, 0, step.condition) for step in looser(ast)[:STEPS]]
    counted = (replace(way, total=search(lib, SearchAsk(way.query, way.mode, 0)).total) for way in tried)
    return tuple(way for way in counted if way.total)
