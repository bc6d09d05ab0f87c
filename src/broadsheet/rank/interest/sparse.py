"""Sparse matrices by rows: the little of them that lexical features need."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_OFTEN = 2e-3  # of all pairs of rows, how many share a column from which on a dense product is faster than those pairs
_FEW = 3  # rows that are quicker multiplied with one by one than looked for columns in common
_CHUNK = 50  # rows whose pairs are summed at a time, so that sums stay in the processor's cache


@dataclass(frozen=True, slots=True)
class Columns:
    """Cells column by column: column j has `counts[j]` of them from `begins[j]`, `values` in ascending `rows`."""

    counts: "NDArray[np.int64]"
    begins: "NDArray[np.int64]"
    rows: "NDArray[np.int64]"
    values: "NDArray[np.float32]"


@dataclass(frozen=True)
class SparseRows:
    """Row i has `values` (float32) at `columns` (ascending), both from `starts[i]` to `starts[i + 1]`.

    Columns are int32, or, twice as large and multiplied twice as fast, numbers as NumPy counts with (`quick`).
    """

    columns: "NDArray[np.int32 | np.intp]"
    values: "NDArray[np.float32]"
    starts: "NDArray[np.int64]"
    width: int

    def __len__(self) -> int:
        """How many rows."""
        return len(self.starts) - 1

    @classmethod
    def empty(cls, rows: int, width: int = 0) -> "SparseRows":
        """Rows without a value."""
        return cls(np.zeros(0, np.int32), np.zeros(0, np.float32), np.zeros(rows + 1, np.int64), width)

    @classmethod
    def joined(cls, parts: "Sequence[SparseRows]") -> "SparseRows":
        """The rows of all parts, which are of one width, one after the other."""
        ends = np.cumsum([0, *(part.starts[-1] for part in parts)])
        starts = [part.starts[:-1] + end for part, end in zip(parts, ends, strict=False)]
        return cls(
            np.concatenate([part.columns for part in parts]),
            np.concatenate([part.values for part in parts]),
            np.concatenate([*starts, ends[-1:]]),
            parts[0].width,
        )

    def take(self, rows: "Sequence[int] | NDArray[np.integer]") -> "SparseRows":
        """These rows in this order."""
        wanted = np.asarray(rows, np.int64)
        lengths = self.starts[wanted + 1] - self.starts[wanted]
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        cells = np.arange(starts[-1]) + np.repeat(self.starts[wanted] - starts[:-1], lengths)
        return SparseRows(self.columns[cells], self.values[cells], starts, self.width)

    def quick(self) -> "SparseRows":
        """The same, for rows that are multiplied again and again."""
        return SparseRows(self.columns.astype(np.intp), self.values, self.starts, self.width)

    def row(self, number: int) -> "tuple[NDArray[np.int32 | np.intp], NDArray[np.float32]]":
        """Columns and values of one row."""
        part = slice(int(self.starts[number]), int(self.starts[number + 1]))
        return self.columns[part], self.values[part]

    @cached_property
    def by_column(self) -> Columns:
        """The same cells by columns, sorted once: a background meets every interest."""
        order = np.argsort(self.columns, kind="stable")
        counts = np.bincount(self.columns, minlength=self.width)
        return Columns(counts, np.cumsum(counts) - counts, self._row_of_cell()[order], self.values[order])

    def times(self, vector: "NDArray[np.float32]") -> "NDArray[np.float32]":
        """The product (rows,) with a dense vector (width,)."""
        return self._summed(self.values * vector.take(self.columns))  # half again as fast as by an index

    def gram(self, other: "SparseRows") -> "NDArray[np.float32]":
        """All inner products, shape (rows, other's rows): columns that many rows share as dense matrices, the rest pair
        by pair.
        """
        if len(self) > len(other):
            return other.gram(self).T
        if len(self) <= _FEW:
            vectors = (self._whole(i) for i in range(len(self)))
            return np.array([other.times(vector) for vector in vectors], np.float32).reshape(len(self), len(other))
        ours, theirs = np.bincount(self.columns, minlength=self.width), other.by_column
        often = ours * theirs.counts >= max(1.0, _OFTEN * len(self) * len(other))
        dense = self._dense(often)
        out: NDArray[np.float32] = dense @ (dense if other is self else other._dense(often)).T
        rare = np.where(often, 0, theirs.counts)
        for start in range(0, len(self), _CHUNK):
            some, sums = self.take(range(start, min(start + _CHUNK, len(self)))), out[start : start + _CHUNK]
            meets = rare[some.columns]
            first = theirs.begins[some.columns] - (np.cumsum(meets) - meets)
            pairs = np.arange(int(meets.sum())) + np.repeat(first, meets)
            places = np.repeat(some._row_of_cell() * len(other), meets) + theirs.rows[pairs]
            parts = np.repeat(some.values, meets) * theirs.values[pairs]
            sums += np.bincount(places, parts, sums.size).reshape(sums.shape)
        return out

    def _whole(self, number: int) -> "NDArray[np.float32]":
        """One row (width,) with its zeros."""
        columns, values = self.row(number)
        out = np.zeros(self.width, np.float32)
        out[columns] = values
        return out

    def _dense(self, chosen: "NDArray[np.bool_]") -> "NDArray[np.float32]":
        """The chosen columns of all rows."""
        place = np.cumsum(chosen) - 1
        cells = np.flatnonzero(chosen[self.columns])
        out = np.zeros((len(self), int(np.count_nonzero(chosen))), np.float32)
        out[self._row_of_cell()[cells], place[self.columns[cells]]] = self.values[cells]
        return out

    def _row_of_cell(self) -> "NDArray[np.int64]":
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def combined(self, weights: "NDArray[np.float32]") -> "NDArray[np.float32]":
        """The sum (width,) of the rows, each times its weight."""
        cells = self.values * np.repeat(weights, np.diff(self.starts))
        return np.bincount(self.columns, cells, self.width).astype(np.float32)

    def squares(self) -> "NDArray[np.float32]":
        """The squared length of each row."""
        return self._summed(np.square(self.values))

    def _summed(self, cells: "NDArray[np.float32]") -> "NDArray[np.float32]":
        """Sums of consecutive cells, row by row; rows without a cell have 0 (reduceat would give their successor)."""
        out = np.zeros((len(self), *cells.shape[1:]), np.float32)
        full = np.flatnonzero(np.diff(self.starts))
        if len(full):
            out[full] = np.add.reduceat(cells, self.starts[full], axis=0)
        return out
