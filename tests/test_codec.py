"""Papers survive JSON."""

import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet import codec
from broadsheet.types import Announcement, Author, Enrichment, Link, Paper, Version

_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_maybe = st.none() | _text
_times = st.integers(-1 << 31, 1 << 32).map(lambda second: datetime.fromtimestamp(second, UTC))
_days = st.dates(min_value=date(1900, 1, 1), max_value=date(2025, 12, 20))  # what can have been news


def _few(items: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.lists(items, max_size=2).map(tuple)


WORK = {
    "title": _text,
    "abstract": _text,
    "authors": _few(st.builds(Author, _text, _maybe, _maybe)),
    "categories": _few(_text),
    "published": st.none() | _times,
    "updated": st.none() | _times,
    "versions": _few(st.builds(Version, st.integers(1, 99), st.none() | _times)),
    "announcements": _few(
        st.builds(Announcement, _text, _days, st.sampled_from(["new", "listed"]), _maybe, st.none() | _times)
    ),
    "venue": _maybe,
    "licence": _maybe,
    "comment": _maybe,
    "links": _few(st.builds(Link, st.sampled_from(["pdf", "code"]), _text.map("https://x/{}".format))),
    "enrichments": _few(st.builds(Enrichment, _text, _text, _text)),
    "withdrawn": st.booleans(),
}
PAPERS = st.builds(Paper, key=_text, aliases=_few(_text), sources=_few(_text), added=_times, **WORK)


@pytest.mark.slow
@given(paper=PAPERS)
def test_paper_round_trip(paper: Paper) -> None:
    """A paper is the same after JSON, in all its fields."""
    assert codec.paper_from_json(codec.paper_to_json(paper)) == paper


def test_empty_fields_are_left_out_and_times_are_utc() -> None:
    """The JSON holds what is known only, and times in UTC whatever their zone was."""
    added = datetime(2025, 11, 20, 2, tzinfo=timezone(timedelta(hours=2)))
    line = codec.paper_to_json(Paper(key="local:t", aliases=("local:t",), title="T", added=added))
    assert line == b'{"key":"local:t","aliases":["local:t"],"title":"T","added":"2025-11-20T00:00:00Z"}'


@given(paper=PAPERS)
def test_paper_as_values(paper: Paper) -> None:
    """A paper is the same after its values went through any JSON."""
    assert codec.paper_from_dict(json.loads(json.dumps(codec.paper_to_dict(paper)))) == paper


def test_documents_with_short_rows_and_offsets_are_read() -> None:
    """A version without a date may be a row of one, and an offset may be written as hours."""
    line = b'{"key":"local:t","aliases":["local:t"],"title":"T","versions":[[1]],"added":"2025-11-20T00:00:00+00:00"}'
    added = datetime(2025, 11, 20, tzinfo=UTC)
    expected = Paper(key="local:t", aliases=("local:t",), title="T", versions=(Version(1),), added=added)
    assert codec.paper_from_json(line) == expected
