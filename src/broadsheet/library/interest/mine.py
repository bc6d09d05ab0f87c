"""An edition in a reader's own order: all its papers, those first that one of their interests likes best."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from broadsheet.library.editions.roll import Listed
from broadsheet.library.handle import Library
from broadsheet.library.interest.company import heard
from broadsheet.library.interest.profiles import learnt_of
from broadsheet.library.interest.reasons import explain
from broadsheet.library.readers import find_reader
from broadsheet.rank.order import Place
from broadsheet.rank.spans import Span

EXPLAINED: Final = 50
"""Papers of a page that get reasons; further down nobody asks, and each costs some milliseconds."""


def in_own_order(
    lib: Library, reader: str, span: Span, ranked: Sequence[Place], listed: Mapping[str, Listed], page: slice
) -> tuple[Sequence[Place], str | None]:
    """The papers of an edition by the probability that the reader likes them, and a note where no taste is known.

    `ranked` is the order of those that are equally likely, `listed` the roll by key; `page` is what will be shown.
    """
    who = find_reader(lib, reader)
    space = lib.stream.space()
    models = [taught for taught in learnt_of(lib, who).values() if taught.is_known]
    if space is None or not models:
        note = f"Nothing is known of what {who.name} likes, so this is what is trending; marks and interests change it."
        return ranked, note if ranked else None
    pool = lib.stream.pool(space, span.first, span.last)
    others = heard(lib, who, models, pool.ids)
    alone = [taught.judge(pool.ids, pool.papers, pool.blocks)[1] for taught in models]
    judged = np.stack([told.lifted(row) for told, row in zip(others, alone, strict=True)])
    likely = np.where(pool.withdrawn, np.float32(0), judged.max(axis=0)).tolist()
    rows = {paper_id: at for at, paper_id in enumerate(pool.ids)}
    at = [rows[listed[place.key][0]] for place in ranked]
    order = sorted(range(len(ranked)), key=lambda i: -likely[at[i]])
    places = [replace(ranked[i], rank=n, score=round(likely[at[i]], 4), parts=()) for n, i in enumerate(order, 1)]
    judges = [(int(judged[:, at[i]].argmax()), at[i]) for i in order[page][:EXPLAINED]]
    reasons = explain(lib, space, models, pool, judges)
    for place, (number, row), (_, why) in zip(places[page], judges, reasons, strict=False):
        told = f"{models[number].interest.name} {place.score:.0%}"
        places[place.rank - 1] = replace(place, why="; ".join((told, *why, *others[number].told(row))))
    return places, None
