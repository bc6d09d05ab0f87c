"""The library's papers as interests see them: vectors, terms, and the background that an interest stands out from.

Papers that were looked at stay in memory until they change.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from broadsheet.library.interest.pool import Pool
from broadsheet.library.interest.space import Space, Workshop
from broadsheet.rank.interest import Features, SparseRows
from broadsheet.rank.interest.lexicon import is_telling, singular
from broadsheet.text import words
from broadsheet.words.said import in_a_row

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from broadsheet.search.engine import Engine
    from broadsheet.search.vectors import VectorSet
    from broadsheet.store import Store
    from broadsheet.types import Progress

MOST_REMEMBERED: Final = 20_000
"""Papers held in memory, some 3 kB each."""

ABOUT: Final = "about:"
"""What the key of a few words begins with, where a paper has its own."""

KNOWN: Final = 0.5
"""Share of a text's telling words that papers must have for it to teach anything."""

_CHUNK: Final = 500
_NOBODY: Final = -1  # the id of no paper
_POOLS: Final = 4


class Stream:
    """See the module. `engine` lends the vectors, `store` the papers; nothing is read before it is asked for.

    Any number of threads may use it. What is remembered belongs to one space: a list that was begun in one is ended in
    it, whatever another thread makes meanwhile.
    """

    def __init__(self, home: Path, store: "Callable[[], Store]", engine: "Callable[[], Engine]") -> None:
        self._workshop = Workshop(home, store)
        self._store, self._engine = store, engine
        self._making, self._lock = threading.Lock(), threading.Lock()
        self._space: Space | None = None
        self._before: Space | None = None
        self._seq = -1
        self._heeded: set[str] = set()
        self._pools: dict[tuple[object, ...], Pool] = {}
        self.trouble: str | None = None
        """What models must do without, in a sentence; None where all vectors can be read."""
        self.compared: dict[int, tuple[object, Any]] = {}
        """What `library.interest.learn` remembers for each interest: what it was made for, and its papers compared."""
        self.models: dict[int, tuple[object, list[Any]]] = {}
        """What `library.interest.learn` remembers for each reader: what it was made for, and the models."""

    def check(self) -> list[str]:
        """A sentence where this user may not read what models are made of."""
        return self._workshop.check()

    def space(self, progress: "Progress | None" = None) -> Space | None:
        """What models are trained in now, made if need be; None for a library without papers.

        This is where changes of the library are noticed: it stands at the beginning of whatever is done with a stream.
        To make one takes up to half a minute, in which other threads go on with the one that is.
        """
        changed, (sets, lost) = self._drop_changed(), self._engine().vector_sets()
        self.trouble = in_a_row(lost) if lost else None
        before = self._space
        if self._is_good(sets, changed) or not self._making.acquire(blocking=self._space is None):
            return self._space
        try:
            if self._space is before:  # else another thread made one while this one waited
                self._make(sets, progress or (lambda stage, done, total: None))  # noqa: ARG005 - nobody looks
        finally:
            self._making.release()
        return self._space

    def is_due(self) -> bool:
        """Whether lexicon or background must be made, told without reading them."""
        return self._workshop.is_due(self._engine().vector_sets()[0])

    def features(self, space: Space, ids: Sequence[int]) -> Features:
        """The papers with these store ids, in order, as the space sees them; each must be in the library."""
        rows = {i: row for i in dict.fromkeys(ids) if (row := space.rows.get(i)) is not None}
        missing = [i for i in dict.fromkeys(ids) if i not in rows]
        for at in range(0, len(missing), _CHUNK):
            rows |= self._read(space, missing[at : at + _CHUNK])
        dense = {name: vectors.vectors_of(ids) for name, vectors in space.sets.items()}
        return _side_by_side([rows[i] for i in ids], dense, len(space.lexicon))

    def pool(self, space: Space, first: date, last: date) -> Pool:
        """The papers of these days, newest first; the last few pools are remembered until the library changes."""
        from broadsheet.store import editions
        from broadsheet.store import papers as store

        name = (self.state(space), first, last)
        pool = self._pools.get(name)
        if pool is None:
            with self._store().reading() as conn:
                listed = dict(reversed(editions.listed(conn, first, last).items()))
                withdrawn = store.withdrawn(conn, listed)
            papers = self.features(space, list(listed))
            kernel, gone = space.background.kernel, np.array([i in withdrawn for i in listed], np.bool_)
            pool = Pool(kernel, tuple(listed), tuple(listed.values()), papers, kernel.blocks(papers).quick(), gone)
            with self._lock:
                self._pools = {**dict(list(self._pools.items())[-(_POOLS - 1) :]), name: pool}
        return pool

    def words(self, space: Space, text: str) -> Features:
        """A few words as if they were a paper."""
        found = space.words.get(text)
        if found is None:
            vectors = self._engine().encoded(text)
            dense = {
                name: vectors[name][None] if name in vectors else one.vectors_of([_NOBODY])  # zeros, if just replaced
                for name, one in space.sets.items()
            }
            found = replace(Features.of_words(text, dense, space.lexicon), keys=(ABOUT + text,))
            space.words[text] = found
        return found

    def heeded(self, about: Sequence[str]) -> tuple[str, ...]:
        """Those of a reader's texts that can teach here: papers have at least half of the words that say something.

        What nobody writes about is near to anything, by chance: the best of a thousand papers on computers seemed as
        near to honey bees as what is listed.
        """
        return tuple(text for text in about if self._is_heeded(text))

    def _is_heeded(self, text: str) -> bool:
        if text in self._heeded:
            return True
        telling = {word for word in words(text) if is_telling(singular(word))}
        if len(self._engine().known(telling)) < KNOWN * len(telling):
            return False  # until papers come that have them
        if len(self._heeded) >= MOST_REMEMBERED:
            self._heeded.clear()
        self._heeded.add(text)
        return True

    def state(self, space: Space) -> tuple[object, ...]:
        """A name for all that a space knows of papers, whose vectors come later and change nothing else."""
        return (space.id, self._seq, *(vectors.number for vectors in space.sets.values()))

    def _is_good(self, sets: "Mapping[str, VectorSet]", changed: bool) -> bool:
        """Whether the space that is need not be made anew."""
        space = self._space
        return space is not None and tuple(sets) == tuple(space.sets) and not (changed and self._workshop.is_outgrown())

    def _make(self, sets: "Mapping[str, VectorSet]", progress: "Progress") -> None:
        space = self._workshop.space(sets, progress)
        with self._lock:
            self._before, self._space = self._space, space

    def _read(self, space: Space, ids: Sequence[int]) -> dict[int, Features]:
        """Words, categories and names of papers, which are remembered; vectors are mapped files and need no memory."""
        from broadsheet.store import papers

        seq = self._seq
        with self._store().reading() as conn:
            found = papers.by_ids(conn, ids)
        known = Features.of([paper for _, paper in found], {}, space.lexicon)
        rows = {paper_id: known.take([row]) for row, (paper_id, _) in enumerate(found)}
        with self._lock:
            if seq == self._seq:  # else one of them may have changed since it was read
                if len(space.rows) + len(rows) > MOST_REMEMBERED:
                    space.rows.clear()
                space.rows.update(rows)
        return rows

    def _drop_changed(self) -> bool:
        """Forget what the outbox says has changed since the last look; returns whether there was anything."""
        from broadsheet.store import outbox

        with self._store().reading() as conn:
            head, known = outbox.head(conn), self._seq
            if head == known:
                return False
            lost = known < outbox.floor(conn) or head < known or head - known > MOST_REMEMBERED
            changed = [] if lost else [c.paper_id for c in outbox.since(conn, known, MOST_REMEMBERED)]
        with self._lock:
            for space in (self._space, self._before):
                if space is not None and lost:
                    space.rows.clear()
                elif space is not None:
                    for paper_id in changed:
                        space.rows.pop(paper_id, None)
            if self._seq == known:  # else another thread has looked meanwhile, and further than this one
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
