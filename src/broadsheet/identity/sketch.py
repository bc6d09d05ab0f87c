"""Abstracts as sets of hashed shingles, so that overlap is a matter of microseconds.

A shingle is a run of letters and digits, without spaces, hyphens, case and accents: broken hyphenation, TeX and line
ends do not change it. Hashes are 32 bits wide, made by doubling: a window of 2n letters from two windows of n. Their
order is that of chance, as their factors are large and odd: the least ones are a fair sample.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple
from unicodedata import normalize

import numpy as np
import numpy.typing as npt

from broadsheet.text import fold

Hashes = npt.NDArray[np.uint32]

_DELETED = bytes(c for c in range(128) if not chr(c).isalnum())
_LOWER = bytes(range(256)).lower()
_GAP = re.compile(r"[\W_]+")
_MACRO = re.compile(r"\\[A-Za-z]+")

SHINGLE, WINDOW = 16, 64
"""Letters of a shingle, about three words, and of the wider windows, about twelve."""

_LOW = np.uint32(1 << 25)  # one hash in 128 is below: nearly always some of an abstract's 1,200, and few to sort

SAMPLE = 4
"""One shingle in four is kept for comparing (by its hash, so the same in every text): 300 of an abstract's 1,200."""

_SAMPLED = np.uint32((1 << 32) // SAMPLE)  # high bits depend on every letter of a window, low bits on the last ones

_LEAST = 24
"""Fewer sampled shingles than this (about 100 letters) are not an abstract that says anything by its overlap."""


class Overlap(NamedTuple):
    """How much two abstracts share: `jaccard` of all, `contained` of the shorter, both 0..1."""

    jaccard: float
    contained: float

    @property
    def mean(self) -> float:
        """A cut-off copy has a low Jaccard, a sentence found anywhere a high containment: the mean asks for both."""
        return (self.jaccard + self.contained) / 2


def letters(text: str) -> npt.NDArray[np.uint8 | np.uint32]:
    """The code points of the folded letters and digits of a text, without the names of TeX macros."""
    if "\\" in text:
        text = _MACRO.sub("", text)
    if text.isascii():
        return _from_ascii(text.encode())
    ascii_only = normalize("NFKD", text).encode("ascii", "ignore")
    if 2 * len(ascii_only) > len(text):  # dashes, quotes, accents and a few symbols in a Latin text
        return _from_ascii(ascii_only)
    folded = _GAP.sub("", fold(text))
    return np.frombuffer(folded.encode("utf-32-le", "replace"), np.uint32)


def _from_ascii(text: bytes) -> npt.NDArray[np.uint8]:
    return np.frombuffer(text.translate(_LOWER, _DELETED), np.uint8)


def shingles(text: str) -> Hashes:
    """Hashes of all windows of 16 letters of a text, in its order: about three words each."""
    return _hashed(letters(text).astype(np.uint32), _DOUBLINGS)


def least_two(texts: Sequence[str]) -> list[tuple[list[int], list[int]]]:
    """Of each text the two least different hashes of its windows of 16 letters, and of 64; fewer where it has fewer.

    Many short texts are hashed in one array: the windows that reach into the next text are left out.
    """
    made = [letters(text) for text in texts]
    ends = np.cumsum([len(each) for each in made])
    hashes = _hashed(np.concatenate(made).astype(np.uint32), _DOUBLINGS) if made else np.zeros(0, np.uint32)
    narrow = _least_of_each(hashes, ends, SHINGLE)
    return list(zip(narrow, _least_of_each(_hashed(hashes, _WIDER), ends, WINDOW), strict=True))


def _hashed(hashes: Hashes, doublings: Iterable[tuple[int, np.uint32]]) -> Hashes:
    for width, factor in doublings:
        if len(hashes) <= width:
            return hashes[:0]
        hashes = hashes[:-width] * factor + hashes[width:]
    return hashes


def _least_of_each(hashes: Hashes, ends: npt.NDArray[np.int64], width: int) -> list[list[int]]:
    """The two least hashes of each text, given where its letters end and how many letters a window has."""
    places = np.flatnonzero(hashes < _LOW)
    owners = np.searchsorted(ends, places, side="right")
    low: list[set[int]] = [set() for _ in ends]
    whole = places + width <= ends[owners]
    for owner, value in zip(owners[whole].tolist(), hashes[places[whole]].tolist(), strict=True):
        low[owner].add(value)
    found = []
    for at, end in enumerate(ends.tolist()):
        if len(low[at]) < 2:  # a short text
            start = int(ends[at - 1]) if at else 0
            low[at] = set(hashes[start : max(start, end - width + 1)].tolist())
        found.append(sorted(low[at])[:2])
    return found


_DOUBLINGS = tuple((1 << n, np.uint32(f)) for n, f in enumerate((0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F)))
_WIDER = ((16, np.uint32(0x165667B1)), (32, np.uint32(0xD3A2646D)))


@lru_cache(maxsize=64)
def sample(text: str) -> frozenset[int]:
    """The shingles of a text that are kept for comparing; remembered, as a record meets several papers."""
    hashes = shingles(text)
    return frozenset(hashes[hashes < _SAMPLED].tolist())


def overlap(a: str, b: str) -> Overlap | None:
    """How much two abstracts share; None where one of them is missing or too short to say."""
    if not a or not b:
        return None
    one, other = sample(a), sample(b)
    least = min(len(one), len(other))
    if least < _LEAST:
        return None
    shared = len(one & other)
    return Overlap(shared / (len(one) + len(other) - shared), shared / least)
