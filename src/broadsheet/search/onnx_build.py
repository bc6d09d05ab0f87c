"""A sentence-transformers folder becomes an ONNX model with int8 weights, by NumPy and onnx alone.

The graph of BERT is written out here, so that no torch is needed (gigabytes, for one conversion). A folder that
already holds an ONNX model, of whatever architecture, is taken from that. Weights are then quantised per channel:
per tensor, a quarter of MiniLM's ten nearest papers change.
"""

import json
import logging
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from broadsheet.errors import MissingExtra, UsageError
from broadsheet.search.model_record import Model, digest
from broadsheet.search.safetensors import as_float32, read_tensors

if TYPE_CHECKING:
    import onnx
    from numpy.typing import NDArray

_FLOAT, _INT64 = 1, 7  # onnx.TensorProto's numbers
_OPSET = 17  # the first with LayerNormalization; every onnxruntime since 1.12 runs it
_LEAST_COSINE = 0.98  # of int8 to float32; MiniLM's mean is 0.995
_SUPPORTED = "BERT with model.safetensors, or any architecture with an ONNX file, mean or CLS pooling"
_ONNX_FILES = ("onnx/model.onnx", "model.onnx")
_MOST_TOKENS = 512
_SAMPLES = (
    "Attention is all you need",
    "We measure how a layer of snow changes the heat that leaves frozen soil, over ten winters in Lapland.",
    "A randomised trial of early antibiotics in 1,204 patients with sepsis made no difference at 90 days.",
    "graph neural networks for molecules",
    "On the number of rational points of curves over finite fields: bounds, and towers that attain them.",
    "Dark matter halos",
)


@dataclass(frozen=True, slots=True)
class _Form:
    """What the folder's settings say beside the weights."""

    pooling: Literal["mean", "cls"]
    max_tokens: int
    query_prefix: str
    text_prefix: str


def build(source: Path, place: Path, name: str) -> Model:
    """Write `model.onnx` and `tokenizer.json` into `place` and return the record, without `source` filled in.

    Raises UsageError with what is supported, or MissingExtra.
    """
    _check_parts()
    config = _json(source / "config.json")
    form = _form(source, config)
    tokenizer = source / "tokenizer.json"
    if not tokenizer.is_file():
        raise _unsupported(source, "tokenizer.json is missing")
    (place / "tokenizer.json").write_bytes(tokenizer.read_bytes())
    ready = next((source / path for path in _ONNX_FILES if (source / path).is_file()), None)
    weights = ready or source / "model.safetensors"
    graph = _load(ready) if ready else _graph_of(source, config)
    model = Model(name, "onnx", "", 0, pooling=form.pooling, max_tokens=form.max_tokens)
    model = replace(model, query_prefix=form.query_prefix, text_prefix=form.text_prefix)
    kind, cosine = _quantise(graph, place, model)
    identity = f"{name}-{kind}-{form.max_tokens}-{digest(weights)[:8]}"
    dim = _dim(place, model)
    note = f"{kind} weights, cosine {cosine:.4f} to float32"
    return replace(model, encoder=identity, dim=dim, note=note)


def bert(tensors: "Mapping[str, NDArray[np.generic]]", config: Mapping[str, Any]) -> "onnx.ModelProto":
    """The ONNX graph of a BertModel: token ids, mask and types in, `last_hidden_state` out."""
    return _Bert(tensors, config).model()


class _Bert:
    """Writes the graph node by node; `weights` and `nodes` grow while it does."""

    def __init__(self, tensors: "Mapping[str, NDArray[np.generic]]", config: Mapping[str, Any]) -> None:
        from onnx import helper, numpy_helper

        self._helper, self._numpy = helper, numpy_helper
        prefix = "bert." if "bert.embeddings.word_embeddings.weight" in tensors else ""
        self._tensors = {name.removeprefix(prefix): tensor for name, tensor in tensors.items()}
        self._config = config
        self._nodes: list[Any] = []
        self._weights: dict[str, Any] = {}

    def model(self) -> "onnx.ModelProto":
        helper = self._helper
        ids = _INT64
        names = ("input_ids", "attention_mask", "token_type_ids")
        x, mask = self._embeddings(), self._mask()
        for layer in range(self._config["num_hidden_layers"]):
            x = self._layer(x, mask, f"encoder.layer.{layer}.")
        self._op("Identity", x, out="last_hidden_state")
        graph = helper.make_graph(
            self._nodes,
            "bert",
            [helper.make_tensor_value_info(name, ids, ["batch", "tokens"]) for name in names],
            [
                helper.make_tensor_value_info(
                    "last_hidden_state", _FLOAT, ["batch", "tokens", self._config["hidden_size"]]
                )
            ],
            list(self._weights.values()),
        )
        model: onnx.ModelProto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=8)
        return model

    def _op(self, kind: str, *inputs: str, out: str = "", **attributes: Any) -> str:
        out = out or f"{kind}_{len(self._nodes)}"
        self._nodes.append(self._helper.make_node(kind, inputs, [out], **attributes))
        return out

    def _constant(self, name: str, value: "NDArray[np.generic]") -> str:
        if name not in self._weights:
            self._weights[name] = self._numpy.from_array(np.ascontiguousarray(value), name)
        return name

    def _weight(self, name: str) -> str:
        return self._constant(name, as_float32(self._tensors[name]))

    def _number(self, value: float) -> str:
        return self._constant(f"number_{value!r}", np.array(value, np.float32))

    def _integers(self, *values: int) -> str:
        return self._constant("integers_" + "_".join(map(str, values)), np.array(values, np.int64))

    def _linear(self, x: str, name: str) -> str:
        weight = self._constant(name + ".weight", as_float32(self._tensors[name + ".weight"]).T)
        return self._op("Add", self._op("MatMul", x, weight), self._weight(name + ".bias"))

    def _norm(self, x: str, name: str) -> str:
        epsilon = float(self._config.get("layer_norm_eps", 1e-12))
        gain, bias = self._weight(name + ".weight"), self._weight(name + ".bias")
        return self._op("LayerNormalization", x, gain, bias, axis=-1, epsilon=epsilon)

    def _embeddings(self) -> str:
        words = self._op("Gather", self._weight("embeddings.word_embeddings.weight"), "input_ids")
        types = self._op("Gather", self._weight("embeddings.token_type_embeddings.weight"), "token_type_ids")
        length = self._op("Gather", self._op("Shape", "input_ids"), self._integers(1))
        table = self._weight("embeddings.position_embeddings.weight")
        places = self._op("Slice", table, self._integers(0), length, self._integers(0))
        return self._norm(self._op("Add", self._op("Add", words, types), places), "embeddings.LayerNorm")

    def _mask(self) -> str:
        """0 where there is a token and -10,000 where there is none, shape (batch, 1, 1, tokens)."""
        there = self._op("Cast", "attention_mask", to=_FLOAT)
        lack = self._op("Mul", self._op("Sub", there, self._number(1.0)), self._number(10_000.0))
        return self._op("Unsqueeze", lack, self._integers(1, 2))

    def _heads(self, x: str, name: str, order: tuple[int, ...]) -> str:
        heads = self._config["num_attention_heads"]
        shape = self._integers(0, 0, heads, self._config["hidden_size"] // heads)
        return self._op("Transpose", self._op("Reshape", self._linear(x, name), shape), perm=order)

    def _layer(self, x: str, mask: str, name: str) -> str:
        own = name + "attention.self."
        query = self._heads(x, own + "query", (0, 2, 1, 3))
        key = self._heads(x, own + "key", (0, 2, 3, 1))
        value = self._heads(x, own + "value", (0, 2, 1, 3))
        width = self._config["hidden_size"] // self._config["num_attention_heads"]
        scores = self._op("Div", self._op("MatMul", query, key), self._number(float(np.sqrt(width))))
        weights = self._op("Softmax", self._op("Add", scores, mask), axis=-1)
        mixed = self._op("Transpose", self._op("MatMul", weights, value), perm=(0, 2, 1, 3))
        mixed = self._op("Reshape", mixed, self._integers(0, 0, self._config["hidden_size"]))
        attended = self._op("Add", self._linear(mixed, name + "attention.output.dense"), x)
        attended = self._norm(attended, name + "attention.output.LayerNorm")
        inner = self._activate(self._linear(attended, name + "intermediate.dense"))
        return self._norm(
            self._op("Add", self._linear(inner, name + "output.dense"), attended), name + "output.LayerNorm"
        )

    def _activate(self, x: str) -> str:
        kind = self._config.get("hidden_act", "gelu")
        if kind == "relu":
            return self._op("Relu", x)
        if kind == "gelu":
            inner = self._op("Erf", self._op("Div", x, self._number(float(np.sqrt(2.0)))))
        else:
            cube = self._op("Mul", self._op("Mul", self._op("Mul", x, x), x), self._number(0.044715))
            inner = self._op("Add", x, cube)
            inner = self._op("Tanh", self._op("Mul", inner, self._number(float(np.sqrt(2.0 / np.pi)))))
        half = self._op("Mul", x, self._number(0.5))
        return self._op("Mul", half, self._op("Add", inner, self._number(1.0)))


_ACTIVATIONS = {"gelu", "relu", "gelu_new", "gelu_pytorch_tanh"}


def _graph_of(source: Path, config: Mapping[str, Any]) -> "onnx.ModelProto":
    kind = config.get("model_type", "unknown")
    if kind != "bert":
        raise _unsupported(source, f"it is of the architecture {kind}, without an ONNX file")
    if config.get("position_embedding_type", "absolute") != "absolute":
        raise _unsupported(source, "its positions are not absolute")
    if config.get("hidden_act", "gelu") not in _ACTIVATIONS:
        raise _unsupported(source, f"its activation is {config['hidden_act']}")
    if not (source / "model.safetensors").is_file():
        raise _unsupported(source, "model.safetensors is missing")
    try:
        return bert(read_tensors(source / "model.safetensors"), config)
    except (KeyError, ValueError) as e:
        raise _unsupported(source, f"model.safetensors does not hold a BERT ({e})") from e


def _form(source: Path, config: Mapping[str, Any]) -> _Form:
    modules = _json(source / "modules.json", missing=[])
    kinds = [str(module["type"]).rpartition(".")[2] for module in modules]
    strange = [kind for kind in kinds if kind not in {"Transformer", "Pooling", "Normalize"}]
    if strange:
        raise _unsupported(source, f"it has a part of the kind {strange[0]}")
    pooling = next((module["path"] for module in modules if module["type"].endswith("Pooling")), "1_Pooling")
    lengths = _json(source / "sentence_bert_config.json", missing={})
    longest = int(config.get("max_position_embeddings", _MOST_TOKENS))
    prompts = _json(source / "config_sentence_transformers.json", missing={}).get("prompts") or {}
    return _Form(
        pooling=_pooling(source, _json(source / pooling / "config.json", missing={})),
        max_tokens=min(int(lengths.get("max_seq_length") or _MOST_TOKENS), longest, _MOST_TOKENS),
        query_prefix=str(prompts.get("query") or ""),
        text_prefix=str(prompts.get("passage") or prompts.get("document") or ""),
    )


def _pooling(source: Path, config: Mapping[str, Any]) -> Literal["mean", "cls"]:
    wanted = {key.removeprefix("pooling_mode_") for key, value in config.items() if value is True}
    wanted &= {"mean_tokens", "cls_token", "max_tokens", "mean_sqrt_len_tokens", "weightedmean_tokens", "lasttoken"}
    if isinstance(config.get("pooling_mode"), str):
        wanted = {config["pooling_mode"]}
    if not wanted or wanted <= {"mean_tokens", "mean"}:
        return "mean"
    if wanted <= {"cls_token", "cls"}:
        return "cls"
    raise _unsupported(source, f"its pooling is {' and '.join(sorted(wanted))}")


def _load(path: Path) -> "onnx.ModelProto":
    import onnx

    try:
        return onnx.load(path)
    except Exception as e:  # protobuf's own errors have no common base that onnx exports
        raise _unsupported(path.parent, f"{path.name} cannot be read ({e})") from e


def _quantise(graph: "onnx.ModelProto", place: Path, model: Model) -> tuple[str, float]:
    """Write `model.onnx` with int8 weights, or with the float32 ones if int8 turns its vectors too far."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with tempfile.TemporaryDirectory(dir=place) as beside:
        plain = Path(beside) / "model.onnx"
        onnx.save(graph, plain)
        truth = _sample_vectors(plain, place, model)
        for reduce_range in (False, True):  # the latter for CPUs whose int8 products overflow
            logging.disable(logging.WARNING)  # the quantiser recommends a step that changes nothing here
            try:
                quantize_dynamic(
                    plain,
                    place / "model.onnx",
                    per_channel=True,
                    reduce_range=reduce_range,
                    weight_type=QuantType.QInt8,
                )
            finally:
                logging.disable(logging.NOTSET)
            cosine = float((_sample_vectors(place / "model.onnx", place, model) * truth).sum(axis=1).mean())
            if cosine >= _LEAST_COSINE:
                return "int8", cosine
        plain.replace(place / "model.onnx")
        return "fp32", 1.0


def _sample_vectors(onnx_file: Path, place: Path, model: Model) -> "NDArray[np.float32]":
    from broadsheet.search.encoder_onnx import Runner

    return Runner(onnx_file, place / "tokenizer.json", model).encode(_SAMPLES)


def _dim(place: Path, model: Model) -> int:
    return int(_sample_vectors(place / "model.onnx", place, model).shape[1])


def _json(path: Path, missing: Any = None) -> Any:
    try:
        return json.loads(path.read_bytes())
    except FileNotFoundError:
        if missing is not None:
            return missing
        raise _unsupported(path.parent, f"{path.name} is missing") from None
    except ValueError as e:
        raise _unsupported(path.parent, f"{path.name} cannot be read ({e})") from e


def _unsupported(source: Path, cause: str) -> UsageError:
    return UsageError(f"model {source.name}", cause, f"supported is {_SUPPORTED}")


def _check_parts() -> None:
    try:
        import onnx
        import onnxruntime
        import tokenizers
    except ImportError as e:
        raise MissingExtra("model add", f"{e.name} is not installed", '`pip install "broadsheet[minilm]"`') from e
    assert onnx
    assert onnxruntime
    assert tokenizers
