"""Fields that readers choose: one rule wherever they are written."""

from pathlib import Path

import pytest

from broadsheet.errors import UsageError
from broadsheet.library import fields
from broadsheet.library.digests.sign_up import SignUp, sign_up
from broadsheet.library.interest import welcome
from broadsheet.library.interest.profiles import add_interest, edit_interest, list_interests
from broadsheet.library.readers import add_reader
from broadsheet.rank.profile import Said
from tests.libraries import library_at
from tests.shell import Shell, write_listing

TOLD = "field 'machine learning': is no category; write some such as cs.CL or q-bio.NC, or say in words what you like"


def test_a_word_that_is_no_field_is_refused_in_one_sentence_everywhere(tmp_path: Path) -> None:
    """First steps, sign-up and interests, new and changed, say the same of it, and nothing is made of the rest."""
    with library_at(tmp_path) as lib:
        ada = add_reader(lib, "ada")
        add_interest(lib, "ada", "birds", Said(categories=("CS.cl", "math", "cs.CL")))
        wrong = ("cs.LG", "machine learning")
        for attempt in (
            lambda: welcome.begin(lib, ada, welcome.Wishes(wrong)),
            lambda: sign_up(lib, SignUp("bo@example.org", fields=wrong), "here"),
            lambda: add_interest(lib, "ada", "learning", Said(categories=wrong)),
            lambda: edit_interest(lib, "ada", "birds", Said(categories=wrong)),
        ):
            with pytest.raises(UsageError) as refused:
                attempt()
            assert str(refused.value) == TOLD

        assert [view.interest.profile.categories for view in list_interests(lib, "ada")] == [("cs.CL", "math")]


@pytest.mark.slow
def test_what_papers_here_are_filed_under_is_a_field(shell: Shell, tmp_path: Path) -> None:
    """It can be chosen in letters of any case, and nobody asks arXiv for it."""
    shell(
        "import",
        write_listing(tmp_path / "new.jsonl", [{"id": "2511.00001", "title": "A", "categories": ["soups.XX"]}]),
    )
    with library_at(shell.home) as lib:
        ada = add_reader(lib, "ada")  # the first administers
        before = lib.settings.arxiv.categories

        assert fields.checked(lib, ("SOUPS.xx", "stat")) == ("soups.XX", "stat")
        welcome.begin(lib, ada, welcome.Wishes(("soups.xx",)))
        assert list_interests(lib, "ada")[0].interest.profile.categories == ("soups.XX",)
        assert lib.settings.arxiv.categories == before
