"""The record of a model: what stands beside its files, and whether they are whole."""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from broadsheet.errors import NotReadable, SearchIndexError
from broadsheet.search.files import replace_file

_RECORD, TOKENIZER = "broadsheet.json", "tokenizer.json"

Kind = Literal["onnx", "static", "learnt"]


@dataclass(frozen=True, slots=True)
class Model:
    """A model. `encoder` names what makes its vectors comparable, and is the name of their folder.

    `sha256` is of `model.onnx` (or what a learnt model keeps), `query_prefix` and `text_prefix` are put before texts.
    `broken` says what is wrong with it, empty if nothing is, and `denied` that it is this user who may not read it;
    `in_use` whether a person chose it.
    """

    name: str
    kind: Kind
    encoder: str
    dim: int
    source: str = ""
    sha256: str = ""
    tokenizer_sha256: str = ""
    size: int = 0
    pooling: Literal["mean", "cls"] = "mean"
    max_tokens: int = 0
    query_prefix: str = ""
    text_prefix: str = ""
    note: str = ""
    broken: str = ""
    denied: bool = False
    in_use: bool = False


def finish(place: Path, model: Model) -> None:
    """Write the record of a model whose other files are there."""
    content = place / content_of(model.kind)
    tokenizer = place / TOKENIZER
    finished = replace(
        model,
        sha256=digest(content),
        tokenizer_sha256=digest(tokenizer) if tokenizer.exists() else "",
        size=content.stat().st_size,
    )
    replace_file(place / _RECORD, json.dumps(_fields(finished), indent=1).encode())


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def record(place: Path) -> Model:
    """The record in a model's folder. Raises as `whole` does."""
    return whole(read(place))


def whole(model: Model) -> Model:
    """The same model. Raises SearchIndexError where it is broken, and NotReadable where this user may not read it."""
    if model.denied:
        raise NotReadable(f"model {model.name}", model.broken, "let the user that runs Broadsheet read it")
    if model.broken:
        raise SearchIndexError(f"model {model.name}", model.broken, "remove its folder and add it again")
    return model


def read(path: Path) -> Model:
    """The record in a model's folder; `broken` says what is wrong with it."""
    nothing = Model(path.name, "onnx", "", 0)
    try:
        model = replace(nothing, **(json.loads((path / _RECORD).read_bytes()) | {"name": path.name}))
        if model.kind not in get_args(Kind):
            return replace(nothing, broken=f"it is of the unknown kind {model.kind}")
        size = (path / content_of(model.kind)).stat().st_size
        missing = model.kind == "onnx" and not (path / TOKENIZER).is_file()
    except FileNotFoundError as e:
        return replace(nothing, broken=f"{Path(str(e.filename)).name} is missing")
    except OSError as e:
        denied = isinstance(e, PermissionError)
        return replace(nothing, broken=f"its record cannot be read ({e.strerror or e})", denied=denied)
    except (ValueError, TypeError) as e:
        return replace(nothing, broken=f"its record cannot be read ({e})")
    if missing:
        return replace(model, broken="tokenizer.json is missing")
    return model if size == model.size else replace(model, broken=f"{content_of(model.kind)} is cut off or changed")


def _fields(model: Model) -> dict[str, Any]:
    return {key: value for key, value in asdict(model).items() if key not in {"broken", "denied", "in_use"}}


def content_of(kind: Kind) -> str:
    """The file that holds a model of this kind."""
    return "model.npz" if kind == "learnt" else "model.onnx"
