"""The space in which interests are learnt: what is made of it, and what goes on while it is made anew."""

import json
import threading
from datetime import date
from pathlib import Path

import pytest

from broadsheet.library.handle import Library
from broadsheet.library.harvest.import_ import import_files
from broadsheet.library.interest.stream import Stream
from broadsheet.rank.interest import Features
from broadsheet.store import Store, editions
from tests.libraries import sample_at
from tests.shell import write_listing

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


def test_papers_that_are_read_while_a_space_is_made_anew_are_seen_as_either_has_them(tmp_path: Path) -> None:
    """Who reads papers in a space that another thread replaces gets them as it has them, and the new one its own."""
    reading, made = threading.Event(), threading.Event()

    with sample_at(tmp_path) as lib:
        seen: list[Features] = []

        def slow_store() -> Store:
            if threading.current_thread().name == "reader":
                reading.set()
                assert made.wait(60)
            return lib.store

        stream = Stream(lib.home, slow_store, lambda: lib.engine)
        space = stream.space()
        assert space is not None
        ids = _ids(lib)[:3]
        reader = threading.Thread(target=lambda: seen.append(stream.features(space, ids)), name="reader")
        reader.start()
        assert reading.wait(60)
        _outgrow(lib)
        anew = stream.space()
        made.set()
        reader.join()
        assert anew is not None
        assert len(anew.lexicon) > len(space.lexicon)
        assert seen[0].terms.width == len(space.lexicon)
        assert stream.features(anew, ids).terms.width == len(anew.lexicon)


def _ids(lib: Library) -> list[int]:
    with lib.store.reading() as conn:
        return list(editions.listed(conn, date(2026, 11, 1), date(2026, 11, 30)))


def _outgrow(lib: Library) -> None:
    """Bring so many papers, with words of their own, that the space is made anew."""
    words = ["heather", "granite", "lantern", "orchard", "pigeon", "quarry", "ribbon", "saddle"]
    papers = [
        {
            "id": f"2511.{20_000 + number}",
            "title": f"The {words[number % 8]} and the {words[number // 8 % 8]}, number {number}",
            "abstract": f"Of a {words[number // 64 % 8]} beside a {words[number % 7]}, counted {number} times.",
            "authors": [f"Ada Number{number}"],
            "categories": ["cs.CL"],
        }
        for number in range(300)
    ]
    import_files(lib, [str(write_listing(lib.home / "more.jsonl", papers))])
