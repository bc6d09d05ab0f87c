"""How earlier papers of the same names did: by days, shrunk, whatever the order of rows."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.rank.standing import Named

rows = st.lists(
    st.tuples(
        st.lists(st.sampled_from("abcd"), unique=True, max_size=3),
        st.integers(1, 5),
        st.one_of(st.just(np.nan), st.floats(-2, 2)),
    ),
    max_size=12,
)


def test_names_speak_by_their_earlier_papers() -> None:
    """A name's mean is of earlier days' known values with so many zeros; several names count alike; the new say 0."""
    names = [["a"], ["a", "b"], ["a"], ["a", "b", "c"], []]
    mean, count = Named.of(names, np.array([1, 2, 2, 3, 3])).standing(np.array([4.0, 1.0, np.nan, 9.0, 9.0]), 1.0)

    assert mean.tolist() == [0.0, 2.0, 2.0, (5 / 3 + 1 / 2) / 2, 0.0]
    assert count.tolist() == [0.0, 1.0, 1.0, 3.0, 0.0]


@given(rows)
def test_days_decide_and_not_the_order_of_rows(made: list[tuple[list[str], int, float]]) -> None:
    """Each row is told what a plain loop over the rows of earlier days says, in whatever order rows come."""
    names, day = [own for own, _, _ in made], np.array([day for _, day, _ in made], dtype=np.int64)
    mean, count = Named.of(names, day).standing(np.array([value for _, _, value in made]), 2.0)

    for row, (own, today, _) in enumerate(made):
        past = {n: [v for o, d, v in made if n in o and d < today and not np.isnan(v)] for n in own}
        means = [sum(values) / (len(values) + 2.0) for values in past.values() if values]
        assert np.isclose(mean[row], sum(means) / max(len(means), 1))
        assert count[row] == sum(map(len, past.values()))
