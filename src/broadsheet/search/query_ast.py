"""The nodes of a query, and their text: `str(node)` is a query that parses to the same node.

What each node asks of a paper is said in `broadsheet.search.query`.
"""

import re
from collections.abc import Iterator
from datetime import date

from msgspec import Struct

TEXT_FIELDS = ("title", "abstract", "author", "venue")
EXACT_FIELDS = ("cat", "source", "id", "has")
DATE_FIELDS = ("since", "until", "year", "date")

_NUMBER = re.compile(r"\d[\d.,]*")
_BARE_VALUE = re.compile(r"[^\s\"()]*[^\s\"(),;]")


class Word(Struct, frozen=True):
    """A word; next to other words it need not occur."""

    text: str

    def __str__(self) -> str:
        return self.text


class Prefix(Struct, frozen=True):
    """Any word that begins so."""

    text: str

    def __str__(self) -> str:
        return f"{self.text}*"


class Phrase(Struct, frozen=True):
    """Words one after the other."""

    text: str

    def __str__(self) -> str:
        return f'"{self.text}"'


class Filter(Struct, frozen=True):
    """An exact property: `cat`, `source`, `id` or `has`."""

    name: str
    value: str

    def __str__(self) -> str:
        value = self.value if _BARE_VALUE.fullmatch(self.value) else f'"{self.value}"'
        return f"{self.name}:{value}"


class Range(Struct, frozen=True):
    """First public within these days, both included; None is open."""

    start: date | None
    end: date | None

    def __str__(self) -> str:
        start, end = self.start, self.end
        if start is None or end is None:
            return f"since:{start}" if start else f"until:{end}"
        if (start.month, start.day, end.month, end.day) == (1, 1, 12, 31):
            first, last = f"{start.year:04}", f"{end.year:04}"
            return f"year:{first}" if first == last else f"year:{first}..{last}"
        return f"date:{start}..{end}"


class Field(Struct, frozen=True):
    """A query of words within one text field: `title`, `abstract`, `author` or `venue`."""

    name: str
    body: "Node"

    def __str__(self) -> str:
        return f"{self.name}:{_bound(self.body)}"


class Not(Struct, frozen=True):
    """Papers that the body does not find."""

    body: "Node"

    def __str__(self) -> str:
        return f"-{_signed(self.body)}"


class Must(Struct, frozen=True):
    """A word that has to occur."""

    body: Word | Prefix

    def __str__(self) -> str:
        return f"+{_signed(self.body)}"


class And(Struct, frozen=True):
    """A sequence. Without items it asks nothing and finds every paper."""

    items: tuple["Node", ...]

    def __str__(self) -> str:
        return " ".join(f"({item})" if isinstance(item, And) else _grouped(item) for item in self.items)


class Or(Struct, frozen=True):
    """At least one of the items."""

    items: tuple["Node", ...]

    def __str__(self) -> str:
        return " OR ".join(_bound(item) if isinstance(item, And | Or) else str(item) for item in self.items)


Node = Word | Prefix | Phrase | Filter | Range | Field | Not | Must | And | Or
EVERYTHING = And(())


class Parsed(Struct, frozen=True):
    """A query as understood. `notes` are sentences for the person who typed it.

    `plain` says that the text was not valid syntax and all of it was taken as words.
    """

    ast: Node
    notes: tuple[str, ...] = ()
    plain: bool = False


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, in the order of the text."""
    yield node
    if isinstance(node, And | Or):
        for item in node.items:
            yield from walk(item)
    elif isinstance(node, Field | Not | Must):
        yield from walk(node.body)


def items_of(node: Node) -> tuple[Node, ...]:
    """The items of a sequence; of any other node itself."""
    return node.items if isinstance(node, And) else (node,)


def _grouped(node: Node) -> str:
    return f"({node})" if isinstance(node, Or) else str(node)


def _bound(node: Node) -> str:
    return f"({node})" if isinstance(node, And | Or | Not | Must) else str(node)


def _signed(node: Node) -> str:
    """What stands behind a sign; a number would take the sign for its own."""
    return f"({node})" if isinstance(node, Word) and _NUMBER.fullmatch(node.text) else _bound(node)
