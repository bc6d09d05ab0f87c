"""Write a set of vectors: append, mark dead, then count it in with one step (see `vector_files`)."""

import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING
from zlib import crc32

import numpy as np

from broadsheet.errors import SearchIndexError
from broadsheet.search import hamming
from broadsheet.search.files import replace_file, sync_file, sync_folder
from broadsheet.search.vector_files import (
    MANIFEST,
    Manifest,
    View,
    damaged,
    dump_manifest,
    files_of,
    map_view,
    read_manifest,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

_BITS_FROM = 16_384  # a smaller set is scored exactly, and its mean says little of what will come
_REFREEZE = 16  # growth after which the frame is taken anew
_SAMPLE = 32_768  # rows that a frame's mean is taken of
_BLOCK = 8_192
_MOST_ID = 2**31 - 2  # `row_of` is one int32 an id, in a sparse file


class VectorWriter:
    """The one writer of a set; a context manager that holds the set's lock. Nothing counts before `commit`."""

    def __init__(self, folder: Path, *, model: str, dim: int) -> None:
        """Open or make the set. Raises SearchIndexError where another process writes, or it is another model's."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._lock = _lock(folder)
        try:
            with _faults(folder):
                self.manifest = _open(folder, model, dim)
                self._clear_leftovers()
                self._begin()
        except BaseException:
            self._lock.close()
            raise

    def __enter__(self) -> "VectorWriter":
        return self

    def __exit__(self, *_: object) -> None:
        """Give the lock back; what was not committed is dropped."""
        self._lock.close()

    def append(
        self,
        ids: Sequence[int],
        vectors: "NDArray[np.float32]",
        days: Sequence[int],
        categories: Sequence[Sequence[str]],
    ) -> None:
        """Add papers: unit rows (n, dim), days as proleptic ordinals (0: unknown). An id that is there is replaced."""
        last = {int(number): i for i, number in enumerate(ids)}
        numbers, keep = np.fromiter(last, np.int64, len(last)), list(last.values())
        self._check(numbers, vectors.shape, len(ids))
        if not last:
            return
        with self._given_up():
            self.delete(numbers)
            rows, scales = _quantise(vectors[keep])
            self._add(numbers, rows, scales, np.asarray(days, np.int32)[keep])
            pairs = [(row, self._number(name)) for row, i in enumerate(keep, self._end) for name in set(categories[i])]
            self._add_pairs(np.array(pairs, np.int32).reshape(-1, 2))
            self._point(numbers)
            self._end += len(numbers)

    def delete(self, ids: "Sequence[int] | NDArray[np.int64]") -> None:
        """Take papers out; ids that are not there are no matter."""
        if self._end and len(ids):
            with _faults(self.folder):
                rows = map_view(self.folder, replace(self.manifest, count=self._end, frozen=0, dead=0)).rows_of(ids)
            self._dying.append(rows[rows >= 0])

    def commit(self, seq: int) -> Manifest:
        """Make all that was appended and deleted durable and visible; the set is then complete up to `seq`."""
        number = self.manifest.commit + 1
        after = replace(self.manifest, count=self._end, seq=seq, commit=number, pairs=self._pairs, names=self._names)
        with self._given_up():
            dead = self.manifest.dead + self._mark_dead(number)
            self._publish(self._freeze(replace(after, dead=dead, sums=dict(self._sums))))
        return self.manifest

    def compact(self) -> Manifest:
        """Write what lives anew, without the dead; readers keep the old files till it is done. Commit first."""
        old = self.manifest
        view = map_view(self.folder, old)
        alive = np.arange(old.count) if view.alive is None else np.flatnonzero(view.alive)
        fresh = replace(old, count=len(alive), dead=0, commit=old.commit + 1, generation=old.generation + 1, frozen=0)
        _make_empty(self.folder / f"g{fresh.generation}")
        self.manifest, self._end, self._pairs = fresh, 0, 0
        self._sums.clear()
        self._dying.clear()
        try:
            for start in range(0, len(alive), _BLOCK):
                self._copy(view, alive[start : start + _BLOCK])
            self._copy_pairs(view, alive)
            self._publish(self._freeze(replace(fresh, pairs=self._pairs, sums=dict(self._sums))))
        except BaseException:
            self.manifest = old
            self._begin()
            raise
        shutil.rmtree(self.folder / f"g{old.generation}", ignore_errors=True)
        return self.manifest

    def _begin(self) -> None:
        """Stand where the manifest does."""
        self._end, self._pairs, self._names = self.manifest.count, self.manifest.pairs, self.manifest.names
        self._sums = dict(self.manifest.sums)
        self._dying: list[NDArray[np.int64]] = []
        names = map_view(self.folder, self.manifest).categories()
        self._categories = {name: i for i, name in enumerate(names)}

    @contextmanager
    def _given_up(self) -> Iterator[None]:
        """What failed half way, for want of room on the disk, drops all since the last commit."""
        try:
            yield
        except BaseException:
            self._clear_marks()
            self._begin()
            raise

    @property
    def _files(self) -> Path:
        return files_of(self.folder, self.manifest)

    def _check(self, numbers: "NDArray[np.int64]", shape: tuple[int, ...], count: int) -> None:
        subject = f"vectors {self.folder.name}"
        if shape != (count, self.manifest.dim):
            raise SearchIndexError(subject, f"{count} papers of dimension {self.manifest.dim} came as {shape}")
        if count and (numbers.min() < 0 or numbers.max() > _MOST_ID):
            raise SearchIndexError(subject, f"an id is not within 0 … {_MOST_ID}")

    def _clear_leftovers(self) -> None:
        """A crash may have left half a generation, and deaths marked with a commit that never came."""
        for folder in self.folder.glob("g*"):
            if folder != self._files:
                shutil.rmtree(folder, ignore_errors=True)
        self._clear_marks()

    def _clear_marks(self) -> None:
        if self.manifest.count:
            dead = np.memmap(self._files / "dead.u32", np.uint32, "r+", shape=(self.manifest.count,))
            dead[np.flatnonzero(dead > self.manifest.commit)] = 0

    def _add(
        self,
        ids: "NDArray[np.int64]",
        rows: "NDArray[np.int8]",
        scales: "NDArray[np.float32]",
        days: "NDArray[np.int32]",
    ) -> None:
        self._write("rows.i8", rows)
        self._write("scales.f32", scales)
        self._write("ids.i64", ids)
        self._write("days.i32", days)
        _write_at(self._files / "dead.u32", bytes(4 * len(ids)), 4 * self._end)
        if self.manifest.frozen:
            frame = self._frame(self.manifest.frozen)
            self._write(f"bits-{self.manifest.frozen}.u64", hamming.signs(frame, rows * scales[:, None]))
            self._write(f"leans-{self.manifest.frozen}.i16", hamming.leans(frame, rows * scales[:, None]))

    def _write(self, name: str, data: "NDArray[np.generic]", start: int | None = None) -> None:
        """Write rows where the set ends, wherever the file does: what lies beyond is of a crash."""
        if len(data):
            width = data.nbytes // len(data)
            self._append(name, data.tobytes(), (self._end if start is None else start) * width)

    def _append(self, name: str, data: bytes, offset: int) -> None:
        _write_at(self._files / name, data, offset)
        self._sum(name, data, offset)

    def _sum(self, name: str, data: bytes, offset: int) -> None:
        """Count data into a file's checksum; a file that began before there were checksums never gets one."""
        length, told = self._sums.get(name, (0, 0))
        if length == offset:
            self._sums[name] = (offset + len(data), crc32(data, told))

    def _number(self, category: str) -> int:
        name = " ".join(category.split())
        number = self._categories.get(name)
        if number is None:
            number = self._categories[name] = len(self._categories)
            line = f"{name}\n".encode()
            self._append("categories.txt", line, self._names)
            self._names += len(line)
        return number

    def _add_pairs(self, pairs: "NDArray[np.int32]") -> None:
        self._write("pair_rows.i32", pairs[:, 0], self._pairs)
        self._write("pair_categories.i32", pairs[:, 1], self._pairs)
        self._pairs += len(pairs)

    def _point(self, ids: "NDArray[np.int64]") -> None:
        """Let `row_of` lead from these ids to the rows that are just being added."""
        # Written, not mapped: on a full disk a write raises, while to touch a hole of a mapped file kills the process.
        order = np.argsort(ids)
        rows = np.arange(self._end + 1, self._end + 1 + len(ids), dtype=np.int32)
        for run in np.split(order, np.flatnonzero(np.diff(ids[order]) != 1) + 1):
            _write_at(self._files / "row_of.i32", rows[run].tobytes(), int(ids[run[0]]) * 4)

    def _mark_dead(self, number: int) -> int:
        """Mark rows as dead from commit `number` on; how many were not dead before."""
        if not self._dying or not self._end:
            return 0
        dead = np.memmap(self._files / "dead.u32", np.uint32, "r+", shape=(self._end,))
        rows = np.unique(np.concatenate(self._dying))
        rows = rows[(dead[rows] == 0) | (dead[rows] == number)]  # the latter: of a commit that failed half way
        dead[rows] = number
        return len(rows)

    def _freeze(self, manifest: Manifest) -> Manifest:
        """Where the set has grown enough, take the frame of the first pass and write its files anew beside the old."""
        if manifest.count < max(_BITS_FROM, manifest.frozen * _REFREEZE):
            return manifest
        n = manifest.count
        view = map_view(self.folder, replace(manifest, frozen=0))
        frame = hamming.make_frame(view.vectors(slice(None, None, max(1, n // _SAMPLE))))
        np.concatenate([frame.mean[None], frame.directions]).tofile(self._files / f"frame-{n}.f32")
        for name in [name for name in self._sums if "-" in name]:
            del self._sums[name]
        for start in range(0, n, _BLOCK):
            vectors = view.vectors(slice(start, start + _BLOCK))
            for name, data in ((f"bits-{n}.u64", hamming.signs), (f"leans-{n}.i16", hamming.leans)):
                self._write(name, data(frame, vectors), start)
        return replace(manifest, frozen=n, sums=dict(self._sums))

    def _frame(self, frozen: int) -> hamming.Frame:
        data = np.fromfile(self._files / f"frame-{frozen}.f32", np.float32).reshape(-1, self.manifest.dim)
        return hamming.Frame(data[0], data[1:])

    def _copy(self, view: View, rows: "NDArray[np.int64]") -> None:
        ids = view.ids[rows]
        self._add(ids, view.rows[rows], view.scales[rows], view.days[rows])
        self._point(ids)
        self._end += len(rows)

    def _copy_pairs(self, view: View, alive: "NDArray[np.int64]") -> None:
        row_now = np.full(view.manifest.count, -1, np.int32)
        row_now[alive] = np.arange(len(alive))
        rows = row_now[view.pair_rows]
        self._add_pairs(np.stack([rows, view.pair_categories], axis=1)[rows >= 0])
        self._append("categories.txt", view.names.tobytes(), 0)

    def _publish(self, manifest: Manifest) -> None:
        for path in self._files.iterdir():
            sync_file(path)
        sync_folder(self._files)
        replace_file(self.folder / MANIFEST, dump_manifest(manifest))
        self.manifest, self._dying = manifest, []
        for path in self._files.glob("*-*.*"):
            if path.stem.partition("-")[2] != str(manifest.frozen):
                path.unlink()


def _open(folder: Path, model: str, dim: int) -> Manifest:
    if not (folder / MANIFEST).exists():
        _make_empty(folder / "g0")
        replace_file(folder / MANIFEST, dump_manifest(Manifest(model, dim)))
    manifest = read_manifest(folder)
    if (manifest.model, manifest.dim) != (model, dim):
        raise damaged(folder, f"it holds vectors of {manifest.model}, not of {model}")
    return manifest


def _make_empty(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()


def _write_at(path: Path, data: bytes, offset: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
    left = memoryview(data)
    try:
        while left:
            done = os.pwrite(handle, left, offset)
            left, offset = left[done:], offset + done
    finally:
        os.close(handle)


def _quantise(vectors: "NDArray[np.float32]") -> "tuple[NDArray[np.int8], NDArray[np.float32]]":
    scales = (np.abs(vectors).max(axis=1) / 127).astype(np.float32)
    rows = np.rint(vectors / np.where(scales > 0, scales, 1)[:, None])
    return rows.astype(np.int8), scales


@contextmanager
def _faults(folder: Path) -> Iterator[None]:
    """A file that is gone or says nonsense makes the set one that must be built anew."""
    try:
        yield
    except (FileNotFoundError, ValueError) as e:
        raise damaged(folder, f"cannot be used ({e})") from e


def _lock(folder: Path) -> IO[bytes]:
    file = (folder / ".lock").open("wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as e:
        file.close()
        subject = f"vectors {folder.name}"
        raise SearchIndexError(subject, "another process is writing them", "wait until it has finished") from e
    return file
