"""An edition in a reader's own order: the papers that they have not hidden, those first that one of their interests
likes best.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from broadsheet.errors import StoreError
from broadsheet.library.editions.rankings import Moment
from broadsheet.library.editions.roll import Roll
from broadsheet.library.handle import Library
from broadsheet.library.interest.company import heard, votes_of_others
from broadsheet.library.interest.learn import Taught
from broadsheet.library.interest.lookup import Lookup
from broadsheet.library.interest.profiles import learnt_of
from broadsheet.library.interest.reasons import explain, likings
from broadsheet.library.interest.space import Space
from broadsheet.library.readers import find_reader
from broadsheet.rank.order import Place
from broadsheet.rank.profile import MAIN
from broadsheet.rank.spans import Span
from broadsheet.types import Reader
from broadsheet.words.said import in_a_row, said

EXPLAINED: Final = 50
"""Papers of a page that get reasons; further down nobody asks, and each costs some milliseconds."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """An edition in the order of papers that are equally likely; `hidden` are those that the reader hid of it."""

    roll: Roll
    places: Sequence[Place]
    hidden: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Own:
    """A reader's order, with the models that made it: while it is kept no other model can be taken for one of them."""

    places: Sequence[Place]
    models: Sequence[Taught]

    def __len__(self) -> int:
        return len(self.places)


def in_own_order(
    lib: Library, reader: str, moment: Moment, span: Span, edition: Ranked, page: slice
) -> tuple[Sequence[Place], str | None]:
    """The papers of an edition by the probability that the reader likes them, and a note where no taste is known or
    vectors cannot be read. What the reader has hidden is not among them.

    `page` is what will be shown. The order is kept until somebody votes, or the models are learnt anew.
    """
    who = find_reader(lib, reader)
    edition = _without_hidden(lib, who, edition)
    places, note = _ordered(lib, who, moment, span, edition, page)
    listed = edition.roll.by_key
    _saw(lib, who, span.name, tuple(listed[place.key][0] for place in places))
    return places, note


def _saw(lib: Library, who: Reader, edition: str, ids: tuple[int, ...]) -> None:
    """Keep in which order the reader sees it, to go on in it whatever they say meanwhile and whoever serves them next.

    Where nothing can be written, this process alone remembers it.
    """
    from broadsheet.store import own_orders

    lib.rankings.saw_own(edition, who.id, ids)
    with lib.store.reading() as conn:
        known = own_orders.get(conn, who.id, edition)
    if known != ids:
        with suppress(StoreError), lib.store.writing() as conn:
            own_orders.put(conn, who.id, edition, ids, lib.now())


def _ordered(
    lib: Library, who: Reader, moment: Moment, span: Span, edition: Ranked, page: slice
) -> tuple[Sequence[Place], str | None]:
    space = lib.stream.space()
    models = [taught for taught in learnt_of(lib, space, who).values() if taught.is_known]
    if space is None or not models:
        note = said("No mark and no interest says yet what comes first, so this is what is trending.")
        return edition.places, note if edition.places else None
    name = (
        "mine",
        who.id,
        lib.stream.state(space),
        edition.roll.name,
        edition.hidden,
        page.start,
        page.stop,
        *map(id, models),
    )
    own = lib.rankings.get((moment.voted, name), lambda: _own(lib, who, space, models, span, edition, page))
    return own.places, lib.stream.trouble


def _without_hidden(lib: Library, who: Reader, edition: Ranked) -> Ranked:
    from broadsheet.store import marks

    with lib.store.reading() as conn:
        ids = marks.hidden(conn, who.id)
    listed = edition.roll.by_key
    gone = frozenset(place.key for place in edition.places if listed[place.key][0] in ids) if ids else frozenset[str]()
    if not gone:
        return edition
    left = (place for place in edition.places if place.key not in gone)
    places = [replace(place, rank=rank) for rank, place in enumerate(left, 1)]
    return Ranked(edition.roll, places, gone)


def _likely(interest: str, share: str) -> str:
    return said("your general interest %(share)s", share=share) if interest == MAIN else f"{interest} {share}"


def _own(
    lib: Library, who: Reader, space: Space, models: Sequence[Taught], span: Span, edition: Ranked, page: slice
) -> _Own:
    ranked, listed = edition.places, edition.roll.by_key
    pool = lib.stream.pool(space, span.first, span.last)
    votes, least = votes_of_others(lib, models, pool), lib.settings.recommend.fellows
    others = heard(votes, who, models, pool.ids, least)
    alone = [taught.judge(pool.ids, pool.papers, pool.blocks)[1] for taught in models]
    judged = np.stack([told.lifted(row) for told, row in zip(others, alone, strict=True)])
    likely = np.where(pool.withdrawn, np.float32(0), judged.max(axis=0)).tolist()
    rows = {paper_id: at for at, paper_id in enumerate(pool.ids)}
    at = [rows[listed[place.key][0]] for place in ranked]
    order = sorted(range(len(ranked)), key=lambda i: -likely[at[i]])
    places = [replace(ranked[i], rank=n, score=round(likely[at[i]], 4), parts=()) for n, i in enumerate(order, 1)]
    judges = [(int(judged[:, at[i]].argmax()), at[i]) for i in order[page][:EXPLAINED]]
    reasons = explain(Lookup(lib), space, models, likings(lib, space, models), pool, judges)
    for place, (number, row), (_, why) in zip(places[page], judges, reasons, strict=False):
        told = _likely(models[number].interest.name, f"{place.score:.0%}")
        places[place.rank - 1] = replace(place, why=in_a_row((told, *why, *others[number].told(row))))
    return _Own(places, models)
