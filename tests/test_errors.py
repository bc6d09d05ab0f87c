"""The tree of errors: printed first in errors.py, and what a person reads of one."""

import inspect
import re

import pytest

from broadsheet import errors


def _classes() -> list[type[errors.BroadsheetError]]:
    return [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, errors.BroadsheetError)]


def _tree_of(cls: type[errors.BroadsheetError], depth: int = 0) -> list[tuple[int, str]]:
    children = [c for c in vars(errors).values() if isinstance(c, type) and c.__bases__ == (cls,)]
    return [(depth, cls.__name__), *(row for child in children for row in _tree_of(child, depth + 1))]


def _tree_in_docstring() -> list[tuple[int, str]]:
    lines = (errors.__doc__ or "").splitlines()
    found = [re.match(r"([│├└─ ]*)([A-Z]\w+)  ", line) for line in lines]
    return [(len(m[1]) // 4, m[2]) for m in found if m]


def test_the_printed_tree_is_the_tree() -> None:
    """The docstring of errors.py lists every class, under its parent, in the order of the code."""
    assert _tree_in_docstring() == _tree_of(errors.BroadsheetError)


def test_an_error_is_one_sentence() -> None:
    """Subject, cause and way out are read in one line; the way out is left away where there is none."""
    assert str(errors.StoreBusy("library.db", "another process is writing", "try again")) == (
        "library.db: another process is writing; try again"
    )
    assert str(errors.NotFound("paper x", "not in the library")) == "paper x: not in the library"


def test_a_text_that_somebody_gave_for_a_name_is_not_repeated_whole() -> None:
    """A sentence stays one that can be read."""
    told = str(errors.NotFound("interest " + "x" * 3000, "is none of ann's", "there are graphs"))
    assert len(told) < 300
    assert told.endswith("…: is none of ann's; there are graphs")


@pytest.mark.parametrize("cls", _classes())
def test_every_error_has_an_exit_code_of_a_shell(cls: type[errors.BroadsheetError]) -> None:
    """1 the work failed, 2 wrong use, 130 stopped; wrong use is what is below UsageError and not merely missing."""
    assert cls.exit_code in {1, 2, 130}
    assert (cls.exit_code == 2) == (issubclass(cls, errors.UsageError) and cls is not errors.NotFound)


def test_a_source_error_says_whether_a_retry_can_help() -> None:
    """`permanent` and the HTTP status travel with the error."""
    gone = errors.FetchError("arxiv feed", "HTTP 404", permanent=True, status=404)
    assert (gone.permanent, gone.status) == (True, 404)
    assert not errors.FormatError("arxiv feed", "half a page").permanent
