"""`broadsheet up` as a process: it serves at once, harvests behind the page, and stops in order."""

import re
import signal
import urllib.request

import pytest

from broadsheet import config
from broadsheet.library.address import address as address_of_page
from broadsheet.library.handle import Library
from broadsheet.store import runs
from tests.processes import Commands, Running, until
from tests.replay import Replay

pytestmark = pytest.mark.slow


def address_of(running: Running) -> str:
    """Where it says that it serves."""
    until(lambda: "Broadsheet is at" in running.told)
    found = re.search(r"http://\S+/", running.told)
    assert found
    return found[0]


def page(address: str) -> str:
    """A page of it."""
    with urllib.request.urlopen(address, timeout=20) as answer:
        text: str = answer.read().decode()
    return text


@pytest.fixture
def up(commands: Commands, small_replay: Replay) -> Running:
    """`up` on an empty library, with a source that is slow to answer."""
    commands.environ.update(small_replay.environ)
    small_replay.fault("/oai", "slow", times=3)
    return commands.start("up", "--port", "0")


def test_it_serves_while_it_harvests(up: Running, commands: Commands) -> None:
    """The pages are there before the first harvest has ended, and tell how far it is; links lead to where they are."""
    try:
        address = address_of(up)
        assert "Going on since" in page(address + "status")
        until(lambda: "Going on since" not in page(address + "status"))
        assert 'class="paper' in page(address)
        with Library(config.load({}, home=commands.home)) as lib:
            assert address_of_page(lib, "enter/x") == address + "enter/x"
    finally:
        up.send(signal.SIGINT)
    ended = up.wait()
    assert ended.code == 130
    assert "arxiv-oai" in ended.out
    assert "open what `broadsheet reader link` prints" in ended.err  # no terminal: somebody else may read it
    assert "Traceback" not in ended.err


def test_ctrl_c_stops_a_harvest_in_order(up: Running, commands: Commands) -> None:
    """It ends within seconds although a source does not answer, and no run is left open."""
    address_of(up)
    until(lambda: "arxiv-oai" in page(address_of(up) + "status"))
    up.send(signal.SIGINT)
    ended = up.wait(patience=20)

    assert ended.code == 130
    assert "what was stored is whole" in ended.err
    with Library(config.load({}, home=commands.home)) as lib, lib.store.reading() as conn:
        states = {run.source: run.state for run in runs.latest(conn).values()}
    assert states["huggingface"] in ("ok", "interrupted")
