"""The space in which interests are learnt: what is made of it, and what goes on while it is made anew."""

import json
import threading
from datetime import date
from pathlib import Path

import pytest

from tests.libraries import sample_at

pytestmark = pytest.mark.slow


def test_lists_go_on_in_the_space_that_is_while_another_is_made(tmp_path: Path) -> None:
    """Who has a space finds its papers while another thread makes a new one for a library that has outgrown it."""
    making, done = threading.Event(), threading.Event()

    def slowly(stage: str, at: int, total: int | None) -> None:
        making.set()
        assert done.wait(60)

    with sample_at(tmp_path) as lib:
        space = lib.stream.space()
        assert space is not None
        made = tmp_path / "index" / "interests" / "made.json"
        made.write_text(json.dumps(json.loads(made.read_bytes()) | {"papers": 1}))
        lib.stream._seq -= 1
        maker = threading.Thread(target=lib.stream.space, args=(slowly,))
        maker.start()
        assert making.wait(60)
        try:
            assert lib.stream.pool(space, date(2026, 11, 1), date(2026, 11, 30)).ids
        finally:
            done.set()
            maker.join()
