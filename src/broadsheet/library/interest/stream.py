"""The library's papers as interests see them: vectors, terms, and the background that an interest stands out from.

Papers that were looked at stay in memory until they change.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from broadsheet.library.interest.pool import Pool
from broadsheet.library.interest.space import Space, Workshop
from broadsheet.rank.interest import Features, SparseRows
from broadsheet.words.said import in_a_row

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from broadsheet.search.engine import Engine
    from broadsheet.search.filling import Progress
    from broadsheet.search.vectors import VectorSet
    from broadsheet.store import Store

MOST_REMEMBERED: Final = 20_000
"""Papers held in memory, some 3 kB each."""

ABOUT: Final = "about:"
"""What the key of a few words begins with, where a paper has its own."""

_CHUNK: Final = 500
_POOLS: Final = 4


class Stream:
    """See the module. `engine` lends the vectors, `store` the papers; nothing is read before it is asked for."""

    def __init__(self, home: Path, store: "Callable[[], Store]", engine: "Callable[[], Engine]") -> None:
        self._workshop = Workshop(home, store)
        self._store, self._engine = store, engine
        self._space: Space | None = None
        self._sets: dict[str, VectorSet] = {}
        self.trouble: str | None = None
        """What models must do without, in a sentence; None where all vectors can be read."""
        self._rows: dict[int, Features] = {}
        self._words: dict[str, Features] = {}
        self._seq = -1
        self._pools: dict[tuple[object, ...], Pool] = {}
        self.compared: dict[int, tuple[object, Any]] = {}
        """What `library.interest.learn` remembers for each interest: what it was made for, and its papers compared."""
        self.models: dict[int, tuple[object, list[Any]]] = {}
        """What `library.interest.learn` remembers for each reader: what it was made for, and the models."""

    def space(self, progress: "Progress | None" = None) -> Space | None:
        """What models are trained in now, made if need be; None for a library without papers.

        This is where changes of the library are noticed: it stands at the beginning of whatever is done with a stream.
        """
        changed, (sets, lost) = self._drop_changed(), self._engine().vector_sets()
        space = self._space
        if space is None or tuple(sets) != tuple(self._sets) or (changed and self._workshop.is_outgrown()):
            # Takes up to half a minute, in which other threads go on with the space that is.
            space = self._workshop.space(sets, progress or (lambda stage, done, total: None))  # noqa: ARG005 - nobody looks
            self._rows, self._words = {}, {}
        self._space, self._sets, self.trouble = space, sets, in_a_row(lost) if lost else None
        return space

    def is_due(self) -> bool:
        """Whether lexicon or background must be made, told without reading them."""
        return self._workshop.is_due(self._engine().vector_sets()[0])

    def features(self, ids: Sequence[int]) -> Features:
        """The papers with these store ids, in order; each must be in the library, and there must be a space."""
        missing = [i for i in dict.fromkeys(ids) if i not in self._rows]
        if len(self._rows) + len(missing) > MOST_REMEMBERED:
            self._rows.clear()
            missing = list(dict.fromkeys(ids))
        for at in range(0, len(missing), _CHUNK):
            self._remember(missing[at : at + _CHUNK])
        return _side_by_side([self._rows[i] for i in ids], self._vectors(ids), self._width())

    def pool(self, space: Space, first: date, last: date) -> Pool:
        """The papers of these days, newest first; the last few pools are remembered until the library changes."""
        from broadsheet.store import editions
        from broadsheet.store import papers as store

        name = (space.id, self._seq, first, last)
        if name not in self._pools:
            with self._store().reading() as conn:
                listed = dict(reversed(editions.listed(conn, first, last).items()))
                withdrawn = store.withdrawn(conn, listed)
            papers = self.features(list(listed))
            kernel, gone = space.background.kernel, np.array([i in withdrawn for i in listed], np.bool_)
            pool = Pool(kernel, tuple(listed), tuple(listed.values()), papers, kernel.blocks(papers).quick(), gone)
            self._pools = {**dict(list(self._pools.items())[-(_POOLS - 1) :]), name: pool}
        return self._pools[name]

    def words(self, text: str) -> Features:
        """A few words as if they were a paper."""
        assert self._space is not None
        if text not in self._words:
            dense = {name: vector[None] for name, vector in self._engine().encoded(text).items()}
            self._words[text] = replace(Features.of_words(text, dense, self._space.lexicon), keys=(ABOUT + text,))
        return self._words[text]

    @property
    def seq(self) -> int:
        """The last change of the library that is known here."""
        return self._seq

    def _vectors(self, ids: Sequence[int]) -> "dict[str, NDArray[np.float32]]":
        return {name: vectors.vectors_of(ids) for name, vectors in self._sets.items()}

    def _width(self) -> int:
        assert self._space is not None
        return len(self._space.lexicon)

    def _remember(self, ids: Sequence[int]) -> None:
        """Words, categories and names; vectors are mapped files and need no memory of ours."""
        from broadsheet.store import papers

        assert self._space is not None
        with self._store().reading() as conn:
            found = papers.by_ids(conn, ids)
        known = Features.of([paper for _, paper in found], {}, self._space.lexicon)
        for row, (paper_id, _) in enumerate(found):
            self._rows[paper_id] = known.take([row])

    def _drop_changed(self) -> bool:
        """Forget what the outbox says has changed since the last look; returns whether there was anything."""
        from broadsheet.store import outbox

        with self._store().reading() as conn:
            head = outbox.head(conn)
            if head == self._seq:
                return False
            if self._seq < outbox.floor(conn) or head < self._seq or head - self._seq > MOST_REMEMBERED:
                self._rows.clear()
            else:
                for change in outbox.since(conn, self._seq, MOST_REMEMBERED):
                    self._rows.pop(change.paper_id, None)
        self._seq = head
        return True


def _side_by_side(rows: Sequence[Features], dense: "dict[str, NDArray[np.float32]]", width: int) -> Features:
    terms = SparseRows.joined([row.terms for row in rows]) if rows else SparseRows.empty(0, width)
    return Features(
        tuple(row.keys[0] for row in rows),
        dense,
        terms,
        tuple(row.categories[0] for row in rows),
        tuple(row.authors[0] for row in rows),
        tuple(row.texts[0] for row in rows),
    )
