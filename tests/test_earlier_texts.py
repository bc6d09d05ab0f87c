"""Texts of earlier versions: kept when a version replaces them, carried along, and told apart word by word."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from broadsheet import identity
from broadsheet.library.export import export
from broadsheet.library.handle import Library
from broadsheet.library.harvest.import_ import import_files
from broadsheet.library.papers.show import PaperView, show
from broadsheet.library.papers.versions import versions_of
from broadsheet.store import Store, earlier, papers
from broadsheet.text.difference import Stretch, difference
from broadsheet.types import Earlier, Intent, Known, Paper, Version
from tests.libraries import library_at
from tests.stores import NOW, item, paper, put

KEY = "arxiv:2511.00001"
FIRST = paper(KEY, title="Tidal clocks", abstract="A clock of two springs.", versions=(Version(1, NOW),))
SECOND = structs.replace(FIRST, abstract="A clock of three springs.", versions=(Version(1, NOW), Version(2, NOW)))


def _intent(after: Paper) -> Intent:
    return Intent("changed", after, (after,), "test")


def test_a_later_version_with_another_abstract_ends_the_text_before() -> None:
    """Its title and abstract are kept under its number and the time of the change."""
    kept = identity.replaced([Known(FIRST, (FIRST,))], _intent(SECOND), NOW)

    assert kept == (Earlier(KEY, 1, NOW, FIRST.title, FIRST.abstract),)


def test_two_spellings_of_one_version_end_nothing() -> None:
    """Two sources that tell one version in two ways are no two versions."""
    after = structs.replace(FIRST, abstract="Another spelling by another source.")

    assert identity.replaced([Known(FIRST, (FIRST,))], _intent(after), NOW) == ()


def test_a_version_that_says_the_same_is_noted_without_its_text() -> None:
    """Blanks are no change, and the page can tell that there was none."""
    after = structs.replace(FIRST, abstract="A clock  of two springs.", versions=SECOND.versions)
    kept = identity.replaced([Known(FIRST, (FIRST,))], _intent(after), NOW)

    assert kept == (Earlier(KEY, 1, NOW, "", ""),)
    second, _ = versions_of(PaperView(1, after, (after,), (), (), (), kept))
    assert (second.against, second.title, second.abstract) == (1, (), ())


def test_earlier_texts_go_where_their_paper_goes(store: Store) -> None:
    """They follow a part into the paper that absorbs it, and out of it again."""
    text = Earlier(KEY, 1, NOW, "T\x00", "A")
    put(store, item(FIRST), replace(item(SECOND, "changed"), earlier=(text,)))
    other = paper("doi:10.1/b")
    (kept,) = put(store, item(other))
    joined = structs.replace(other, aliases=(other.key, KEY))
    put(store, item(joined, "merged", absorbs=(KEY,), parts=(other, SECOND)))
    with store.reading() as conn:
        assert earlier.of(conn, [kept]) == {kept: [structs.replace(text, title="T")]}
    with store.writing() as conn:
        _, taken = papers.split(conn, item(other), item(SECOND), NOW)
    with store.reading() as conn:
        assert list(earlier.of(conn, [kept, taken])) == [taken]


@pytest.fixture
def lib(tmp_path: Path) -> Iterator[Library]:
    """A library that has seen both versions."""
    with library_at(tmp_path / "a") as made:
        text = Earlier(KEY, 1, NOW + timedelta(days=1), FIRST.title, FIRST.abstract)
        put(made.store, replace(item(SECOND), earlier=(text,)))
        yield made


def test_the_page_tells_what_a_version_changed_and_what_is_not_known(lib: Library) -> None:
    """The second version has the words that came and went; of the first nothing is told, as nothing was before it."""
    second, first = versions_of(show(lib, KEY))

    assert (second.number, first.number) == (2, 1)
    assert Stretch("gone", "two ") in second.abstract
    assert Stretch("new", "three ") in second.abstract
    assert not second.title
    assert not first.abstract


def test_an_export_carries_them(lib: Library, tmp_path: Path) -> None:
    """A library that is made from an export of another tells the same of versions."""
    export(lib, str(tmp_path / "all.jsonl"))
    with library_at(tmp_path / "b") as second:
        import_files(second, [str(tmp_path / "all.jsonl")])
        assert versions_of(show(second, KEY)) == versions_of(show(lib, KEY))


_words = st.lists(st.sampled_from(("a", "b", "tide,", "$x^2$", "(clock)")), max_size=12).map(" ".join)


@given(_words, _words)
def test_a_difference_holds_both_texts(before: str, after: str) -> None:
    """Without what is new it says the text before, without what is gone the text after."""
    told = difference(before, after)

    def words(*kinds: str) -> str:
        return " ".join("".join(f"{s.text} " for s in told if s.kind in kinds).split())

    assert words("same", "gone").split() == before.split()
    assert words("same", "new").split() == after.split()
    assert before == after or any(s.kind != "same" for s in told)


def test_a_very_long_text_is_told_as_a_whole() -> None:
    """Comparing what is no abstract would take too long."""
    assert [s.kind for s in difference("a " * 2_000, "b")] == ["gone", "new"]
