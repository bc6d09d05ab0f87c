"""Whether the files of the indexes are what was written, byte for byte; to know it, all of them are read.

tantivy ends each of its files with a checksum of what comes before: as JSON, then its length, then a number by which
to know it. A set of vectors keeps the checksums of its files in its manifest, as far as they count (`Manifest.sums`);
one that was written before there were any is only held against itself.
"""

import json
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from broadsheet.errors import NotReadable, SearchIndexError
from broadsheet.search import shelf as shelves
from broadsheet.search import sums
from broadsheet.search.encoder_own import FILES
from broadsheet.search.files import unreadable
from broadsheet.search.models import list_models, verify
from broadsheet.search.sums import checksum
from broadsheet.search.vector_files import files_of, map_view, read_manifest

_AGAIN = "`broadsheet reindex` builds it anew"
_END = struct.Struct("<II")
_TANTIVY = 1337  # the number at the end of each of its files (`FOOTER_MAGIC`)
_OF_A_SEGMENT = ("fast", "fieldnorm", "idx", "pos", "store", "term")


def check(home: Path) -> list[str]:
    """A sentence for each index of a home that is not whole; empty when all are."""
    try:
        shelf = shelves.read(home)
    except SearchIndexError as e:
        return [str(e)]
    found = []
    for kind in shelves.KINDS:
        for place in filter(None, (shelf.serving.get(kind), shelf.building.get(kind))):
            folder = shelves.folder(home, kind, place)
            if place.complete:
                found += _told(kind, place, word_faults(folder) if kind == "words" else vector_faults(folder))
    return found


def check_models(home: Path, models: Path, *, whole: bool) -> list[str]:
    """A sentence for each complete set of vectors whose model is gone or cut off, or, if `whole`, has other bytes."""
    try:
        serving = shelves.read(home).serving
        there = {model.encoder: model for model in list_models(models)}
    except SearchIndexError as e:
        return [str(e)]
    found = []
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
                    found.append(str(e))
                    continue
            found += [f"vectors of {place.model}: {broken}; add it again, or another"] if broken else []
    return found


def _told(kind: str, place: shelves.Place, faults: Iterable[str]) -> list[str]:
    """One sentence on all that is wrong with an index; where a file of it may not be read, on that."""
    subject = f"index {kind} {place.model}".strip()
    try:
        broken = ", ".join(faults)
    except PermissionError as e:
        return [str(unreadable(subject, e))]
    return [f"{subject}: {broken}; {_AGAIN}"] if broken else []


def word_faults(folder: Path) -> Iterator[str]:
    """What is wrong with the files of a word index, a few words each. Raises PermissionError."""
    try:
        segments = json.loads((folder / "meta.json").read_bytes())["segments"]
        names = [segment["segment_id"].replace("-", "") for segment in segments]
    except PermissionError:
        raise
    except OSError as e:
        yield f"meta.json cannot be read ({e.strerror or e})"
        return
    except (ValueError, KeyError, TypeError, AttributeError):
        yield "meta.json is not what was written"
        return
    for path in (folder / f"{name}.{ending}" for name in names for ending in _OF_A_SEGMENT):
        if fault := _fault(path):
            yield f"{path.name} {fault}"


def _fault(path: Path) -> str | None:
    """What is wrong with a file of tantivy's."""
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


def vector_faults(folder: Path) -> Iterator[str]:
    """What is wrong with the files of a set of vectors, a few words each. Raises PermissionError."""
    try:
        manifest = read_manifest(folder)
        view = map_view(folder, manifest)
    except FileNotFoundError as e:
        yield f"{Path(str(e.filename)).name} is missing"
        return
    except SearchIndexError as e:
        yield e.cause
        return
    for name, (length, told) in manifest.sums.items():
        if checksum(files_of(folder, manifest) / name, length) != told:
            yield f"{name} is not what was written"
    alive = np.arange(manifest.count) if view.alive is None else np.flatnonzero(view.alive)
    if len(alive) != manifest.live:
        yield f"{len(alive)} papers can be found where {manifest.live} are counted"
    ids = view.ids[alive]
    if (ids < 0).any() or (ids >= len(view.row_of)).any() or (view.row_of[ids] != alive + 1).any():
        yield "row_of.i32 leads to the wrong rows"
