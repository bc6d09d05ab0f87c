"""Names of what is a reader's own: one line, short enough, and only what can be shown."""

import pytest

from broadsheet.errors import UsageError
from broadsheet.library.names import checked, fitted
from tests.shell import Shell


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        (" \n ", "shelf: has no name; give it one"),
        ("x" * 9, "shelf: has a name of more than 8 letters; give it a shorter one"),
        ("\x1b[31mred", "shelf: has a name with characters that cannot be shown; write it without them"),
    ],
)
def test_a_name_that_cannot_be_is_refused_for_its_own_reason(name: str, cause: str) -> None:
    """Spaces are folded; none, too long and not to be shown are told apart."""
    assert checked("shelf", " two \n words", 9) == "two words"
    with pytest.raises(UsageError) as refused:
        checked("shelf", name, 8)
    assert str(refused.value) == cause


@pytest.mark.parametrize("name", ["👩\u200d🔬 papers", "می\u200cخوانم", "ශ්\u200dරී"])
def test_what_joins_letters_may_be_in_a_name(name: str) -> None:
    """Emoji of several, Persian and Sinhala are written with characters that are nothing by themselves."""
    assert checked("shelf", name, 20) == fitted(name, 20) == name
    with pytest.raises(UsageError, match="has no name"):
        checked("shelf", "\u200d", 20)


def test_a_name_from_elsewhere_is_made_to_fit() -> None:
    """Who is named by a proxy or a provider comes in under what of the name can be shown."""
    assert fitted(" Ada\x1b[31m\n Byron ", 99) == "Ada[31m Byron"
    assert fitted("Ada Byron", 3) == "Ada"


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [("interest", "add", "me"), ("collection", "make", "me"), ("saved", "add", "me", "terns", "--name"),
     ("outlet", "add", "me", "https://example.org/papers", "--name"), ("reader", "token", "me"),
     ("reader", "rename", "me", "--display")],
)  # fmt: skip
def test_names_are_alike_for_all_that_is_a_readers_own(reading: Shell, command: tuple[str, ...]) -> None:
    """Too long, or with what a terminal would obey, they are refused in a sentence."""
    reading("reader", "add", "me")
    for name in ("x" * 300, "\x1b[31mred"):
        outcome = reading(*command, name)
        assert (outcome.code, outcome.err.count("\n")) == (2, 1)
        assert "has a name " in outcome.err


def test_an_interests_name_can_be_in_an_address(reading: Shell) -> None:
    """Its page has it there, so that slashes and points alone are refused."""
    for name in ("RL/RLHF", ".."):
        assert "can be in no address" in reading("interest", "add", "me", name).err
