"""What turns a text into a vector, and which of them is used.

Heavy parts (NumPy, onnxruntime) are imported when an encoder is made, not before.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from broadsheet.errors import NotFound
from broadsheet.search import models
from broadsheet.search.model_record import whole

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Encoder(Protocol):
    """Texts to unit vectors. `name` says all that makes vectors comparable, and can be a folder's name."""

    @property
    def name(self) -> str: ...

    @property
    def dim(self) -> int: ...

    def encode(self, texts: Sequence[str], *, query: bool = False) -> "NDArray[np.float32]":
        """Unit rows of shape (len(texts), dim); a zero row for an empty text. `query`: the texts are what is sought."""
        ...


def get_encoder(wanted: str, folder: Path) -> Encoder | None:
    """The encoder that the setting `encoder` names, with models from `folder`; None for `none`.

    `auto` is the model that `model use` chose, else an added MiniLM if its runtime is installed, else wordllama.
    Raises NotFound that lists what there is, MissingExtra, or SearchIndexError for a broken model.
    """
    if wanted == "none":
        return None
    if wanted == "auto":
        wanted = models.chosen(folder) or _minilm_that_runs(folder) or models.BUILT_IN
    if wanted == models.BUILT_IN:
        from broadsheet.search.encoder_wordllama import WordLlama

        return WordLlama(folder)
    return _added(wanted, folder)


def _added(wanted: str, folder: Path) -> Encoder:
    name = _minilm(folder) or wanted if wanted == "minilm" else wanted
    model = models.find(folder, name)
    if model is None:
        there = ", ".join(["none", *(known.name for known in models.list_models(folder))])
        way = "`broadsheet model add NAME-OR-FOLDER` adds one"
        if wanted == "minilm":
            way = "`broadsheet model add sentence-transformers/all-MiniLM-L6-v2` adds it"
        raise NotFound(f"model {wanted}", f"not among {there}", way)
    from broadsheet.search.encoder_onnx import OnnxEncoder

    return OnnxEncoder(folder / whole(model).name)


def _minilm(folder: Path) -> str | None:
    names = [model.name for model in models.list_models(folder) if "minilm" in model.name and not model.broken]
    return min(names, key=lambda name: (name != "minilm", name), default=None)


def _minilm_that_runs(folder: Path) -> str | None:
    name = _minilm(folder)
    return name if name and models.can_run("onnx") else None
