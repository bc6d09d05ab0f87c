"""Find papers by meaning: the vectors of all papers under one model, read where they lie on disk.

A search counts differing sign bits in memory order, then scores the nearest few thousand rows exactly. There is no
graph or tree to build, load or repair; a filter is a mask and loses nothing. `vector_files` describes the files,
`vector_writer` writes them.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import isqrt
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from broadsheet.errors import SearchIndexError
from broadsheet.search import hamming
from broadsheet.search.files import unreadable
from broadsheet.search.vector_files import MANIFEST, Manifest, View, damaged, map_view, read_manifest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Rows = NDArray[np.int64] | slice
    Found = tuple[NDArray[np.int64], NDArray[np.float32]]

_EXACT_ROWS = 16_384  # up to here, scoring all rows takes no longer than a first pass over a larger set
_BLOCK = 2_048  # rows that are scored at once: 2 MB of float32, which all else of a search pays less for than 8
_REMEMBERED = 64  # searches, some 2 kB each
_TRIES = 8  # the files of a manifest may be replaced between reading it and mapping them, not so often in a row


@dataclass(frozen=True, slots=True)
class VectorFilter:
    """Which papers may be found; parts left empty allow all.

    `since` and `until` are inclusive and shut out papers without a day. A category stands for itself and what
    is below it (`cs` for `cs.CL`). `ids` allows only these papers.
    """

    since: date | None = None
    until: date | None = None
    categories: tuple[str, ...] = ()
    ids: "Sequence[int] | NDArray[np.int64] | None" = None


@dataclass(frozen=True, slots=True)
class Some:
    """The vectors of some papers, read once to be compared with several queries; `there`: which of them have one."""

    there: "NDArray[np.bool_]"
    rows: "NDArray[np.float32]"
    scales: "NDArray[np.float32]"

    def cosines(self, query: "NDArray[np.float32]") -> "NDArray[np.float32]":
        """The cosine of each of these papers to a unit vector; NaN for a paper that has no vector."""
        out = np.full(len(self.there), np.nan, np.float32)
        out[self.there] = _along(self.rows, query) * self.scales
        return out

    def vectors(self, places: "NDArray[np.int64]") -> "NDArray[np.float32]":
        """The vectors of those at these places; a row of zeros for a paper that has none."""
        out = np.zeros((len(places), self.rows.shape[1]), np.float32)
        there = self.there[places]
        rows = (np.cumsum(self.there) - 1)[places[there]]
        out[there] = self.rows[rows] * self.scales[rows, None]
        return out


class VectorSet:
    """The vectors of one model, for reading; it follows what another process commits."""

    def __init__(self, folder: Path) -> None:
        """Open the set. Raises SearchIndexError where there is none, or a broken one."""
        self.folder, self._manifest = folder, f"{folder}/{MANIFEST}"
        self._stamp: tuple[int, int, int] | None = None
        self._view = self.refresh()
        self._recent: tuple[View, dict[tuple[int, bytes, VectorFilter], Found]] = self._view, {}

    @property
    def manifest(self) -> Manifest:
        """What the files hold now."""
        return self.refresh().manifest

    def __len__(self) -> int:
        """Papers that can be found."""
        return self.manifest.live

    def search(self, query: "NDArray[np.float32]", k: int, *, where: VectorFilter | None = None) -> "Found":
        """Ids and cosines of the k papers nearest to a unit vector (dim,): nearest first, ties by id.

        The last ones are remembered, but where very papers are allowed: a narrowed search asks once more for what the
        whole one found. They are not to be changed.
        """
        view = self.refresh()
        if where is not None and where.ids is not None:
            return _search(view, query, k, where)
        of, known = self._recent
        if of is not view:
            self._recent = _, known = view, {}
        name = k, query.tobytes(), where or VectorFilter()
        found = known.get(name)
        if found is None:
            if len(known) >= _REMEMBERED:
                known.clear()
            found = known[name] = _search(view, query, k, where)
        return found

    def exact(self, query: "NDArray[np.float32]", k: int, *, where: VectorFilter | None = None) -> "Found":
        """As `search`, with every allowed row scored."""
        view = self.refresh()
        positions, mask = _allowed(view, where)
        return _best(view, query, k, _every(view, mask) if positions is None else positions)

    def some(self, ids: "Sequence[int] | NDArray[np.int64]") -> Some:
        """The vectors of these papers, as they are now."""
        view = self.refresh()
        rows = view.rows_of(ids)
        there = rows >= 0
        at = rows[there]
        return Some(there, view.rows.take(at, 0).astype(np.float32), view.scales.take(at))

    def cosines_of(
        self, query: "NDArray[np.float32]", ids: "Sequence[int] | NDArray[np.int64]"
    ) -> "NDArray[np.float32]":
        """The cosine of each of these papers to a unit vector; NaN for a paper that has no vector here."""
        return self.some(ids).cosines(query)

    def vectors_of(self, ids: "Sequence[int] | NDArray[np.int64]") -> "NDArray[np.float32]":
        """The vectors of these papers, shape (n, dim); a row of zeros for a paper that has none here.

        Where another set took the place of this one, whose folder is gone, they are still to be had.
        """
        view = self._held()
        rows = view.rows_of(ids)
        out = np.zeros((len(rows), view.manifest.dim), np.float32)
        there = rows >= 0
        out[there] = view.vectors(rows[there])
        return out

    def ids(self) -> "NDArray[np.int64]":
        """The ids of all papers that have a vector, ascending."""
        view = self.refresh()
        return np.sort(view.ids if view.alive is None else view.ids[view.alive])

    @property
    def number(self) -> int:
        """That of the commit which `vectors_of` reads."""
        return self._held().manifest.commit

    def _held(self) -> View:
        """As `refresh`; what was mapped stays with a process when its files are removed."""
        try:
            return self.refresh()
        except SearchIndexError:
            if (self.folder / MANIFEST).exists():
                raise
            return self._view

    def refresh(self) -> View:
        """What the files hold now. Raises SearchIndexError where they are broken, gone or not for this user to read."""
        for _ in range(_TRIES):
            try:
                stat = os.stat(self._manifest)  # noqa: PTH116 - as in `shelf`
                stamp = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
                if stamp == self._stamp:
                    return self._view
                view = map_view(self.folder, read_manifest(self.folder))
            except FileNotFoundError:
                continue
            except PermissionError as e:
                raise unreadable(f"vectors {self.folder.name}", e) from e
            self._view, self._stamp = view, stamp
            return view
        raise damaged(self.folder, "its files are missing" if Path(self._manifest).exists() else "there is no such set")


def first_pass(rows: int, k: int) -> int:
    """How many rows the first pass hands on: it must grow with the rows there are, and with k.

    With nine times their root the ten nearest to a piece of a title were handed on to .975 or better among 30,000 to
    240,000 rows.
    """
    return max(2_000, min(9 * isqrt(rows), 9_000), 20 * k)


def _search(view: View, query: "NDArray[np.float32]", k: int, where: VectorFilter | None) -> "Found":
    positions, mask = _allowed(view, where)
    if positions is not None:
        return _best(view, query, k, positions)
    count = view.manifest.count if mask is None else int(np.count_nonzero(mask))
    if count <= _EXACT_ROWS or view.first is None:
        return _best(view, query, k, _every(view, mask))
    signs = hamming.signs(view.first.frame, query[None])[0]
    near = hamming.nearest(view.first.bits, view.first.leans, signs, first_pass(count, k), mask)
    return _best(view, query, k, near)


def _allowed(view: View, where: VectorFilter | None) -> "tuple[NDArray[np.int64] | None, NDArray[np.bool_] | None]":
    """Positions, where `ids` name the papers, else (None, mask), where the mask is None for all."""
    if where is None or where.ids is None:
        return None, _mask(view, where, slice(None))
    rows = np.unique(view.rows_of(where.ids))
    rows = rows[rows >= 0]
    mask = _mask(view, where, rows)
    return (rows if mask is None else rows[mask]), None


def _every(view: View, mask: "NDArray[np.bool_] | None") -> "NDArray[np.int64]":
    return np.arange(view.manifest.count) if mask is None else np.flatnonzero(mask)


def _mask(view: View, where: VectorFilter | None, rows: "Rows") -> "NDArray[np.bool_] | None":
    mask = None if view.alive is None else view.alive[rows]
    if where is not None and (where.since or where.until):
        first = where.since.toordinal() if where.since else 1
        last = where.until.toordinal() if where.until else np.iinfo(np.int32).max
        days = view.days[rows]
        within = (days >= first) & (days <= last)
        mask = within if mask is None else mask & within
    if where is not None and where.categories:
        of_these = _in_categories(view, where.categories)[rows]
        mask = of_these if mask is None else mask & of_these
    return mask


def _in_categories(view: View, wanted: Sequence[str]) -> "NDArray[np.bool_]":
    exact = {name.casefold() for name in wanted}
    below = tuple(name + "." for name in exact)
    folded = (name.casefold() for name in view.categories())
    is_wanted = np.fromiter((name in exact or name.startswith(below) for name in folded), np.bool_)
    mask = np.zeros(view.manifest.count, np.bool_)
    mask[view.pair_rows[is_wanted[view.pair_categories]]] = True
    return mask


def _best(view: View, query: "NDArray[np.float32]", k: int, positions: "NDArray[np.int64]") -> "Found":
    cosines = _cosines(view, query, positions)
    k = min(max(k, 0), len(positions))
    if k and len(positions) > 4 * k:
        near = np.flatnonzero(cosines >= np.partition(cosines, len(cosines) - k)[len(cosines) - k])
        positions, cosines = positions[near], cosines[near]
    ids = view.ids[positions]
    order = np.lexsort((ids, -cosines))[:k]
    return ids[order], cosines[order]


def _cosines(view: View, query: "NDArray[np.float32]", positions: "NDArray[np.int64]") -> "NDArray[np.float32]":
    """The exact second pass. Rows are taken, as to index them takes three times as long."""
    out = np.empty(len(positions), np.float32)
    for start in range(0, len(positions), _BLOCK):
        part = positions[start : start + _BLOCK]
        out[start : start + _BLOCK] = _along(view.rows.take(part, 0).astype(np.float32), query)
    out *= view.scales.take(positions)
    return out


def _along(rows: "NDArray[np.float32]", query: "NDArray[np.float32]") -> "NDArray[np.float32]":
    """Products with a query. einsum, because BLAS starts threads that go on spinning beside a search's other work."""
    along: NDArray[np.float32] = np.einsum("ij,j->i", rows, query)
    return along
