"""What a reader says of an interest, and the profile that it makes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.errors import UsageError
from broadsheet.rank.profile import Said, changed
from broadsheet.types import Profile

WORDS = st.lists(st.sampled_from(["bees", "Honey", "wax  comb", "hive"]), max_size=3).map(tuple)
BEFORE = Profile(about=("queens",), include=("swarm",), terms=(("nectar", 1.0),))


@given(WORDS, WORDS, WORDS)
def test_what_is_said_twice_is_there_once_and_can_be_taken_back(
    about: tuple[str, ...], include: tuple[str, ...], authors: tuple[str, ...]
) -> None:
    """Saying the same again changes nothing; dropping what was said, in any case, gives the profile of before."""
    said = Said(about=about, include=include, authors=authors, terms=(("Pollen", 0.5),))
    after = changed(BEFORE, said, ["arxiv:2405.15738"])
    assert changed(after, said, ["arxiv:2405.15738"]) == after
    drop = ("2405.15738", "POLLEN", *(word.upper() for word in (*about, *include, *authors)))
    assert changed(after, Said(drop=drop)) == BEFORE


def test_what_is_dropped_and_said_again_is_there_where_it_was_said() -> None:
    """A word moves from one list to another, and is written anew in another case, in one change."""
    moved = changed(BEFORE, Said(exclude=("swarm",), about=("Queens",), drop=("swarm", "queens")))
    assert (moved.include, moved.exclude, moved.about) == ((), ("swarm",), ("Queens",))


def test_what_is_not_said_of_places_and_probabilities_stays() -> None:
    """A reader says only what is to be different."""
    assert changed(changed(Profile(), Said(most=3, least=0.2)), Said(most=5)) == Profile(most=5, least=0.2)


@pytest.mark.parametrize(
    ("said", "subject"),
    [
        (Said(about=("…",)), "about"),
        (Said(exclude=("x" * 2_001,)), "exclude"),
        (Said(drop=("wasps",)), "wasps"),
        (Said(share=101), "share 101"),
        (Said(least=1.5), "1.5"),
        (Said(most=0), "most 0"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(said: Said, subject: str) -> None:
    """A word that is none, one that is too long, what the interest has not, and numbers out of bounds."""
    with pytest.raises(UsageError, match=subject):
        changed(BEFORE, said)
