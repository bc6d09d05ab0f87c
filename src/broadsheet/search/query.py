"""The query language: one parser for shell, web, interfaces, feeds and saved searches.

    graph neural networks             words: at least one must occur, papers with more and rarer ones come first
    +graph networks nets              a word with `+` must occur, and one of the others; `graph AND nets`: both must
    "message passing"                 a phrase must occur
    -survey, NOT survey               must not occur
    bert OR gpt                       one of the two must occur; OR binds tighter than a space
    (molecule OR protein) -dataset    a group must match; words alone in parentheses are words like any others
    transf*                           a word that begins so; like a word it is optional beside others
    title:graph author:"Jane Doe"     words within one field must occur: title, abstract, author, venue
    title:(graph OR tree)             a query of words within one field
    cat:cs.LG cat:cs source:arxiv     exact properties must hold; an archive (`cs`) stands for all its categories
    cat:(cs.LG OR cs.CL) has:code     one of several; what a paper has
    id:2405.15738                     an id in any spelling; an id alone needs no `id:`
    since:2026-01 until:2026-W20      first public from, up to: a year, month, ISO week or day, both ends included
    year:2025 year:2020..2023         in a year or years; `date:` takes any two such dates

A sign belongs to what follows it without a space, but not to a number: `-2` is the number.

A sequence finds the papers that satisfy all its required parts, none of its excluded ones and, if it has bare words,
at least one of these. A query of exclusions or filters alone looks at all papers. Case and accents do not matter, and
words are compared by their stems (`networks` finds `network`). AND, OR and NOT are operators in capitals only.

Whatever is no valid syntax is searched as plain words, and `Parsed.notes` says so; nothing raises.
"""

from collections.abc import Iterator
from datetime import date

from msgspec import Struct

from broadsheet.search.query_ast import (
    EVERYTHING,
    And,
    Field,
    Filter,
    Must,
    Node,
    Not,
    Or,
    Parsed,
    Phrase,
    Prefix,
    Range,
    Word,
    items_of,
    walk,
)
from broadsheet.search.query_parse import MAX_DEPTH, MAX_TERMS, parse
from broadsheet.search.query_values import HAS

__all__ = [
    "EVERYTHING",
    "HAS",
    "MAX_DEPTH",
    "MAX_TERMS",
    "And",
    "Field",
    "Filter",
    "Filters",
    "Must",
    "Node",
    "Not",
    "Or",
    "Parsed",
    "Phrase",
    "Prefix",
    "Range",
    "Word",
    "filters",
    "has_free_text",
    "items_of",
    "parse",
    "restrictions",
    "sought",
    "terms",
    "text_of",
    "walk",
]


class Filters(Struct, frozen=True):
    """The required days and categories of a query. `complete` says that nothing else restricts what it may find.

    A paper has to have one of `categories` (as typed; an archive stands for all its own), if there are any.
    """

    since: date | None = None
    until: date | None = None
    categories: tuple[str, ...] = ()
    complete: bool = True


def terms(ast: Node) -> tuple[str, ...]:
    """The words and phrases that a paper is found by, each once, for snippets; a prefix keeps its `*`."""
    found = (f"{leaf.text}*" if isinstance(leaf, Prefix) else leaf.text for leaf in sought(ast))
    return tuple(dict.fromkeys(found))


def text_of(ast: Node) -> str:
    """What the query says about content, as running text to be embedded."""
    return " ".join(leaf.text for leaf in sought(ast, fields=("title", "abstract")))


def has_free_text(ast: Node) -> bool:
    """Whether there are words to rank by; if not, the newest papers come first."""
    return any(True for _ in sought(ast))


def filters(ast: Node) -> Filters:
    """The days and categories that every paper found must have."""
    since: date | None = None
    until: date | None = None
    categories: tuple[str, ...] = ()
    complete = True
    for item in items_of(restrictions(ast)):
        choice = _categories(item)
        if isinstance(item, Range):
            since = max((day for day in (since, item.start) if day), default=None)
            until = min((day for day in (until, item.end) if day), default=None)
        elif choice and not categories:
            categories = choice
        else:
            complete = False
    return Filters(since, until, categories, complete)


def restrictions(ast: Node) -> Node:
    """The query without its bare words: what a paper must satisfy however it was found."""
    kept = tuple(item for item in items_of(ast) if not isinstance(item, Word | Prefix))
    return kept[0] if len(kept) == 1 else And(kept)


def _categories(node: Node) -> tuple[str, ...]:
    options = node.items if isinstance(node, Or) else (node,)
    found = tuple(item.value for item in options if isinstance(item, Filter) and item.name == "cat")
    return found if len(found) == len(options) else ()


def sought(node: Node, fields: tuple[str, ...] | None = None) -> Iterator[Word | Prefix | Phrase]:
    """Leaves with words, leaving out what is excluded and, if `fields` are given, what is in other fields."""
    if isinstance(node, Word | Prefix | Phrase):
        yield node
    elif isinstance(node, And | Or):
        for item in node.items:
            yield from sought(item, fields)
    elif isinstance(node, Must) or (isinstance(node, Field) and (fields is None or node.name in fields)):
        yield from sought(node.body, fields)
