"""Word vectors that a library teaches."""

from typing import TYPE_CHECKING

import numpy as np
import pytest

from broadsheet.search import taught
from broadsheet.search.taught import teach

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pair = tuple[NDArray[np.int32], NDArray[np.int32]]

TOKENS, TOPICS = 400, 20


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of a small library."""
    monkeypatch.setattr(taught, "_BATCH", 32)


def silent(done: int, total: int | None) -> None:
    """Tell nobody."""


def make_library(count: int = 200) -> "list[Pair]":
    """Papers on a topic each: titles use ten words of it, abstracts ten others, and all share some more."""
    rng = np.random.default_rng(3)
    papers = []
    for number in range(count):
        words = 20 * (number % TOPICS)
        title = rng.integers(words, words + 10, 6)
        abstract = np.concatenate([rng.integers(words + 10, words + 20, 40), rng.integers(0, TOKENS, 20)])
        papers.append((title.astype(np.int32), abstract.astype(np.int32)))
    return papers


def _right(weights: "NDArray[np.float32]", papers: "list[Pair]") -> float:
    """How often a title is nearer to an abstract of its topic than to all others."""
    titles, abstracts = (
        np.stack([weights[half].mean(axis=0) for half in halves]) for halves in zip(*papers, strict=True)
    )
    scores = titles @ (abstracts / np.linalg.norm(abstracts, axis=1, keepdims=True)).T
    topics = np.arange(len(papers)) % TOPICS
    return float((scores.argmax(axis=1) % TOPICS == topics).mean())


def test_titles_learn_to_find_their_abstracts() -> None:
    """Words that never occur in the other half come near to it, for papers that were not taught too."""
    weights = np.random.default_rng(1).standard_normal((TOKENS, 32)).astype(np.float32)
    papers = make_library(240)
    after = teach(weights, papers[:200], 0, silent)
    assert _right(weights, papers[200:]) < 0.4
    assert _right(after, papers[200:]) > 0.8


def test_what_is_taught_repeats_with_its_seed_and_leaves_the_original() -> None:
    """One seed, one result; the vectors given are kept, and words that never occur stay where they were."""
    weights = np.random.default_rng(1).standard_normal((TOKENS + 5, 16)).astype(np.float32)
    before = weights.copy()
    first, second = (teach(weights, make_library(), 7, silent) for _ in range(2))
    assert (first == second).all()
    assert (weights == before).all()
    assert (first[TOKENS:] == before[TOKENS:]).all()


def test_too_small_a_library_teaches_nothing() -> None:
    """Fewer papers than a batch, or papers without abstracts, leave the vectors as they are."""
    weights = np.random.default_rng(1).standard_normal((TOKENS, 16)).astype(np.float32)
    titles = [(title, abstract[:0]) for title, abstract in make_library()]
    assert (teach(weights, make_library(31), 0, silent) == weights).all()
    assert (teach(weights, titles, 0, silent) == weights).all()


def test_the_gradient_is_that_of_the_loss() -> None:
    """The written-out slope agrees with differences of the loss."""
    rng = np.random.default_rng(5)
    vectors = rng.standard_normal((12, 4)).astype(np.float32)
    left, right = (rng.dirichlet(np.ones(12), 6).astype(np.float32) for _ in range(2))

    def loss(at: "NDArray[np.float64]") -> float:
        a, b = left @ at, right @ at
        a, b = a / np.linalg.norm(a, axis=1, keepdims=True), b / np.linalg.norm(b, axis=1, keepdims=True)
        scores = a @ b.T / taught._TEMPERATURE
        both = [np.log(np.exp(s - s.max(1, keepdims=True)).sum(1)) + s.max(1) - np.diag(s) for s in (scores, scores.T)]
        return float((both[0] + both[1]).mean() / 2)

    slope = taught._gradient(vectors, left, right)
    for row, column in ((0, 0), (5, 2), (11, 3)):
        step = np.zeros((12, 4))
        step[row, column] = 1e-4
        wanted = (loss(vectors + step) - loss(vectors - step)) / 2e-4
        assert slope[row, column] == pytest.approx(wanted, rel=1e-2, abs=1e-3)
