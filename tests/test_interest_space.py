"""The space in which interests are learnt: what is made of it, and what goes on while it is made anew."""

import json
import shutil
import threading
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from msgspec import structs

from broadsheet import config
from broadsheet.library.handle import Library
from broadsheet.library.harvest.import_ import import_files
from broadsheet.library.index import catch_up, reindex
from broadsheet.library.interest.learn import MOST_COMPARED, taught
from broadsheet.library.interest.profiles import add_interest, learnt_of
from broadsheet.library.interest.stream import Stream
from broadsheet.library.readers import add_reader, find_reader
from broadsheet.library.shelf.mark import mark
from broadsheet.rank.interest import Features
from broadsheet.rank.profile import Said
from broadsheet.store import Store, editions, marks
from tests.libraries import sample_at
from tests.shell import write_listing
from tests.topics import rows

pytestmark = pytest.mark.slow

DAYS = date(2025, 11, 18), date(2025, 11, 20)


@pytest.fixture
def topics(topics_home: Path, tmp_path: Path) -> Path:
    """A home with papers on three subjects, found by words and by meaning."""
    return Path(shutil.copytree(topics_home, tmp_path / "home"))


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
    making, reading, made = threading.Event(), threading.Event(), threading.Event()

    def slowly(stage: str, at: int, total: int | None) -> None:
        making.set()
        assert reading.wait(60)

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
        _outgrow(lib)
        maker = threading.Thread(target=stream.space, args=(slowly,))
        maker.start()
        assert making.wait(60)  # the change of the library is known, and the new space is not there yet
        reader.start()
        maker.join()
        made.set()
        reader.join()
        anew = stream.space()
        assert anew is not None
        assert len(anew.lexicon) > len(space.lexicon)
        assert seen[0].terms.width == len(space.lexicon)
        assert stream.features(anew, ids).terms.width == len(anew.lexicon)


def test_lists_go_on_while_other_vectors_take_the_place_of_those_that_they_began_with(topics: Path) -> None:
    """Papers are seen as before by who has a space whose vectors were replaced, though their folder is gone."""
    with Library(config.load({}, home=topics)) as lib:
        space = lib.stream.space()
        assert space is not None
        before = lib.stream.pool(space, *DAYS).papers
        lib.stream.features(space, [1])
        reindex(lib)
        assert [name for name in space.sets if not (topics / "vectors" / name).exists()] == list(space.sets) != []
        seen = lib.stream.features(space, lib.stream.pool(space, *DAYS).ids)
        assert all(np.array_equal(rows, before.dense[name]) for name, rows in seen.dense.items())


def test_models_are_of_the_space_that_a_list_was_begun_in(topics: Path) -> None:
    """Who asks for models names the space, whichever is the newest by then."""
    with Library(config.load({}, home=topics)) as lib:
        add_reader(lib, "ann")
        add_interest(lib, "ann", "birds", Said(about=("songbird migration",)))
        space = lib.stream.space()
        assert space is not None
        reindex(lib)
        assert lib.stream.space() is not space
        (taught,) = learnt_of(lib, space, find_reader(lib, "ann")).values()
        assert taught.model.kernel is space.background.kernel


def test_papers_are_seen_anew_once_they_have_vectors(topics: Path) -> None:
    """A pool that was made between the harvest and the index of meaning is not kept after it."""
    late = {"id": "2511.01999", "title": "Warblers come late", "abstract": "They do.", "authors": ["Ada Late"]}
    with Library(config.load({}, home=topics, options={"encoder": "none"})) as lib:
        import_files(lib, [str(write_listing(topics / "late.jsonl", [rows()[0] | late]))])
    with Library(config.load({}, home=topics)) as lib:
        pools = []
        for _ in range(2):
            space = lib.stream.space()
            assert space is not None
            pools.append(lib.stream.pool(space, *DAYS))
            catch_up(lib)
        missing = [sum(int((~row.any(axis=1)).sum()) for row in pool.papers.dense.values()) for pool in pools]
        assert missing == [1, 0]


def test_marks_that_come_with_a_file_teach_although_they_are_old(topics: Path) -> None:
    """What was learnt before older marks came is learnt anew."""
    with Library(config.load({}, home=topics)) as lib:
        add_reader(lib, "ann")
        add_interest(lib, "ann", "birds", Said(about=("songbird migration",)))
        made = mark(lib, "ann", "arxiv:2511.01001", "up", interest="birds").marks[0]
        who, space = find_reader(lib, "ann"), lib.stream.space()
        (before,) = learnt_of(lib, space, who).values()
        with lib.store.writing() as conn:
            marks.insert(conn, who.id, [structs.replace(made, paper_id=7, at=made.at - timedelta(days=1))])
        (now,) = learnt_of(lib, space, who).values()
        assert set(now.liked) - set(before.liked) == {7}


def test_what_many_interests_were_compared_with_is_remembered(topics: Path) -> None:
    """As many interests as there is room for are remembered, and of more the latest."""
    with Library(config.load({}, home=topics)) as lib:
        add_reader(lib, "ann")
        views = [add_interest(lib, "ann", f"no. {i}", Said(about=(f"birds {i}",))) for i in range(MOST_COMPARED + 1)]
        own, space = [view.interest for view in views], lib.stream.space()
        assert space is not None
        taught(lib, space, own[:-1])
        assert list(lib.stream.compared) == [i.id for i in own[:-1]]
        taught(lib, space, own)
        assert list(lib.stream.compared) == [i.id for i in own[1:]]


@pytest.mark.parametrize("spoil", [lambda data: data[:5000], lambda data: data[:5000] + b"x" * 99 + data[5099:]])
def test_a_background_that_cannot_be_read_is_made_anew(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    """A file that was cut off, or has other bytes, costs nobody a list."""
    with sample_at(tmp_path) as lib:
        space = lib.stream.space()
        (file,) = (tmp_path / "index" / "interests").glob("background-*")
        file.write_bytes(spoil(file.read_bytes()))
        anew = Stream(lib.home, lambda: lib.store, lambda: lib.engine).space()

    assert space is not None
    assert anew is not None
    assert anew.id == space.id


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
