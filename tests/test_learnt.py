"""Vectors learnt from the library: words that go together there are near, and the model is kept whole."""

from pathlib import Path

import numpy as np
import pytest

from broadsheet.errors import SearchIndexError
from broadsheet.search.learnt import LEAST, Fitted, LearntEncoder, fit, save

SUBJECTS = ("glacier", "protein", "parser", "orbit", "wool", "lattice")
GENERAL = ("we", "show", "that", "results", "improve", "earlier", "methods", "by", "large", "margins")


def library(papers: int = 600) -> list[str]:
    """Papers of six subjects, each with twelve of its subject's hundred words and some that all subjects have."""
    rng = np.random.default_rng(3)
    texts = []
    for i in range(papers):
        own = [f"{SUBJECTS[i % len(SUBJECTS)]}{number}x" for number in rng.choice(100, 12, replace=False)]
        texts.append(" ".join(rng.permutation([*own, *rng.choice(GENERAL, 8)])))
    return texts


@pytest.fixture(scope="module")
def fitted() -> Fitted:
    return fit(library())


@pytest.fixture
def encoder(fitted: Fitted, tmp_path: Path) -> LearntEncoder:
    save(fitted, tmp_path)
    return LearntEncoder(tmp_path)


@pytest.mark.slow
def test_what_goes_together_is_near(encoder: LearntEncoder) -> None:
    """Texts of one subject are near although they share no word, texts of two are not; a word stands for its stem."""
    texts = [" ".join(f"{s}{n}x" for n in range(start, 100, 4)) for s in SUBJECTS[:2] for start in range(4)]
    vectors = encoder.encode(texts, query=True)
    cosines = vectors @ vectors.T
    assert cosines[:4, :4].min() > 0.15
    assert np.abs(cosines[:4, 4:]).max() < 0.1
    assert (encoder.encode(["results improved"]) == encoder.encode(["result improves"])).all()


def test_vectors_are_as_the_protocol_says(encoder: LearntEncoder) -> None:
    """Unit rows in order; a text without a known word has none."""
    vectors = encoder.encode(["glacier1x shows glacier2x", "", "zzz qqq", "glacier1x shows glacier2x"])
    assert vectors.shape == (4, encoder.dim)
    assert np.allclose(np.linalg.norm(vectors, axis=1), [1, 0, 0, 1], atol=1e-5)
    assert (vectors[0] == vectors[3]).all()
    assert encoder.encode([]).shape == (0, encoder.dim)


@pytest.mark.slow
def test_the_same_library_teaches_the_same(fitted: Fitted) -> None:
    """Learning twice from the same texts gives the same model, and tells how far it is."""
    shares: list[float] = []
    again = fit(library(), tick=shares.append)
    assert again.terms == fitted.terms
    assert np.allclose(again.vectors, fitted.vectors, atol=1e-4)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_too_few_papers_and_broken_models_are_one_sentence(fitted: Fitted, tmp_path: Path) -> None:
    """There is a least number of papers; a cut or missing file is named."""
    with pytest.raises(SearchIndexError, match="too few"):
        fit(library(LEAST - 1))
    with pytest.raises(SearchIndexError, match="cannot be read"):
        LearntEncoder(tmp_path)
    save(fitted, tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(SearchIndexError, match="cannot be read"):
        LearntEncoder(tmp_path)
