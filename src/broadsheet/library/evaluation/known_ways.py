"""Known ways to recommend papers, on the cases of a protocol."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from broadsheet.library.evaluation.space import Space
from broadsheet.library.handle import Progress
from broadsheet.rank import recs_baselines as baselines
from broadsheet.rank.evaluate_recs import Case
from broadsheet.rank.interest import SparseRows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

Scored = Iterator[tuple[str, "Floats"]]
"""Scores of the candidates of each case, by the case's id."""

_TOGETHER = 64  # SVMs that are solved side by side


def svm(space: Space, cases: Sequence[Case], progress: Progress) -> Scored:
    """The reader's papers against the background."""
    others = space.words.take(space.drawn)
    between = others.gram(others)
    by_training: dict[tuple[str, ...], list[Case]] = {}
    for case in cases:
        by_training.setdefault(case.training, []).append(case)
    todo, done = list(by_training), 0
    where = {int(paper): i for i, paper in enumerate(space.drawn)}
    for start in range(0, len(todo), _TOGETHER):
        some = todo[start : start + _TOGETHER]
        for training, (rows, weights) in zip(some, _solved(space, between, where, some), strict=True):
            vector = rows.combined(weights)
            for case in by_training[training]:
                yield case.id, space.words.take(space.at(case.candidates)).times(vector)
        done += len(some)
        progress("svm", done, len(todo))


def _solved(
    space: Space, between: "Floats", where: Mapping[int, int], some: Sequence[tuple[str, ...]]
) -> "Iterator[tuple[SparseRows, Floats]]":
    """Rows and their weights for each training set; those within the background are solved side by side."""
    places = [space.at(training) for training in some]
    others = space.words.take(space.drawn)
    if all(int(i) in where for at in places for i in at):
        inside = [np.array([where[int(i)] for i in at]) for at in places]
        yield from ((others, column) for column in baselines.svm(between, inside).T)
        return
    for at in places:
        own = space.words.take(at)
        across = others.gram(own)
        kernel = np.block([[own.gram(own), across.T], [across, between]])
        rows = SparseRows.joined([own, others])
        yield rows, baselines.svm(kernel, [np.arange(len(at))])[:, 0]


def mean_cosine(space: Space, cases: Sequence[Case]) -> Scored:
    """By the vectors of the settings' encoder, which there must be."""
    assert space.plain is not None
    for case in cases:
        middle = baselines.newest_first_weights(case.ages) @ space.plain[space.at(case.training)]
        yield case.id, space.plain[space.at(case.candidates)] @ middle
