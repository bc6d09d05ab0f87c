"""The encoder that a library has taught: wordllama's tokens with vectors of its own, kept beside what they encode."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from broadsheet.errors import SearchIndexError
from broadsheet.search.encoder_wordllama import WordLlama
from broadsheet.search.files import replace_file
from broadsheet.search.filling import Feed, Progress
from broadsheet.search.taught import teach
from broadsheet.search.vector_target import VectorTarget
from broadsheet.text import plain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from broadsheet.search.taught import Pair

NAME = "taught-wordllama-256"
STAGE = "learning"
_FILE = "tokens.f16"
_SEED = 0
_SAMPLE = 50_000  # papers that teach: what is taught in the time there is needs no more
_CHUNK = 1_000


def open_taught(folder: Path, *, models: Path, feed: Feed, step: int, progress: Progress) -> VectorTarget:
    """The set of vectors in a folder with the encoder that was taught for it; taught now where there is none yet."""
    if not (folder / _FILE).exists():
        original = WordLlama(models)
        texts = list(_sample(original, feed, progress))
        weights = teach(original.weights, texts, _SEED, partial(progress, STAGE))
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(folder / _FILE, weights.astype(np.float16).tobytes())
    return VectorTarget(folder, load_taught(folder, models), step=step)


def load_taught(folder: Path, models: Path) -> WordLlama:
    """The encoder that was taught for the vectors in a folder. Raises SearchIndexError where it is missing or cut."""
    try:
        weights: NDArray[np.float16] = np.asarray(np.memmap(folder / _FILE, np.float16, "r")).reshape(-1, WordLlama.dim)
    except (OSError, ValueError) as e:
        raise SearchIndexError(
            f"vectors {folder.name}", f"their model cannot be read ({e})", "`broadsheet reindex`"
        ) from e
    return WordLlama(models, weights=weights, name=NAME)


def _sample(encoder: WordLlama, feed: Feed, progress: Progress) -> "Iterator[Pair]":
    """Tokens of titles and abstracts, of all papers or of every n-th."""
    total = feed.count()
    every = max(1, -(-total // _SAMPLE))
    after = seen = 0
    while batch := feed.papers(after, _CHUNK):
        for _, paper in batch[::every]:
            yield _tokens(encoder, plain(paper.title)), _tokens(encoder, plain(paper.abstract))
        after, seen = batch[-1][0], seen + len(batch)
        progress(f"{STAGE}: reading", seen, total)


def _tokens(encoder: WordLlama, text: str) -> "NDArray[np.int32]":
    return np.array(encoder.tokens(text) if text else [], np.int32)
