"""Encoders: texts to unit vectors, and which encoder is used."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.errors import MissingExtra, NotFound, SearchIndexError
from broadsheet.search import model_record
from broadsheet.search.encoder import get_encoder
from broadsheet.search.encoder_wordllama import WordLlama

if TYPE_CHECKING:
    from numpy.typing import NDArray

TEXTS = (
    "Graph neural networks for molecules",
    "We prove that every   planar graph (with $n > 3$ vertices)\nis 4-colourable.",
    "naïve Ünïcode 漢字 \U0001f600 x\ty ▁ ▁▁z",
    " leading and trailing ",
    "   ",
    "a" * 200,
)


ENCODER = WordLlama()


@pytest.fixture(scope="module")
def theirs() -> "tuple[Any, NDArray[np.float32]]":
    """The tokens and vectors that the wordllama package itself gives."""
    import wordllama

    package = Path(wordllama.__file__).parent
    model = wordllama.WordLlama.load(cache_dir=package, disable_download=True)
    return model, model.embed(list(TEXTS), norm=True)


@pytest.mark.slow
def test_wordllama_is_read_exactly(theirs: "tuple[Any, NDArray[np.float32]]") -> None:
    """Our reading of wordllama's files gives its own vectors, whether few texts come or many."""
    encoder = WordLlama()
    assert np.allclose(encoder.encode(TEXTS), theirs[1], atol=1e-6)
    assert np.allclose(encoder.encode(TEXTS * 20)[-len(TEXTS) :], theirs[1], atol=1e-6)


@pytest.mark.slow
@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="<"), max_size=60))
def test_any_text_has_wordllamas_tokens(theirs: "tuple[Any, NDArray[np.float32]]", text: str) -> None:
    """Tokenising word by word with our table is tokenising the whole with theirs."""
    tokenizer = theirs[0].tokenizer
    assert ENCODER.tokens(text) == tokenizer.encode(text, add_special_tokens=False).ids or not text


def test_vectors_have_length_one_and_nothing_has_none() -> None:
    """Rows are unit vectors of the encoder's dimension, in order; an empty text is a zero row, no text no row."""
    vectors = ENCODER.encode(["snow", "", "snow", "frozen soil"])
    assert vectors.shape == (4, ENCODER.dim)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), [1, 0, 1, 1], atol=1e-6)
    assert (vectors[0] == vectors[2]).all()
    assert ENCODER.encode([]).shape == (0, ENCODER.dim)


def test_what_is_longer_than_any_word_is_read_in_pieces() -> None:
    """A run of letters is cut every 256, the sign of its beginning counted, as the work grows with the square."""
    start = ENCODER.tokens("\n")
    rest = ENCODER.tokens("\nng")[len(start) :]
    assert ENCODER.tokens("0" * 254 + "ing") == ENCODER.tokens("0" * 254 + "i") + rest


def test_near_meanings_are_near() -> None:
    """A paraphrase is nearer than another subject."""
    a, b, c = ENCODER.encode(["deep learning of images", "neural networks for vision", "medieval trade in wool"])
    assert a @ b > a @ c


@pytest.mark.slow
def test_the_tokenizers_table_is_kept_and_checked(tmp_path: Path) -> None:
    """The table beside the models is used again, and made anew when it is cut off or of another file."""
    WordLlama(tmp_path)
    table = tmp_path / "wordllama-merges.bin"
    whole = table.read_bytes()
    assert WordLlama(tmp_path).tokens(TEXTS[1]) == ENCODER.tokens(TEXTS[1])
    for broken in (whole[: len(whole) // 2], b"1234567", whole[:8] + b"\1" * 8 + whole[16:]):
        table.write_bytes(broken)
        assert WordLlama(tmp_path).tokens(TEXTS[1]) == ENCODER.tokens(TEXTS[1])
        assert table.read_bytes() == whole


@pytest.mark.slow
def test_a_search_from_the_shell_imports_little(tmp_path: Path) -> None:
    """Encoding a query with wordllama imports neither its package nor a tokenizer library."""
    code = (
        "import sys; from pathlib import Path; from broadsheet.search.encoder import get_encoder;"
        "assert 'numpy' not in sys.modules;"
        "get_encoder('auto', Path(sys.argv[1])).encode(['snow'], query=True);"
        "sys.exit(bool({'wordllama', 'tokenizers', 'onnxruntime', 'requests'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == 0


def test_broken_weights_are_one_sentence(tmp_path: Path) -> None:
    """Missing or damaged files of the package are named."""
    with pytest.raises(SearchIndexError, match="safetensors cannot be read"):
        WordLlama(package=tmp_path)
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "l2_supercat_256.safetensors").write_bytes(b"\xff" * 90)
    with pytest.raises(SearchIndexError, match="safetensors cannot be read"):
        WordLlama(package=tmp_path)


@pytest.mark.slow
def test_the_setting_chooses(tmp_path: Path) -> None:
    """`none` is no encoder, `auto` wordllama where nothing is added, and an unknown name lists what there is."""
    assert get_encoder("none", tmp_path) is None
    chosen = get_encoder("auto", tmp_path)
    assert chosen is not None
    assert (chosen.name, chosen.dim) == ("wordllama-l2-256", 256)
    with pytest.raises(NotFound, match="not among none, wordllama"):
        get_encoder("bge", tmp_path)
    with pytest.raises(NotFound, match="all-MiniLM-L6-v2"):
        get_encoder("minilm", tmp_path)


def test_a_broken_choice_is_named(tmp_path: Path) -> None:
    """Where the model in use is broken or gone, nobody falls back in silence."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "chosen").write_text("mine")
    with pytest.raises(SearchIndexError, match=r"model mine: broadsheet.json is missing"):
        get_encoder("auto", tmp_path)
    shutil.rmtree(tmp_path / "mine")
    with pytest.raises(NotFound, match="model mine"):
        get_encoder("auto", tmp_path)


@pytest.mark.slow
def test_a_missing_part_names_its_install_line(tmp_path: Path) -> None:
    """Without onnxruntime an added model says what to install, and `auto` takes wordllama."""
    (tmp_path / "minilm").mkdir()
    for name in ("model.onnx", "tokenizer.json"):
        (tmp_path / "minilm" / name).write_bytes(b"x")
    model_record.finish(tmp_path / "minilm", model_record.Model("minilm", "onnx", "minilm-int8-256-x", 384))
    code = (
        "import sys; from pathlib import Path; sys.modules['onnxruntime'] = None;"
        "import importlib.util as u; found = u.find_spec;"
        "u.find_spec = lambda name, *a: None if name == 'onnxruntime' else found(name, *a);"
        "from broadsheet.search.encoder import get_encoder; from broadsheet.errors import MissingExtra;"
        "from broadsheet.search import models; models.find_spec = u.find_spec; folder = Path(sys.argv[1]);"
        "assert get_encoder('auto', folder).name.startswith('wordllama')\n"
        "try: get_encoder('minilm', folder)\n"
        "except MissingExtra as e: print(e)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], check=True, capture_output=True, text=True
    ).stdout
    assert 'pip install "broadsheet[minilm]"' in told
    assert issubclass(MissingExtra, Exception)
