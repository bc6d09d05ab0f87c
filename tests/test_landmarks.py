"""Nearness to landmarks: what its features stand for, held against the formula."""

import numpy as np
import numpy.typing as npt
import pytest

from broadsheet.rank.interest.landmarks import WIDTH, Landmarks, directions

Floats = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def vectors() -> Floats:
    """Sixty papers in three topics of an encoder with 24 columns."""
    chance = np.random.default_rng(7)
    topics = chance.normal(size=(3, 24))
    return (topics[np.arange(60) % 3] + 0.4 * chance.normal(size=(60, 24))).astype(np.float32)


def test_products_of_features_are_nearness(vectors: Floats) -> None:
    """Between landmarks they are exp(WIDTH (cosine - 1)), less what all landmarks have in common."""
    made = Landmarks.among(vectors)
    features = made.features(vectors)
    rows = directions(vectors, made.middle)
    nearness = np.exp(WIDTH * (rows @ rows.T - 1))
    middle = np.eye(60) - 1 / 60
    assert np.allclose(features @ features.T, middle @ nearness @ middle, atol=1e-3)


def test_a_paper_is_nearest_to_its_own_topic(vectors: Floats) -> None:
    """Also one that is no landmark."""
    features = Landmarks.among(vectors[3:]).features(vectors)
    near = features[:3] @ features[3:].T
    assert near[:, np.arange(57) % 3 == 0][0].min() > near[0, np.arange(57) % 3 != 0].max()
    assert [int(np.argmax(row)) % 3 for row in near] == [0, 1, 2]


def test_a_paper_without_a_vector_has_no_features(vectors: Floats) -> None:
    """It is near nothing and far from nothing."""
    nothing = np.zeros((1, 24), np.float32)
    assert not Landmarks.among(vectors).features(nothing).any()
