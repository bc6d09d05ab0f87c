"""The files of a set of vectors, and the view that one manifest gives of them.

    vectors/<model>/manifest.json      counts, seq, commit, which files are in use
                    g0/rows.i8 scales.f32 ids.i64 days.i32 dead.u32      a row each
                       pair_rows.i32 pair_categories.i32      which row has which category, a pair each
                       categories.txt      their names, a line each; they are too many and too odd for bit columns
                       row_of.i32      by id: the row + 1
                       bits-<n>.u64 leans-<n>.i16 frame-<n>.f32      of larger sets, for the first pass; <n>: the
                       count at which the frame was taken

Files only grow. What counts is what `manifest.json` says, and that is replaced in one step after everything else is
on disk: rows beyond its count are leftovers of a crash and are written over; a row is dead once the manifest's
commit number reaches the one that the row's death is marked with. So many processes may read while one writes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from broadsheet.errors import SearchIndexError
from broadsheet.search import hamming

if TYPE_CHECKING:
    from numpy.typing import NDArray

MANIFEST = "manifest.json"
_FORMAT = 1
_Scalar = TypeVar("_Scalar", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the files hold.

    `seq` is the outbox number up to which they are complete, `dead` how many of the `count` rows cannot be found any
    more, `frozen` names the files of the first pass, `names` is the length in bytes of the categories' names.
    `sums`: of each file that only grows, how many bytes count and their CRC-32.
    """

    model: str
    dim: int
    count: int = 0
    seq: int = 0
    commit: int = 0
    dead: int = 0
    generation: int = 0
    frozen: int = 0
    pairs: int = 0
    names: int = 0
    sums: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def live(self) -> int:
        """Papers that can be found."""
        return self.count - self.dead


@dataclass(frozen=True, slots=True)
class FirstPass:
    """The signs and leans of all rows, and the frame that they are about (see `hamming`)."""

    frame: hamming.Frame
    bits: "NDArray[np.uint64]"
    leans: "NDArray[np.int16]"


@dataclass(frozen=True, slots=True)
class View:
    """The files as one manifest describes them, mapped; `alive` is None where all rows live.

    `first` is None in a set that is too small to need a first pass.
    """

    manifest: Manifest
    rows: "NDArray[np.int8]"
    scales: "NDArray[np.float32]"
    ids: "NDArray[np.int64]"
    days: "NDArray[np.int32]"
    row_of: "NDArray[np.int32]"
    pair_rows: "NDArray[np.int32]"
    pair_categories: "NDArray[np.int32]"
    names: "NDArray[np.uint8]"
    first: "FirstPass | None"
    alive: "NDArray[np.bool_] | None"

    def vectors(self, rows: "NDArray[np.int64] | slice") -> "NDArray[np.float32]":
        """These rows as float32."""
        return self.rows[rows] * self.scales[rows, None]

    def categories(self) -> list[str]:
        """The names of all categories; a pair's number is the place in this list."""
        return self.names.tobytes().decode().split("\n")[:-1]

    def rows_of(self, ids: "Sequence[int] | NDArray[np.int64]") -> "NDArray[np.int64]":
        """The living row of each id, or -1.

        `row_of` is written ahead of the manifest: where it points to a row that does not count yet, or that a
        crash left to another paper, the ids are searched.
        """
        numbers = np.asarray(ids, np.int64)
        rows = np.full(len(numbers), -1, np.int64)
        known = (numbers >= 0) & (numbers < len(self.row_of))
        rows[known] = self.row_of[numbers[known]].astype(np.int64) - 1
        right = (rows >= 0) & (rows < self.manifest.count)
        right[right] = self.ids[rows[right]] == numbers[right]
        for i in np.flatnonzero((rows >= 0) & ~right):
            same = np.flatnonzero(self.ids == numbers[i])
            rows[i] = same[-1] if len(same) else -1
        if self.alive is not None:
            there = rows >= 0
            rows[there] = np.where(self.alive[rows[there]], rows[there], -1)
        return rows


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a set. Raises FileNotFoundError where there is none, SearchIndexError where it is broken."""
    data = (folder / MANIFEST).read_bytes()
    try:
        tree = json.loads(data)
        if tree.pop("format") != _FORMAT:
            raise damaged(folder, "it was written by another version of Broadsheet")
        sums = {str(name): (int(length), int(told)) for name, (length, told) in tree.pop("sums", {}).items()}
        return Manifest(**tree, sums=sums)
    except (ValueError, KeyError, TypeError, AttributeError) as e:
        raise damaged(folder, f"its manifest cannot be read ({e})") from e


def dump_manifest(manifest: Manifest) -> bytes:
    """The bytes that `read_manifest` reads."""
    return json.dumps({"format": _FORMAT, **asdict(manifest)}).encode()


def files_of(folder: Path, manifest: Manifest) -> Path:
    """Where the files are that a manifest speaks of."""
    return folder / f"g{manifest.generation}"


def map_view(folder: Path, manifest: Manifest) -> View:
    """Map the files. Raises FileNotFoundError, or SearchIndexError where a file is too short."""
    files = files_of(folder, manifest)
    count, dim = manifest.count, manifest.dim
    entries = (files / "row_of.i32").stat().st_size // 4 if count else 0
    alive = None
    if manifest.dead:
        dead = _array(files / "dead.u32", np.uint32, (count,))
        alive = (dead == 0) | (dead > manifest.commit)
    return View(
        manifest,
        rows=_array(files / "rows.i8", np.int8, (count, dim)),
        scales=_array(files / "scales.f32", np.float32, (count,)),
        ids=_array(files / "ids.i64", np.int64, (count,)),
        days=_array(files / "days.i32", np.int32, (count,)),
        row_of=_array(files / "row_of.i32", np.int32, (entries,)),
        pair_rows=_array(files / "pair_rows.i32", np.int32, (manifest.pairs,)),
        pair_categories=_array(files / "pair_categories.i32", np.int32, (manifest.pairs,)),
        names=_array(files / "categories.txt", np.uint8, (manifest.names,)),
        first=_map_first(files, manifest) if manifest.frozen else None,
        alive=alive,
    )


def _map_first(files: Path, manifest: Manifest) -> FirstPass:
    n, width = manifest.frozen, hamming.words(manifest.dim)
    frame = _array(files / f"frame-{n}.f32", np.float32, (1 + 64 * width, manifest.dim))
    return FirstPass(
        hamming.Frame(frame[0], frame[1:]),
        bits=_array(files / f"bits-{n}.u64", np.uint64, (manifest.count, width)),
        leans=_array(files / f"leans-{n}.i16", np.int16, (manifest.count,)),
    )


def damaged(folder: Path, cause: str) -> SearchIndexError:
    """The error of a set that must be built anew."""
    return SearchIndexError(f"vectors {folder.name}", cause, "`broadsheet reindex` builds them anew")


def _array(path: Path, dtype: type[_Scalar], shape: tuple[int, ...]) -> "NDArray[_Scalar]":
    if 0 in shape:
        return np.empty(shape, dtype)  # an empty file cannot be mapped
    try:
        return np.asarray(np.memmap(path, dtype, "r", shape=shape))
    except ValueError as e:
        raise damaged(path.parent.parent, f"{path.name} is shorter than its manifest says") from e
