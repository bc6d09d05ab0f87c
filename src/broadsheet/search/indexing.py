"""Keeping all indexes of a home up with the store: words, meaning, and what is learnt from the library itself.

An index that cannot catch up (another model, another past of the store, damage) is built anew in a folder beside the
one that serves, and takes its place when it is complete.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

from broadsheet.errors import NoRoom, NotReadable, SearchIndexError, StoreError
from broadsheet.search import shelf as shelves
from broadsheet.search.encoder import get_encoder
from broadsheet.search.encoder_own import NAME as OWN
from broadsheet.search.encoder_own import is_learnt, open_own, teach_own
from broadsheet.search.filling import Feed, Target, bring_up, must_be_anew
from broadsheet.search.lexical import LexicalIndex
from broadsheet.search.memory import give_back
from broadsheet.search.shelf import Kind, Place
from broadsheet.search.vector_target import VectorTarget
from broadsheet.search.vectors import VectorSet
from broadsheet.types import Progress

LEAST_TO_LEARN = 1_000
"""Papers from which a library teaches its own vectors; 1,400 abstracts were enough to gain on Cranfield."""

_WORD_THREADS = 2  # beside the one that reads papers: what two cores can use, and more would need more memory
_OUTGROWN = 1.5  # growth after which what was learnt is learnt again
_STATIC_STEP = 20_000  # papers that wordllama encodes in some seconds
_STEP = 1_000  # papers that a transformer encodes in some tens of seconds

_LEARNING = Path("index") / "learning.lock"
_PATIENCE = 0.3  # seconds to wait for the right to learn: longer than `states` has it in hand

Open = Callable[[Path], AbstractContextManager[Target]]


class Indexer:
    """The one who writes the indexes of a home, while `locked`."""

    def __init__(self, home: Path, feed: Feed, progress: Progress) -> None:
        self._home = home
        self._feed = feed
        self._progress = progress

    def update(self, kind: Kind, name: str, opening: Open, *, papers: int = 0, anew: bool = False) -> None:
        """Bring the index of a kind up, made by the model `name`; `anew` builds it from nothing.

        `papers` is how many papers the model has learnt from, if it did.
        """
        shelf = shelves.read(self._home)
        for places in (shelf.building, shelf.serving):
            place = places.get(kind)
            if place and not anew and _is_of(place, kind, name) and self._go_on(kind, place, opening, heal=True):
                shelves.write(self._home, shelves.read(self._home).dropped(kind, serving=False))
                return
        self._begin(kind, name, opening, papers)

    def _begin(self, kind: Kind, name: str, opening: Open, papers: int) -> None:
        shelf = shelves.read(self._home).dropped(kind, serving=False)
        shelf = shelf.opened(kind, name, head=self._feed.head(), epoch=self._feed.epoch(), papers=papers)
        shelves.write(self._home, shelf)
        place = shelf.building.get(kind) or shelf.serving[kind]
        if not self._go_on(kind, place, opening, heal=False):
            raise SearchIndexError(f"index {kind}", "the store changed its past meanwhile", "run `broadsheet reindex`")

    def _go_on(self, kind: Kind, place: Place, opening: Open, *, heal: bool) -> bool:
        """Bring this place up; False where it must be built anew, which with `heal` is also if it is damaged."""
        folder = shelves.folder(self._home, kind, place)
        try:
            with opening(folder) as index:
                if must_be_anew(place, index.seq, self._feed):
                    return False
                bring_up(index, place, self._feed, lambda p: self._note(kind, p), self._progress)
        except NoRoom:
            raise
        except SearchIndexError:
            if heal:
                return False
            raise
        return True

    def _note(self, kind: Kind, place: Place) -> None:
        shelves.write(self._home, shelves.read(self._home).noted(kind, place))

    def follow(self, kind: Kind, opening: Open) -> None:
        """Bring up what serves of a kind; what cannot catch up serves no longer, for it speaks of other papers."""
        shelf = shelves.read(self._home)
        place = shelf.serving.get(kind)
        if place and place.complete and not self._go_on(kind, place, opening, heal=True):
            shelves.write(self._home, shelf.dropped(kind))


def catch_up(
    home: Path,
    models: Path,
    encoder: str,
    feed: Feed,
    progress: Progress,
    *,
    anew: bool = False,
    learn: bool = True,
) -> None:
    """Bring all indexes up to the newest change, or build them `anew`. Waits for another process that does so.

    Without `learn` nothing is learnt that takes its time (see `learn`), only what was learnt before is kept up.
    """
    with _on_disk(home), _locked(home):
        models.mkdir(parents=True, exist_ok=True)  # where encoders keep what they would else compute at every start
        indexer = Indexer(home, feed, progress)
        give_back()
        indexer.update("words", "words", partial(LexicalIndex, threads=_WORD_THREADS), anew=anew)
        chosen = get_encoder(encoder, models)
        if chosen is not None:
            step = _STATIC_STEP if chosen.name.startswith("wordllama") else _STEP
            indexer.update("meaning", chosen.name, partial(VectorTarget, encoder=chosen, step=step), anew=anew)
            opening = _opening_own(models, feed, progress)
            if not learn:
                indexer.follow("learnt", opening)
            elif feed.count() >= LEAST_TO_LEARN:
                anew = anew or _outgrown(home, feed.count())
                indexer.update("learnt", OWN, opening, papers=feed.count(), anew=anew)
        shelves.sweep(home, shelves.read(home))


def learn(home: Path, models: Path, feed: Feed, progress: Progress) -> None:
    """Learn what is due to be learnt, unless another process does; indexes are kept up and asked meanwhile."""
    with _on_disk(home), _learning(home) as free:
        if not free:
            return
        count = feed.count()
        made = home / "vectors" / ".learnt"
        shutil.rmtree(made, ignore_errors=True)
        if not _is_half_filled(home, count):
            try:
                teach_own(made, models, feed, progress)
            except BaseException:
                shutil.rmtree(made, ignore_errors=True)  # a disk that it filled shall have room for papers
                raise
        with _locked(home):
            opening = partial(_opening_own(models, feed, progress), made=made if made.exists() else None)
            Indexer(home, feed, progress).update("learnt", OWN, opening, papers=count, anew=_outgrown(home, count))
            shelves.sweep(home, shelves.read(home))


def _is_half_filled(home: Path, count: int) -> bool:
    """Whether there is a model already, and only its vectors are to be made further."""
    shelf = shelves.read(home)
    place = shelf.building.get("learnt") or shelf.serving.get("learnt")
    if place is None or place.complete or _outgrown(home, count):
        return False
    return is_learnt(shelves.folder(home, "learnt", place))


def learns_from(encoder: str, count: int) -> bool:
    """Whether a library of so many papers is learnt from at all."""
    return encoder != "none" and count >= LEAST_TO_LEARN


def is_due_to_learn(home: Path, encoder: str, count: int) -> bool:
    """Whether a library of so many papers should learn now.

    There must be enough, nothing learnt yet or half as much again come since, and no other process at it.
    """
    if not learns_from(encoder, count) or _is_learning(home):
        return False
    place = shelves.read(home).serving.get("learnt")
    return place is None or not place.complete or _outgrown(home, count)


def _outgrown(home: Path, count: int) -> bool:
    shelf = shelves.read(home)
    place = shelf.building.get("learnt") or shelf.serving.get("learnt")
    return place is not None and count >= _OUTGROWN * place.papers


def _opening_own(models: Path, feed: Feed, progress: Progress) -> "partial[VectorTarget]":
    return partial(open_own, models=models, feed=feed, step=_STATIC_STEP, progress=progress)


def states(home: Path, head: int) -> list[dict[str, object]]:
    """A row per index: name, count, seq, how far behind, size in bytes, and state.

    States are ok, behind, filling, damaged, unreadable for this user, and learning for the vectors that a process
    works on apart.
    """
    try:
        shelf = shelves.read(home)
    except SearchIndexError as e:
        return [{"name": "words", "size": 0, **_unread(head, e)}]
    places = [
        (kind, place) for kind in shelves.KINDS for of in (shelf.serving, shelf.building) if (place := of.get(kind))
    ]
    learning = _is_learning(home)
    shown = [(kind, place) for kind, place in places if place.complete or kind != "learnt" or not learning]
    rows = [_state(home, kind, place, head) for kind, place in shown]
    if learning:
        rows.append({"name": f"learnt {OWN}", "size": 0, "count": 0, "seq": 0, "behind": 0, "state": "learning"})
    return rows


def _state(home: Path, kind: Kind, place: Place, head: int) -> dict[str, object]:
    folder = shelves.folder(home, kind, place)
    row: dict[str, object] = {"name": f"{kind} {place.model}".strip(), "size": shelves.size(folder)}
    try:
        count, seq = _extent(kind, folder)
    except SearchIndexError as e:
        # One that is only being begun may have no files yet; it is filled, or begun once more, by the next run.
        return row | (_unread(head, e) if place.complete else {**_unread(head, e), "state": "filling"})
    seq = seq if place.complete else 0
    behind = max(0, head - seq)
    state = "filling" if not place.complete else "behind" if behind else "ok"
    return {**row, "count": count, "seq": seq, "behind": behind, "state": state}


def _unread(head: int, why: SearchIndexError) -> dict[str, object]:
    state = "unreadable" if isinstance(why, NotReadable) else "damaged"
    return {"count": 0, "seq": 0, "behind": head, "state": state, "cause": str(why)}


def _extent(kind: Kind, folder: Path) -> tuple[int, int]:
    if kind == "words":
        index = LexicalIndex(folder, create=False)
        return index.count(), index.seq
    manifest = VectorSet(folder).manifest
    return manifest.live, manifest.seq


@contextmanager
def _on_disk(home: Path) -> Iterator[None]:
    """What the disk refuses, as one sentence."""
    try:
        yield
    except OSError as e:
        raise StoreError(
            f"search indexes of {home}",
            f"cannot be written ({e.strerror or e})",
            "check the disk's space and permissions and run the command again; what was stored is whole",
        ) from e


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    from filelock import FileLock

    (home / "index").mkdir(parents=True, exist_ok=True)
    with FileLock(home / "index" / "writer.lock"):
        yield


@contextmanager
def _learning(home: Path) -> Iterator[bool]:
    """Holds the right to learn; False where another process has it."""
    from filelock import FileLock, Timeout

    (home / "index").mkdir(parents=True, exist_ok=True)
    lock = FileLock(home / _LEARNING, timeout=_PATIENCE)
    try:
        lock.acquire()
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def _is_learning(home: Path) -> bool:
    """Whether a process learns now."""
    from filelock import FileLock, Timeout

    if not (home / _LEARNING).exists():
        return False
    try:
        with FileLock(home / _LEARNING, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:
        return False


def _is_of(place: Place, kind: Kind, name: str) -> bool:
    return kind == "words" or place.model == name
