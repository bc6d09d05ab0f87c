"""What hits can be told apart by, as HTML: some thirty links, joined here and not by a template as the papers are."""

from collections.abc import Callable, Iterable
from typing import Final

from markupsafe import Markup, escape

from broadsheet.library.narrowing import Choice, Facet
from broadsheet.web.names import FLAGS, SOURCES
from broadsheet.words.catalogue import Words
from broadsheet.words.said import said

FACETS: Final = {"category": said("Category"), "year": said("Year"), "source": said("Source"), "has": said("Has")}
"""The facets and what they are called."""


def facet_rows(words: Words) -> Callable[[Iterable[Facet], Callable[[str], str]], Markup]:
    """What makes the rows of facets in one language; `address` is that of a choice, given its query."""
    names = {name: escape(words.say(told)) for name, told in FACETS.items()}
    values = {
        name: {value: words.say(told) for value, told in all_.items()}
        for name, all_ in (("has", FLAGS), ("source", SOURCES))
    }

    def choice(one: Choice, told: str, address: str) -> str:
        on = ' aria-current="true"' if one.is_on else ""
        return f'<a href="{escape(address)}"{on}>{escape(told)} <small>{escape(words.number(one.count))}</small></a> '

    def row(facet: Facet, address: Callable[[str], str]) -> str:
        told = values.get(facet.name, {})
        links = (choice(one, told.get(one.value, one.value), address(one.query)) for one in facet.choices)
        return f"  <dt>{names[facet.name]}</dt>\n  <dd>{''.join(links)}</dd>\n"

    def rows(facets: Iterable[Facet], address: Callable[[str], str]) -> Markup:
        return Markup("".join(row(facet, address) for facet in facets))  # noqa: S704 - all pieces are escaped

    return rows
