"""Listing pages as plain text: pairs are found by shape."""

import io
import textwrap
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.sources.formats import listing, read
from broadsheet.text import title_key
from broadsheet.types import Drop, Record

NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)

SENTENCES = (
    "We study how small invented systems behave when nobody looks at them for long.",
    "Our method keeps a list of everything that it has seen and throws half of it away each night.",
    "Experiments on three made-up collections show gains between 3.1% and 12% over what was there before.",
    "Is this enough?",
    "The code will be public at https://example.org/code (soon).",
    "It turns out that the order matters far more than the size, which earlier work had not looked at.",
)
TITLES = (
    "Small Systems",
    "What Nobody Looks At: A Study of Lists in Three Collections",
    "Do Lists Matter?",
    "On the order of things. A second look at lists, their order and their size",
    "LISTER-2: Throwing Half Away",
)
FURNITURE = ("new", "Subscribe", "Get the papers by mail!", "byNN and friends", "Mar 14", "·", "Next page", "1 2 3")
NOTES = ((), ("  • 5 authors", "·", "Oct 12, 2021"), ("12", "3 comments"), ("Jan 1",))


def _abstract(seed: int) -> str:
    return " ".join(SENTENCES[(seed + i) % len(SENTENCES)] for i in range(6))


def _read(text: str) -> tuple[list[Record], list[Drop]]:
    items = list(listing.read(io.BytesIO(text.encode()), origin="page", now=NOW))
    return [i for i in items if isinstance(i, Record)], [i for i in items if isinstance(i, Drop)]


def _pairs(records: Sequence[Record]) -> list[tuple[str, str]]:
    return [(record.title, record.abstract) for record in records]


def test_real_pages(shared: Path) -> None:
    """Five real pages in two layouts hold 365 pairs of 352 works, and nothing else is found in them."""
    counts, titles, drops = [], set(), []
    for path in sorted((shared / "data" / "listing_pages").glob("page-*.txt")):
        items = list(read(path, now=NOW))
        records = [item for item in items if isinstance(item, Record)]
        drops += [item for item in items if isinstance(item, Drop)]
        counts.append(len(records))
        titles |= {title_key(record.title) for record in records}
        assert all(len(record.abstract) > 500 and len(record.title) < 200 for record in records)
    assert (sum(counts), len(titles), drops) == (365, 352, [])


def test_real_page_without_its_empty_lines(shared: Path) -> None:
    """A real page reads the same with the lines between its paragraphs gone."""
    for number in (0, 4):
        text = (shared / "data" / "listing_pages" / f"page-{number}.txt").read_text()
        dense = "\n".join(line for line in text.splitlines() if line.strip())
        assert _pairs(_read(dense)[0]) == _pairs(_read(text)[0])


@given(
    data=st.data(),
    picks=st.lists(st.sampled_from(range(len(TITLES))), min_size=2, max_size=6),
    gap=st.sampled_from(["\n", "\n\n", "\r\n\r\n"]),
    head=st.lists(st.sampled_from(FURNITURE), max_size=5),
    tail=st.lists(st.sampled_from(FURNITURE), max_size=3),
)
def test_pairs_are_found_among_furniture(
    data: st.DataObject, picks: list[int], gap: str, head: list[str], tail: list[str]
) -> None:
    """Whatever short lines stand around and between the pairs, exactly the pairs are found."""
    pieces = list(head)
    for pick in picks:
        meta = data.draw(
            st.sampled_from([(), ("  • 5 authors", "·", "Oct 12, 2021"), ("12", "3 comments"), ("Jan 1",)])
        )
        pieces += [TITLES[pick], _abstract(pick), *meta]
    records, drops = _read(gap.join([*pieces, *tail]))
    assert _pairs(records) == [(TITLES[pick], _abstract(pick)) for pick in picks]
    assert drops == []


def test_notes_below_an_abstract() -> None:
    """A date with its year is when the paper was published; votes are a signal; a date without a year says nothing."""
    page = "\n".join(
        [
            *(TITLES[0], _abstract(0), "  • 5 authors", "·", "Jan 23, 2024 7"),
            *(TITLES[1], _abstract(1), "Apr 9"),
            *(TITLES[2], _abstract(2), "Published on Mar 3, 2025", "1.2k upvotes"),
        ]
    )
    first, second, third = _read(page)[0]
    assert first.published == datetime(2024, 1, 23, tzinfo=UTC)
    assert [(signal.kind, signal.value, signal.at) for signal in first.signals] == [("upvotes", 7, NOW)]
    assert (second.published, second.signals) == (None, ())
    assert third.published == datetime(2025, 3, 3, tzinfo=UTC)
    assert [signal.value for signal in third.signals] == [1200]


def test_notes_between_a_title_and_its_abstract() -> None:
    """Dates and counts may also stand between a title and its abstract."""
    page = "\n".join(
        line
        for i in range(3)
        for line in (TITLES[i], "Submitted by someone", "Mar 3, 2025", "• 5 authors", _abstract(i))
    )
    records, drops = _read(page)
    assert _pairs(records) == [(TITLES[i], _abstract(i)) for i in range(3)]
    assert [record.published for record in records] == [datetime(2025, 3, 3, tzinfo=UTC)] * 3
    assert drops == []


def test_button_glued_to_a_title() -> None:
    """A button's label that lost its line break before the first title is taken off."""
    page = f"Get papers by mail!\nSubscribe{TITLES[4]}\n{_abstract(0)}\n{TITLES[0]}\n{_abstract(1)}\n"
    assert [record.title for record in _read(page)[0]] == [TITLES[4], TITLES[0]]


def test_wrapped_text() -> None:
    """Paragraphs that an editor wrapped to a width are put together again."""
    blocks = [textwrap.fill(piece, 72) for i in range(4) for piece in (TITLES[i], _abstract(i))]
    assert _pairs(_read("\n\n".join(blocks))[0]) == [(TITLES[i], _abstract(i)) for i in range(4)]


def test_abstract_of_two_paragraphs() -> None:
    """A long paragraph after an abstract belongs to it."""
    page = "\n\n".join([TITLES[0], _abstract(0), _abstract(1), TITLES[1], _abstract(2)])
    assert _pairs(_read(page)[0]) == [(TITLES[0], f"{_abstract(0)} {_abstract(1)}"), (TITLES[1], _abstract(2))]


def test_abstract_without_a_title_is_reported() -> None:
    """A long text that no title stands before is dropped with its line."""
    page = "\n\n".join([_abstract(3), TITLES[0], _abstract(0), "3 authors", _abstract(1)])
    records, drops = _read(page)
    assert len(records) == 1
    assert [drop.at for drop in drops] == ["line 1", "line 9"]
    assert "no title" in drops[0].reason


@pytest.mark.parametrize("text", ["", "\n", "one line", "Subscribe\n" * 50, "·\n" * 9])
def test_page_of_nothing(text: str) -> None:
    """A page without abstracts has no papers."""
    assert _read(text) == ([], [])
