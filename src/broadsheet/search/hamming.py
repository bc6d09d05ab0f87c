"""The first pass of a vector search: which rows' sign bits differ least from the query's.

A row is `dim / 64` words of 64 bits, rows one after another, so that a memory map of the file is the index.
NumPy counts in blocks that stay in the cache: four to five milliseconds a million rows of 256 bits on one core.
faiss-cpu was measured beside it: half the time for the nearest thousand, none saved for the four thousand that
recall needs at a million rows, and a tenth of a second to import; so it is not used.
"""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BLOCK = 1 << 18  # words: 2 MB of scratch
_FAR = np.iinfo(np.uint16).max


def pack(matrix: "NDArray[np.float32]", mean: "NDArray[np.float32]") -> "NDArray[np.uint64]":
    """One bit a dimension, set where it is above the mean: shape (n, words(dim))."""
    n, dim = matrix.shape
    packed = np.zeros((n, words(dim) * 8), np.uint8)
    packed[:, : (dim + 7) // 8] = np.packbits(matrix > mean, axis=1, bitorder="little")
    return packed.view(np.uint64)


def words(dim: int) -> int:
    """Words of a row: an even number, because bytes are summed in pairs of words."""
    return 2 * ((dim + 127) // 128)


def distances(bits: "NDArray[np.uint64]", query: "NDArray[np.uint64]") -> "NDArray[np.uint16]":
    """The Hamming distance of every row of `bits` (n, words) to `query` (words,).

    With 256 bits, a row that differs in all of them counts as 0: the exact second pass throws it out.
    """
    n, width = bits.shape
    step = max(1, _BLOCK // width)
    out = np.empty(n, np.uint16)
    tiled = np.tile(query, min(step, n))
    scratch = np.empty(len(tiled), np.uint64)
    counts = np.empty(len(tiled), np.uint8)
    flat = bits.reshape(-1)
    for start in range(0, n, step):
        rows = min(step, n - start)
        size = rows * width
        np.bitwise_xor(flat[start * width : start * width + size], tiled[:size], out=scratch[:size])
        np.bitwise_count(scratch[:size], out=counts[:size])
        _sum_rows(counts[:size], width, out[start : start + rows])
    return out


def _sum_rows(counts: "NDArray[np.uint8]", width: int, out: "NDArray[np.uint16]") -> None:
    """Sum each row's bytes by arithmetic on wider lanes; NumPy's own sum over a short axis is ten times as slow."""
    if width == 4:
        lanes = counts.view(np.uint32)
        np.multiply(lanes, 0x01010101, out=lanes)
        np.right_shift(lanes, 24, out=out, casting="unsafe")
        return
    pairs = counts.view(np.uint16)
    np.multiply(pairs, 0x0101, out=pairs)
    np.right_shift(pairs, 8, out=pairs)
    columns = width // 2
    out[:] = pairs[0::columns]
    for column in range(1, columns):
        np.add(out, pairs[column::columns], out=out)


def nearest(
    bits: "NDArray[np.uint64]", query: "NDArray[np.uint64]", m: int, mask: "NDArray[np.bool_] | None" = None
) -> "NDArray[np.int64]":
    """Positions of at least `m` nearest rows (all ties of the last included, up to twice m), of those in the mask."""
    found = distances(bits, query)
    if mask is not None:
        found[~mask] = _FAR
    limit = _threshold(found, m, bits.shape[1] * 64)
    positions = np.flatnonzero(found <= limit)
    if len(positions) > 2 * m:
        inner = positions[found[positions] < limit]
        edge = positions[found[positions] == limit]
        positions = np.concatenate([inner, edge[: 2 * m - len(inner)]])
    return positions


def _threshold(found: "NDArray[np.uint16]", m: int, longest: int) -> int:
    """The least distance within which at least m rows lie, or `longest`: bisection counts faster than a sort."""
    low, high = 0, longest
    while low < high:
        middle = (low + high) // 2
        if np.count_nonzero(found <= middle) >= m:
            high = middle
        else:
            low = middle + 1
    return low
