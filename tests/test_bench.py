"""The benchmarks' own parts: made papers are alike everywhere, and figures are what they say."""

from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import orjson
import pytest

from bench import corpus, report
from broadsheet.sources import formats
from broadsheet.types import Record

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
