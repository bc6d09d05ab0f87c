"""Sparse rows: the same numbers as dense matrices, however often columns are shared."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from broadsheet.rank.interest import SparseRows

Cells = list[dict[int, float]]

WIDTH = 6
cell = st.dictionaries(st.integers(0, WIDTH - 1), st.floats(-2, 2, width=32), max_size=WIDTH)


def sparse(rows: Cells) -> SparseRows:
    """The rows of dictionaries from column to value."""
    columns = [c for row in rows for c in sorted(row)]
    values = [row[c] for row in rows for c in sorted(row)]
    starts = np.cumsum([0, *(len(row) for row in rows)])
    return SparseRows(np.array(columns, np.int32), np.array(values, np.float32), starts.astype(np.int64), WIDTH)


def dense(rows: Cells) -> NDArray[np.float32]:
    """The same as a matrix."""
    out = np.zeros((len(rows), WIDTH), np.float32)
    for at, row in enumerate(rows):
        for column, value in row.items():
            out[at, column] = value
    return out


@pytest.mark.slow
@given(st.lists(cell, max_size=5), st.lists(cell, max_size=5), st.sampled_from([1, 20]))
def test_products_are_those_of_dense_matrices(one: Cells, other: Cells, often: int) -> None:
    """All inner products agree, where columns are rare and where nearly all rows share them."""
    many = other * often

    np.testing.assert_allclose(sparse(one).gram(sparse(many)), dense(one) @ dense(many).T, atol=1e-4)
    np.testing.assert_allclose(sparse(many).gram(sparse(one)), dense(many) @ dense(one).T, atol=1e-4)
