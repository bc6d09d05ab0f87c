"""The first pass of a vector search: count in which directions a row and the query lie on different sides.

A row becomes 512 signs: on which side of the mean it lies in each of two sets of random orthogonal directions. As
many signs as dimensions find too little: of the ten papers nearest to a title among 500,000, the first 4,000 held
9.2 with the 256 signs of a wordllama vector's own components, 9.4 after a rotation, 9.8 with 512 signs and 9.95 with
the lean. That is one small number a row, in units of signs, for what signs cannot see: how far a row leans towards
the mean and how long it is beside it (vectors of papers share a large part, and signs are about the rest).

A row is 8 words of 64 bits, rows one after another, so that a memory map of the file is the index; NumPy counts in
blocks that stay in the cache. faiss-cpu was measured beside it: half the time for the nearest thousand, none saved
for the four thousand that recall needs at a million rows, and a tenth of a second to import; so it is not used.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BITS = 512
_BLOCK = 1 << 17  # words: 1 MB of scratch
_SAMPLED = 250  # of the rows handed on, so many are in the sample that sets the limit: m is met within some 6 %
_FAR = np.iinfo(np.int16).max
_NEAR = 0.45  # cosine, beside the mean, of the rows at the edge of what is handed on: there the lean is linearised


@dataclass(frozen=True, slots=True)
class Frame:
    """What signs are about: a mean (dim,) and directions (bits, dim)."""

    mean: "NDArray[np.float32]"
    directions: "NDArray[np.float32]"


def words(dim: int) -> int:
    """Words of a row of signs."""
    return _BITS // 64 * ((dim + _BITS - 1) // _BITS)


def make_frame(sample: "NDArray[np.float32]", seed: int = 0) -> Frame:
    """The mean of a sample (n, dim), and directions that depend on the dimension and the seed alone."""
    dim = sample.shape[1]
    bits = words(dim) * 64
    rng = np.random.default_rng(seed)
    sets = [np.linalg.qr(rng.standard_normal((dim, dim)))[0] for _ in range(-(-bits // dim))]
    mean = sample.mean(axis=0, dtype=np.float64).astype(np.float32)
    return Frame(mean, np.concatenate(sets)[:bits].astype(np.float32))


def signs(frame: Frame, matrix: "NDArray[np.float32]") -> "NDArray[np.uint64]":
    """The signs of each row, shape (n, words)."""
    beside = matrix - frame.mean
    one = len(beside) == 1  # a query: not worth to start BLAS's threads, which go on spinning
    along = np.einsum("ij,kj->ik", beside, frame.directions) if one else beside @ frame.directions.T
    return np.packbits(along > 0, axis=1, bitorder="little").view(np.uint64)


def leans(frame: Frame, matrix: "NDArray[np.float32]") -> "NDArray[np.int16]":
    """How many signs fewer a row may differ in for the same cosine, shape (n,).

    With u = x - mean, x . q = |u| |q - mean| cos(angle) + x . mean + a part of q alone; the angle is read off the
    signs, and all is divided by what one sign is worth for a row of unit length at the edge.
    """
    along = matrix @ frame.mean
    beside = np.linalg.norm(matrix - frame.mean, axis=1)
    typical = np.float32(max(1e-6, np.sqrt(max(0.0, 1 - float(frame.mean @ frame.mean)))))
    a_sign = np.pi / len(frame.directions) * np.sqrt(1 - _NEAR**2) * typical
    lean = np.rint((along / typical + _NEAR * beside) / np.float32(a_sign))
    bounded: NDArray[np.int16] = np.clip(lean, -_FAR // 2, _FAR // 2).astype(np.int16)
    return bounded


def differences(bits: "NDArray[np.uint64]", query: "NDArray[np.uint64]") -> "NDArray[np.int16]":
    """In how many signs each row of `bits` (n, words) differs from `query` (words,)."""
    n, width = bits.shape
    step = max(1, _BLOCK // width)
    out = np.empty(n, np.int16)
    tiled = np.tile(query, min(step, n))
    scratch = np.empty(len(tiled), np.uint64)
    counts = np.empty(len(tiled), np.uint8)
    flat = bits.reshape(-1)
    for start in range(0, n, step):
        rows = min(step, n - start)
        size = rows * width
        np.bitwise_xor(flat[start * width : start * width + size], tiled[:size], out=scratch[:size])
        np.bitwise_count(scratch[:size], out=counts[:size])
        _sum_rows(counts[:size], width // 8, out[start : start + rows])
    return out


def _sum_rows(counts: "NDArray[np.uint8]", groups: int, out: "NDArray[np.int16]") -> None:
    """Sum each row's bytes, eight to a group, by products on wider lanes: NumPy's own sum over a short axis is slow."""
    pairs = counts.view(np.uint16)
    np.multiply(pairs, 0x0101, out=pairs)
    np.right_shift(pairs, 8, out=pairs)
    eights = counts.view(np.uint64)
    np.multiply(eights, 0x0001_0001_0001_0001, out=eights)
    np.right_shift(eights, 48, out=eights)
    np.copyto(out, eights[0::groups], casting="unsafe")
    for group in range(1, groups):
        np.add(out, eights[group::groups], out=out, casting="unsafe")


def nearest(
    bits: "NDArray[np.uint64]",
    lean: "NDArray[np.int16]",
    query: "NDArray[np.uint64]",
    m: int,
    mask: "NDArray[np.bool_] | None" = None,
) -> "NDArray[np.int64]":
    """Positions of the rows, of those in the mask, that seem nearest: about m, never more than 2 m."""
    found = differences(bits, query)
    found -= lean
    if mask is not None:
        found[~mask] = _FAR
    positions = np.flatnonzero(found <= _threshold(found, m))
    if len(positions) > 2 * m:
        positions = positions[np.argpartition(found[positions], 2 * m)[: 2 * m]]
        positions.sort()
    return positions


def _threshold(found: "NDArray[np.int16]", m: int) -> int:
    """The least value that m rows do not exceed, as an even sample tells: sorting all takes as long as the count."""
    step = max(1, m // _SAMPLED)
    sample = found[::step]
    place = min(m // step, len(sample) - 1)
    limit = int(np.partition(sample, place)[place])
    return min(limit, _FAR - 1)
