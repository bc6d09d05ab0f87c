"""When a source is asked by itself, behind the page."""

from datetime import timedelta
from pathlib import Path

from broadsheet.library.harvest.due import AGAIN_AFTER, any_due
from broadsheet.library.upkeep.switches import switch
from broadsheet.store import runs
from broadsheet.store.runs import Outcome, State
from tests.libraries import NOW, library_at

ONE_SECOND = timedelta(seconds=1)


def test_a_source_is_asked_once_it_is_due_or_was_switched_on_and_in_peace_after_a_failure(tmp_path: Path) -> None:
    """What failed is left alone for some minutes, however often it is looked at; what is new is asked at once."""
    clock = [NOW]
    with library_at(tmp_path, {"arxiv.enabled": False}, lambda: clock[0]) as lib:

        def ran(state: State) -> None:
            with lib.store.writing() as conn:
                runs.finish(conn, runs.start(conn, "huggingface", clock[0]), Outcome(state=state), clock[0])

        assert any_due(lib)
        ran("ok")
        assert not any_due(lib)
        clock[0] += timedelta(hours=3)
        assert any_due(lib)
        ran("failed")
        clock[0] += AGAIN_AFTER - ONE_SECOND
        assert not any_due(lib)
        clock[0] += ONE_SECOND
        assert any_due(lib)

        ran("ok")
        switch(lib, "huggingface.enabled", value=False)
        clock[0] += timedelta(days=1)
        assert not any_due(lib)
        switch(lib, "huggingface.enabled", value=True)
        assert any_due(lib)
