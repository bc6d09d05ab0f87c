"""Measures of rankings."""

from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.rank.metrics import evaluate, measure, ndcg, paired_p, per_query, recall, reciprocal_rank

GRADES = st.dictionaries(st.sampled_from("abcdefghijklmnop"), st.integers(0, 3), max_size=16)
RANKING = st.permutations(list("abcdefghijklmnop"))


def test_ndcg_by_hand() -> None:
    """Grades are gains, the discount is log2(rank + 1), and the ideal order has every judged paper."""
    grades = {"a": 3, "b": 1, "c": 0}
    assert ndcg(["b", "x", "a"], grades) == pytest.approx((1 + 3 / 2) / (3 + 1 / log2(3)))


def test_recall_and_reciprocal_rank_by_hand() -> None:
    """Only grades above 0 are relevant, and only the first k places count."""
    grades = {"a": 1, "b": 2, "c": 0}
    assert recall(["c", "a"], grades) == 0.5
    assert recall(["x", "a"], grades, k=1) == 0
    assert reciprocal_rank(["c", "x", "b"], grades) == pytest.approx(1 / 3)
    assert reciprocal_rank([*"0123456789", "a"], grades) == 0


@given(RANKING, GRADES)
def test_every_metric_lies_between_0_and_1(ranking: list[str], grades: dict[str, int]) -> None:
    """Whatever is ranked and judged; the ideal order has nDCG 1."""
    for metric in (ndcg, recall, reciprocal_rank):
        assert 0 <= metric(ranking, grades) <= 1
    if any(grades.values()):
        assert ndcg(sorted(grades, key=lambda key: -grades[key]), grades) == pytest.approx(1)


def test_queries_without_a_relevant_paper_are_left_out_and_unanswered_ones_count() -> None:
    """A query that nothing was found for is a failure; one with no right answer is no query."""
    values = per_query({"1": ["a"]}, {"1": {"a": 1}, "2": {"b": 1}, "3": {"c": 0}})
    assert values["ndcg@10"].tolist() == [1, 0]
    assert evaluate({"1": ["a"]}, {"1": {"a": 1}, "2": {"b": 1}})["mrr@10"].value == 0.5
    assert evaluate({}, {})["ndcg@10"].value == 0


def test_the_interval_covers_the_mean_and_repeats_with_its_seed() -> None:
    """The interval has the width that theory gives it, and one seed gives one interval."""
    values = np.random.default_rng(1).random(400)
    first = measure(values, seed=7)
    assert first == measure(values, seed=7)
    half = 1.96 * values.std() / 20
    assert first.low == pytest.approx(first.value - half, abs=0.004)
    assert first.high == pytest.approx(first.value + half, abs=0.004)


def test_the_paired_test_sees_a_difference_and_none() -> None:
    """A steady gain is significant, equal values are not, and the test is symmetric."""
    rng = np.random.default_rng(2)
    one = rng.random(100)
    two = one + rng.normal(0.05, 0.05, 100)
    assert paired_p(one, two) < 0.001
    assert paired_p(one, two) == paired_p(two, one)
    assert paired_p(one, one) == 1
    assert paired_p(one, one + rng.normal(0, 0.05, 100)) > 0.01
