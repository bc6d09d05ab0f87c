"""Whether the files of the indexes are what was written, byte for byte; to know it, all of them are read.

tantivy ends each of its files with a checksum of what comes before: as JSON, then its length, then a number by which
to know it. A set of vectors keeps the checksums of its files in its manifest, as far as they count (`Manifest.sums`);
one that was written before there were any is only held against itself.
"""

import json
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from broadsheet.errors import NotReadable, SearchIndexError
from broadsheet.search import shelf as shelves
from broadsheet.search import sums
from broadsheet.search.encoder_own import FILES
from broadsheet.search.files import unreadable
from broadsheet.search.models import list_models, verify
from broadsheet.search.sums import checksum
from broadsheet.search.vector_files import View, files_of, map_view, read_manifest

_AGAIN = "`broadsheet reindex` builds it anew"
_END = struct.Struct("<II")
_TANTIVY = 1337  # the number at the end of each of its files (`FOOTER_MAGIC`)
_OF_A_SEGMENT = ("fast", "fieldnorm", "idx", "pos", "store", "term")


@dataclass(frozen=True, slots=True)
class Found:
    """A sentence on what is wrong. `index`: the name of the one whose files are, empty for what is beside them;
    `denied`: whether this user may not read them, so that nothing is known of them.
    """

    sentence: str
    index: str = ""
    denied: bool = False


def check(home: Path) -> list[Found]:
    """What is wrong with the indexes of a home; empty when all are whole."""
    try:
        shelf = shelves.read(home)
    except SearchIndexError as e:
        return [Found(str(e), "words", denied=True)]
    found: list[Found] = []
    for kind in shelves.KINDS:
        for place in filter(None, (shelf.serving.get(kind), shelf.building.get(kind))):
            folder = shelves.folder(home, kind, place)
            if place.complete:
                found += _told(kind, place, word_faults(folder) if kind == "words" else vector_faults(folder))
    return found


def check_models(home: Path, models: Path, *, whole: bool) -> list[Found]:
    """Each complete set of vectors whose model is gone or cut off, or, if `whole`, has other bytes."""
    try:
        serving = shelves.read(home).serving
    except SearchIndexError as e:
        return [Found(str(e), "words", denied=True)]
    try:
        there = {model.encoder: model for model in list_models(models)}
    except SearchIndexError as e:
        return [Found(str(e))]
    found: list[Found] = []
    for kind, place in serving.items():
        if kind == "learnt" and place.complete:
            found += _told(kind, place, sums.faults(shelves.folder(home, kind, place), FILES, whole=whole))
        elif kind == "meaning" and place.complete:
            model = there.get(place.model)
            if model is None:
                broken = "the model that made them is gone"
            else:
                try:
                    broken = verify(models, model.name) if whole or model.denied else model.broken
                except NotReadable as e:
                    found.append(Found(str(e)))
                    continue
            if broken:
                found.append(Found(f"vectors of {place.model}: {broken}; add it again, or another"))
    return found


def _told(kind: str, place: shelves.Place, faults: Iterable[str | PermissionError]) -> Iterator[Found]:
    """One sentence on all that is damaged in an index, and one on the first file that may not be read."""
    name = f"{kind} {place.model}".strip()
    faults = list(faults)
    if broken := ", ".join(fault for fault in faults if isinstance(fault, str)):
        yield Found(f"index {name}: {broken}; {_AGAIN}", name)
    for denied in [fault for fault in faults if not isinstance(fault, str)][:1]:
        yield Found(str(unreadable(f"index {name}", denied)), name, denied=True)


def word_faults(folder: Path) -> Iterator[str | PermissionError]:
    """What is wrong with the files of a word index, a few words each, or why one may not be read."""
    try:
        segments = json.loads((folder / "meta.json").read_bytes())["segments"]
        names = [segment["segment_id"].replace("-", "") for segment in segments]
    except PermissionError as e:
        yield e
        return
    except OSError as e:
        yield f"meta.json cannot be read ({e.strerror or e})"
        return
    except (ValueError, KeyError, TypeError, AttributeError):
        yield "meta.json is not what was written"
        return
    for path in (folder / f"{name}.{ending}" for name in names for ending in _OF_A_SEGMENT):
        try:
            if fault := _fault(path):
                yield f"{path.name} {fault}"
        except PermissionError as e:
            yield e


def _fault(path: Path) -> str | None:
    """What is wrong with a file of tantivy's. Raises PermissionError."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _END.size))
            length, number = _END.unpack(file.read())
            body = size - _END.size - length
            if number != _TANTIVY or body < 0:
                return "has no end"
            file.seek(body)
            told = json.loads(file.read(length))["crc"]
        return None if checksum(path, body) == told else "is not what was written"
    except FileNotFoundError:
        return "is missing"
    except PermissionError:
        raise
    except (OSError, ValueError, KeyError, TypeError, struct.error):
        return "has no end"


def vector_faults(folder: Path) -> Iterator[str | PermissionError]:
    """What is wrong with the files of a set of vectors, a few words each, or why one may not be read."""
    try:
        manifest = read_manifest(folder)
        changed = list(_changed(files_of(folder, manifest), manifest.sums))
        yield from changed or _misleading(map_view(folder, manifest))
    except PermissionError as e:
        yield e
    except FileNotFoundError as e:
        yield f"{Path(str(e.filename)).name} is missing"
    except SearchIndexError as e:
        yield e.cause


def _changed(files: Path, sums: Mapping[str, tuple[int, int]]) -> Iterator[str | PermissionError]:
    for name, (length, told) in sums.items():
        try:
            if checksum(files / name, length) != told:
                yield f"{name} is not what was written"
        except PermissionError as e:
            yield e


def _misleading(view: View) -> Iterator[str]:
    """What does not agree among the files of a set, each of which may be what was written."""
    manifest = view.manifest
    alive = np.arange(manifest.count) if view.alive is None else np.flatnonzero(view.alive)
    if len(alive) != manifest.live:
        yield f"{len(alive)} papers can be found where {manifest.live} are counted"
    ids = view.ids[alive]
    if (ids < 0).any() or (ids >= len(view.row_of)).any() or (view.row_of[ids] != alive + 1).any():
        yield "row_of.i32 leads to the wrong rows"
