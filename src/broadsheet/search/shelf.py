"""Which folders hold the indexes: one file names, for words, meaning and learnt, what serves and what is being built.

index/state.json        this file, replaced in one step; to switch to an index that is complete is to write it
index/words-3/          each index has a folder of its own, never used again after another took its place
vectors/minilm-5/
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import orjson
from msgspec import Struct, field
from msgspec.structs import asdict, replace

from broadsheet.search.files import replace_file, unreadable

Kind = Literal["words", "meaning", "learnt"]
KINDS: tuple[Kind, ...] = ("words", "meaning", "learnt")


class Place(Struct, frozen=True):
    """The folder of an index. `model` made its vectors; `epoch` names the store's past that it follows.

    While it is filled for the first time, `head` is the outbox number at which that began and `after` the last paper
    id that is committed; `head` is None once it is complete. `papers` is how many a learnt model has seen.
    """

    folder: str
    model: str = ""
    epoch: str = ""
    papers: int = 0
    head: int | None = None
    after: int = 0

    @property
    def complete(self) -> bool:
        """Whether its first filling is done."""
        return self.head is None


class Shelf(Struct, frozen=True):
    """What serves and what is being built beside it, by kind; `last` numbers the folders."""

    serving: Mapping[Kind, Place] = field(default_factory=dict)
    building: Mapping[Kind, Place] = field(default_factory=dict)
    last: int = 0

    def opened(self, kind: Kind, name: str, *, head: int, epoch: str, papers: int = 0) -> "Shelf":
        """With a new place to build; it serves at once where nothing else does."""
        place = Place(f"{name}-{self.last + 1}", "" if kind == "words" else name, epoch, papers, head)
        if kind in self.serving:
            return replace(self, building={**self.building, kind: place}, last=self.last + 1)
        return replace(self, serving={**self.serving, kind: place}, last=self.last + 1)

    def noted(self, kind: Kind, place: Place) -> "Shelf":
        """With how far this place has come; a complete one that was being built now serves."""
        if kind in self.serving and self.serving[kind].folder == place.folder:
            return replace(self, serving={**self.serving, kind: place})
        if not place.complete:
            return replace(self, building={**self.building, kind: place})
        return replace(self.dropped(kind, serving=False), serving={**self.serving, kind: place})

    def dropped(self, kind: Kind, *, serving: bool = True) -> "Shelf":
        """Without what is being built of a kind and, if `serving`, without what serves."""
        kept = {k: p for k, p in self.serving.items() if k != kind} if serving else self.serving
        return replace(self, serving=kept, building={k: p for k, p in self.building.items() if k != kind})

    def folders(self) -> set[str]:
        """Every folder that is in use."""
        return {place.folder for places in (self.serving, self.building) for place in places.values()}


def read(home: Path) -> Shelf:
    """What the file says; nothing where there is none, or it is damaged (all is then built anew).

    Raises SearchIndexError where this user may not read it.
    """
    try:
        tree = orjson.loads(_path(home).read_bytes())
        serving, building = ({k: Place(**p) for k, p in tree[name].items()} for name in ("serving", "building"))
        return Shelf(serving, building, int(tree["last"]))
    except PermissionError as e:
        raise unreadable("search indexes", e) from e
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return Shelf(last=_highest(home))


def write(home: Path, shelf: Shelf) -> None:
    """Replace the file in one step."""
    _path(home).parent.mkdir(parents=True, exist_ok=True)
    replace_file(_path(home), orjson.dumps(shelf, default=asdict, option=orjson.OPT_INDENT_2))


def stamp(home: Path) -> tuple[int, int]:
    """Changes when the file does."""
    return stamp_of(f"{home}/index/state.json")


def stamp_of(path: Path | str) -> tuple[int, int]:
    """Number and time of a file; zeros where there is none. Asked some ten times for a search, of names made before."""
    try:
        stat = os.stat(path)  # noqa: PTH116 - a path takes three times as long
    except OSError:
        return 0, 0
    return stat.st_ino, stat.st_mtime_ns


def folder(home: Path, kind: str, place: Place) -> Path:
    """Where the files of a place lie."""
    return home / ("index" if kind == "words" else "vectors") / place.folder


def committed(home: Path, kind: Kind, place: Place) -> str:
    """The file that each commit of a place replaces."""
    return (
        f"{home}/index/{place.folder}/meta.json" if kind == "words" else f"{home}/vectors/{place.folder}/manifest.json"
    )


def sweep(home: Path, shelf: Shelf) -> None:
    """Remove index folders that are no longer named; readers that still have them open keep their files."""
    used = shelf.folders()
    for parent in (home / "index", home / "vectors"):
        for path in parent.glob("*-*"):
            if path.is_dir() and path.name not in used:
                shutil.rmtree(path, ignore_errors=True)


def size(path: Path) -> int:
    """Bytes of the files below a folder, as far as this user may look."""
    return sum(_bytes(Path(folder) / name) for folder, _, names in os.walk(path) for name in names)


def _bytes(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:  # gone meanwhile
        return 0


def _path(home: Path) -> Path:
    return home / "index" / "state.json"


def _highest(home: Path) -> int:
    numbers = [path.name.rpartition("-")[2] for parent in ("index", "vectors") for path in (home / parent).glob("*-*")]
    return max((int(n) for n in numbers if n.isdecimal()), default=0)
