"""Putting a list together: shares, difference, lots and steadiness, as pure functions."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from broadsheet.rank import explore
from broadsheet.rank.blend import blend
from broadsheet.rank.diversify import SAME, Variety
from broadsheet.rank.fellows import Fellow, hear
from broadsheet.rank.steady import churn, settled

PAPERS = 40


def unit(rows: np.ndarray) -> np.ndarray:
    """Rows of length one."""
    out: np.ndarray = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return out


def papers(seed: int, interests: int = 2) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities, what is listed, and directions."""
    rng = np.random.default_rng(seed)
    chances = rng.random((interests, PAPERS)).astype(np.float32)
    return chances, chances > 0.5, unit(rng.normal(size=(PAPERS, 8)))


@example(989, [0.0, 0.0, 0.5], 20)  # one that tells the same and that no interest lists
@given(
    st.integers(0, 1000), st.lists(st.sampled_from([0.0, 0.5, 1.0, 3.0]), min_size=1, max_size=5), st.integers(0, 60)
)
def test_a_blend_lists_each_paper_once_and_only_what_its_interest_lists(
    seed: int, shares: list[float], most: int
) -> None:
    """Whatever the shares, an interest lists what it takes a place for, no paper comes twice, and none is missed."""
    chances, listed, rows = papers(seed, len(shares))
    places = blend(chances, listed, shares, Variety(rows), most)

    assert len({p.paper for p in places}) == len(places) <= most
    assert all(listed[p.interest, p.paper] and shares[p.interest] > 0 for p in places)
    if len(places) < most:
        held = {h for p in places for h in p.held}
        assert len(places) + len(held) == listed[np.array(shares) > 0].any(axis=0).sum()


@given(st.integers(0, 1000), st.integers(1, 20))
def test_every_beginning_of_a_blend_keeps_the_shares(seed: int, length: int) -> None:
    """Of the first n places an interest of share 3 has three quarters beside one of share 1, within one place."""
    chances, _, rows = papers(seed)
    places = blend(chances, np.ones_like(chances, np.bool_), [3.0, 1.0], Variety(rows, 0.0), length)

    assert abs(sum(p.interest == 0 for p in places) - 0.75 * length) <= 1


def test_an_interest_without_papers_passes_its_places_on() -> None:
    """A list is as long as there are papers, though one interest has none."""
    chances, listed, rows = papers(3)
    listed[0] = False

    places = blend(chances, listed, [5.0, 1.0], Variety(rows, 0.0), 10)

    assert [p.interest for p in places] == [1] * 10
    assert [p.paper for p in places] == np.argsort(-np.where(listed[1], chances[1], 0), kind="stable")[:10].tolist()


def test_one_topic_does_not_fill_a_list() -> None:
    """With the dial up, a flood of one topic leaves room for the second, which by worth alone would come last."""
    flood = np.tile([1.0, 0.0], (20, 1)) + np.random.default_rng(0).normal(0, 0.25, (20, 2))
    rows = unit(np.vstack([flood, [[0.0, 1.0]]]))
    chances = np.array([[*np.linspace(0.9, 0.6, 20), 0.5]], np.float32)
    listed = np.ones_like(chances, np.bool_)

    by_worth = blend(chances, listed, [1.0], Variety(rows, 0.0), 5)
    diverse = blend(chances, listed, [1.0], Variety(rows, 0.6), 5)

    assert 20 not in [p.paper for p in by_worth]
    assert 20 in [p.paper for p in diverse]
    assert diverse[0].paper == 0


def test_what_tells_the_same_is_held_back() -> None:
    """Of two papers in nearly one direction the better is listed and names the other; at dial 0 both are."""
    rows = unit(np.array([[1, 0, 0], [1, 0.1, 0], [0, 1, 0]], float))
    assert rows[0] @ rows[1] >= SAME
    chances, listed = np.array([[0.5, 0.9, 0.4]], np.float32), np.ones((1, 3), np.bool_)

    places = blend(chances, listed, [1.0], Variety(rows), 3)

    assert [(p.paper, p.held) for p in places] == [(1, (0,)), (2, ())]
    assert len(blend(chances, listed, [1.0], Variety(rows, 0.0), 3)) == 3


def test_papers_of_which_nothing_is_known_are_like_nothing() -> None:
    """Without vectors no paper is held back for another."""
    chances, listed, _ = papers(1, 1)

    places = blend(chances, listed, [1.0], Variety(np.zeros((PAPERS, 0), np.float32)), PAPERS)

    assert len(places) == listed.sum()


@given(st.lists(st.floats(0, 1, width=32), max_size=30), st.integers(0, 10), st.integers(0, 100))
def test_lots_are_of_what_is_allowed_and_the_same_for_a_seed(chances: list[float], count: int, seed: int) -> None:
    """As many as asked for or as there are, each once, none of probability 0, the same for the same seed."""
    given = np.array(chances, np.float32)
    drawn = explore.draw(given, count, seed)

    assert drawn == explore.draw(given, count, seed)
    assert len(set(drawn)) == len(drawn) == min(count, int((np.sqrt(given) > 0).sum()))
    assert all(given[i] > 0 for i in drawn)


@pytest.mark.slow
def test_the_likelier_are_drawn_more_often() -> None:
    """A paper four times as likely comes up about twice as often."""
    drawn = [explore.draw(np.array([0.04, 0.01], np.float32), 1, seed)[0] for seed in range(2000)]

    assert 0.62 < drawn.count(0) / len(drawn) < 0.72


@given(st.integers(0, 100), st.floats(0, 0.5))
def test_lots_have_their_places(length: int, share: float) -> None:
    """Explored papers are spread over the list, in the share that was asked for, and never come first."""
    at = explore.places(length, share)

    assert at == sorted(set(at))
    assert all(0 < place < length for place in at)
    woven = explore.woven([0] * (length - len(at)), [1] * len(at), at)
    assert len(woven) == length
    assert [i for i, one in enumerate(woven) if one] == at


def test_without_news_a_paper_stays_where_it_was() -> None:
    """A small change of mind is held back, a large one and a new paper count, and a broken rule always does."""
    before = np.array([0.30, 0.30, np.nan, 0.02], np.float32)
    fresh = np.array([0.34, 0.70, 0.50, 0.0], np.float32)

    assert settled(fresh, before).tolist() == np.array([0.30, 0.70, 0.50, 0.0], np.float32).tolist()


def test_churn_is_the_share_that_left() -> None:
    """Two of the first four are gone; an order inside of them does not count; an empty list has not changed."""
    assert churn([1, 2, 3, 4, 5], [4, 9, 1, 8, 2], 4) == 0.5
    assert churn([], [1], 4) == 0.0


_SOME = st.frozensets(st.integers(0, 9))


@given(st.lists(st.tuples(_SOME, _SOME)), st.integers(1, 4))
def test_too_few_fellows_say_nothing(others: list[tuple[frozenset[int], frozenset[int]]], least: int) -> None:
    """Only papers that enough readers with a paper in common like are lifted, and none sinks or leaves 0."""
    own = frozenset(range(5))
    heard = hear((Fellow(own & has, len(has), likes) for has, likes in others), len(own), range(10), least)
    many = [sum(bool(own & has) and paper in likes for has, likes in others) for paper in range(10)]
    chances = np.linspace(0, 1, 10, dtype=np.float32)

    lifted = heard.lifted(chances)

    assert [bool(lift) for lift in heard.lift] == [count >= least for count in many]
    assert heard.readers.tolist() == many
    assert (lifted >= chances).all()
    assert lifted[0] == 0


def test_more_in_common_weighs_more() -> None:
    """A reader who shares three papers lifts more than one who shares one; a reader with a huge library less."""
    lifts = [float(hear([Fellow(range(n), size, {7})], 5, [7], 1).lift[0]) for n, size in ((3, 9), (1, 9), (3, 900))]
    assert lifts[0] > lifts[1] > 0
    assert lifts[0] > lifts[2] > 0
