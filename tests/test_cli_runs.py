"""Runs on the terminal: what came of each, on a row that keeps its shape."""

from typing import Any

import pytest
from rich.console import Console

from broadsheet.cli import runs
from broadsheet.library.answers import run_answer
from broadsheet.library.harvest.ingest import Counts
from broadsheet.library.harvest.pull import RunReport
from broadsheet.types import Drop

NOTHING: dict[str, Any] = {
    "state": "ok", "new": 0, "changed": 0, "same": 0, "merged": 0,
    "dropped_total": 0, "drops": {}, "note": None, "error": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("of_it", "said"),
    [
        ({"new": 1220, "same": 3}, "1,220 new, 3 same"),
        ({}, "nothing new"),
        ({"state": "never"}, ""),
        ({"state": "unchanged", "note": "unchanged since Monday"}, "unchanged since Monday"),
        ({"state": "failed", "error": "it cannot be reached"}, "it cannot be reached"),
        ({"new": 2, "dropped_total": 1, "drops": {"no title": 1}}, "2 new, 1 dropped: no title"),
        (
            {"dropped_total": 9, "drops": {"a": 1, "b": 4, "c": 2, "d": 2}, "error": "half"},
            "9 dropped: b (4), c (2), d (2), …; half",
        ),
    ],
)
def test_a_run_says_what_came_of_it(of_it: dict[str, Any], said: str) -> None:
    """Counts without zeros, what was dropped with its commonest reasons, then what the run itself said."""
    assert runs.outcome(NOTHING | of_it) == said


def test_what_a_pull_answers_is_told_like_what_status_answers() -> None:
    """The answer of `pull` has all that a row is made of, drops with their reasons too."""
    drops = (Drop("arxiv", "item 1", "no title"), Drop("arxiv", "item 2", "no title"))
    run = RunReport("arxiv", "partial", Counts(new=2), drops, 0.1, (), error="half of it came")
    assert runs.outcome(run_answer(run)) == "2 new, 2 dropped: no title; half of it came"


def test_only_what_came_of_a_run_wraps_on_a_narrow_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Source, state and minute stay whole, however long the words are that there are to say."""
    shown = runs.table("Last runs", ("started",))
    shown.add_row("huggingface", "interrupted", runs.minute("2025-11-19T06:40:01"), f"{'word' * 40} " * 4)
    Console(width=60).print(shown)
    assert "huggingface   interrupted   2025-11-19 06:40   word" in capsys.readouterr().out
