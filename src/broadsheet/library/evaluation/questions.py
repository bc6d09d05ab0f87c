"""Whether questions teach: what an interest of one liked paper finds after three answers and after nine.

Asked about are the papers that `most_telling` names, three at a time, or as many by lot. A reader's library answers:
its papers are liked, all others are not. Nobody is asked about the papers that are to be found.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from broadsheet.library.evaluation.space import Space
from broadsheet.library.handle import Progress
from broadsheet.rank.evaluate_recs import Case, difference, figures, rank, tabulate
from broadsheet.rank.interest import Examples, InterestModel, train
from broadsheet.rank.interest.teach import ASKED, most_telling

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from broadsheet.rank.interest.kernel import Blocks

    Rows = NDArray[np.int64]
    Choose = Callable[[InterestModel, Rows], Rows]

TOLD = (0, 3, 9)
"""Answers after which figures are taken: none, those to one list, those to three lists."""


def asked(space: Space, cases: Sequence[Case], metrics: Sequence[str], progress: Progress) -> dict[str, Any]:
    """Figures after so many answers, by either way to ask, and how much they are above those of before any."""
    first = list({case.reader: case for case in reversed(cases)}.values())
    blocks, begun = space.background.kernel.blocks(space.papers), "one liked paper"
    ranked: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for done, case in enumerate(first):
        for way, choose in _ways(space, blocks, done).items():
            for answers, model in _lessons(space, case, choose):
                name = f"{answers} answers, {way}" if answers else begun
                ranked[name][case.id] = rank(case, model.learnt(blocks)[space.at(case.candidates)])
        progress("questions", done + 1, len(first))
    tables = {name: tabulate(first, found) for name, found in ranked.items()}
    methods = {name: figures(table, metrics) for name, table in tables.items()}
    gained = {name: difference(table, tables[begun], metrics) for name, table in tables.items() if name != begun}
    return {"readers": len(first), "methods": methods, "gained": gained}


def _ways(space: Space, blocks: "Blocks", seed: int) -> "dict[str, Choose]":
    lots = np.random.default_rng(seed)

    def telling(model: InterestModel, candidates: "Rows") -> "Rows":
        return candidates[most_telling(model, space.papers.take(candidates), blocks.take(candidates))]

    return {"asked": telling, "by lot": lambda _, candidates: lots.choice(candidates, ASKED, replace=False)}


def _lessons(space: Space, case: Case, choose: "Choose") -> Iterator[tuple[int, InterestModel]]:
    """The model before any answer and after those that figures are taken of."""
    own = space.at(case.training)
    askable = np.setdiff1d(np.arange(len(space.papers)), space.at(list(case.positives)))
    known = own[:1]
    while True:
        labels = np.where(np.isin(known, own), 1, -1).astype(np.float32)
        model = train(Examples(space.papers.take(known), labels, np.ones(len(known), np.float32)), space.background)
        if len(known) - 1 in TOLD:
            yield len(known) - 1, model
        left = np.setdiff1d(askable, known)
        if len(known) > TOLD[-1] or len(left) < ASKED:
            return
        known = np.concatenate([known, choose(model, left)])
