"""Vectors of texts that were encoded before, in one file: evaluation runs on the same texts again and again."""

import io
import zlib
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np

from broadsheet.search.files import replace_file

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KEPT_EVERY = 2_048  # texts: a minute's work may be lost, not more


class VectorCache:
    """A dictionary of texts (by their hash) and vectors; a file that cannot be read is begun anew."""

    def __init__(self, path: Path, dim: int) -> None:
        self._path, self._dim = path, dim
        self._rows: dict[int, NDArray[np.float16]] = {}
        self._unkept = 0
        try:
            with np.load(path, allow_pickle=False) as arrays:
                if arrays["rows"].shape[1] == dim:
                    self._rows = dict(zip(arrays["names"].tolist(), arrays["rows"], strict=True))
        except (OSError, ValueError, KeyError, IndexError, EOFError, BadZipFile, zlib.error):
            self._rows = {}

    def missing(self, texts: Sequence[str]) -> list[str]:
        """The texts that are not known, each once."""
        return [text for text in dict.fromkeys(texts) if _name(text) not in self._rows]

    def add(self, texts: Sequence[str], vectors: "NDArray[np.float32]") -> None:
        """Remember vectors; now and then they are written."""
        self._rows |= {_name(text): row for text, row in zip(texts, vectors.astype(np.float16), strict=True)}
        self._unkept += len(texts)
        if self._unkept >= _KEPT_EVERY:
            self._keep()

    def of(self, texts: Sequence[str]) -> "NDArray[np.float32]":
        """The vectors (texts, dim) of known texts."""
        if self._unkept:
            self._keep()
        out = np.zeros((len(texts), self._dim), np.float32)
        for i, text in enumerate(texts):
            out[i] = self._rows[_name(text)]
        return out

    def _keep(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = io.BytesIO()
        np.savez(file, names=np.array(list(self._rows), np.uint64), rows=np.array(list(self._rows.values())))
        replace_file(self._path, file.getvalue())
        self._unkept = 0


def _name(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")
