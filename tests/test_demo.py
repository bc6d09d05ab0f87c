"""The invented sample edition."""

from datetime import UTC, date, datetime, timedelta

from broadsheet import demo
from broadsheet.text import canonical_id, plain

TODAY = date(2025, 11, 20)


def test_three_days_of_papers() -> None:
    """The sample has papers of today and the two days before, in several fields, none of them in the future."""
    records = demo.records(TODAY)
    days = sorted({a.day for record in records for a in record.announcements})
    assert days == [TODAY - timedelta(2), TODAY - timedelta(1), TODAY]
    assert len(records) >= 20
    archives = {record.categories[0].partition(".")[0] for record in records}
    assert {"cs", "math", "q-bio", "econ", "quant-ph"} <= archives
    midnight = datetime(2025, 11, 20, tzinfo=UTC)
    for record in records:
        assert record.published is not None
        assert record.published <= midnight
        assert all(signal.at <= midnight for signal in record.signals)


def test_every_paper_is_whole_and_says_that_it_is_invented() -> None:
    """Each paper has an id of its own, authors, a readable abstract and votes, and says that it is invented."""
    records = demo.records(TODAY)
    assert len({record.ids for record in records}) == len({record.title for record in records}) == len(records)
    for record in records:
        assert canonical_id(record.ids[0]) == record.ids[0]
        assert record.comment is not None
        assert record.comment.startswith("Invented sample paper")
        assert record.authors
        assert record.signals
        assert 85 <= len(record.abstract.split()) <= 155
        assert "\\" not in plain(record.abstract)
        assert all("example.org" in link.url for link in record.links)


def test_votes_grow() -> None:
    """Votes are counted at different times and do not fall."""
    for record in demo.records(TODAY):
        counts = [signal.value for signal in record.signals]
        assert counts == sorted(counts)
        assert len({signal.at for signal in record.signals}) == len(counts)
