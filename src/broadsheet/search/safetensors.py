"""Tensors in safetensors files, read where they lie: two functions of a package that would bring more."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4", "I8": "i1", "U8": "u1"}


def read_tensors(path: Path) -> "dict[str, NDArray[np.generic]]":
    """All tensors by name, memory-mapped; BF16 is given as its bits in uint16. Raises ValueError for another file."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        if size > path.stat().st_size:
            raise ValueError("not a safetensors file")
        head = json.loads(file.read(size))
    data = np.memmap(path, np.uint8, "r", offset=8 + size)
    tensors: dict[str, NDArray[np.generic]] = {}
    for name, entry in head.items():
        if name != "__metadata__":
            start, end = entry["data_offsets"]
            tensors[name] = np.asarray(data[start:end]).view(_TYPES[entry["dtype"]]).reshape(entry["shape"])
    return tensors


def dump_tensors(tensors: "Mapping[str, NDArray[np.generic]]") -> bytes:
    """The content of a safetensors file of float32, float16 or int64."""
    head: dict[str, object] = {}
    end = 0
    for name, tensor in tensors.items():
        kind = next(kind for kind, dtype in _TYPES.items() if np.dtype(dtype) == tensor.dtype)
        head[name] = {"dtype": kind, "shape": tensor.shape, "data_offsets": [end, end + tensor.nbytes]}
        end += tensor.nbytes
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)  # so that the data are aligned
    return b"".join([len(text).to_bytes(8, "little"), text, *(tensor.tobytes() for tensor in tensors.values())])


def as_float32(tensor: "NDArray[np.generic]") -> "NDArray[np.float32]":
    """A floating tensor as float32; uint16 is taken for BF16."""
    if tensor.dtype == np.uint16:
        return (tensor.astype(np.uint32) << 16).view(np.float32)
    return tensor.astype(np.float32)
