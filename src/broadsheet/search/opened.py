"""The indexes of a home as they serve now: opened when first needed, and again when others take their place.

What is open is known by the name of its folder, which is never used again: a thread that opens one just as another
takes its place leaves nothing behind that is taken for the new one.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from broadsheet.errors import BroadsheetError, SearchIndexError
from broadsheet.search import shelf as shelves
from broadsheet.search.shelf import Kind, Place
from broadsheet.words.said import said

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from broadsheet.search.encoder import Encoder
    from broadsheet.search.lexical import LexicalIndex
    from broadsheet.search.meaning import Source
    from broadsheet.search.vectors import VectorSet


class Opened:
    """Words and vectors for reading. NumPy, tantivy and encoders are imported when the part that needs them opens."""

    def __init__(self, home: Path, models: Path) -> None:
        self._home, self._models = home, models
        self._stamp: tuple[int, int] | None = None
        self._shelf = shelves.Shelf()
        self._words: dict[str, LexicalIndex] = {}
        self._pairs: dict[str, tuple[Encoder, VectorSet]] = {}
        self._sets: dict[str, VectorSet] = {}

    def words(self) -> "LexicalIndex | None":
        """The word index; None before anything was indexed."""
        place = self.shelf().serving.get("words")
        if place is None:
            return None
        index = self._words.get(place.folder)
        if index is None:
            from broadsheet.search.lexical import LexicalIndex

            index = self._words[place.folder] = LexicalIndex(shelves.folder(self._home, "words", place), create=False)
        return index

    def sources(self, text: str, like: int | None = None) -> "tuple[tuple[Source, ...], tuple[str, ...]]":
        """What finds by meaning, the encoder's set first, and notes on what cannot be used. Empty without any.

        `like`: the paper whose text it is, which may have a vector already.
        """
        from broadsheet.search.meaning import make_source, source_like, trust_of

        notes: list[str] = []
        found: list[Source] = []
        kinds = self._kinds()
        for kind in kinds:
            place = self.shelf().serving.get(kind)
            try:
                if place is not None:
                    encoder, vectors = self._pair(kind, place)
                    trust = trust_of(kind, encoder.name, alone=len(kinds) == 1)
                    found += (
                        make_source(encoder, vectors, text, trust)
                        if like is None
                        else source_like(encoder, vectors, like, text, trust)
                    )
                    notes += (
                        []
                        if place.complete
                        else [said("%(many)s papers have vectors yet, more are being made", many=len(vectors))]
                    )
            except BroadsheetError as e:
                notes.append(said("not by %(kind)s: %(why)s", kind=kind, why=str(e)))
        return tuple(found), tuple(notes)

    def vector_sets(self) -> "tuple[dict[str, VectorSet], tuple[str, ...]]":
        """The complete sets of vectors by the name of their folder, which is never used again, and a note on each that
        cannot be read, or whose model cannot. No other model than the library's own is loaded.
        """
        from broadsheet.search.vectors import VectorSet

        found: dict[str, VectorSet] = {}
        notes: list[str] = []
        for kind in ("meaning", "learnt"):
            place = self.shelf().serving.get(kind)
            if place is None or not place.complete:
                continue
            try:
                vectors = self._sets.get(place.folder) or VectorSet(shelves.folder(self._home, kind, place))
                vectors.refresh()
                if kind == "learnt":
                    self._pair(kind, place)
                elif place.folder not in self._pairs:
                    name_of(self._models, place.model)
                found[place.folder] = vectors
            except SearchIndexError as e:
                if shelves.stamp(self._home) != self._stamp:  # another process has switched them meanwhile
                    return self.vector_sets()
                notes.append(said("not by %(kind)s: %(why)s", kind=kind, why=str(e)))
        self._sets = found
        return dict(found), tuple(notes)

    def encoded(self, text: str) -> "dict[str, NDArray[np.float32]]":
        """A text as a vector (dim,) of each set of `vector_sets`."""
        places = {kind: self.shelf().serving.get(kind) for kind in shelves.KINDS}
        return {
            place.folder: self._pair(kind, place)[0].encode([text])[0]
            for kind, place in places.items()
            if place and kind != "words" and place.folder in self.vector_sets()[0]
        }

    def _kinds(self) -> tuple[Kind, ...]:
        """Which sets are asked: the library's own encoder, once complete, stands for wordllama that it came from."""
        serving = self.shelf().serving
        own, learnt = serving.get("meaning"), serving.get("learnt")
        if learnt is None or not learnt.complete:
            return ("meaning",)
        return ("learnt",) if own and own.model.startswith("wordllama") else ("meaning", "learnt")

    def shelf(self) -> shelves.Shelf:
        """What serves now."""
        stamp = shelves.stamp(self._home)
        if stamp != self._stamp:
            self._shelf, self._stamp = shelves.read(self._home), stamp
            self._forget_others()
        return self._shelf

    def stamps(self) -> tuple[tuple[int, int], ...]:
        """File number and time of what each commit of an index that serves."""
        committed = [shelves.committed(self._home, kind, place) for kind, place in self.shelf().serving.items()]
        return (shelves.stamp(self._home), *map(shelves.stamp_of, committed))

    def _forget_others(self) -> None:
        """Let go of what another took the place of."""
        serving = {place.folder for place in self._shelf.serving.values()}
        for folder in set(self._words).difference(serving):
            self._words.pop(folder, None)
        for folder in set(self._pairs).difference(serving):
            self._pairs.pop(folder, None)

    def _pair(self, kind: Kind, place: Place) -> "tuple[Encoder, VectorSet]":
        pair = self._pairs.get(place.folder)
        if pair is None:
            from broadsheet.search.vectors import VectorSet

            folder = shelves.folder(self._home, kind, place)
            encoder = self._own(folder) if kind == "learnt" else load_encoder(self._models, place.model)
            pair = self._pairs[place.folder] = encoder, VectorSet(folder)
        return pair

    def _own(self, folder: Path) -> "Encoder":
        from broadsheet.search.encoder_own import OwnEncoder

        return OwnEncoder(folder, self._models)


def load_encoder(models: Path, name: str) -> "Encoder":
    """The encoder whose vectors bear this name. Raises SearchIndexError where its model is gone."""
    from broadsheet.search.encoder import get_encoder

    encoder = get_encoder(name_of(models, name), models)
    if encoder is None:
        raise _gone(name)
    return encoder


def name_of(models: Path, encoder: str) -> str:
    """The name of the model that makes vectors of this name. Raises SearchIndexError where it is gone."""
    from broadsheet.search.models import list_models

    for model in list_models(models):
        if model.encoder == encoder:
            return model.name
    raise _gone(encoder)


def _gone(encoder: str) -> SearchIndexError:
    return SearchIndexError(f"vectors of {encoder}", "the model that made them is gone", "add it again, or another")
