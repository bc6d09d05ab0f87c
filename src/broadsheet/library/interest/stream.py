"""The library's papers as interests see them: vectors, terms, and the background that an interest stands out from.

The lexicon and the background are learnt from a sample of the library and kept in `index/interests/`; like all of
`index/` they can be deleted and are made anew. Papers that were looked at stay in memory until they change.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np
import orjson

from broadsheet.errors import StoreError
from broadsheet.rank.interest import Background, Features, Lexicon, SparseRows
from broadsheet.rank.interest.background import WANTED
from broadsheet.rank.interest.features import text_of
from broadsheet.rank.interest.kept import background_from_bytes, background_to_bytes
from broadsheet.rank.interest.kernel import Blocks, Kernel
from broadsheet.types import Announcement

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from broadsheet.search.engine import Engine
    from broadsheet.store import Connection, Store

Progress = Callable[[str, int, int | None], None]

LEARNER: Final = "8"
"""Part of all that is kept of learning: raised when what `rank.interest` makes of the same papers and marks changes."""

SAMPLE: Final = 10_000
"""Papers that the lexicon is fitted on: more change the rarity of words little."""

RECENT: Final = timedelta(days=180)
"""The stream that a background is drawn from; where it brought too few papers, the whole library."""

OUTGROWN: Final = 1.5
"""Growth of the library after which lexicon and background are made anew, as with learnt vectors."""

MOST_REMEMBERED: Final = 20_000
"""Papers held in memory, some 3 kB each."""

ABOUT: Final = "about:"
"""What the key of a few words begins with, where a paper has its own."""

NEWEST: Final = 400
"""Papers of a pool on which a retrained model is compared with the one before."""

_CHUNK: Final = 500
_POOLS: Final = 4

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Space:
    """What models are made of. `id` changes when any of it does, and with it every model."""

    id: str
    lexicon: Lexicon
    background: Background


@dataclass(frozen=True)
class Pool:
    """The papers that were news on some days, as all models see them: the same for every reader. `withdrawn`: whether
    the authors took each back; such papers are in editions, and nobody is recommended one.
    """

    kernel: Kernel
    ids: tuple[int, ...]
    announced: tuple[Announcement, ...]
    papers: Features
    blocks: Blocks
    withdrawn: "NDArray[np.bool_]"

    @cached_property
    def places(self) -> dict[int, int]:
        """Where each paper stands, by store id."""
        return {paper_id: place for place, paper_id in enumerate(self.ids)}

    @cached_property
    def directions(self) -> "NDArray[np.float32]":
        """What the papers are about, as the kernel tells it."""
        return self.kernel.directions(self.papers)

    @cached_property
    def newest(self) -> "Pool":
        """Its first NEWEST papers."""
        ids, some = self.ids[:NEWEST], range(len(self.ids[:NEWEST]))
        papers, blocks = self.papers.take(some), self.blocks.take(some)
        return Pool(self.kernel, ids, self.announced[:NEWEST], papers, blocks, self.withdrawn[:NEWEST])


class Stream:
    """See the module. `engine` lends the vectors, `store` the papers; nothing is read before it is asked for."""

    def __init__(self, home: Path, store: "Callable[[], Store]", engine: "Callable[[], Engine]") -> None:
        self._folder = home / "index" / "interests"
        self._store, self._engine = store, engine
        self._space: Space | None = None
        self._made_for: tuple[str, ...] = ()
        self._rows: dict[int, Features] = {}
        self._words: dict[str, Features] = {}
        self._seq = -1
        self._pools: dict[tuple[object, ...], Pool] = {}
        self.compared: dict[int, tuple[object, Any]] = {}
        """What `library.interest.learn` remembers for each interest: what it was made for, and its papers compared."""
        self.models: dict[int, tuple[object, list[Any]]] = {}
        """What `library.interest.learn` remembers for each reader: what it was made for, and the models."""

    def space(self, progress: Progress | None = None) -> Space | None:
        """What models are trained in now, made if need be; None for a library without papers.

        This is where changes of the library are noticed: it stands at the beginning of whatever is done with a stream.
        """
        changed = self._drop_changed()
        sets = tuple(self._engine().vector_sets())
        if self._space is not None and sets == self._made_for and not (changed and self._outgrown()):
            return self._space
        self._rows.clear()
        self._words.clear()
        self._space = self._made(sets, progress or (lambda stage, done, total: None))  # noqa: ARG005 - nobody looks
        self._made_for = sets
        return self._space

    def is_due(self) -> bool:
        """Whether lexicon or background must be made, told without reading them."""
        from broadsheet.store import papers

        with self._store().reading() as conn:
            count = papers.count(conn)
        made = self._folder.glob(f"background-{LEARNER}-*-{_named(tuple(self._engine().vector_sets()))}")
        return count > 0 and (count >= self._seen() * OUTGROWN or not any(made))

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
            pool = Pool(kernel, tuple(listed), tuple(listed.values()), papers, kernel.blocks(papers), gone)
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
        return {name: vectors.vectors_of(ids) for name, vectors in self._engine().vector_sets().items()}

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

    def _outgrown(self) -> bool:
        from broadsheet.store import papers

        with self._store().reading() as conn:
            count = papers.count(conn)
        return self._space is not None and not self._seen() * OUTGROWN > count

    def _seen(self) -> int:
        """How many papers the library had when the lexicon was fitted, 0 where there is none."""
        try:
            made = orjson.loads((self._folder / "made.json").read_bytes())
            return int(made["papers"]) if made["learner"] == LEARNER else 0
        except (OSError, ValueError, KeyError, TypeError):
            return 0

    def _made(self, sets: tuple[str, ...], progress: Progress) -> Space | None:
        from broadsheet.store import papers, sample

        with self._store().reading() as conn:
            count = papers.count(conn)
            if not count:
                return None
            lexicon = self._read("lexicon", Lexicon.from_bytes) if count < self._seen() * OUTGROWN else None
            if lexicon is None:
                lexicon = self._fit(conn, _drawn(sample.every(conn), SAMPLE), progress)
                self._write("lexicon", lexicon.to_bytes())
                self._write("made.json", orjson.dumps({"papers": count, "learner": LEARNER}))
        name = f"background-{LEARNER}-{lexicon.id}-{_named(sets)}"
        background = self._read(name, background_from_bytes)
        if background is None:
            background = self._gather(lexicon, progress)
            for old in self._folder.glob("background-*"):
                old.unlink(missing_ok=True)
            self._write(name, background_to_bytes(background))
        told = "\n".join((name, *background.papers.keys))
        return Space(blake2b(told.encode(), digest_size=12).hexdigest(), lexicon, background)

    def _fit(self, conn: "Connection", ids: Sequence[int], progress: Progress) -> Lexicon:
        from broadsheet.store import papers

        def texts() -> Iterable[str]:
            for at in range(0, len(ids), _CHUNK):
                yield from (text_of(paper) for _, paper in papers.by_ids(conn, ids[at : at + _CHUNK]))
                progress("learning words", min(at + _CHUNK, len(ids)), len(ids))

        return Lexicon.fit(texts())

    def _gather(self, lexicon: Lexicon, progress: Progress) -> Background:
        from broadsheet.store import editions, papers, sample

        progress("gathering a background", 0, None)
        with self._store().reading() as conn:
            newest = editions.latest_day(conn)
            recent = sample.announced(conn, newest - RECENT, newest) if newest else []
            ids = _drawn(recent, WANTED)
            if len(ids) < WANTED:
                others = set(sample.every(conn)).difference(ids)
                ids += _drawn(sorted(others), WANTED - len(ids))
            found = papers.by_ids(conn, ids)
        return Background.of(Features.of([p for _, p in found], self._vectors([i for i, _ in found]), lexicon))

    def _read(self, name: str, load: Callable[[bytes], _T]) -> _T | None:
        """What a file holds; one that is missing or broken is made anew."""
        try:
            return load((self._folder / name).read_bytes())
        except (OSError, ValueError):
            return None

    def _write(self, name: str, data: bytes) -> None:
        from broadsheet.search.files import replace_file

        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            replace_file(self._folder / name, data)
        except OSError as e:
            cause = f"cannot be written ({e.strerror or e})"
            raise StoreError(f"folder {self._folder}", cause, "check the disk's space and permissions") from e


def _named(sets: tuple[str, ...]) -> str:
    return "-".join(sets) or "words"


def _drawn(ids: Sequence[int], most: int) -> list[int]:
    """A sample that looks like chance, and of which a library that grows by a little keeps nearly all."""
    numbers = np.asarray(ids, np.uint64)
    mixed = numbers * np.uint64(0x9E3779B97F4A7C15)  # Knuth's multiplicative hash: neighbours fly apart
    mixed ^= mixed >> np.uint64(29)
    return sorted(int(numbers[i]) for i in np.argsort(mixed * np.uint64(0xBF58476D1CE4E5B9))[:most])


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
