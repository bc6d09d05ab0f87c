"""The library's own encoder: word vectors that it taught, beside those of its latent semantic analysis.

The two know different things: what wordllama knew of the language before, and which words go together in these very
papers. Side by side in one vector they find better than either (by meaning alone, nDCG@10 on SciFact, Cranfield and
NFCorpus: .65, .56, .35; taught .61, .49, .28; analysis .54, .55, .34; MiniLM .66, .50, .31). Its 256 principal axes
are kept: alone they find a little less (.62, .56, .34), fused with words as much, at half the size and time.

The model lies in the folder of the vectors that it makes, so that both come and go together.
"""

import shutil
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from broadsheet.errors import SearchIndexError
from broadsheet.search import learnt, sums
from broadsheet.search.encoder_wordllama import WordLlama
from broadsheet.search.files import replace_file
from broadsheet.search.filling import Feed
from broadsheet.search.taught import teach
from broadsheet.search.vector_files import MANIFEST
from broadsheet.search.vector_target import VectorTarget, encoded_text
from broadsheet.text import plain
from broadsheet.types import Paper, Progress

if TYPE_CHECKING:
    from numpy.typing import NDArray

DIM = 256
NAME = f"own-{DIM}"
STAGE = "learning"

_TAUGHT_SHARE = 0.6  # of the squared length; .5 to .7 gave the same within .005
_BOTH = WordLlama.dim + learnt.LearntEncoder.dim
_TOKENS, _AXES = "tokens.f16", "axes.f32"  # the axes are written last
FILES = (learnt.FILE, _TOKENS, _AXES)
"""What a model is."""
_SEED = 0
_SAMPLE = 8_000  # papers to learn from: some 200 MB and half a minute; more change little
_CHUNK = 200


class OwnEncoder:
    """Encoder of the model in a folder."""

    name = NAME
    dim = DIM

    def __init__(self, folder: Path, models: Path) -> None:
        """Open the model. Raises SearchIndexError where it is missing or cut off."""
        self._both = _Both(folder, models)
        try:
            self._axes = np.fromfile(folder / _AXES, np.float32).reshape(_BOTH, DIM)
        except (OSError, ValueError) as e:
            raise learnt.unreadable_model(folder, e) from e

    def encode(self, texts: Sequence[str], *, query: bool = False) -> "NDArray[np.float32]":
        """Unit rows of shape (len(texts), dim); a zero row for a text without a known word."""
        both = self._both.encode(texts, query=query)
        # A query is not worth to start BLAS's threads.
        rows = np.einsum("ij,jk->ik", both, self._axes) if len(both) == 1 else both @ self._axes
        return _unit(rows)


class _Both:
    """The two vectors of a text, side by side."""

    def __init__(self, folder: Path, models: Path) -> None:
        try:
            weights: NDArray[np.float16] = np.asarray(np.memmap(folder / _TOKENS, np.float16, "r"))
            self._taught = WordLlama(models, weights=weights.reshape(-1, WordLlama.dim), name=NAME)
        except (OSError, ValueError) as e:
            raise learnt.unreadable_model(folder, e) from e
        self._analysis = learnt.LearntEncoder(folder)

    def encode(self, texts: Sequence[str], *, query: bool = False) -> "NDArray[np.float32]":
        """Unit rows (len(texts), 512)."""
        taught = self._taught.encode(texts, query=query) * np.float32(np.sqrt(_TAUGHT_SHARE))
        analysis = self._analysis.encode(texts, query=query) * np.float32(np.sqrt(1 - _TAUGHT_SHARE))
        return _unit(np.hstack([taught, analysis]))


def open_own(
    folder: Path, *, models: Path, feed: Feed, step: int, progress: Progress, made: Path | None = None
) -> VectorTarget:
    """The set of vectors in a folder with the encoder that was learnt for it.

    Where there is none yet it is moved there out of the folder `made`, or learnt now. Raises SearchIndexError where it
    is lost: vectors of another would not compare with those that are there.
    """
    if not is_learnt(folder):
        if (folder / MANIFEST).exists():
            raise SearchIndexError(
                f"vectors {folder.name}", "their model is lost", "`broadsheet reindex` builds them anew"
            )
        if made is None:
            teach_own(folder, models, feed, progress)
        else:
            shutil.rmtree(folder, ignore_errors=True)
            made.rename(folder)
    return VectorTarget(folder, OwnEncoder(folder, models), step=step)


def is_learnt(folder: Path) -> bool:
    """Whether an encoder lies in a folder."""
    return (folder / _AXES).exists()


def teach_own(folder: Path, models: Path, feed: Feed, progress: Progress) -> None:
    """Learn an encoder from the papers and put it into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    original = WordLlama(models)
    pairs, texts = [], []
    for _, paper in _drawn(feed, progress):
        texts.append(encoded_text(paper.title, paper.abstract))
        pairs.append((_tokens(original, plain(paper.title)), _tokens(original, plain(paper.abstract))))

    def tick(share: float) -> None:
        progress(f"{STAGE}: words that go together", round(100 * share), 100)

    learnt.save(learnt.fit(texts, seed=_SEED, tick=tick), folder)
    weights = teach(original.weights, pairs, _SEED, partial(progress, STAGE))
    replace_file(folder / _TOKENS, weights.astype(np.float16).tobytes())
    del weights, pairs
    replace_file(folder / _AXES, _principal(_Both(folder, models).encode(texts)).tobytes())
    sums.note(folder, FILES)


def _drawn(feed: Feed, progress: Progress) -> Iterator[tuple[int, Paper]]:
    """Stretches of papers, as far from each other as gives the sample that is wanted."""
    total = feed.count()
    skipped = (max(1, -(-total // _SAMPLE)) - 1) * _CHUNK
    after = read = 0
    while batch := feed.papers(after, _CHUNK):
        yield from batch
        after, read = batch[-1][0] + skipped, read + len(batch)
        progress(f"{STAGE}: reading", read, min(total, _SAMPLE))


def _tokens(encoder: WordLlama, text: str) -> "NDArray[np.int32]":
    return np.array(encoder.tokens(text) if text else [], np.int32)


def _principal(rows: "NDArray[np.float32]") -> "NDArray[np.float32]":
    """The axes (columns) along which rows have the most of their length."""
    axes = np.linalg.eigh((rows.T @ rows).astype(np.float64))[1][:, ::-1][:, :DIM]
    return np.ascontiguousarray(axes, np.float32)


def _unit(rows: "NDArray[np.float32]") -> "NDArray[np.float32]":
    unit: NDArray[np.float32] = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1e-12))
    return unit
