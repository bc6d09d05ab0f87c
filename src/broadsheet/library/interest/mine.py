"""An edition in a reader's own order: all its papers, those first that one of their interests likes best."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from broadsheet.library.handle import Library
from broadsheet.library.interest.company import heard
from broadsheet.library.interest.profiles import learnt_of
from broadsheet.library.interest.reasons import explain
from broadsheet.library.readers import find_reader
from broadsheet.rank.order import Entry
from broadsheet.rank.spans import Span

EXPLAINED: Final = 50
"""Papers of a page that get reasons; further down nobody asks, and each costs some milliseconds."""


def in_own_order(
    lib: Library, reader: str, span: Span, ranked: Sequence[Entry], ids: Mapping[str, int], page: slice
) -> tuple[list[Entry], str | None]:
    """The papers of an edition by the probability that the reader likes them, and a note where no taste is known.

    `ranked` is the order of those that are equally likely; `ids` are store ids by key; `page` is what will be shown.
    """
    who = find_reader(lib, reader)
    space = lib.stream.space()
    models = [taught for taught in learnt_of(lib, who).values() if taught.is_known]
    if space is None or not models:
        note = f"Nothing is known of what {who.name} likes, so this is what is trending; marks and interests change it."
        return list(ranked), note if ranked else None
    pool = lib.stream.pool(space, span.first, span.last)
    others = heard(lib, who, models, pool.ids)
    alone = [taught.judge(pool.ids, pool.papers, pool.blocks)[1] for taught in models]
    judged = np.stack([told.lifted(row) for told, row in zip(others, alone, strict=True)])
    place = {paper_id: at for at, paper_id in enumerate(pool.ids)}
    likely = np.where(pool.withdrawn, np.float32(0), judged.max(axis=0))
    at = {e.paper.key: place[ids[e.paper.key]] for e in ranked}
    order = sorted(ranked, key=lambda e: -float(likely[at[e.paper.key]]))
    entries = [
        replace(e, rank=n, score=round(float(likely[at[e.paper.key]]), 4), parts=()) for n, e in enumerate(order, 1)
    ]
    shown = entries[page][:EXPLAINED]
    judges = [(int(judged[:, at[e.paper.key]].argmax()), at[e.paper.key]) for e in shown]
    for entry, (number, _), (_, why) in zip(shown, judges, explain(lib, space, models, pool, judges), strict=True):
        told = f"{models[number].interest.name} {entry.score:.0%}"
        company = others[number].told(at[entry.paper.key])
        entries[entry.rank - 1] = replace(entry, why="; ".join((told, *why, *company)))
    return entries, None
