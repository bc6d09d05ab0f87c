"""The engine: one order for all pages, modes that fall back, indexes that catch up and are built anew."""

import errno
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from msgspec.structs import replace

from broadsheet.config import Settings
from broadsheet.errors import StoreError
from broadsheet.search import filling, indexing, shelf
from broadsheet.search.engine import Engine
from broadsheet.search.integrity import Found
from broadsheet.search.query import parse
from broadsheet.search.query_change import condition, holds, switched
from broadsheet.search.result import Ranked
from broadsheet.types import Change, Hit, Link, Paper

FIRST = datetime(2025, 1, 1, tzinfo=UTC)
TOPICS = (
    ("Graph neural networks for molecules", "Message passing between atoms predicts properties of drugs."),
    ("Speech recognition with transformers", "Acoustic models of spoken language transcribe audio to text."),
    ("Galaxy rotation curves", "Dark matter haloes explain how stars orbit in spiral galaxies."),
    ("Sorting in linear time", "Radix methods beat comparison sorts on integer keys."),
)


def quiet(stage: str, done: int, total: int | None) -> None:
    """Show no progress."""


class MemoryStore:
    """A store in memory: papers by id and an outbox that can be trimmed."""

    def __init__(self, papers: Sequence[Paper] = ()) -> None:
        self.stored: dict[int, Paper] = {}
        self.outbox: list[Change] = []
        self.past, self.trimmed = "one", 0
        for number, paper in enumerate(papers, 1):
            self.put(number, paper)

    def put(self, number: int, paper: Paper) -> None:
        self.stored[number] = paper
        self.outbox.append(Change(self.head() + 1, number, "put"))

    def delete(self, number: int) -> None:
        del self.stored[number]
        self.outbox.append(Change(self.head() + 1, number, "delete"))

    def head(self) -> int:
        return self.outbox[-1].seq if self.outbox else self.trimmed

    def floor(self) -> int:
        return self.trimmed

    def epoch(self) -> str:
        return self.past

    def count(self) -> int:
        return len(self.stored)

    def changes(self, after: int, limit: int) -> list[tuple[Change, Paper | None]]:
        return [(c, self.stored.get(c.paper_id)) for c in self.outbox if c.seq > after][:limit]

    def papers(self, after: int, limit: int) -> list[tuple[int, Paper]]:
        return [(i, paper) for i, paper in sorted(self.stored.items()) if i > after][:limit]

    def fetch(self, ids: Sequence[int]) -> Mapping[int, Paper]:
        return {i: self.stored[i] for i in ids if i in self.stored}


def make_paper(number: int) -> Paper:
    title, abstract = TOPICS[number % len(TOPICS)]
    key = f"local:{number}"
    day = FIRST + timedelta(days=number)
    category = ("cs.LG", "cs.SD", "astro-ph.GA", "cs.DS")[number % 4]
    text = f"{abstract} Part {number} of the series."
    return Paper(key=key, aliases=(key,), title=title, abstract=text, categories=(category,), published=day, added=day)


def of_many_kinds(number: int) -> Paper:
    """A paper like the others, in categories, years and with links that do not go by its subject."""
    return replace(
        make_paper(number),
        categories=(f"math.{'ABC'[number % 3]}O", *(["cs.LG"] if number % 5 == 0 else [])),
        published=datetime(2020 + number % 7, 1, 1, tzinfo=UTC),
        links=(Link("code", "https://example.org/"),) if number % 11 == 0 else (),
        sources=(("arxiv",), ("arxiv-oai",), ("arxiv", "arxiv-oai"), ("huggingface",))[number // 3 % 4],
    )


def make_store() -> MemoryStore:
    """Forty papers on four subjects."""
    return MemoryStore([make_paper(number) for number in range(40)])


@pytest.fixture
def store() -> MemoryStore:
    """A store of one's own to change."""
    return make_store()


def make_engine(home: Path, store: MemoryStore, encoder: str = "wordllama") -> Engine:
    """An engine in a home; the models of all tests lie in one place, so that the tokenizer is read once."""
    return Engine(home, Settings(home=home, encoder=encoder), store.fetch, models=home.parent / "models")


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, MemoryStore]:
    """A home whose indexes are complete; not to be changed."""
    home, store = tmp_path_factory.mktemp("engine"), make_store()
    make_engine(home, store).catch_up(store, quiet)
    return home, store


@pytest.fixture(scope="module")
def reader(complete: tuple[Path, MemoryStore]) -> Engine:
    """An engine that is only read from."""
    return make_engine(*complete)


@pytest.fixture
def engine(complete: tuple[Path, MemoryStore], tmp_path: Path, store: MemoryStore) -> Engine:
    """An engine of one's own whose indexes are complete."""
    shutil.copytree(complete[0], tmp_path, dirs_exist_ok=True)
    return make_engine(tmp_path, store)


@pytest.mark.slow
def test_each_mode_finds_and_says_why(reader: Engine) -> None:
    """Words tell their weights, meaning its cosine, and the shares of a hybrid hit add up to one."""
    hybrid = reader.search("molecules", limit=10)
    assert hybrid.mode == "hybrid"
    assert {h.paper.title for h in hybrid.hits} == {TOPICS[0][0]}
    why = hybrid.hits[0].why
    assert why["words"]
    assert why["cosine"]
    assert float(str(why["lexical"])) + float(str(why["semantic"])) == pytest.approx(1, abs=1e-3)
    keyword = reader.search("molecules", mode="keyword")
    assert (keyword.mode, keyword.total, keyword.hits[0].why["semantic"]) == ("keyword", 10, 0.0)
    semantic = reader.search("stars and the cosmos", mode="semantic", limit=3)
    assert {h.paper.title for h in semantic.hits} == {TOPICS[2][0]}
    assert (semantic.mode, semantic.total) == ("semantic", 40)


@pytest.mark.parametrize("mode", ["hybrid", "keyword", "semantic"])
def test_pages_are_cut_from_one_order(reader: Engine, monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    """Following `next` gives every paper once, in the order of one long page, beyond the fused candidates too."""
    monkeypatch.setattr("broadsheet.search.meaning.CANDIDATES", 7)
    whole = reader.search("networks of stars sort text in linear time", mode=mode, limit=100)
    keys = [h.paper.key for h in whole.hits]
    seen: list[str] = []
    token: str | None = None
    while True:
        page = reader.search("networks of stars sort text in linear time", mode=mode, limit=3, token=token)
        seen += [h.paper.key for h in page.hits]
        token = page.next
        if token is None:
            break
    assert seen == keys
    assert len(set(keys)) == len(keys) == whole.total
    assert [h.score for h in whole.hits] == sorted((h.score for h in whole.hits), reverse=True)


def test_only_the_first_hits_of_a_search_are_kept(
    complete: tuple[Path, MemoryStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who reads a search to its end gets each hit once, and no more of them stay in memory than a few pages have."""
    from broadsheet.search import engine as module

    monkeypatch.setattr(module, "HITS_REMEMBERED", 6)
    searching, explained, explain = make_engine(*complete), list[int](), module._explained

    def counted(words: Any, plan: Any, ranked: Sequence[Ranked], papers: Mapping[int, Paper]) -> Mapping[int, Hit]:
        explained.append(len(ranked))
        return explain(words, plan, ranked, papers)

    monkeypatch.setattr(module, "_explained", counted)
    read = [searching.search("atoms", mode="keyword", limit=4, offset=at).hits for at in (0, 4, 8, 0, 4)]

    assert read[:2] == read[3:]
    assert len({hit.paper.key for hits in read for hit in hits}) == sum(map(len, read[:3]))
    assert explained == [4, 4, len(read[2]), 4]  # the first page is not made again, the second is


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["hybrid", "keyword", "semantic"])
@pytest.mark.parametrize("query", ["molecules", "networks of stars", "atoms cat:cs.LG"])
def test_facets_count_what_is_listed(reader: Engine, monkeypatch: pytest.MonkeyPatch, mode: str, query: str) -> None:
    """In each mode the facets are those of the whole list, whether words or meaning found it."""
    monkeypatch.setattr("broadsheet.search.meaning.CANDIDATES", 15)
    found = reader.search(query, mode=mode, limit=100, facets=True)
    listed = Counter(category for hit in found.hits for category in hit.paper.categories)
    assert found.facets["category"] == listed
    assert sum(found.facets["year"].values()) == found.total == len(found.hits)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["hybrid", "keyword", "semantic"])
@pytest.mark.parametrize("query", ["molecules", "networks of stars", "heavenly constellations", "9 -galaxies"])
def test_a_click_on_a_facet_finds_the_number_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, query: str
) -> None:
    """Also where meaning alone found some of them, also once more from there, and all are of those that were there."""
    monkeypatch.setattr("broadsheet.search.meaning.CANDIDATES", 15)
    store = MemoryStore([of_many_kinds(number) for number in range(60)])
    engine = make_engine(tmp_path, store)
    engine.catch_up(store, quiet)

    def look(text: str, depth: int) -> frozenset[str]:
        found = engine.search(text, mode=mode, limit=100, facets=True)
        assert len(found.hits) == found.total
        keys, ast = frozenset(hit.paper.key for hit in found.hits), parse(found.parsed).ast
        for facet, counts in found.facets.items() if depth else ():
            for value, count in counts.items():
                wanted = condition(facet, value)
                assert wanted
                there = keys if holds(ast, wanted) else look(switched(ast)(wanted), depth - 1)
                assert (value, len(there), there <= keys) == (value, count, True)
        return keys

    assert look(query, 2) or mode == "keyword"


@pytest.mark.slow
def test_narrowed_to_where_nothing_was_found_a_search_gets_the_nearest_there(reader: Engine) -> None:
    """A condition that no facet offered is a question of its own: an empty page would help nobody."""
    near = reader.search("heavenly constellations", facets=True).facets["category"]
    far = next(name for name in ("cs.LG", "cs.SD", "cs.DS", "astro-ph.GA") if name not in near)
    found = reader.search(f"heavenly constellations cat:{far}")

    assert (found.total, found.notes) == (10, ("no paper has these words; these are the 10 nearest in meaning",))


def test_filters_hold_in_every_mode(reader: Engine) -> None:
    """Days, categories and exclusions shut papers out whichever part would have found them."""
    for mode in ("hybrid", "keyword", "semantic"):
        found = reader.search("stars text cat:cs.SD since:2025-01-20 -series2", mode=mode, limit=50)
        assert {h.paper.categories for h in found.hits} <= {("cs.SD",)}
        assert all(h.paper.published and h.paper.published >= datetime(2025, 1, 20, tzinfo=UTC) for h in found.hits)
        assert reader.search("galaxies -galaxy", mode=mode).total < 40
    assert reader.search("atoms author:nobody", limit=5).hits == ()


def test_a_library_without_vectors_is_searched_by_words(tmp_path: Path, store: MemoryStore) -> None:
    """Meaning that cannot be had is a note and a mode, never an error."""
    engine = make_engine(tmp_path, store, encoder="none")
    assert "nothing is indexed yet" in engine.search("stars").notes[-1]
    engine.catch_up(store, quiet)
    assert engine.search("stars").notes == ()
    asked = engine.search("stars", mode="semantic")
    assert (asked.mode, len(asked.notes)) == ("keyword", 1)
    assert engine.related(3, store.stored[3], 2)[0].paper.title == store.stored[3].title


@pytest.mark.parametrize("text", ["", "   ", '"', "((", "-", "*", "cat:cs.LG", "\ud800", "a" * 3000, "title:", "😀"])
@pytest.mark.parametrize("mode", ["hybrid", "semantic", "nonsense"])
def test_nothing_that_is_typed_raises(reader: Engine, text: str, mode: str) -> None:
    """Empty, broken and odd queries give a page, in any mode and with any token."""
    found = reader.search(text, mode=mode, limit=2, token="garbage", sort="new")
    assert found.total >= len(found.hits)


@pytest.mark.parametrize("text", ["🤖", "+", "*", '""', "()"])
def test_what_has_no_word_finds_nothing_and_says_so(reader: Engine, text: str) -> None:
    """A sign alone is no question: it lists no paper, wherever it is asked; an empty query lists them all."""
    for mode in ("hybrid", "keyword", "semantic"):
        found = reader.search(text, mode=mode)
        assert (found.total, found.hits, found.next) == (0, (), None)
        assert found.notes == ("there is nothing in it to search for; write a word, an author or an id",)
    assert reader.matching_ids(text, 9) == []
    assert reader.matching_since(text, 0, 9) == (0, [])
    assert reader.matching_among(text, [1, 2]) == frozenset()
    assert reader.search(" ").total > 0


def test_newest_first_and_suggestion(reader: Engine) -> None:
    """`new` orders by day; a word that nobody wrote gets a better spelling."""
    newest = reader.search("galaxy", sort="new", limit=3)
    days = [h.paper.published for h in newest.hits if h.paper.published]
    assert days == sorted(days, reverse=True)
    assert reader.search("galxy", mode="keyword").suggestion == "galaxy"
    beside = reader.search("galxy OR galaxy", mode="keyword")
    assert beside.total
    assert beside.suggestion == "galaxy OR galaxy"


def test_papers_with_votes_come_first(reader: Engine) -> None:
    """Those that are found, in the order that is given, then the others newest first; pages of any size agree."""
    newest = [hit.paper.key for hit in reader.search("galaxy", sort="new", limit=50).hits]
    ids = reader.matching_ids("galaxy", 50)
    last, middle = ids[-1], ids[len(ids) // 2]
    votes = {last: 9, middle: 2, 10**9: 1}
    whole = reader.search("galaxy", sort=votes, limit=50)
    keys = [hit.paper.key for hit in whole.hits]

    assert [hit.why.get("votes") for hit in whole.hits] == [9, 2, *[None] * (len(newest) - 2)]
    assert keys[2:] == [key for key in newest if key not in keys[:2]]
    assert [
        h.paper.key for at in range(0, 50, 3) for h in reader.search("galaxy", sort=votes, limit=3, offset=at).hits
    ] == keys


def test_a_token_of_another_library_state_is_told(engine: Engine, store: MemoryStore) -> None:
    """The page goes on from its place and says that the order has changed."""
    token = engine.search("stars", limit=2).next
    store.put(41, make_paper(41))
    engine.catch_up(store, quiet)
    assert any("changed" in note for note in engine.search("stars", limit=2, token=token).notes)


def test_changes_and_deletions_arrive(engine: Engine, store: MemoryStore) -> None:
    """After catching up, what was put is found, what was deleted is not, and nothing is behind."""
    store.put(41, replace(make_paper(41), title="Zebra stripes", abstract="Why zebras have stripes."))
    store.delete(1)
    assert {row["state"] for row in engine.status(store.head())} == {"behind"}
    engine.catch_up(store, quiet)
    assert engine.search("zebra", limit=1).hits[0].paper.title == "Zebra stripes"
    assert {row["state"] for row in engine.status(store.head())} == {"ok"}
    assert {row["count"] for row in engine.status(store.head())} == {40}


def test_related_papers_are_of_its_kind(reader: Engine) -> None:
    """The nearest papers share the subject, and a paper is not related to itself."""
    hits = reader.related(1, make_paper(0), limit=5)
    assert {h.paper.title for h in hits} == {TOPICS[0][0]}
    assert "local:0" not in {h.paper.key for h in hits}


class Cut(Exception):
    """The power goes."""


def test_a_filling_that_was_cut_short_goes_on(
    tmp_path: Path, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was committed is not done again, and the result is that of one go."""
    monkeypatch.setattr(filling, "_CHUNK", 5)
    monkeypatch.setattr(indexing, "_STATIC_STEP", 10)
    engine = make_engine(tmp_path, store)

    def cut(stage: str, done: int, total: int | None) -> None:
        if stage.startswith("meaning") and done >= 25:
            raise Cut

    with pytest.raises(Cut):
        engine.catch_up(store, cut)
    half = next(row for row in engine.status(store.head()) if str(row["name"]).startswith("meaning"))
    assert (half["state"], half["count"]) == ("filling", 20)
    assert any("20 papers have vectors" in note for note in engine.search("stars").notes)
    store.delete(2)
    begun: list[int] = []
    engine.catch_up(store, lambda stage, done, total: begun.append(done))
    assert begun.count(5) <= 2
    assert {row["count"] for row in engine.status(store.head())} == {39}


@pytest.mark.parametrize("fault", ["past", "trimmed", "rebuild", "damage"])
def test_an_index_that_cannot_catch_up_is_built_anew(
    engine: Engine, store: MemoryStore, tmp_path: Path, fault: str
) -> None:
    """Another past, a trimmed outbox, damage or a person's wish: built beside, switched, the old one removed."""
    before = shelf.read(tmp_path)
    store.put(41, make_paper(41))
    if fault == "past":
        store.past = "two"
    elif fault == "trimmed":
        store.trimmed, store.outbox = 41, []
        store.put(42, make_paper(42))
    elif fault == "damage":
        for kind, place in before.serving.items():
            folder = shelf.folder(tmp_path, kind, place)
            shutil.rmtree(folder)
            folder.mkdir()
            (folder / "meta.json").write_text("{")
            (folder / "manifest.json").write_text("{")
        assert {row["state"] for row in engine.status(store.head())} == {"damaged"}
    if fault == "rebuild":
        engine.rebuild(store, quiet)
    else:
        engine.catch_up(store, quiet)
    after = shelf.read(tmp_path)
    assert after.folders().isdisjoint(before.folders())
    assert not any(shelf.folder(tmp_path, kind, place).exists() for kind, place in before.serving.items())
    assert {row["state"] for row in engine.status(store.head())} == {"ok"}
    assert engine.search("stars", limit=50).mode == "hybrid"


def test_an_open_engine_follows_a_switch(engine: Engine, store: MemoryStore, tmp_path: Path) -> None:
    """An engine that has files open finds the new ones after another has rebuilt them."""
    assert engine.search("stars").mode == "hybrid"
    other = make_engine(tmp_path, store)
    store.put(41, replace(make_paper(41), title="Zebra stripes"))
    other.rebuild(store, quiet)
    assert engine.search("zebra", limit=1).hits[0].paper.title == "Zebra stripes"


def test_vectors_that_go_while_they_are_open_are_told_of(engine: Engine, tmp_path: Path) -> None:
    """A set whose files are removed or broken meanwhile is lent no more, and a sentence says which and the way out."""
    (name,), none = engine.vector_sets()
    assert none == ()
    manifest = tmp_path / "vectors" / name / "manifest.json"
    for broken in (manifest.unlink, lambda: manifest.write_text("{")):
        broken()
        found, (told,) = engine.vector_sets()
        assert found == {}
        assert engine.encoded("stars") == {}
        assert f"not by meaning: vectors {name}" in told
        assert "reindex" in told


@pytest.fixture
def _learning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forty papers are enough to learn from."""
    monkeypatch.setattr(indexing, "LEAST_TO_LEARN", 40)
    monkeypatch.setattr("broadsheet.search.taught._BATCH", 16)
    monkeypatch.setattr("broadsheet.search.learnt.LEAST", 16)


@pytest.mark.slow
@pytest.mark.usefixtures("_learning")
def test_a_library_that_has_grown_teaches_its_own_vectors(engine: Engine, store: MemoryStore) -> None:
    """From a size on what is learnt finds too; it is learnt again when the library has grown by half."""
    engine.catch_up(store, quiet)
    learnt = [row for row in engine.status(store.head()) if str(row["name"]).startswith("learnt")]
    assert [(row["state"], row["count"]) for row in learnt] == [("ok", 40)]
    assert engine.search("stars", mode="semantic", limit=1).hits[0].paper.title == TOPICS[2][0]
    stages: list[str] = []
    store.put(41, make_paper(41))
    engine.catch_up(store, lambda stage, done, total: stages.append(stage))
    assert "learning" not in stages
    for number in range(42, 62):
        store.put(number, make_paper(number))
    engine.catch_up(store, lambda stage, done, total: stages.append(stage))
    assert "learning" in stages
    assert {row["state"] for row in engine.status(store.head())} == {"ok"}


def _learnt(engine: Engine, store: MemoryStore) -> list[tuple[object, object]]:
    rows = engine.status(store.head())
    return [(row["state"], row["count"]) for row in rows if str(row["name"]).startswith("learnt")]


AGAIN = "`broadsheet reindex` builds it anew"


@pytest.mark.slow
@pytest.mark.usefixtures("_learning")
def test_a_changed_or_lost_file_of_what_was_learnt(engine: Engine, store: MemoryStore, tmp_path: Path) -> None:
    """Other bytes are told when files are read; and where a model is lost, no other is put beside its vectors."""
    engine.catch_up(store, quiet)
    folder = tmp_path / "vectors" / shelf.read(tmp_path).serving["learnt"].folder
    axes = folder / "axes.f32"
    data = bytearray(axes.read_bytes())
    data[100] ^= 1
    axes.write_bytes(data)
    assert engine.check(whole=False) == []
    told = f"index learnt own-256: axes.f32 is not what was written; {AGAIN}"
    assert engine.check() == [Found(told, "learnt own-256")]
    axes.unlink()
    engine.catch_up(store, quiet, learn=False)
    assert not axes.exists()
    assert _learnt(engine, store) == []


@pytest.mark.slow
@pytest.mark.usefixtures("_learning")
@pytest.mark.parametrize("file", ["tokens.f16", "axes.f32", "terms.safetensors"])
def test_vectors_whose_model_is_lost_are_lent_no_more(
    engine: Engine, store: MemoryStore, tmp_path: Path, file: str
) -> None:
    """Vectors that a file of the library's own model is missing for are not there, which a look at the files tells."""
    engine.catch_up(store, quiet)
    name = shelf.read(tmp_path).serving["learnt"].folder
    assert name in engine.vector_sets()[0]
    (tmp_path / "vectors" / name / file).unlink()
    engine.close()
    found, (told,) = engine.vector_sets()
    assert name not in found
    assert set(engine.encoded("stars")) == set(found)
    missing = Found(f"index learnt own-256: {file} is missing; {AGAIN}", "learnt own-256")
    assert engine.check(whole=False) == engine.check() == [missing]
    assert f"vectors {name}: their model cannot be read (No such file or directory)" in told


@pytest.mark.slow
@pytest.mark.usefixtures("_learning")
def test_learning_can_wait(engine: Engine, store: MemoryStore, tmp_path: Path) -> None:
    """What takes its time is done apart; what was learnt is kept up without, and learnt anew when outgrown."""
    engine.catch_up(store, quiet, learn=False)
    assert _learnt(engine, store) == []
    assert not engine.is_due_to_learn(39)
    assert engine.is_due_to_learn(40)
    during: list[tuple[object, object]] = []
    found: list[str] = []

    def look(stage: str, done: int, total: int | None) -> None:
        during.extend(_learnt(engine, store))
        if stage.startswith("learning"):
            with FileLock(tmp_path / "index" / "writer.lock", timeout=0):  # others may bring the indexes up
                pass
        found.append(engine.search("stars", mode="semantic", limit=1).hits[0].paper.title)

    engine.learn(store, look)

    assert set(during) == {("learning", 0)}
    assert set(found) == {TOPICS[2][0]}
    assert _learnt(engine, store) == [("ok", 40)]
    assert not engine.is_due_to_learn(40)
    store.put(41, make_paper(41))
    engine.catch_up(store, quiet, learn=False)
    assert _learnt(engine, store) == [("ok", 41)]
    assert engine.is_due_to_learn(60)


@pytest.mark.slow
@pytest.mark.usefixtures("_learning")
def test_learning_that_fills_the_disk_leaves_nothing_there(engine: Engine, store: MemoryStore, tmp_path: Path) -> None:
    """What it had written is gone, so that papers can be stored, and what serves goes on."""
    engine.catch_up(store, quiet, learn=False)
    written: list[Path] = []

    def fill(stage: str, done: int, total: int | None) -> None:
        if stage == "learning":
            written.extend((tmp_path / "vectors" / ".learnt").iterdir())
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StoreError, match=r"No space left on device"):
        engine.learn(store, fill)
    assert written
    assert not any(path.exists() for path in (written[0].parent, *written))
    assert engine.search("stars", mode="semantic", limit=1).hits


@pytest.mark.slow
@pytest.mark.usefixtures("_learning")
def test_learning_goes_on_where_it_was_stopped(engine: Engine, store: MemoryStore, tmp_path: Path) -> None:
    """Stopped while it learns or makes vectors, it begins that step again; one process at a time does so."""
    engine.catch_up(store, quiet, learn=False)
    for stop in ("learning", "meaning"):

        def cut(stage: str, done: int, total: int | None, stop: str = stop) -> None:
            if stage.startswith(stop):
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            engine.learn(store, cut)
        assert engine.is_due_to_learn(40)
    stages: list[str] = []
    with FileLock(tmp_path / "index" / "learning.lock", timeout=0):
        assert not engine.is_due_to_learn(40)
        engine.learn(store, lambda stage, done, total: stages.append(stage))
    assert stages == []
    engine.learn(store, lambda stage, done, total: stages.append(stage))
    assert not any(stage.startswith("learning") for stage in stages)
    assert _learnt(engine, store) == [("ok", 40)]


@pytest.mark.slow
@pytest.mark.usefixtures("_learning")
def test_what_was_learnt_of_another_past_serves_no_longer(engine: Engine, store: MemoryStore) -> None:
    """After a restore the numbers of papers mean others, so nothing is found by vectors of before."""
    engine.catch_up(store, quiet)
    store.past = "another"
    engine.catch_up(store, quiet, learn=False)
    assert _learnt(engine, store) == []
    assert engine.is_due_to_learn(40)
    assert engine.search("stars", mode="semantic", limit=1).hits[0].paper.title == TOPICS[2][0]


AS_NOBODY = """
import os, sys
from pathlib import Path
import numpy
from broadsheet.errors import SearchIndexError
from broadsheet.search import indexing, models, shelf, vectors
os.setgid(65534); os.setuid(65534)
home = Path(sys.argv[1])
for read in (
    lambda: shelf.read(home),
    lambda: vectors.VectorSet(home / "vectors" / "x-1"),
    lambda: models.chosen(home / "models"),
    lambda: models.list_models(home / "locked"),
):
    try:
        read()
    except SearchIndexError as e:
        print(e)
print(indexing.states(home, 7))
"""


@pytest.mark.slow
@pytest.mark.skipif(os.getuid() != 0, reason="only root can become someone else")
def test_files_that_this_user_may_not_read_are_no_empty_library() -> None:
    """Who lacks the right to read the indexes is told so, by a search and by the status."""
    with tempfile.TemporaryDirectory() as made:
        home = Path(made)
        home.chmod(0o755)
        for name in ("index/state.json", "vectors/x-1/manifest.json", "models/chosen"):
            (home / name).parent.mkdir(parents=True)
            (home / name).touch(mode=0o600)
        (home / "locked").mkdir(mode=0o711)
        told = subprocess.run([sys.executable, "-c", AS_NOBODY, made], capture_output=True, text=True)
    assert told.stderr == ""
    of_all, of_vectors, of_models, of_none, state = told.stdout.splitlines()
    assert of_all.startswith("search indexes: index/state.json cannot be read (Permission denied); let the user")
    assert of_vectors.startswith("vectors x-1: x-1/manifest.json cannot be read")
    assert of_models.startswith("models: models/chosen cannot be read")
    assert of_none.startswith(f"models: {home.name}/locked cannot be read")
    assert "'unreadable'" in state
    assert made not in told.stdout


@pytest.mark.parametrize("mode", ["hybrid", "semantic"])
def test_what_no_paper_has_a_word_of_gets_the_nearest_in_meaning_alone(reader: Engine, mode: str) -> None:
    """A page of them, told as what they are and counted so; where a word hits there is no such end."""
    found = reader.search("heavenly constellations", mode=mode, limit=15, facets=True)
    rest = reader.search("heavenly constellations", mode=mode, limit=15, token=found.next)

    assert found.notes == ("no paper has these words; these are the 20 nearest in meaning",)
    assert (found.total, len(found.hits), len(rest.hits), rest.next) == (20, 15, 5, None)
    assert len({hit.paper.key for hit in (*found.hits, *rest.hits)}) == 20
    assert sum(found.facets["category"].values()) == 20
    assert reader.search("heavenly stars", mode=mode).notes == ()
    assert reader.search("heavenly stars", mode="semantic").total == 40
