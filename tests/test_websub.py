"""A hub is told of news once, again where it did not take it, and of nothing that is no news."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from broadsheet.library.harvest import demo
from broadsheet.library.mails.post import WAITS
from broadsheet.library.upkeep.status import status
from broadsheet.library.websub import tell_hub
from tests.libraries import library_at, sample_at
from tests.receiver import receiver


@pytest.mark.slow
def test_a_hub_is_told_of_a_new_edition_once_and_again_where_it_did_not_take_it(tmp_path: Path) -> None:
    """The feeds that changed are named by their public addresses; a refusal is on the status page until it is over."""
    clock = [datetime(2026, 11, 20, 9, tzinfo=UTC)]
    with receiver() as hub:
        options = {"feeds.hub": hub.url, "base_url": "https://papers.example.org", "encoder": "none"}
        with library_at(tmp_path, options, lambda: clock[0]) as lib:
            assert tell_hub(lib) is None
            demo.load(lib)
            hub.answers = [503]
            assert tell_hub(lib) is False
            assert any("hub" in problem and "503" in problem for problem in status(lib)["problems"])
            assert tell_hub(lib) is None
            clock[0] += WAITS[0]
            assert tell_hub(lib) is True
            clock[0] += timedelta(hours=1)
            assert tell_hub(lib) is None
            assert not any("hub" in problem for problem in status(lib)["problems"])

    assert len(hub.got) == 2
    said = parse_qs(hub.got[1].body.decode())
    assert said["hub.mode"] == ["publish"]
    assert "https://papers.example.org/newest.atom" in said["hub.url"]


def test_without_a_public_address_nothing_is_told(tmp_path: Path) -> None:
    """A hub could not fetch the feeds."""
    with receiver() as hub:
        options = {"feeds.hub": hub.url, "encoder": "none"}
        with sample_at(tmp_path, options) as lib:
            assert tell_hub(lib) is None
    assert not hub.got
