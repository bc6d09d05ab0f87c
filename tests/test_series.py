"""Counts over time as a line of text."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from broadsheet.cli.series import BLOCKS, WIDTH, curve, lines
from broadsheet.types import Signal

START = datetime(2025, 11, 20, 8, tzinfo=UTC)
counts = st.lists(st.integers(0, 10**9), min_size=2, max_size=40)


def counted(source: str, kind: str, *values: int) -> list[Signal]:
    """A count a day."""
    return [Signal(source, kind, START + timedelta(days=at), value) for at, value in enumerate(values)]


def test_a_series_is_drawn_from_its_first_to_its_last_count() -> None:
    """The newest count first, then its way there; series are apart by kind and source, in a fixed order."""
    signals = [*counted("github", "github_stars", 10, 10, 1240), *counted("huggingface", "upvotes", 5)]
    assert lines(signals[::-1]) == [
        ("github stars", "1,240  ▁▁▁▁▁▁▁▁▁▁▁█  from 10 (github, 3 counts, 2025-11-20 08:00 to 2025-11-22 08:00 UTC)"),
        ("upvotes", "5 (huggingface, 2025-11-20 08:00 UTC)"),
    ]
    assert lines([]) == []


def test_time_runs_evenly() -> None:
    """A count stands until the next one, however irregular they came."""
    assert curve([(0.0, 0), (1.0, 4), (10.0, 8)], width=11) == "▁" + "▄" * 9 + "█"


@given(counts)
def test_the_curve_of_a_growing_count_never_falls(values: list[int]) -> None:
    """It has its width, ends at the height of the last count, and rises where the counts do."""
    drawn = [BLOCKS.index(block) for block in curve([(float(at), value) for at, value in enumerate(sorted(values))])]
    assert len(drawn) == WIDTH
    assert drawn == sorted(drawn)
    assert drawn[-1] == (len(BLOCKS) - 1 if max(values) > min(values) else 0)
