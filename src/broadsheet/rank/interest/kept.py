"""Backgrounds as files, so that a command need not prepare one for itself; anything else in a file is refused."""

import io
import json
import zlib
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np

from broadsheet.rank.interest.background import Background, Mix
from broadsheet.rank.interest.features import Features, Name
from broadsheet.rank.interest.kernel import Kernel
from broadsheet.rank.interest.landmarks import Landmarks, directions
from broadsheet.rank.interest.sparse import SparseRows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray


def background_to_bytes(background: Background) -> bytes:
    """As a file holds it."""
    papers = background.papers
    head = {
        "keys": papers.keys,
        "categories": papers.categories,
        "kinds": background.kernel.categories,
        "authors": [[[name.key, sorted(name.words)] for name in names] for names in papers.authors],
        "texts": papers.texts,
        "encoders": list(papers.dense),
        "width": papers.terms.width,
    }
    arrays: dict[str, NDArray[np.generic]] = {
        "head": np.frombuffer(json.dumps(head).encode(), np.uint8),
        "columns": papers.terms.columns,
        "values": papers.terms.values,
        "starts": papers.terms.starts,
        "axes": np.stack([mix.axes for mix in background.mixes]),
        "values_of_axes": np.stack([mix.values for mix in background.mixes]),
    }
    arrays |= {f"dense{i}": rows for i, rows in enumerate(papers.dense.values())}
    for i, known in enumerate(background.kernel.landmarks.values()):
        arrays |= {f"middle{i}": known.middle, f"axes{i}": known.axes, f"origin{i}": known.origin}
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]  # numpy's stub takes the names for its own options
    return file.getvalue()


def background_from_bytes(data: bytes) -> Background:
    """What `background_to_bytes` gave. Raises ValueError for anything else."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            head = json.loads(arrays["head"].tobytes())
            papers = _features(head, arrays)
            kernel = Kernel(_landmarks(papers, arrays), tuple(head["kinds"]))
            mixes = tuple(map(Mix, kernel.mixes, arrays["axes"], arrays["values_of_axes"]))
    except (ValueError, KeyError, TypeError, OSError, EOFError, BadZipFile, zlib.error) as e:
        raise ValueError(f"not a background ({e})") from e
    return Background(papers, kernel, kernel.blocks(papers), mixes)


def _landmarks(papers: Features, arrays: "Mapping[str, NDArray[Any]]") -> dict[str, Landmarks]:
    found = {}
    for i, (name, rows) in enumerate(papers.dense.items()):
        middle = arrays[f"middle{i}"]
        found[name] = Landmarks(middle, directions(rows, middle), arrays[f"axes{i}"], arrays[f"origin{i}"])
    return found


def _features(head: dict[str, Any], arrays: "Mapping[str, NDArray[Any]]") -> Features:
    return Features(
        tuple(head["keys"]),
        {name: arrays[f"dense{i}"] for i, name in enumerate(head["encoders"])},
        SparseRows(arrays["columns"], arrays["values"], arrays["starts"], head["width"]),
        tuple(map(tuple, head["categories"])),
        tuple(tuple(Name(key, frozenset(words)) for key, words in names) for names in head["authors"]),
        tuple(head["texts"]),
    )
