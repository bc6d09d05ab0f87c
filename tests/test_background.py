"""Work behind the page: one after the other, seen by whom it is for, its outcome told."""

import threading
from datetime import UTC, datetime

import pytest

from broadsheet.errors import StoreBusy, UsageError
from broadsheet.library.background import Background
from broadsheet.types import Progress

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def test_work_waits_for_its_turn_and_is_seen_by_whom_it_is_for() -> None:
    """Who waits sees what goes on before; nobody else is shown it; the same work is not begun twice."""
    behind, go, began = Background(lambda: NOW), threading.Event(), threading.Event()

    def slow(report: Progress) -> None:
        report("arxiv", 120, 400)
        began.set()
        go.wait(20)

    first = behind.begin("a harvest", slow)
    second = behind.begin("a page", lambda report: report("seeds", 1, 1), whose="ada")
    began.wait(20)
    with pytest.raises(StoreBusy, match="under way"):
        behind.begin("a harvest", slow)

    seen = behind.of("ada")
    assert seen is not None
    assert (seen.what, seen.progress, seen.is_running) == ("a harvest", "arxiv, 120 of 400", True)
    assert behind.of("bo") is None
    go.set()
    assert first.result(20) is None
    assert second.result(20) is None
    assert [(work.what, work.is_running) for work in behind.recent()] == [("a page", False), ("a harvest", False)]
    own = behind.of("ada")
    assert own is not None
    assert (own.what, own.trouble) == ("a page", None)


def test_what_went_wrong_is_told_and_the_next_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    """An error is a sentence of the work, and raised to who waits; a fault leaves its trace on the terminal."""
    behind = Background(lambda: NOW)

    def refuse(_report: Progress) -> None:
        raise UsageError("papers", "are none", "name one")

    def break_down(_report: Progress) -> None:
        raise ZeroDivisionError

    with pytest.raises(UsageError):
        behind.begin("one", refuse, whose="ada").result(20)
    with pytest.raises(Exception, match="two: met a fault of Broadsheet"):
        behind.begin("two", break_down).result(20)
    behind.begin("three", lambda _report: None).result(20)

    assert "ZeroDivisionError" in capsys.readouterr().err
    troubles = [work.trouble for work in behind.recent()]
    assert troubles[0] is None
    assert troubles[2] == "papers: are none; name one"
