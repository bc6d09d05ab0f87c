"""Putting a digest together: what each section offers becomes a list in which every paper stands once. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from broadsheet.digest.content import Item, Section
from broadsheet.text import first_sentences, plain
from broadsheet.types import Paper
from broadsheet.words.said import said

FIRST_SHARE: Final = 2
"""Places of the first section in each round; every other has one. What comes first is what the reader wants most."""

SENTENCES, LONGEST = 2, 420
"""Of an abstract, and their characters: what is read in a mail before one decides."""

_AUTHORS: Final = 4
_CATEGORIES: Final = 3
_LINKS: Final = ("abstract", "pdf", "html", "code", "project", "data", "model", "demo")


@dataclass(frozen=True, slots=True)
class Pick:
    """A paper that a section offers, and why. `label`: its interest's name, where that tells the reader something."""

    paper: Paper
    why: tuple[str, ...] = ()
    interest: str | None = None
    label: str | None = None
    score: float = 0.0
    explored: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """What a section could show, the best first. `tell`: picks with why, told of shown ones only."""

    name: str
    title: str
    picks: Sequence[Pick] = ()
    note: str | None = None
    tell: Callable[[Sequence[Pick]], Sequence[Pick]] = list


@dataclass(frozen=True, slots=True)
class Composed:
    """The sections, and the picks that they show in the order of their numbers."""

    sections: tuple[Section, ...]
    picks: tuple[Pick, ...]


class Items:
    """Papers as they are told in digests, each put in words once for all of a run."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[Paper, Item]] = {}

    def of(self, pick: Pick, number: int) -> Item:
        """The paper of a pick."""
        found = self._made.get(id(pick.paper))
        if found is None:
            found = self._made[id(pick.paper)] = (pick.paper, _item(pick.paper))  # held, so that the id stays its own
        told = found[1]
        return Item(
            number, told.key, told.title, told.authors, told.text, told.links, told.categories, pick.why, pick.label
        )


def compose(offers: Sequence[Offer], most: int, told: Items) -> Composed:
    """At most `most` papers, each in the first section that offers it; places go round, two to the first section."""
    own = _each_once(offers)
    many = _places([len(picks) for picks in own], most)
    chosen = [offer.tell(picks[:n]) for offer, picks, n in zip(offers, own, many, strict=True)]
    sections, number = [], 1
    for offer, picks in zip(offers, chosen, strict=True):
        items = tuple(told.of(pick, at) for at, pick in enumerate(picks, number))
        number += len(items)
        if items or offer.note:
            sections.append(Section(offer.name, offer.title, items, offer.note))
    return Composed(tuple(sections), tuple(pick for picks in chosen for pick in picks))


def _item(paper: Paper) -> Item:
    """A paper as all digests tell it."""
    authors, more = ", ".join(plain(author.name) for author in paper.authors[:_AUTHORS]), len(paper.authors) - _AUTHORS
    links = {link.kind: link.url for link in reversed(paper.links)}
    return Item(
        number=0,
        key=paper.key,
        title=plain(paper.title),
        authors=said("%(names)s and %(more)s more", names=authors, more=more) if more > 0 else authors,
        text=first_sentences(plain(paper.abstract), SENTENCES, LONGEST),
        links=tuple((kind, links[kind]) for kind in _LINKS if kind in links),
        categories=paper.categories[:_CATEGORIES],
        why=(),
    )


def _each_once(offers: Sequence[Offer]) -> list[list[Pick]]:
    seen: set[str] = set()
    own: list[list[Pick]] = []
    for offer in offers:
        fresh = {pick.paper.key: pick for pick in offer.picks if pick.paper.key not in seen}
        seen |= fresh.keys()
        own.append(list(fresh.values()))
    return own


def _places(wanted: Sequence[int], most: int) -> list[int]:
    """How many papers each section gets; what one cannot fill goes to the others."""
    given = [0] * len(wanted)
    while (left := most - sum(given)) > 0 and given != list(wanted):
        for at, there in enumerate(wanted):
            some = min(FIRST_SHARE if at == 0 else 1, there - given[at], left)
            given[at] += some
            left -= some
    return given
