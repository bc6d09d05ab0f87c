"""A BERT of two layers with random weights, and its forward pass in plain NumPy: what converted models must equal."""

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

HIDDEN, HEADS, LAYERS, INNER, LONGEST = 32, 4, 2, 64, 24
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *"abcdefghijklmnopqrstuvwxyz", *(f"##{c}" for c in "aeioustnr")]
CONFIG = {
    "model_type": "bert",
    "hidden_size": HIDDEN,
    "num_attention_heads": HEADS,
    "num_hidden_layers": LAYERS,
    "intermediate_size": INNER,
    "max_position_embeddings": LONGEST,
    "layer_norm_eps": 1e-6,
    "hidden_act": "gelu",
}


def weights(seed: int = 0) -> "dict[str, NDArray[np.float32]]":
    """Random weights under the names of BertModel."""
    rng = np.random.default_rng(seed)

    def some(*shape: int) -> "NDArray[np.float32]":
        return (rng.standard_normal(shape) / math.sqrt(shape[-1])).astype(np.float32)

    tensors = {
        "embeddings.word_embeddings.weight": some(len(VOCABULARY), HIDDEN),
        "embeddings.position_embeddings.weight": some(LONGEST, HIDDEN),
        "embeddings.token_type_embeddings.weight": some(2, HIDDEN),
    }
    shapes = {"attention.self.query": (HIDDEN, HIDDEN), "attention.self.key": (HIDDEN, HIDDEN)}
    shapes |= {"attention.self.value": (HIDDEN, HIDDEN), "attention.output.dense": (HIDDEN, HIDDEN)}
    shapes |= {"intermediate.dense": (INNER, HIDDEN), "output.dense": (HIDDEN, INNER)}
    norms = ["embeddings.LayerNorm"]
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}."
        norms += [prefix + "attention.output.LayerNorm", prefix + "output.LayerNorm"]
        for name, shape in shapes.items():
            tensors |= {prefix + name + ".weight": some(*shape), prefix + name + ".bias": some(shape[0])}
    for name in norms:
        tensors |= {name + ".weight": 1 + some(HIDDEN), name + ".bias": some(HIDDEN)}
    return tensors


def forward(tensors: "dict[str, NDArray[np.float32]]", ids: list[int]) -> "NDArray[np.float32]":
    """The last hidden states of one text, shape (len(ids), HIDDEN)."""

    def norm(x: "NDArray[np.float32]", name: str) -> "NDArray[np.float32]":
        x = (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + 1e-6)
        return x * tensors[name + ".weight"] + tensors[name + ".bias"]

    def linear(x: "NDArray[np.float32]", name: str) -> "NDArray[np.float32]":
        return x @ tensors[name + ".weight"].T + tensors[name + ".bias"]

    x = tensors["embeddings.word_embeddings.weight"][ids] + tensors["embeddings.position_embeddings.weight"][: len(ids)]
    x = norm(x + tensors["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}."
        q, k, v = (linear(x, f"{prefix}attention.self.{part}") for part in ("query", "key", "value"))
        mixed = np.empty_like(x)
        for head in range(HEADS):
            part = slice(head * HIDDEN // HEADS, (head + 1) * HIDDEN // HEADS)
            scores = np.exp(q[:, part] @ k[:, part].T / math.sqrt(HIDDEN / HEADS))
            mixed[:, part] = scores / scores.sum(axis=1, keepdims=True) @ v[:, part]
        x = norm(x + linear(mixed, prefix + "attention.output.dense"), prefix + "attention.output.LayerNorm")
        inner = linear(x, prefix + "intermediate.dense")
        inner = inner * (1 + np.vectorize(math.erf)(inner / math.sqrt(2))) / 2
        x = norm(x + linear(inner.astype(np.float32), prefix + "output.dense"), prefix + "output.LayerNorm")
    return x


def make_folder(place: Path, *, pooling: str = "mean_tokens", dtype: str = "F32") -> Path:
    """A sentence-transformers folder of the tiny model."""
    (place / "1_Pooling").mkdir(parents=True, exist_ok=True)
    modules = [{"idx": i, "path": path, "type": f"sentence_transformers.models.{kind}"} for i, path, kind in _MODULES]
    _dump(place / "modules.json", modules)
    _dump(place / "1_Pooling" / "config.json", {f"pooling_mode_{pooling}": True, "word_embedding_dimension": HIDDEN})
    _dump(place / "sentence_bert_config.json", {"max_seq_length": 16})
    _dump(place / "config.json", CONFIG)
    _dump(place / "tokenizer.json", _TOKENIZER)
    write_tensors(place / "model.safetensors", weights(), dtype)
    return place


def write_tensors(path: Path, tensors: "dict[str, NDArray[np.float32]]", dtype: str = "F32") -> None:
    """A safetensors file, in float32, float16 or bfloat16."""
    head: dict[str, object] = {"__metadata__": {"format": "pt"}}
    data = b""
    for name, tensor in tensors.items():
        raw = _CONVERT[dtype](tensor).tobytes()
        head[name] = {"dtype": dtype, "shape": tensor.shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(head).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def _dump(path: Path, tree: object) -> None:
    path.write_text(json.dumps(tree))


_MODULES = ((0, "", "Transformer"), (1, "1_Pooling", "Pooling"), (2, "2_Normalize", "Normalize"))
_CONVERT = {
    "F32": lambda tensor: tensor,
    "F16": lambda tensor: tensor.astype(np.float16),
    "BF16": lambda tensor: (tensor.view(np.uint32) >> 16).astype(np.uint16),
}
_SPECIAL = [{"id": i, "content": VOCABULARY[i], "special": True, "single_word": False} for i in range(4)]
_TOKENIZER = {
    "version": "1.0",
    "added_tokens": [token | {"lstrip": False, "rstrip": False, "normalized": False} for token in _SPECIAL],
    "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "lowercase": True},
    "pre_tokenizer": {"type": "BertPreTokenizer"},
    "post_processor": {
        "type": "TemplateProcessing",
        "single": [
            {"SpecialToken": {"id": "[CLS]", "type_id": 0}},
            {"Sequence": {"id": "A", "type_id": 0}},
            {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
        ],
        "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {
            name: {"id": name, "ids": [VOCABULARY.index(name)], "tokens": [name]} for name in ("[CLS]", "[SEP]")
        },
    },
    "model": {
        "type": "WordPiece",
        "unk_token": "[UNK]",
        "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100,
        "vocab": {token: number for number, token in enumerate(VOCABULARY)},
    },
}
