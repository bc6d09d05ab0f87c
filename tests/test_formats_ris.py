"""RIS files of many writers."""

import io
from datetime import UTC, datetime

import pytest

from broadsheet.sources.formats import ris
from broadsheet.types import Drop, Link, Record

NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)


def _read(text: str | bytes) -> list[Record | Drop]:
    data = text.encode() if isinstance(text, str) else text
    return list(ris.read(io.BytesIO(data), origin="refs", now=NOW))


def test_entry() -> None:
    """An entry gives title, names in reading order, date, venue, ids, links and keywords."""
    text = """TY  - JOUR
AU  - van Roe, Rick, Jr.
A1  - Doe, Jane
TI  - A title: long
  enough for two lines
JO  - J. of Examples
PY  - 2020
DA  - 2020/03/15/
DO  - https://doi.org/10.1000/ABC
UR  - https://arxiv.org/abs/2101.00001v2
UR  - https://example.org/page
L1  - https://example.org/page.pdf
KW  - lists
KW  - cs.CL
N2  - Some words.
ER  -
"""
    (record,) = _read(text)
    assert isinstance(record, Record)
    assert record.title == "A title: long enough for two lines"
    assert [author.name for author in record.authors] == ["Rick van Roe Jr.", "Jane Doe"]
    assert record.published == datetime(2020, 3, 15, tzinfo=UTC)
    assert record.ids == ("doi:10.1000/abc", "arxiv:2101.00001")
    assert record.links == (Link("other", "https://example.org/page"), Link("pdf", "https://example.org/page.pdf"))
    assert (record.venue, record.abstract, record.categories) == ("J. of Examples", "Some words.", ("cs.CL",))


def test_loose_writers() -> None:
    """A byte order mark, line ends of Windows, one blank only and a missing ER are no hindrance."""
    text = "\ufeffTY  - JOUR\r\nT1  - One\r\nTY - CONF\r\nTI - Two\r\nER -\r\n\r\nnonsense\r\nTY  - GEN\r\nTI  - Three"
    assert [item.title for item in _read(text) if isinstance(item, Record)] == ["One", "Two", "Three"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_they_did_on_any_machine(end: str) -> None:
    """Each entry is read, or dropped with the line that it begins on."""
    written = ("TY  - JOUR", "TI  - One", "ER  - ", "", "TY  - JOUR", "ER  - ", "TY  - JOUR", "TI  - Two", "  words")
    one, drop, two = _read(end.join(written))

    assert isinstance(drop, Drop)
    assert drop.at == "line 5"
    assert [item.title for item in (one, two) if isinstance(item, Record)] == ["One", "Two words"]


def test_an_entry_without_its_first_line_is_dropped_with_its_reason() -> None:
    """Before others, between them and at the end; blank lines, an `ER` too many and a site's head are none."""
    good = "TY  - JOUR\nTI  - Good\nER  - \n"
    lone = "AU  - Byron, Ada\nTI  - Lost\n"
    text = f"Provider: Examples\nContent: text/plain\n\n{lone}ER  - \nER  - \n{good}\n\n{lone}{good}{lone}"
    found = _read(text)

    assert [(one.at, one.reason) for one in found if isinstance(one, Drop)] == [
        (f"line {number}", "it does not begin with TY") for number in (4, 13, 18)
    ]
    assert [one.title for one in found if isinstance(one, Record)] == ["Good", "Good"]
    assert len(found) == 5


def test_bad_entries_cost_themselves_only() -> None:
    """An entry without a title or not in UTF-8 is dropped with its line."""
    data = b"TY  - JOUR\nER  - \nTY  - JOUR\nTI  - G\xf6del\nER  - \nTY  - JOUR\nTI  - Good\nER  - \n"
    first, second, good = _read(data)
    assert isinstance(first, Drop)
    assert isinstance(second, Drop)
    assert isinstance(good, Record)
    assert (first.at, second.at) == ("line 1", "line 3")
    assert "title" in first.reason
    assert "UTF-8" in second.reason
