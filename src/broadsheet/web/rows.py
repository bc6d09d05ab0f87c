"""Papers in the lists of one page: the cards that all see alike, put together with what is the reader's own.

A page has fifty of them, so that they are joined here and not by a template. All pieces are escaped: they are `Markup`,
numbers, or made by code alone.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Protocol

from jinja2.filters import do_urlencode
from markupsafe import Markup, escape

from broadsheet.library.held import Held
from broadsheet.types import MarkKind, Paper
from broadsheet.web.cards import Card, Cards, anchor, as_written, cards
from broadsheet.web.names import NAMES
from broadsheet.words.catalogue import Words
from broadsheet.words.said import said

BUTTONS: Final = (
    ("up", "▲", said("More like this"), "u"),
    ("down", "▽", said("Less of this"), "d"),
    ("save", "☆", said("Save"), "s"),
    ("read", "✓", said("Read"), "r"),
    ("hide", "✕", said("Hide"), "h"),
)
"""Kind, sign, name and key of each button under a paper."""

IN_A_MENU: Final = 8
"""Collections in the menu of each paper of a list; the page that it leads to has all."""

_IN_A_DATE: Final = re.compile(r"(?<=\d)-(?=\d\d)")
_NONE: Final[frozenset[MarkKind]] = frozenset()


class Keyed(Protocol):
    """What can be marked."""

    @property
    def key(self) -> str:
        """The key of a paper."""


@dataclass(frozen=True, slots=True)
class Form:
    """What every form of a page carries: the path that this instance is served at, the token, where to come back to."""

    root: str
    csrf: str
    here: str


class Rows:
    """The papers of one page. `held` is None for a visitor who has not signed in: there is nothing to press then."""

    def __init__(self, words: Words, form: Form, held: Held | None) -> None:
        self._words, self._root, self._held = words, form.root, held
        self._cards, self._buttons = _made(words)
        self._new = words.say(NAMES["new"])
        self.as_written = as_written(words)
        if held is None:
            return
        hidden = Markup(
            '<form{} method="post" action="{}/{}"><input type="hidden" name="csrf" value="{}">'
            '<input type="hidden" name="key" value="'
        )
        self._to_mark = hidden.format(Markup(' class="marks"'), form.root, "mark", form.csrf)
        self._to_collect = hidden.format("", form.root, "collect", form.csrf)
        self._back = Markup('"><input type="hidden" name="back" value="{}#').format(form.here)
        self._menu = Markup('<details class="filing"><summary>{}</summary>').format(words.say(said("Collect")))
        self._shelf = tuple((c.id, c.name) for c in held.collections[:IN_A_MENU])
        self._more = escape(words.say(said("All, or a new one") if self._shelf else said("Into a new collection")))

    def whole(self, paper: Paper, rank: int, why: str = "", fresh: bool = False) -> Markup:
        """A paper of a list but for its end: a page may tell more of it."""
        card = self.card(paper)
        because = f'<span class="why">{escape(_whole_dates(self._words.say(why)))}</span> ' if why else ""
        meta = f'<p class="meta">{because}{card.categories} {card.links}</p>\n'
        opened, marks = self.opened(paper, rank, fresh), self.marks(paper)
        return Markup(f"{opened}  {self.abstract(paper)}  {meta}{marks}")  # noqa: S704

    def opened(self, paper: Paper, rank: int, fresh: bool = False) -> Markup:
        """A paper of a list as far as its authors; what follows, and the end of it, is the page's."""
        card, marks = self.card(paper), self._marks(paper.key)
        state = f"{' hidden' if 'hide' in marks else ''}{' read' if 'read' in marks else ''}"
        badge = f' <small class="fresh">{escape(self._new)}</small>' if fresh else ""
        return Markup(  # noqa: S704
            f'<li class="paper{state}" {card.place}{rank}{card.heading}{badge}</h2>\n  {card.byline}'
        )

    def marks(self, paper: Keyed) -> Markup:
        """The buttons by which a reader marks it, or puts it into a collection."""
        if self._held is None:
            return Markup()
        key, place, address = _names(paper.key)
        there = f"{key}{self._back}{place}"
        filing = _filing(self._shelf, self._held.inside.get(paper.key, frozenset()))
        more = f'<a href="{escape(self._root)}/collect/{address}">{self._more}</a>'
        return Markup(  # noqa: S704
            f'{self._to_mark}{there}">{self._buttons(self._marks(paper.key))}</form>\n'
            f'{self._menu}{self._to_collect}{there}">{filing}{more}</form></details>\n'
        )

    def card(self, paper: Paper) -> Card:
        """What is the same for all."""
        return self._cards.card(paper, self._root)

    def abstract(self, paper: Paper) -> Markup:
        """Its abstract, with formulas."""
        return self._cards.abstract(paper.abstract)

    def _marks(self, key: str) -> frozenset[MarkKind]:
        return self._held.marks.get(key, _NONE) if self._held else _NONE


@lru_cache
def _made(words: Words) -> tuple[Cards, Callable[[frozenset[MarkKind]], Markup]]:
    """What is remembered of a language: the cards, and the buttons by the marks that hold."""
    return cards(words), lru_cache(lambda held: _buttons(words, held))


def _buttons(words: Words, held: frozenset[MarkKind]) -> Markup:
    """A mark that holds is taken back by its button."""
    button = Markup('<button name="kind" value="{}" aria-pressed="{}" aria-label="{}" title="{} ({})">{}</button>')
    told = [(kind, kind in held, sign, words.say(label), key) for kind, sign, label, key in BUTTONS]
    return Markup("").join(
        button.format(f"-{kind}" if on else kind, "true" if on else "false", label, label, key, sign)
        for kind, on, sign, label, key in told
    )


def _whole_dates(text: str) -> str:
    """With hyphens at which no line is broken between the digits of dates."""
    return _IN_A_DATE.sub("\u2011", text)


@lru_cache(256)
def _filing(named: Sequence[tuple[int, str]], inside: frozenset[int]) -> Markup:
    """The buttons that put a paper into a collection or take it out."""
    button = Markup('<button class="quiet" name="to" value="{}{}" aria-pressed="{}">{}</button>\n')
    return Markup("").join(
        button.format("-" if number in inside else "", number, "true" if number in inside else "false", name)
        for number, name in named
    )


@lru_cache(4_096)
def _names(key: str) -> tuple[Markup, str, str]:
    """A key as a form carries it, the name of its place on a page, and its part of an address."""
    return escape(key), anchor(key), do_urlencode(key)
