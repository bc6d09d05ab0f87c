"""Vectors learnt from the library itself: latent semantic analysis of its words (TF-IDF, then a truncated SVD).

It knows only what the library's papers say, and so knows which words go together in the library's own fields; it
costs no download and a fraction of a minute. Learnt from their own abstracts and used alone, nDCG@10 and Recall@100
are .54 and .93 on SciFact, .55 and .80 on Cranfield, .34 and .29 on NFCorpus.

A text's vector is the weighted sum of its terms' vectors. The model is a table of those, memory-mapped: a query
touches the pages of its own words.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from broadsheet.errors import SearchIndexError
from broadsheet.search.files import replace_file, unreadable
from broadsheet.search.lexical_schema import stemmer
from broadsheet.search.safetensors import dump_tensors, read_tensors
from broadsheet.text import words

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAMPLE = 20_000
"""Papers to fit on, drawn evenly: some 20 s of one core and 400 MB; more change the vectors little."""

LEAST = 200
"""Papers below which there is nothing to learn."""

_DIM = 256
FILE = "terms.safetensors"
_MOST_TERMS = 60_000
_LEAST_PAPERS = 2  # a term of one paper says nothing of what goes together
_MOST_SHARE = 0.5  # a term of more papers than this share tells none from another
_SPARE = 24  # dimensions that the iteration carries beyond those it is after
_ROUNDS = 1  # a second makes the decomposition more exact and nothing better: .529, .554, .337 against .544, .553, .338
_RARITY = 1.5  # power of the inverse document frequency: 1 has .49, .55, .31 nDCG@10 (see above), 2 .55, .52, .34
_WORDS_REMEMBERED = 200_000


@dataclass(frozen=True, slots=True)
class Fitted:
    """Terms (stems) and their vectors, shape (terms, dim), the rarity of each term multiplied in."""

    terms: tuple[str, ...]
    vectors: "NDArray[np.float32]"


def fit(texts: Sequence[str], *, seed: int = 0, tick: Callable[[float], None] | None = None) -> Fitted:
    """Learn from texts (title and abstract each). `tick` gets the share that is done. The same texts and seed give
    the same model. Raises SearchIndexError for fewer than LEAST texts.
    """
    if len(texts) < LEAST:
        raise SearchIndexError("learnt vectors", f"{len(texts)} papers are too few to learn from", "harvest more")
    report = tick or (lambda share: None)  # noqa: ARG005 - nobody listens
    terms, table = _count(texts)
    report(0.3)
    papers = np.bincount(table.terms, minlength=len(terms))
    rarity = ((np.log((len(texts) + 1) / (papers + 1)) + 1) ** _RARITY).astype(np.float32)
    table = table.weighted(rarity)
    across = table.turned(len(terms))
    rng = np.random.default_rng(seed)
    basis = rng.standard_normal((len(texts), min(_DIM + _SPARE, len(texts), len(terms))), np.float32)
    for turn in range(_ROUNDS + 1):
        basis = np.linalg.qr(across.times(basis))[0]
        basis = table.times(basis)
        report(0.3 + 0.7 * (turn + 1) / (_ROUNDS + 2))
    basis = np.linalg.qr(basis)[0]
    seen = across.times(basis)
    turn_to_axes = np.linalg.eigh(seen.T @ seen)[1][:, ::-1][:, :_DIM]
    vectors = np.zeros((len(terms), _DIM), np.float32)
    axes = seen @ turn_to_axes
    vectors[:, : axes.shape[1]] = axes / np.maximum(np.linalg.norm(axes, axis=0), np.float32(1e-12))
    report(1.0)
    return Fitted(terms, vectors * rarity[:, None])


def save(fitted: Fitted, folder: Path) -> None:
    """Keep a fitted model in the folder of the vectors that it makes; the file is whole or absent."""
    hashes = np.array([_hash(term) for term in fitted.terms], np.uint64)
    order = np.argsort(hashes)
    tensors: dict[str, NDArray[np.generic]] = {
        "hashes": hashes[order].view(np.int64),
        "vectors": fitted.vectors[order].astype(np.float16),
    }
    replace_file(folder / FILE, dump_tensors(tensors))


class LearntEncoder:
    """Encoder of a model that `save` kept."""

    name = f"learnt-lsa-{_DIM}"
    dim = _DIM

    def __init__(self, folder: Path) -> None:
        """Open the model. Raises SearchIndexError where it is missing or cut off."""
        try:
            tensors = read_tensors(folder / FILE)
            self._hashes = tensors["hashes"].view(np.uint64)
            self._vectors = tensors["vectors"].view(np.float16).reshape(len(self._hashes), self.dim)
        except (OSError, ValueError, KeyError) as e:
            raise unreadable_model(folder, e) from e
        self._stem = stemmer()
        self._rows: dict[str, int] = {}

    def encode(self, texts: Sequence[str], *, query: bool = False) -> "NDArray[np.float32]":  # noqa: ARG002
        """Unit rows of shape (len(texts), dim); a zero row for a text without a known word."""
        out = np.zeros((len(texts), self.dim), np.float32)
        for i, text in enumerate(texts):
            rows, counts = np.unique([row for word in words(text) if (row := self._row(word)) >= 0], return_counts=True)
            if len(rows):
                vectors = self._vectors[rows.astype(np.int64)].astype(np.float32)
                out[i] = np.einsum("t,tj->j", _damped(counts), vectors)
        out /= np.maximum(np.linalg.norm(out, axis=1, keepdims=True), np.float32(1e-12))
        return out

    def _row(self, word: str) -> int:
        row = self._rows.get(word)
        if row is None:
            if len(self._rows) >= _WORDS_REMEMBERED:
                self._rows.clear()
            number = np.uint64(_hash(_stemmed(self._stem, word)))
            at = int(np.searchsorted(self._hashes, number))
            row = at if at < len(self._hashes) and self._hashes[at] == number else -1
            self._rows[word] = row
        return row


@dataclass(frozen=True, slots=True)
class _Table:
    """A sparse matrix: row i has `values` at the columns `terms`, both from `ends[i - 1]` to `ends[i]`."""

    terms: "NDArray[np.int32]"
    values: "NDArray[np.float32]"
    ends: "NDArray[np.int64]"

    def times(self, dense: "NDArray[np.float32]") -> "NDArray[np.float32]":
        """The product with a dense matrix. einsum, because BLAS would start its threads for each row."""
        out = np.zeros((len(self.ends), dense.shape[1]), np.float32)
        start = 0
        for i, end in enumerate(self.ends.tolist()):
            if end > start:
                out[i] = np.einsum("t,tj->j", self.values[start:end], dense[self.terms[start:end]])
            start = end
        return out

    def turned(self, columns: int) -> "_Table":
        """The transpose."""
        rows = np.repeat(np.arange(len(self.ends), dtype=np.int32), np.diff(self.ends, prepend=0))
        order = np.argsort(self.terms, kind="stable")
        return _Table(rows[order], self.values[order], np.cumsum(np.bincount(self.terms, minlength=columns)))

    def weighted(self, rarity: "NDArray[np.float32]") -> "_Table":
        """Counts damped and multiplied by the terms' rarity, rows of length one."""
        values = _damped(self.values) * rarity[self.terms]
        sums = np.cumsum(np.append(0.0, np.square(values, dtype=np.float64)))
        norms = np.sqrt(np.diff(sums[np.append(0, self.ends)]))
        lengths = np.repeat(norms, np.diff(self.ends, prepend=0))
        return _Table(self.terms, (values / np.maximum(lengths, 1e-12)).astype(np.float32), self.ends)


def _count(texts: Sequence[str]) -> tuple[tuple[str, ...], _Table]:
    """The terms that are kept, and how often each text has each."""
    numbers: dict[str, int] = {}
    stems = _Stems(numbers)
    counted = [np.unique(np.array(stems.of(text), np.int32), return_counts=True) for text in texts]
    papers = np.bincount(np.concatenate([found for found, _ in counted]), minlength=len(numbers))
    kept = np.flatnonzero((papers >= _LEAST_PAPERS) & (papers <= _MOST_SHARE * len(texts)))
    kept = kept[np.argsort(-papers[kept], kind="stable")][:_MOST_TERMS]
    place = np.full(len(numbers), -1, np.int32)
    place[kept] = np.arange(len(kept))
    rows = [
        (place[found][place[found] >= 0], counts[place[found] >= 0].astype(np.float32)) for found, counts in counted
    ]
    terms, values = (np.concatenate(column) for column in zip(*rows, strict=True))
    names = list(numbers)
    return tuple(names[i] for i in kept), _Table(terms, values, np.cumsum([len(found) for found, _ in rows]))


class _Stems:
    """Texts to numbers of stems; `numbers` grows. A word is stemmed once, as long as it is remembered."""

    def __init__(self, numbers: dict[str, int]) -> None:
        self._numbers = numbers
        self._known: dict[str, int] = {}
        self._stem = stemmer()

    def of(self, text: str) -> list[int]:
        known = self._known
        return [known[word] if word in known else self._learn(word) for word in words(text)]

    def _learn(self, word: str) -> int:
        if len(self._known) >= _WORDS_REMEMBERED:
            self._known.clear()
        number = self._numbers.setdefault(_stemmed(self._stem, word), len(self._numbers))
        self._known[word] = number
        return number


def _stemmed(stem: "object", word: str) -> str:
    found: list[str] = stem.analyze(word)  # type: ignore[attr-defined]
    return found[0] if found else word


def _damped(counts: "NDArray[np.generic]") -> "NDArray[np.float32]":
    """A word that a text has ten times counts as three or so."""
    return 1 + np.log(counts.astype(np.float32))


def _hash(term: str) -> int:
    return int.from_bytes(blake2b(term.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def unreadable_model(folder: Path, cause: Exception) -> SearchIndexError:
    """The error for vectors whose model is in the folder with them, and missing or cut off."""
    if isinstance(cause, PermissionError):
        return unreadable(f"vectors {folder.name}", cause)
    why = cause.strerror if isinstance(cause, OSError) else "it is cut off"
    return SearchIndexError(
        f"vectors {folder.name}", f"their model cannot be read ({why})", "`broadsheet reindex` builds them anew"
    )
