"""Marks on pages: one button, one form, one key; the same without script."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Annotated, Final

from fastapi import Form, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from markupsafe import Markup

from broadsheet.library.mark import Marked, kinds_on, mark, unmark
from broadsheet.library.shelf.collections import holding, names_of
from broadsheet.library.undo import undo
from broadsheet.types import Collection, MarkKind, Paper
from broadsheet.web.access import Lib, Writer, library_of, local_path, visitor
from broadsheet.web.routers import for_all
from broadsheet.words.catalogue import Words
from broadsheet.words.said import said

router = for_all()
Field = Annotated[str, Form()]

BUTTONS: Final = (
    ("up", "▲", said("More like this"), "u"),
    ("down", "▽", said("Less of this"), "d"),
    ("save", "☆", said("Save"), "s"),
    ("read", "✓", said("Read"), "r"),
    ("hide", "✕", said("Hide"), "h"),
)
"""Kind, sign, name and key of each button under a paper."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """The visitor's collections, for the menu under a paper; `holding`: ids of those that a paper is in, by its key."""

    collections: Sequence[Collection] = ()
    holding: Mapping[str, frozenset[int]] = field(default_factory=dict)

    def buttons(self, key: str) -> Markup:
        """The buttons that put a paper into a collection or take it out."""
        return _filing(tuple((c.id, c.name) for c in self.collections[:IN_A_MENU]), self.holding.get(key, frozenset()))


NO_SHELF: Final = Shelf()
IN_A_MENU: Final = 8
"""Collections in the menu of each paper of a list; the page that it leads to has all."""


@lru_cache(256)
def _filing(named: Sequence[tuple[int, str]], holding: frozenset[int]) -> Markup:
    button = Markup('<button class="quiet" name="to" value="{}{}" aria-pressed="{}">{}</button>\n    ')
    return Markup("").join(
        button.format("-" if number in holding else "", number, "true" if number in holding else "false", name)
        for number, name in named
    )


def mark_buttons(words: Words) -> Callable[[frozenset[MarkKind] | None], Markup]:
    """The buttons of a language, by the marks that hold already; one that holds is taken back by its button."""
    button = Markup('<button name="kind" value="{}" aria-pressed="{}" aria-label="{}" title="{} ({})">{}</button>')

    @cache  # at most two to the power of the kinds
    def buttons(held: frozenset[MarkKind] | None) -> Markup:
        there = held or frozenset()
        told = [(kind, kind in there, sign, words.say(label), key) for kind, sign, label, key in BUTTONS]
        return Markup("").join(
            button.format(f"-{kind}" if on else kind, "true" if on else "false", label, label, key, sign)
            for kind, on, sign, label, key in told
        )

    return buttons


def marks_on(request: Request, papers: Iterable[Paper]) -> Mapping[str, frozenset[MarkKind]]:
    """What the visitor says of these papers, by key; nothing of one who has not signed in.

    The page that is rendered then knows as well which collections they are in.
    """
    who, lib, listed = visitor(request), library_of(request), list(papers)
    if who.reader is None:
        return {}
    own = names_of(lib, who.reader)
    request.state.shelf = Shelf(own, holding(lib, who.reader, listed) if own else {})
    return kinds_on(lib, who.reader, listed)


@router.post("/mark")
def say(
    request: Request, lib: Lib, who: Writer, key: Field, kind: Field, note: Field = "", back: Field = "/"
) -> Response:
    """Mark a paper, or take a mark back: `kind` is one of `store.marks.KINDS`, with a `-` before it to take it back."""
    assert who.reader is not None
    if kind.startswith("-"):
        done = unmark(lib, who.reader.name, key, [kind[1:]])
    else:
        done = mark(lib, who.reader.name, key, kind, text=note if kind == "note" else None)
    return _answer(request, [done], back)


@router.post("/undo")
def take_back(request: Request, lib: Lib, who: Writer, back: Field = "/") -> Response:
    """Take the visitor's last action back."""
    assert who.reader is not None
    return _answer(request, undo(lib, who.reader.name).papers, back)


def _answer(request: Request, done: Sequence[Marked], back: str) -> Response:
    if "application/json" in request.headers.get("accept", ""):
        papers = [{"key": m.paper.key, "marks": list(m.kinds), "votes": m.votes, "note": m.note} for m in done]
        return JSONResponse({"papers": papers})
    return RedirectResponse(request.scope.get("root_path", "") + local_path(back), 303)
