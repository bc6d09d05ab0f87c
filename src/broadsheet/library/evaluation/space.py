"""The papers of a protocol as the product sees them, prepared once for all readers and methods."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from broadsheet.library.evaluation.search import CorpusFeed
from broadsheet.library.handle import Library, Progress
from broadsheet.rank import recs_baselines as baselines
from broadsheet.rank.evaluate_recs import Collection, Text
from broadsheet.rank.interest import Background, Features, Lexicon, SparseRows
from broadsheet.rank.interest.background import WANTED
from broadsheet.rank.interest.features import text_of
from broadsheet.types import Paper

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from broadsheet.search.encoder import Encoder

    Floats = NDArray[np.float32]

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_LEARNS_FROM = 1_000  # papers from which on a library learns an encoder of its own
_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class Space:
    """The papers of a protocol as the product sees them, and as plain baselines do."""

    place: Mapping[str, int]
    papers: Features
    background: Background
    drawn: "NDArray[np.int64]"
    plain: "Floats | None"
    words: SparseRows

    @classmethod
    def prepared(cls, lib: Library, collection: Collection, name: str, home: Path, progress: Progress) -> "Space":
        """Everything that is fitted is fitted on the papers that the protocol allows."""
        cases, allowed = collection.cases[name], collection.background[name]
        ids = list(dict.fromkeys([*allowed, *(p for c in cases for p in (*c.training, *c.candidates))]))
        papers = [_paper(collection.texts[i]) for i in ids]
        place = {paper: i for i, paper in enumerate(ids)}
        fitted = [place[i] for i in allowed]
        plain, dense = _vectors(lib, papers, fitted, home, progress)
        progress(f"{name}: words", 0, None)
        texts = [text_of(paper) for paper in papers]
        lexicon = Lexicon.fit(texts[i] for i in fitted)
        features = Features.of(papers, dense, lexicon)
        drawn = np.sort(np.random.default_rng(0).permutation(fitted)[: max(WANTED, _whole(name, fitted))])
        words = baselines.tfidf([f"{paper.title} {paper.abstract}" for paper in papers], fitted)
        return cls(place, features, Background.of(features.take(drawn)), drawn, plain, words)

    def at(self, ids: Sequence[str]) -> "NDArray[np.int64]":
        """The places of papers."""
        return np.array([self.place[i] for i in ids], np.int64)


def _whole(name: str, fitted: Sequence[int]) -> int:
    """Where the candidates themselves are the stream, all are background, so that none is favoured."""
    return len(fitted) if name == "citeulike" else 0


def _paper(text: Text) -> Paper:
    return Paper(
        key=text.id,
        aliases=(text.id,),
        title=text.title,
        abstract=text.abstract,
        categories=text.categories,
        added=_LONG_AGO,
    )


def _vectors(
    lib: Library, papers: Sequence[Paper], fitted: Sequence[int], home: Path, progress: Progress
) -> "tuple[Floats | None, dict[str, Floats]]":
    """The vectors of the settings' encoder, and all that models use: those, and what the library's own encoder says."""
    from broadsheet.search.encoder import get_encoder
    from broadsheet.search.encoder_own import OwnEncoder, open_own
    from broadsheet.search.vector_target import encoded_text

    models = lib.home / "models"
    encoder = get_encoder(lib.settings.encoder, models)
    if encoder is None:
        return None, {}
    texts = [encoded_text(paper.title, paper.abstract) for paper in papers]
    plain = _encoded(encoder, texts, lib.home / "cache", progress)
    if len(fitted) < _LEARNS_FROM:
        return plain, {encoder.name: plain}
    feed = CorpusFeed([papers[i] for i in fitted])
    open_own(home, models=models, feed=feed, step=_AT_ONCE, progress=progress)
    own = OwnEncoder(home, models)
    dense = {own.name: own.encode(texts)}
    return plain, dense if encoder.name.startswith("wordllama") else {encoder.name: plain, **dense}


def _encoded(encoder: "Encoder", texts: Sequence[str], cache: Path, progress: Progress) -> "Floats":
    """Vectors of texts; those that were made once are kept, because a sentence transformer takes minutes."""
    from broadsheet.search.vector_cache import VectorCache

    kept = VectorCache(cache / f"{encoder.name}.npz", encoder.dim)
    missing = kept.missing(texts)
    for start in range(0, len(missing), _AT_ONCE):
        some = missing[start : start + _AT_ONCE]
        kept.add(some, encoder.encode(some))
        progress(f"vectors {encoder.name}", start + len(some), len(missing))
    return kept.of(texts)
