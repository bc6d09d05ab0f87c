"""What the libraries of other readers say of papers: Broadsheet's own way to use them, and two known ones."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from broadsheet.library.evaluation.known_ways import Scored
from broadsheet.library.evaluation.space import Space
from broadsheet.rank.evaluate_recs import Case
from broadsheet.rank.fellows import Fellow, hear
from broadsheet.rank.recs_baselines import Others

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]


class OtherReaders:
    """The whole libraries of all readers of a protocol and of those beside it; asked without the reader's own."""

    def __init__(self, space: Space, cases: Sequence[Case], beside: Sequence[Sequence[str]]) -> None:
        own = {case.reader: space.at([*case.training, *case.positives]) for case in cases}
        self._space, self._cases = space, cases
        self._number = {reader: number for number, reader in enumerate(own)}
        self._libraries = [*own.values(), *map(space.at, beside)]

    def popular(self) -> Scored:
        """How many have a paper."""
        others = self._matrix()
        for case in self._cases:
            yield case.id, others.popularity(self._number[case.reader])[self._space.at(case.candidates)]

    def together(self) -> Scored:
        """How often they have a paper together with those of the reader."""
        others, at = self._matrix(), self._space.at
        for case in self._cases:
            yield case.id, others.likeness(self._number[case.reader], at(case.training))[at(case.candidates)]

    def beside(self, content: "Mapping[str, Floats]", least: int) -> Scored:
        """What content gives with what at least so many fellows add: as lists are ranked where many read."""
        libraries = [frozenset(library.tolist()) for library in self._libraries]
        for case in self._cases:
            own = frozenset(self._space.at(case.training).tolist())
            others = (library for i, library in enumerate(libraries) if least and i != self._number[case.reader])
            fellows = (Fellow(library & own, len(library), library) for library in others)
            candidates = self._space.at(case.candidates).tolist()
            yield case.id, content[case.id] + hear(fellows, len(own), candidates, least).lift

    def _matrix(self) -> Others:
        has = np.zeros((len(self._libraries), len(self._space.papers)), np.float32)
        for row, library in zip(has, self._libraries, strict=True):
            row[library] = 1
        return Others(has)
