"""What models are made of: a lexicon and a background, learnt from a sample of the library.

They are kept in `index/interests/`; like all of `index/` they can be deleted and are made anew.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np
import orjson

from broadsheet.errors import StoreError
from broadsheet.rank.interest import Background, Features, Lexicon
from broadsheet.rank.interest.background import WANTED
from broadsheet.rank.interest.features import text_of
from broadsheet.rank.interest.kept import background_from_bytes, background_to_bytes
from broadsheet.search.files import unreadable

if TYPE_CHECKING:
    from broadsheet.search.vectors import VectorSet
    from broadsheet.store import Connection, Store
    from broadsheet.types import Progress

    Sets = Mapping[str, VectorSet]

LEARNER: Final = "10"
"""Part of all that is kept of learning: raised when what `rank.interest` makes of the same papers and marks changes."""

SAMPLE: Final = 10_000
"""Papers that the lexicon is fitted on: more change the rarity of words little."""

RECENT: Final = timedelta(days=180)
"""The stream that a background is drawn from; where it brought too few papers, the whole library."""

OUTGROWN: Final = 1.5
"""Growth of the library after which lexicon and background are made anew, as with learnt vectors."""

_CHUNK: Final = 500

_SUBJECT: Final = "what interests are made of"

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, eq=False)
class Space:
    """What models are made of. `id` changes when any of it does, and with it every model.

    `sets`: the vectors that papers have in it. `rows` and `words`: papers by store id, and a few words, as it sees
    them: what `Stream` has read lately.
    """

    id: str
    lexicon: Lexicon
    background: Background
    sets: "Sets"
    rows: dict[int, Features] = field(default_factory=dict)
    words: dict[str, Features] = field(default_factory=dict)


class Workshop:
    """Makes the space of a library, in a folder that remembers it."""

    def __init__(self, home: Path, store: "Callable[[], Store]") -> None:
        self._folder, self._store = home / "index" / "interests", store

    def is_due(self, sets: Iterable[str]) -> bool:
        """Whether lexicon or background must be made for these sets of vectors, told without reading them."""
        kept = self._folder.glob(f"background-{LEARNER}-*-{_named(sets)}")
        return self._count() > 0 and (self.is_outgrown() or not any(kept))

    def is_outgrown(self) -> bool:
        """Whether the library has grown too much since the lexicon was fitted."""
        return self._count() >= self._seen() * OUTGROWN

    def check(self) -> list[str]:
        """A sentence where this user may not read what is kept."""
        try:
            for path in self._folder.iterdir():
                path.open("rb").close()
        except FileNotFoundError:  # none yet, or made anew meanwhile
            return []
        except PermissionError as e:
            return [str(unreadable(_SUBJECT, e))]
        return []

    def space(self, sets: "Sets", progress: "Progress") -> Space | None:
        """What is kept for these sets of vectors, or made; None for a library without papers."""
        from broadsheet.store import sample

        count = self._count()
        if not count:
            return None
        lexicon = None if self.is_outgrown() else self._read("lexicon", Lexicon.from_bytes)
        if lexicon is None:
            with self._store().reading() as conn:
                lexicon = self._fit(conn, _drawn(sample.every(conn), SAMPLE), progress)
            self._write("lexicon", lexicon.to_bytes())
            self._write("made.json", orjson.dumps({"papers": count, "learner": LEARNER}))
        name = f"background-{LEARNER}-{lexicon.id}-{_named(sets)}"
        background = self._read(name, background_from_bytes)
        if background is None:
            background = self._gather(lexicon, sets, progress)
            for old in self._folder.glob("background-*"):
                old.unlink(missing_ok=True)
            self._write(name, background_to_bytes(background))
        told = "\n".join((name, *background.papers.keys))
        return Space(blake2b(told.encode(), digest_size=12).hexdigest(), lexicon, background, sets)

    def _count(self) -> int:
        from broadsheet.store import papers

        with self._store().reading() as conn:
            return papers.count(conn)

    def _seen(self) -> int:
        """How many papers the library had when the lexicon was fitted, 0 where there is none."""
        try:
            made = orjson.loads((self._folder / "made.json").read_bytes())
            return int(made["papers"]) if made["learner"] == LEARNER else 0
        except PermissionError as e:
            raise unreadable(_SUBJECT, e) from e
        except (OSError, ValueError, KeyError, TypeError):
            return 0

    def _fit(self, conn: "Connection", ids: Sequence[int], progress: "Progress") -> Lexicon:
        from broadsheet.store import papers

        def texts() -> Iterable[str]:
            for at in range(0, len(ids), _CHUNK):
                yield from (text_of(paper) for _, paper in papers.by_ids(conn, ids[at : at + _CHUNK]))
                progress("learning words", min(at + _CHUNK, len(ids)), len(ids))

        return Lexicon.fit(texts())

    def _gather(self, lexicon: Lexicon, sets: "Sets", progress: "Progress") -> Background:
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
        dense = {name: vectors.vectors_of([i for i, _ in found]) for name, vectors in sets.items()}
        return Background.of(Features.of([paper for _, paper in found], dense, lexicon))

    def _read(self, name: str, load: Callable[[bytes], _T]) -> _T | None:
        """What a file holds; one that is missing or broken is made anew."""
        try:
            return load((self._folder / name).read_bytes())
        except PermissionError as e:
            raise unreadable(_SUBJECT, e) from e
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


def _named(sets: Iterable[str]) -> str:
    return "-".join(sets) or "words"


def _drawn(ids: Sequence[int], most: int) -> list[int]:
    """A sample that looks like chance, and of which a library that grows by a little keeps nearly all."""
    numbers = np.asarray(ids, np.uint64)
    mixed = numbers * np.uint64(0x9E3779B97F4A7C15)  # Knuth's multiplicative hash: neighbours fly apart
    mixed ^= mixed >> np.uint64(29)
    return sorted(int(numbers[i]) for i in np.argsort(mixed * np.uint64(0xBF58476D1CE4E5B9))[:most])
