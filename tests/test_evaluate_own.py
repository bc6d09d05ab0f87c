"""`broadsheet eval recs --own`: past days again, on the marks of the library's own readers."""

from datetime import UTC, datetime, time, timedelta

import pytest

from broadsheet.config import load
from broadsheet.library.handle import Library
from broadsheet.store import editions, marks, papers, readers
from broadsheet.types import Mark
from tests.shell import Shell


@pytest.mark.slow
def test_past_days_are_replayed(reading: Shell) -> None:
    """Days after the first three likes are ranked beside known ways, and few days are said to be few."""
    reading.json("reader", "add", "me")
    with Library(load({"BROADSHEET_HOME": str(reading.home)})) as lib, lib.store.writing() as conn:
        who, last = readers.named(conn, "me"), editions.latest_day(conn)
        assert who
        assert last
        for back in range(9, -1, -1):
            day = last - timedelta(days=back)
            listed = papers.by_ids(conn, list(editions.listed(conn, day, day)))
            birds = [i for i, paper in listed if paper.key.startswith("arxiv:2511.010")][:4]
            marks.put(conn, who.id, [Mark(i, "up", datetime.combine(day, time(12), UTC)) for i in birds])

    answer = reading.json("eval", "recs", "--own", "--reader", "me")

    assert answer["cases"] > 1
    assert "chance" in answer["note"]
    assert answer["protocols"]["own marks"]["readers"] == 1
    methods = answer["protocols"]["own marks"]["methods"]
    assert {"broadsheet", "votes of the day"} <= set(methods)
    assert methods["broadsheet"]["auc"]["value"] > 0.7
    assert methods["votes of the day"]["auc"]["value"] < 0.9, "a reader's own votes, which are looked for, do not count"
    differences = answer["protocols"]["own marks"]["ahead"].values()
    assert not any(d["real"] for metrics in differences for d in metrics.values()), "two days may always be chance"


@pytest.mark.slow
def test_without_marks_it_says_so(reading: Shell) -> None:
    """A library whose readers have marked nothing is told what is missing."""
    answer = reading.json("eval", "recs", "--own")
    assert (answer["cases"], answer["protocols"]) == (0, {})
    assert "nothing to replay" in answer["note"]
