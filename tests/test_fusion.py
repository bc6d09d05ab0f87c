"""Fusion of words and meaning."""

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.search.fusion import Part, above_least, feedback, fuse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Candidates = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]

SCORES = st.floats(-1.0, 40.0, width=16) | st.sampled_from([0.0, 1.0])


@st.composite
def candidates(draw: st.DrawFn) -> "Candidates":
    ids = draw(st.lists(st.integers(1, 10_000), min_size=1, max_size=25, unique=True))
    row = st.lists(SCORES, min_size=len(ids), max_size=len(ids))
    return np.array(ids), np.array(draw(row)), np.array(draw(row))


def _by(ids: "NDArray[np.int64]", scores: "NDArray[np.float64]") -> list[int]:
    return [i for _, i in sorted(zip((-scores).tolist(), ids.tolist(), strict=True))]


@pytest.mark.slow
@given(candidates(), st.floats(0, 1), st.randoms(use_true_random=False))
def test_the_order_in_which_candidates_come_does_not_matter(given: "Candidates", weight: float, rng: object) -> None:
    """Shuffled candidates give the same ids, scores and shares to the last bit."""
    ids, words, cosines = given
    shuffled = np.array(rng.sample(range(len(ids)), len(ids)))  # type: ignore[attr-defined]
    one = fuse(ids, Part("words", words), [Part("m", cosines)], weight)
    two = fuse(ids[shuffled], Part("words", words[shuffled]), [Part("m", cosines[shuffled])], weight)
    assert one.ids.tolist() == two.ids.tolist()
    assert one.scores.tolist() == two.scores.tolist()
    assert one.shares.tolist() == two.shares.tolist()


@pytest.mark.slow
@given(candidates(), st.floats(0.0, 1.0))
def test_a_candidate_at_least_as_good_in_every_part_is_never_behind(given: "Candidates", weight: float) -> None:
    """Nobody falls behind one whom it equals or beats in words and in meaning, unless they are tied."""
    ids, words, cosines = given
    fused = fuse(ids, Part("words", words), [Part("m", cosines, 0.5)], weight)
    score = dict(zip(fused.ids.tolist(), fused.scores.tolist(), strict=True))
    for i, a in enumerate(ids.tolist()):
        for j, b in enumerate(ids.tolist()):
            if words[i] >= words[j] and cosines[i] >= cosines[j]:
                assert score[a] >= score[b] - 1e-12


@pytest.mark.slow
@given(candidates())
def test_weight_0_is_the_order_of_words_and_1_that_of_meaning(given: "Candidates") -> None:
    """At its ends the weight leaves one part alone, ties by id."""
    ids, words, cosines = given
    parts = Part("words", words), [Part("m", cosines)]
    assert fuse(ids, *parts, 0.0).ids.tolist() == _by(ids, words)
    assert fuse(ids, *parts, 1.0).ids.tolist() == _by(ids, cosines)
    assert fuse(ids, Part("words", words), [], 1.0).ids.tolist() == _by(ids, words)


@pytest.mark.slow
@given(candidates(), st.floats(0, 1))
def test_shares_explain_the_score(given: "Candidates", weight: float) -> None:
    """Shares are not negative, add up to the score, and scores lie between 0 and 1 in descending order."""
    ids, words, cosines = given
    fused = fuse(ids, Part("words", words), [Part("a", cosines), Part("b", cosines[::-1], 0.5)], weight)
    assert fused.names == ("words", "a", "b")
    assert (fused.shares >= 0).all()
    assert np.allclose(fused.shares.sum(axis=0), fused.scores)
    assert (np.diff(fused.scores) <= 0).all()
    assert ((fused.scores >= 0) & (fused.scores <= 1 + 1e-12)).all()


def test_a_paper_without_a_vector_is_judged_by_its_words() -> None:
    """An unknown cosine counts as the mean: neither a reward nor a punishment."""
    ids = np.array([1, 2, 3])
    fused = fuse(ids, Part("words", np.array([1.0, 1.0, 1.0])), [Part("m", np.array([0.9, np.nan, 0.1]))], 0.5)
    assert fused.ids.tolist() == [1, 2, 3]
    assert above_least(np.array([np.nan, np.nan])).tolist() == [0.0, 0.0]


def test_nothing_found_is_an_empty_order() -> None:
    """No candidates, no hits, no error."""
    empty = np.array([], np.int64)
    assert len(fuse(empty, Part("words", np.array([])), [Part("m", np.array([]))], 0.5).ids) == 0


def test_feedback_moves_the_query_towards_the_hits() -> None:
    """The moved query is a unit vector nearer to the hits, most of all to the one that stands out."""
    query = np.array([1, 0, 0], np.float32)
    hits = np.array([[0, 1, 0], [0, 0, 1]], np.float32)
    moved = feedback(query, hits, np.array([1.0, 0.5]))
    assert np.isclose(np.linalg.norm(moved), 1)
    assert moved[1] > 0.3
    assert 0 < moved[2] < 0.01


def test_feedback_without_vectors_or_scores_changes_nothing() -> None:
    """Hits that have no vector, no score or are not there leave the query where it was."""
    query = np.array([1, 0, 0], np.float32)
    for hits, scores in ((np.zeros((2, 3)), [1, 1]), (np.eye(3)[:2], [0, 0]), (np.zeros((0, 3)), [])):
        assert feedback(query, hits.astype(np.float32), np.array(scores, float)).tolist() == query.tolist()
