"""What a list shows of a paper to everybody alike, as HTML: made once, and remembered by what it is made of."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from markupsafe import Markup, escape

from broadsheet.text import plain
from broadsheet.types import Author, Link, Paper
from broadsheet.web.formulas import typeset
from broadsheet.words.catalogue import SOURCE, Words
from broadsheet.words.said import said

REMEMBERED: Final = 2_000
"""Cards of each language that are kept, some 6 kB each: what a day's readers look at."""

AUTHORS: Final = 6
CATEGORIES: Final = 5

LINKS: Final = {
    "abstract": said("abstract"),
    "pdf": "pdf",
    "code": said("code"),
    "project": said("project"),
    "data": said("data"),
    "model": said("model"),
    "demo": said("demo"),
}
"""The kinds of links that a list shows, under their names there."""


@dataclass(frozen=True, slots=True)
class Card:
    """Pieces of HTML: of its place up to its number in the list, from there to the address of its page, from there to
    the end of the title's link, and what follows.
    """

    place: Markup
    link: Markup
    title: Markup
    byline: Markup
    categories: Markup
    links: Markup


@dataclass(frozen=True, slots=True)
class Cards:
    """The cards in one language, by a paper and the path that this instance is served at, and abstracts.

    An abstract takes longer than all else of a card, and searches and lists of titles show none.
    """

    card: Callable[[Paper, str], Card]
    abstract: Callable[[str], Markup]


def cards(words: Words) -> Cards:
    """What is remembered of papers in one language."""
    lang = as_written(words)

    @lru_cache(REMEMBERED)
    def made(
        root: str,
        key: str,
        title: str,
        authors: Sequence[Author],
        categories: Sequence[str],
        links: Sequence[Link],
    ) -> Card:
        address, there = escape(root), quote(key)
        return Card(
            Markup(f'id="{anchor(key)}" value="'),  # noqa: S704 - the pieces here and below are escaped
            Markup(f'" tabindex="-1">\n  <h2><a href="{address}/paper/{there}'),  # noqa: S704
            Markup(f'"{lang}>{typeset(title)}</a>'),  # noqa: S704
            Markup(f'<p class="byline">{_byline(words, authors)}</p>\n'),  # noqa: S704
            _categories(address, categories),
            _links(words, links),
        )

    def card(paper: Paper, root: str) -> Card:
        return made(root, paper.key, paper.title, paper.authors, paper.categories, paper.links)

    @lru_cache(REMEMBERED)
    def abstract(text: str) -> Markup:
        return Markup(f'<p class="abstract"{lang}>{typeset(text)}</p>\n')  # noqa: S704 - as above

    return Cards(card, abstract)


def as_written(words: Words) -> Markup:
    """The attribute of titles and abstracts on a page in another language: they stay English, and are read aloud so."""
    return Markup() if words.language == SOURCE else Markup(' lang="en"')


def anchor(key: str) -> str:
    """The name of a paper's place on a page."""
    return "p-" + re.sub(r"[^A-Za-z0-9]+", "-", key)


def back_to(page: str, key: str) -> str:
    """The address of a page, at the place of a paper where it names none."""
    return page if "#" in page else f"{page}#{anchor(key)}"


def _byline(words: Words, authors: Sequence[Author]) -> Markup:
    named, more = ", ".join(plain(author.name) for author in authors[:AUTHORS]), len(authors) - AUTHORS
    return escape(f"{named} {words.say(said('and %(n)s more', n=more))}" if more > 0 else named)


def _categories(root: Markup, categories: Sequence[str]) -> Markup:
    some = [(quote(name), escape(name)) for name in categories[:CATEGORIES]]
    row = (f'<a class="cat" href="{root}/search?q=cat:{asked}&amp;sort=new">{name}</a> ' for asked, name in some)
    return Markup("".join(row))  # noqa: S704 - as above


def _links(words: Words, links: Sequence[Link]) -> Markup:
    first: dict[str, str] = {}
    for link in links:
        first.setdefault(link.kind, link.url)  # the paper's own page has all of a kind, and says where they lead
    some = [(escape(url), escape(words.say(LINKS[kind]))) for kind, url in first.items() if kind in LINKS]
    return Markup(" ".join(f'<a href="{url}" rel="noopener noreferrer">{name}</a>' for url, name in some))  # noqa: S704
