"""arXiv's snapshot and daily listings, and our own export."""

import io
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.errors import FormatError
from broadsheet.identity import to_paper
from broadsheet.sources.formats import Exported, arxiv_listing, arxiv_snapshot, dump_header, dump_paper, export, read
from broadsheet.types import Announcement, Author, Drop, Earlier, Link, Paper, Record, Signal, Version
from tests.test_codec import WORK

NOW = datetime(2025, 11, 20, 12, tzinfo=UTC)

SNAPSHOT = {
    "id": "hep-th/9901001",
    "submitter": "Jane Doe",
    "authors": "Jane Doe (Somewhere), Rick van Roe Jr.",
    "title": "A title\n  on two lines with $\\alpha$",
    "comments": "12 pages, code at https://github.com/example/code",
    "journal-ref": "J. Ex. 12 (1999) 1-12",
    "doi": "10.1000/ABC 10.1000/def",
    "report-no": None,
    "categories": "hep-th math.AG",
    "license": "http://creativecommons.org/licenses/by/4.0/",
    "abstract": "  First line\nsecond line.\n",
    "versions": [
        {"version": "v1", "created": "Fri, 1 Jan 1999 19:18:42 GMT"},
        {"version": "v2", "created": "Tue, 24 Jul 2007 22:10:27 +0200"},
    ],
    "update_date": "2008-11-26",
    "authors_parsed": [["Doe", "Jane", ""], ["van Roe", "Rick", "Jr."], ["X Collaboration", "", ""]],
}


def _snapshot(**changes: object) -> Record | Drop:
    line = json.dumps({**SNAPSHOT, **changes}).encode() + b"\n"
    (item,) = arxiv_snapshot.read(io.BytesIO(line), origin="snapshot", now=NOW)
    return item


def test_snapshot_row() -> None:
    """A row of the snapshot becomes a record with all that it says."""
    record = _snapshot()
    assert isinstance(record, Record)
    assert record.ids == ("arxiv:hep-th/9901001", "doi:10.1000/abc", "doi:10.1000/def")
    assert record.title == "A title on two lines with $\\alpha$"
    assert record.abstract == "First line second line."
    assert [author.name for author in record.authors] == ["Jane Doe", "Rick van Roe Jr.", "X Collaboration"]
    assert record.categories == ("hep-th", "math.AG")
    first, last = datetime(1999, 1, 1, 19, 18, 42, tzinfo=UTC), datetime(2007, 7, 24, 20, 10, 27, tzinfo=UTC)
    assert (record.published, record.updated) == (first, last)
    assert record.versions == (Version(1, first), Version(2, last))
    assert (record.venue, record.licence) == (SNAPSHOT["journal-ref"], SNAPSHOT["license"])
    assert Link("code", "https://github.com/example/code") in to_paper(record, NOW).links
    assert not record.withdrawn


def test_snapshot_without_the_newer_fields() -> None:
    """Rows without parsed authors or versions give what they have."""
    record = _snapshot(authors_parsed=None, versions=None, doi=None)
    assert isinstance(record, Record)
    assert [author.name for author in record.authors][:1] == ["Jane Doe"]
    assert record.updated == datetime(2008, 11, 26, tzinfo=UTC)
    assert record.versions == ()


def test_snapshot_withdrawn() -> None:
    """A paper whose comment says that it was withdrawn is marked so."""
    record = _snapshot(comments="This paper has been withdrawn by the author")
    assert isinstance(record, Record)
    assert record.withdrawn


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": None}, "no title"),
        ({"title": "  "}, "no title"),
        ({"id": "x/1"}, "no arXiv id"),
        ({"authors_parsed": [["Doe"]]}, "family"),
        ({"authors_parsed": "Doe"}, "not a list"),
        ({"versions": [{"version": "v1", "created": "never"}]}, "versions"),
        ({"categories": 7}, "categories is a number"),
    ],
)
def test_snapshot_bad_row(changes: dict[str, object], said: str) -> None:
    """A row with a missing or wrong field is dropped with the field named."""
    drop = _snapshot(**changes)
    assert isinstance(drop, Drop)
    assert said in drop.reason


def test_listing_row() -> None:
    """A row of a daily listing is listed on its day; MSC and ACM classes are no categories."""
    row = {"day": "2025-03-18", "id": "2503.11731", "title": "T", "authors": ["Jane Doe"], "abstract": "A\nb"}
    row |= {"categories": ["cs.CL", "68T50, 68T07", "I.2.7", "math-ph", "cs.CL"], "comment": "12 pages"}
    (record,) = arxiv_listing.read(io.BytesIO(json.dumps(row).encode()), origin="x", now=NOW)
    assert isinstance(record, Record)
    assert record.announcements == (Announcement("arxiv", date(2025, 3, 18), "listed"),)
    assert record.categories == ("cs.CL", "math-ph")
    assert record.authors == (Author("Jane Doe"),)
    assert record.abstract == "A b"
    assert record.comment == "12 pages"


@pytest.mark.slow
@pytest.mark.parametrize("day", ["9999-12-31", "2999-01-01", "1899-12-31", "0001-01-01"])
def test_day_that_cannot_be_news_costs_its_record(day: str) -> None:
    """A day of centuries away is dropped with its reason, from listing and export: the newest edition is none such."""
    row = json.dumps({"day": day, "id": "2511.00001", "title": "A title", "authors": "A B", "categories": "cs.CL"})
    (from_listing,) = arxiv_listing.read(io.BytesIO(row.encode()), origin="x", now=NOW)
    news = ["arxiv", day, "new"]
    paper = {"key": "arxiv:2511.00001", "aliases": ["arxiv:2511.00001"], "title": "A", "added": NOW.isoformat()}
    plain, inside = paper | {"announcements": [news]}, paper | {"parts": [paper | {"announcements": [news]}]}
    lines = "".join(json.dumps(doc) + "\n" for doc in (plain, inside, paper))
    first, second, whole = export.read(io.BytesIO(lines.encode()), origin="x", now=NOW)

    for dropped in (from_listing, first, second):
        assert isinstance(dropped, Drop)
        assert dropped.reason == f"its day {day} is none on which it can have been news"
    assert isinstance(whole, Exported)


def test_real_listings(listings: Path) -> None:
    """Real days of listings are read whole."""
    items = list(read(listings, now=NOW))
    assert len(items) == sum(1 for line in listings.read_bytes().splitlines() if line.strip())
    assert all(isinstance(item, Record) for item in items)


_ids = st.from_regex(r"(arxiv|doi|local):[a-z0-9./]{1,8}", fullmatch=True)
_times = st.integers(0, 1 << 32).map(lambda second: datetime.fromtimestamp(second, UTC))
_titled = {**WORK, "title": st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9)}
_papers = st.builds(
    lambda key, others, **fields: Paper(key=key, aliases=(key, *others), **fields),
    _ids,
    st.lists(_ids, max_size=2),
    added=_times,
    sources=st.just(("arxiv",)),
    **_titled,
)
_signals = st.lists(st.builds(Signal, st.just("hf"), st.just("upvotes"), _times, st.integers(0, 1 << 40)), max_size=2)


_earlier = st.lists(
    st.builds(Earlier, _ids, st.integers(0, 9), _times, st.text(max_size=9), st.text(max_size=9)), max_size=2
)
_pairs = st.lists(st.tuples(_ids, _ids).filter(lambda pair: pair[0] != pair[1]), max_size=2)


@pytest.mark.slow
@given(
    paper=_papers,
    parts=st.lists(_papers, max_size=2).map(tuple),
    signals=_signals.map(tuple),
    apart=_pairs.map(tuple),
    earlier=_earlier.map(tuple),
)
def test_export_round_trip(
    paper: Paper,
    parts: tuple[Paper, ...],
    signals: tuple[Signal, ...],
    apart: tuple[tuple[str, str], ...],
    earlier: tuple[Earlier, ...],
) -> None:
    """A stored paper is the same after export and import: key, aliases, parts, signals, what it is not and all."""
    stream = io.BytesIO(dump_header(NOW) + dump_paper(Exported(paper, parts, signals, apart, earlier)))
    (item,) = export.read(stream, origin="x", now=NOW)
    assert item == Exported(paper, parts or (paper,), signals, apart, earlier)


def test_export_of_a_newer_kind_is_refused() -> None:
    """An export whose version is not known is refused as a whole."""
    with pytest.raises(FormatError, match="newer Broadsheet"):
        list(export.read(io.BytesIO(b'{"broadsheet":2}\n'), origin="x", now=NOW))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", 5),
        ("key", "arxiv:other"),
        ("added", "2025-11-20T00:00:00"),
        ("authors", [{"orcid": "x"}]),
        ("versions", [[1, "soon"]]),
        ("announcements", [["arxiv", "2025-11-20", "sung"]]),
        ("announcements", [["arxiv", "2025-11-20", "new", None, "soon"]]),
        ("links", [["pdf"]]),
        ("links", [["pdf", "javascript:alert(1)"]]),
        ("signals", [["hf", "upvotes", "2025-11-20T00:00:00+00:00", 1 << 70]]),
        ("parts", [{}]),
        ("apart", "arxiv:2503.11731"),
        ("apart", [["arxiv:2503.11731"]]),
        ("apart", [["arxiv:2503.11731", 5]]),
        ("earlier", 5),
        ("earlier", [["arxiv:2503.11731", "1", "2025-11-20T00:00:00+00:00", "T", "A"]]),
        ("earlier", [["arxiv:2503.11731", 1, "soon", "T", "A"]]),
    ],
)
def test_edited_export_is_checked(field: str, value: object) -> None:
    """A line of an export that somebody edited wrongly is dropped, not stored."""
    paper = Paper(title="T", key="arxiv:2503.11731", aliases=("arxiv:2503.11731",), added=NOW)
    doc = {**json.loads(dump_paper(Exported(paper, ()))), field: value}
    (item,) = export.read(io.BytesIO(json.dumps(doc).encode()), origin="x", now=NOW)
    assert isinstance(item, Drop)
