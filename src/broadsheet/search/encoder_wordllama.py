"""wordllama: the mean of its static token vectors, at once and offline, because the wheel holds the weights.

The package's own loader imports much and parses its tokenizer for a tenth of a second. A search from the shell
cannot pay that, so its two files are read directly: the weights as a memory map, and the tokenizer (byte-pair
encoding) as a compact table that is written once beside the models. No merge of that tokenizer goes over a space,
so words are tokenised one by one and remembered. The vectors are wordllama's own, to the rounding of float32;
only its control tokens (`<s>`) written out in a text are read as plain characters here.
"""

import json
import re
from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from broadsheet.errors import MissingExtra, SearchIndexError
from broadsheet.search.files import replace_file
from broadsheet.search.safetensors import read_tensors

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAME = "wordllama-l2-256"
DIM = 256
_WEIGHTS = "weights/l2_supercat_256.safetensors"
_TOKENIZER = "tokenizers/l2_supercat_tokenizer_config.json"
_TABLE = "wordllama-merges.bin"
_TABLE_FORMAT = 1
_SPACE = "▁"
_WORD = re.compile(f"{_SPACE}+[^{_SPACE}\n]*|\n|[^{_SPACE}\n]+")  # nothing merges over a space or a line's end
_WORDS_REMEMBERED = 100_000  # about 30 MB; abstracts bring rare words without end
_LONGEST_WORD = 256  # characters that are merged at once; the work grows with their square, and no word has so many
_WORDS_FOR_A_DICT = 500  # below, a binary search a pair costs less than to build the dict


class WordLlama:
    """Encoder of 256 dimensions; twice the papers a second of the package itself.

    `cache` is the folder for the tokenizer's table. `weights` (tokens, 256) take the place of wordllama's own, with
    a name of theirs.
    """

    dim = DIM

    def __init__(
        self,
        cache: Path | None = None,
        package: Path | None = None,
        *,
        weights: "NDArray[np.float16] | None" = None,
        name: str = NAME,
    ) -> None:
        home = package or _package()
        self.name = name
        self._weights = _weights(home / _WEIGHTS) if weights is None else weights
        self._rows: NDArray[np.float16] | NDArray[np.float32] = self._weights
        self._merges = _load_merges(home / _TOKENIZER, cache)
        self._words: dict[str, tuple[int, ...]] = {}

    def encode(self, texts: Sequence[str], *, query: bool = False) -> "NDArray[np.float32]":  # noqa: ARG002 - the protocol's
        """Unit rows of shape (len(texts), 256); a zero row for an empty text. `query` changes nothing here."""
        if len(texts) > 64 and self._rows is self._weights:
            self._rows = self._weights.astype(np.float32)
        out = np.zeros((len(texts), DIM), np.float32)
        for i, text in enumerate(texts):
            if text:
                rows = self._rows[np.array(self.tokens(text))].astype(np.float32, copy=False)
                out[i] = np.einsum("ij->j", rows)  # as fast as BLAS on one thread; reduceat takes eight times as long
        norms = np.linalg.norm(out, axis=1, keepdims=True)
        out /= np.maximum(norms, np.float32(1e-12))
        return out

    @property
    def weights(self) -> "NDArray[np.float16]":
        """The vectors of all tokens (tokens, 256)."""
        return self._weights

    def tokens(self, text: str) -> list[int]:
        """The token ids of a text, as wordllama's tokenizer gives them."""
        known = self._words
        ids: list[int] = []
        for word in _WORD.findall(_SPACE + text.replace(" ", _SPACE)):
            found = known.get(word)
            ids += self._learn(word) if found is None else found
        return ids

    def _learn(self, word: str) -> tuple[int, ...]:
        if len(self._words) >= _WORDS_REMEMBERED:
            self._words.clear()
        if len(self._words) == _WORDS_FOR_A_DICT:
            self._merges.index()
        pieces = (word[at : at + _LONGEST_WORD] for at in range(0, len(word), _LONGEST_WORD))
        found = tuple(token for piece in pieces for token in self._merges.apply(piece))
        self._words[word] = found
        return found


class _Merges:
    """A byte-pair encoding as sorted tables: which pairs of tokens merge, in which order, into what."""

    def __init__(self, pairs: "array[int]", values: "array[int]", characters: Mapping[str, int]) -> None:
        self._pairs = pairs
        self._values = values
        self._characters = characters
        self._dict: dict[int, int] | None = None

    def index(self) -> None:
        """Build a dict of the pairs: 15 ms, for many words."""
        self._dict = dict(zip(self._pairs, self._values, strict=True))

    def apply(self, word: str) -> list[int]:
        """The tokens of a word: the pair that was learnt first is merged first, from the left."""
        ids = self._start(word)
        find = self._dict.get if self._dict else self._search
        found = [find(a << 32 | b, _NO_MERGE) for a, b in pairwise(ids)]
        while found:
            best = min(found)
            if best == _NO_MERGE:
                break
            at = found.index(best)
            ids[at : at + 2] = [best & _LOW]
            del found[at]
            if at:
                found[at - 1] = find(ids[at - 1] << 32 | ids[at], _NO_MERGE)
            if at < len(found):
                found[at] = find(ids[at] << 32 | ids[at + 1], _NO_MERGE)
        return ids

    def _start(self, word: str) -> list[int]:
        ids: list[int] = []
        for character in word:
            known = self._characters.get(character)
            if known is None:
                ids += [_FIRST_BYTE + byte for byte in character.encode("utf-8", "surrogatepass")]
            else:
                ids.append(known)
        return ids

    def _search(self, pair: int, missing: int) -> int:
        at = bisect_left(self._pairs, pair)
        return self._values[at] if at < len(self._pairs) and self._pairs[at] == pair else missing


_LOW = (1 << 32) - 1
_NO_MERGE = (1 << 63) - 1
_FIRST_BYTE = 3  # tokens 3 to 258 are the bytes, for characters that have no token


def _package() -> Path:
    spec = find_spec("wordllama")
    if spec is None or spec.origin is None:
        raise MissingExtra("encoder wordllama", "the package is not installed", "`pip install wordllama`")
    return Path(spec.origin).parent


def _weights(path: Path) -> "NDArray[np.float16]":
    try:
        return read_tensors(path)["embedding.weight"].view(np.float16).reshape(-1, DIM)
    except (OSError, ValueError, KeyError) as e:
        raise _unreadable(path, e) from e


def _load_merges(path: Path, cache: Path | None) -> _Merges:
    """The tokenizer's table from the cache, where it was made from this very file, else made anew and kept."""
    try:
        stat = path.stat()
        head = array("q", [_TABLE_FORMAT, stat.st_size, stat.st_mtime_ns])
        table = _cached(cache / _TABLE, head) if cache else None
        if table is None:
            table = _compile(json.loads(path.read_bytes())["model"])
            if cache and cache.is_dir():
                _keep(cache / _TABLE, head + table)
    except (OSError, ValueError, KeyError) as e:
        raise _unreadable(path, e) from e
    count = table[0]
    return _Merges(
        table[1 : 1 + count],
        table[1 + count : 1 + 2 * count],
        {chr(entry >> 32): entry & _LOW for entry in table[1 + 2 * count :]},
    )


def _cached(path: Path, head: "array[int]") -> "array[int] | None":
    table = array("q")
    try:
        table.frombytes(path.read_bytes())
    except (OSError, ValueError):
        return None
    whole = table[: len(head)] == head and len(table) > len(head) and len(table) >= len(head) + 1 + 2 * table[len(head)]
    return table[len(head) :] if whole else None


def _keep(path: Path, table: "array[int]") -> None:
    """Write the cache; a folder that cannot be written only costs the time to make it again."""
    try:
        replace_file(path, table.tobytes())
    except OSError:
        return


def _compile(model: Mapping[str, object]) -> "array[int]":
    """[number of pairs, pairs ascending, their order << 32 | token, characters << 32 | token]."""
    vocabulary, merges = model["vocab"], model["merges"]
    if not isinstance(vocabulary, dict) or not isinstance(merges, list):
        raise ValueError("no byte-pair encoding")  # noqa: TRY004 - the file is wrong, not the caller
    rows: dict[int, int] = {}
    for order, merge in enumerate(merges):
        left, right = merge.split(" ") if isinstance(merge, str) else merge
        rows[vocabulary[left] << 32 | vocabulary[right]] = order << 32 | vocabulary[left + right]
    pairs = sorted(rows)
    characters = [ord(token) << 32 | number for token, number in vocabulary.items() if len(token) == 1]
    return array("q", [len(pairs), *pairs, *(rows[pair] for pair in pairs), *characters])


def _unreadable(path: Path, cause: Exception) -> SearchIndexError:
    return SearchIndexError("encoder wordllama", f"{path} cannot be read ({cause})", "install wordllama again")
