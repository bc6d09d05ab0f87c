"""The benchmarks' own parts: made papers are alike everywhere, and figures are what they say."""

from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import orjson
import pytest

from bench import bare, corpus, report
from broadsheet.rank.order import Entry
from broadsheet.sources import formats
from broadsheet.types import Announcement, Record
from tests.stores import paper

NOW = datetime(2025, 11, 20, tzinfo=UTC)


@pytest.mark.slow
def test_made_papers_are_those_of_every_machine(shared: Path, tmp_path: Path) -> None:
    """Made rows depend on the seed alone, have ids of their own, and are read as arXiv's snapshot without a drop."""
    rows = list(corpus.made_rows(300))
    assert rows == list(islice(corpus.made_rows(1_000), 300))
    path = tmp_path / "made"
    path.write_bytes(b"\n".join(orjson.dumps(row) for row in rows))
    records = list(formats.read(path, now=NOW))
    assert all(isinstance(record, Record) for record in records)
    assert len({record.ids for record in records if isinstance(record, Record)}) == len(rows)


def test_percentiles_are_nearest_ranks() -> None:
    """Of a hundred values the 95th is the p95; of one value everything is that value."""
    values = [float(n) for n in range(100, 0, -1)]
    assert [report.percentile(values, share) for share in (0.0, 0.5, 0.95, 1.0)] == [1.0, 50.0, 95.0, 100.0]
    assert report.percentile([7.0], 0.95) == 7.0


def test_a_table_is_markdown_with_the_machine_below() -> None:
    """Figures without the machine they come from are of no use."""
    printed = report.markdown(report.Table("T", ("a", "b"), (("x", "1"),), "How."))
    assert printed.startswith("## T\n\nHow.\n\n| a | b |\n|---|--:|\n| x | 1 |\n\n")
    assert report.machine().split(",")[0] in printed


def test_the_bare_page_of_papers_has_the_papers_and_bytes_asked_for() -> None:
    """It is compared with pages of its size: too many papers are left out, too few bytes are filled."""
    listed = Announcement("arxiv", NOW.date(), "new")
    papers = [paper(f"arxiv:2611.0000{number}", title="A < B") for number in (1, 2, 3)]
    rows = bare.Rows([bare.row_of(Entry(1, one.key, listed, None, 1.0, "", paper=one)) for one in papers])
    roomy, narrow = rows.page(9_000, 2), rows.page(1_500, 3)
    assert [(len(page.encode()), page.count("<li ")) for page in (roomy, narrow)] == [(9_000, 2), (1_500, 1)]
    assert "A &lt; B" in roomy
