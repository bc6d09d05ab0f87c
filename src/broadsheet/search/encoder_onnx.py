"""Transformer models in onnxruntime: about 100 abstracts a second with MiniLM on two cores."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from broadsheet.errors import MissingExtra, SearchIndexError
from broadsheet.search.model_record import Model, record

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TOKENS_AT_ONCE = 4_096  # padded; larger batches are no faster on a CPU and take more memory
_TEXTS_AT_ONCE = 32
_TEXTS_TOKENISED = 1_024
_CHARACTERS_A_TOKEN = 24  # no text of papers has longer tokens on average; what is beyond is cut before tokenising


class Runner:
    """A model file with its tokenizer; `model` says how to pool, how long texts may be and what to put before them."""

    def __init__(self, onnx_file: Path, tokenizer: Path, model: Model) -> None:
        """Load. Raises MissingExtra where the packages are not installed, SearchIndexError where the files are bad."""
        try:
            import onnxruntime
            from tokenizers import Tokenizer
        except ImportError as e:
            raise MissingExtra(
                f"model {model.name}", f"{e.name} is not installed", '`pip install "broadsheet[minilm]"`'
            ) from e
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
        options.log_severity_level = 3
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # a quarter of the CPU time
        try:
            self._session = onnxruntime.InferenceSession(onnx_file, options, providers=["CPUExecutionProvider"])
            self._tokenizer = Tokenizer.from_file(str(tokenizer))
        except Exception as e:  # both raise plain Exceptions of their own
            raise SearchIndexError(f"model {model.name}", f"cannot be loaded ({e})", "add it again") from e
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(model.max_tokens)
        self._inputs = {field.name for field in self._session.get_inputs()}
        self._output = _output([field.name for field in self._session.get_outputs()])
        self._model = model

    def encode(self, texts: Sequence[str], *, query: bool = False) -> "NDArray[np.float32]":
        """As the protocol `Encoder` says."""
        parts = [
            self._encode(texts[start : start + _TEXTS_TOKENISED], query)
            for start in range(0, max(1, len(texts)), _TEXTS_TOKENISED)
        ]
        return np.concatenate(parts)

    def _encode(self, texts: Sequence[str], query: bool) -> "NDArray[np.float32]":
        prefix = self._model.query_prefix if query else self._model.text_prefix
        most = self._model.max_tokens * _CHARACTERS_A_TOKEN
        there = [i for i, text in enumerate(texts) if text.strip()]
        coded = self._tokenizer.encode_batch_fast([prefix + texts[i][:most] for i in there])
        out = np.zeros((len(texts), self._model.dim), np.float32)
        for batch in _batches([len(code.ids) for code in coded]):
            vectors = self._run([coded[i].ids for i in batch])
            if not out.shape[1]:
                out = np.zeros((len(texts), vectors.shape[1]), np.float32)
            out[[there[i] for i in batch]] = vectors
        return out

    def _run(self, ids: Sequence[Sequence[int]]) -> "NDArray[np.float32]":
        longest = max(map(len, ids))
        tokens, mask = np.zeros((2, len(ids), longest), np.int64)
        for row, numbers in enumerate(ids):
            tokens[row, : len(numbers)] = numbers
            mask[row, : len(numbers)] = 1
        feeds = {"input_ids": tokens, "attention_mask": mask, "token_type_ids": np.zeros_like(tokens)}
        feeds = {name: value for name, value in feeds.items() if name in self._inputs}
        states: NDArray[np.float32] = self._session.run([self._output], feeds)[0]
        if states.ndim == 2:  # a model that pools by itself
            pooled = states
        elif self._model.pooling == "cls":
            pooled = states[:, 0]
        else:
            pooled = np.einsum("bth,bt->bh", states, mask.astype(np.float32))
        unit: NDArray[np.float32] = pooled / np.maximum(
            np.linalg.norm(pooled, axis=1, keepdims=True), np.float32(1e-12)
        )
        return unit


class OnnxEncoder:
    """Encoder of a model that `model add` put into the models folder."""

    def __init__(self, place: Path) -> None:
        """Load the model. Raises SearchIndexError for a broken one, MissingExtra."""
        self._model = record(place)
        self._runner = Runner(place / "model.onnx", place / "tokenizer.json", self._model)

    @property
    def name(self) -> str:
        """Model, quantisation, longest text and a piece of the weights' hash."""
        return self._model.encoder

    @property
    def dim(self) -> int:
        """Components of a vector."""
        return self._model.dim

    def encode(self, texts: Sequence[str], *, query: bool = False) -> "NDArray[np.float32]":
        """As the protocol `Encoder` says."""
        return self._runner.encode(texts, query=query)


def _output(names: Sequence[str]) -> str:
    known: tuple[Any, ...] = ("sentence_embedding", "last_hidden_state", "token_embeddings")
    return next((name for name in known if name in names), names[0])


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Positions in batches of texts of about one length, so that little is padded."""
    batch: list[int] = []
    for i in sorted(range(len(lengths)), key=lambda i: lengths[i]):
        if batch and (len(batch) == _TEXTS_AT_ONCE or lengths[i] * (len(batch) + 1) > _TOKENS_AT_ONCE):
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch
