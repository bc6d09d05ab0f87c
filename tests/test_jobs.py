"""Works that a server does again and again: a failure is told once, and no fault is the end of them."""

import threading

import pytest

from broadsheet.errors import StoreError
from broadsheet.jobs import Background


@pytest.mark.parametrize("fault", [StoreError("library", "is busy", "wait"), AssertionError("a fault of ours")])
def test_a_fault_is_told_and_the_work_goes_on(fault: Exception, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever a round raises, the next comes, and standard error says what it was."""
    rounds, done = [fault, fault], threading.Event()

    def work() -> None:
        if rounds:
            raise rounds.pop()
        done.set()

    background = Background("a work", 0.001, work, at_once=work)
    background.start()
    assert done.wait(30)
    background.close()
    assert str(fault) in capsys.readouterr().err
