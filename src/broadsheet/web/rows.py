"""Papers in the lists of one page: the cards that all see alike, put together with what is the reader's own.

A page has fifty of them, so that they are joined here and not by a template. All pieces are escaped: they are `Markup`,
numbers, or made by code alone. Buttons belong to two forms that a page has once (`Rows.forms`), so that what stands
under a paper follows from it and what is kept of it alone, and is remembered.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final, Protocol
from urllib.parse import quote

from markupsafe import Markup, escape

from broadsheet.library.shelf.held import Held
from broadsheet.rank.order import Entry
from broadsheet.types import MarkKind, Paper
from broadsheet.web.cards import REMEMBERED, Card, Cards, as_written, cards
from broadsheet.web.names import NAMES
from broadsheet.words.catalogue import Words
from broadsheet.words.said import said

BUTTONS: Final[tuple[tuple[MarkKind, str, str, str], ...]] = (
    ("up", "△▲", said("More like this"), "u"),
    ("down", "▽▼", said("Less of this"), "d"),
    ("save", "☆★", said("Save"), "s"),
    ("read", "✓✔", said("Read"), "r"),
    ("hide", "✕✖", said("Hide"), "h"),
)
"""Kind, sign (where it does not hold, and where it does), name and key of each button under a paper."""

IN_A_MENU: Final = 8
"""Collections in the menu of each paper of a list; the page that it leads to has all."""

_NONE: Final[frozenset[MarkKind]] = frozenset()
_NOWHERE: Final[frozenset[int]] = frozenset()

_DONE: Final[dict[MarkKind, str]] = {"save": said("Saved"), "hide": said("Hidden")}
"""What is told once a button was pressed whose name would sound as if it was not."""

_FORMS: Final = (("marks", "mark"), ("filing", "collect"))
"""Their names in a page, and where they lead."""


_Button = tuple[MarkKind, tuple[str, str], tuple[str, str]]
"""The kind of a mark, and what stands before and after a paper's key in its button where it holds, and where not."""


class Keyed(Protocol):
    """What can be marked."""

    @property
    def key(self) -> str:
        """The key of a paper."""


@dataclass(frozen=True, slots=True)
class Form:
    """What every form of a page carries: the path that this instance is served at, the token, where to come back to."""

    root: str
    csrf_field: Markup
    here: str


class Rows:
    """The papers of one page. `held` is None for a visitor who has not signed in: there is nothing to press then."""

    def __init__(self, words: Words, form: Form, held: Held | None) -> None:
        self._words, self._form, self._held = words, form, held
        self._made = _made(words)
        self.as_written = as_written(words)
        self._shelf = tuple((c.id, escape(c.name)) for c in held.collections[:IN_A_MENU]) if held else ()

    def forms(self) -> Markup:
        """What the buttons of all papers send, once in a page; nothing where nobody can press them."""
        if self._held is None:
            return Markup()
        root, here = escape(self._form.root), escape(self._form.here)
        sent = f'{self._form.csrf_field}<input type="hidden" name="back" value="{here}">'
        told = "".join(f' data-{kind}="{escape(self._words.say(done))}"' for kind, done in _DONE.items())
        forms = (f'<form id="{id}" method="post" action="{root}/{path}"{told}>{sent}</form>\n' for id, path in _FORMS)
        return Markup("".join(forms))  # noqa: S704 - all pieces are escaped

    def edition(
        self, entries: Iterable[Entry], view: str, is_new: Callable[[Entry], bool] | None, within: str = ""
    ) -> Markup:
        """A list of papers with why they are in it. `is_new`: which are told as new; `within`: as for `opened`."""
        full = view == "cards"  # in the others abstracts are not seen, and are most of what would be sent
        rows = (
            self.hidden(e.paper, e.rank)
            if self.hides(e.paper)
            else self._whole(e.paper, e.rank, e.why, is_new is not None and is_new(e), full, within) + "</li>\n"
            for e in entries
        )
        return Markup("".join(rows))  # noqa: S704

    def hides(self, paper: Keyed) -> bool:
        """Whether the reader hid it."""
        return "hide" in self._marks(paper.key)

    def hidden(self, paper: Paper, rank: int) -> Markup:
        """The line of a paper that the reader hid."""
        card = self.card(paper)
        line = (
            f'<li class="paper away" {card.place}{rank}{card.link}{card.title}</h2> {self._made.away(paper.key)}</li>\n'
        )
        return Markup(line)  # noqa: S704

    def whole(self, paper: Paper, rank: int, why: str = "") -> Markup:
        """A paper of a list but for its end: a page may tell more of it."""
        return Markup(self._whole(paper, rank, why))  # noqa: S704

    def opened(self, paper: Paper, rank: int, fresh: bool = False, within: str = "") -> Markup:
        """A paper of a list as far as its authors; what follows, and the end of it, is the page's.

        `within`: the list that its own page leads on in.
        """
        return Markup(self._opened(self.card(paper), paper.key, rank, fresh, within))  # noqa: S704

    def marks(self, paper: Keyed, named: bool = False) -> Markup:
        """The buttons by which a reader marks it, or puts it into a collection. `named`: with their names in words."""
        return Markup(self._under(paper.key, named))  # noqa: S704

    def card(self, paper: Paper) -> Card:
        """What is the same for all."""
        return self._made.cards.card(paper, self._form.root)

    def abstract(self, paper: Paper) -> Markup:
        """Its abstract, with formulas."""
        return self._made.cards.abstract(paper.abstract)

    def _whole(
        self, paper: Paper, rank: int, why: str, fresh: bool = False, full: bool = True, within: str = ""
    ) -> str:
        card, because = self.card(paper), self._made.because(why) if why else ""
        meta = f'<p class="meta">{because}{card.categories} {card.links}</p>\n'
        opened = self._opened(card, paper.key, rank, fresh, within)
        return f"{opened}  {self.abstract(paper) if full else ''}  {meta}{self._under(paper.key)}"

    def _opened(self, card: Card, key: str, rank: int, fresh: bool, within: str = "") -> str:
        marks, query = self._marks(key), f"?within={within}" if within else ""
        state = f"{' hidden' if 'hide' in marks else ''}{' read' if 'read' in marks else ''}"
        badge = self._made.fresh if fresh else ""
        return f'<li class="paper{state}" {card.place}{rank}{card.link}{query}{card.title}{badge}</h2>\n  {card.byline}'

    def _under(self, key: str, named: bool = False) -> str:
        if self._held is None:
            return ""
        inside = self._held.inside.get(key, _NOWHERE)
        return self._made.buttons(key, self._marks(key), named) + self._made.filing(
            self._form.root, key, self._shelf, inside
        )

    def _marks(self, key: str) -> frozenset[MarkKind]:
        return self._held.marks.get(key, _NONE) if self._held else _NONE


@dataclass(frozen=True, slots=True)
class _Made:
    """What is remembered of one language: cards, why papers are where they are, buttons by what is kept of a paper."""

    cards: Cards
    fresh: str
    because: Callable[[str], str]
    buttons: Callable[[str, frozenset[MarkKind], bool], str]
    away: Callable[[str], str]
    filing: Callable[[str, str, Sequence[tuple[int, str]], frozenset[int]], str]


@lru_cache
def _made(words: Words) -> _Made:
    fresh = f' <small class="fresh">{escape(words.say(NAMES["new"]))}</small>'
    buttons = tuple(
        tuple(_button(kind, sign, escape(words.say(label)), letter, named) for kind, sign, label, letter in BUTTONS)
        for named in (False, True)
    )
    # By type, as a plain text that reads like a sentence of ours is not said in another language.
    kept = (
        lru_cache(REMEMBERED, typed=True)(make)
        for make in (
            partial(_because, words),
            partial(_buttons, buttons),
            partial(_away, words),
            partial(_filing, words),
        )
    )
    return _Made(cards(words), fresh, *kept)


def _because(words: Words, why: str) -> str:
    return f'<span class="why">{escape(words.say(why))}</span> '


def _button(kind: MarkKind, signs: str, label: str, letter: str, named: bool) -> _Button:
    """A mark that holds is taken back by its button."""
    start, told = '<button form="marks" name="say" value="', f'aria-label="{label}" title="{label} ({letter})">'
    end = f" {label}</button>" if named else "</button>"
    on = f"{start}-{kind} ", f'" aria-pressed="true" {told}{signs[1]}{end}'
    return kind, on, (f"{start}{kind} ", f'" aria-pressed="false" {told}{signs[0]}{end}')


def _buttons(all_: Sequence[Sequence[_Button]], key: str, held: frozenset[MarkKind], named: bool) -> str:
    name, chosen = escape(key), (on if kind in held else off for kind, on, off in all_[named])
    return f'<div class="marks">{"".join(f"{before}{name}{after}" for before, after in chosen)}</div>\n'


def _away(words: Words, key: str) -> str:
    """What follows the title of a paper that is hidden; a page is made anew where it is shown again."""
    hidden, again = escape(words.say(said("hidden"))), escape(words.say(said("Show it again")))
    button = (
        f'<button form="marks" name="say" value="-hide {escape(key)}" class="plain" data-plain="1">{again}</button>'
    )
    return f'<span class="hint">{hidden} · {button}</span>'


def _filing(words: Words, root: str, key: str, shelf: Sequence[tuple[int, str]], inside: frozenset[int]) -> str:
    """The buttons that put a paper into a collection or take it out, and the page with all."""
    there = escape(key)
    row = "".join(_choice(there, number, name, number in inside) for number, name in shelf)
    more = escape(words.say(said("All, or a new one") if shelf else said("Into a new collection")))
    return (
        f'<details class="filing"><summary>{escape(words.say(said("Collect")))}</summary>'
        f'<div>{row}<a href="{escape(root)}/collect/{quote(key)}">{more}</a></div></details>\n'
    )


def _choice(key: str, number: int, name: str, on: bool) -> str:
    value, pressed = f"{'-' if on else ''}{number} {key}", "true" if on else "false"
    return f'<button form="filing" class="quiet" name="to" value="{value}" aria-pressed="{pressed}">{name}</button>\n'
