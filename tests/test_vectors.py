"""Vectors in flat files: found as exact arithmetic finds them, whole after any crash, readable while written."""

import resource
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.errors import SearchIndexError
from broadsheet.search import hamming
from broadsheet.search.vector_writer import VectorWriter
from broadsheet.search.vectors import VectorFilter, VectorSet

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIRST_DAY = date(2025, 1, 1).toordinal()
CATEGORIES = ("cs.CL", "cs.LG", "math.GT", "I.2.7; J.4")


def unit(rows: "NDArray[np.float32]") -> "NDArray[np.float32]":
    whole: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return whole


def papers(count: int, dim: int, seed: int = 0) -> "NDArray[np.float32]":
    """Unit vectors with neighbours: each is near one of many centres, and all share a large part."""
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((max(1, count // 20), dim)) + 1.0
    chosen = centres[rng.integers(0, len(centres), count)]
    return unit((chosen + rng.standard_normal((count, dim))).astype(np.float32))


def write(folder: Path, vectors: "NDArray[np.float32]") -> None:
    """Paper i has id i, day FIRST_DAY + i % 100 (every 50th has none) and one category in turn."""
    ids = range(len(vectors))
    days = [0 if i % 50 == 0 else FIRST_DAY + i % 100 for i in ids]
    with VectorWriter(folder, model="m", dim=vectors.shape[1]) as writer:
        writer.append(ids, vectors, days, [(CATEGORIES[i % len(CATEGORIES)],) for i in ids])
        writer.commit(len(vectors))


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[VectorSet, "NDArray[np.float32]"]:
    """20,000 papers of 48 dimensions: enough for a first pass."""
    folder = tmp_path_factory.mktemp("vectors") / "m"
    vectors = papers(20_000, 48)
    write(folder, vectors)
    return VectorSet(folder), vectors


def test_the_nearest_are_found_in_order(tmp_path: Path) -> None:
    """A small set is scored exactly: ids and cosines are those of float32 arithmetic, to int8's rounding."""
    vectors = papers(500, 32)
    write(tmp_path / "m", vectors)
    ids, cosines = VectorSet(tmp_path / "m").search(vectors[7], 5)
    assert ids[0] == 7
    assert np.all(np.diff(cosines) <= 0)
    assert np.allclose(cosines, vectors[ids] @ vectors[7], atol=0.01)
    assert set(ids[:3]) <= set(np.argsort(-(vectors @ vectors[7]))[:5])


def recall(vectors: VectorSet, sample: int, seed: int, where: VectorFilter | None = None) -> float:
    """The share of the ten nearest that a search finds, over stored vectors with noise of half their length put on."""
    rng = np.random.default_rng(seed)
    queries = vectors.vectors_of(rng.choice(vectors.ids(), sample, replace=False))
    queries = unit(queries + rng.standard_normal(queries.shape, np.float32) * (0.5 / np.sqrt(queries.shape[1])))
    wanted = [vectors.exact(query, 10, where=where)[0] for query in queries]
    found = [vectors.search(query, 10, where=where)[0] for query in queries]
    shared = (len(np.intersect1d(*pair)) for pair in zip(wanted, found, strict=True))
    return sum(shared) / sum(map(len, wanted))


@pytest.mark.slow
def test_a_large_set_is_found_as_exactly_as_a_small_one(large: tuple[VectorSet, "NDArray[np.float32]"]) -> None:
    """The first pass loses almost nothing, without a filter and with one."""
    vectors, _ = large
    assert vectors.manifest.frozen == 20_000
    assert recall(vectors, 40, seed=1) >= 0.98
    assert recall(vectors, 40, seed=2, where=VectorFilter(until=date.fromordinal(FIRST_DAY + 90))) >= 0.98


@pytest.mark.parametrize(
    "where",
    [
        VectorFilter(since=date.fromordinal(FIRST_DAY + 95)),
        VectorFilter(until=date.fromordinal(FIRST_DAY + 3)),
        VectorFilter(categories=("cs.lg",)),
        VectorFilter(categories=("cs", "I.2.7; J.4")),
        VectorFilter(categories=("cs",), since=date.fromordinal(FIRST_DAY + 50)),
        VectorFilter(ids=range(0, 20_000, 7)),
        VectorFilter(ids=range(0, 20_000, 7), categories=("math",)),
        VectorFilter(categories=("nobody",)),
    ],
)
def test_a_filter_is_exact(large: tuple[VectorSet, "NDArray[np.float32]"], where: VectorFilter) -> None:
    """Only papers that the filter allows are found, and the nearest of them."""
    found, vectors = large
    query = papers(1, 48, seed=9)[0]
    allowed = np.array([_allows(where, i) for i in range(len(vectors))])
    ids, cosines = found.search(query, 10, where=where)
    assert len(ids) == min(10, allowed.sum())
    assert allowed[ids].all()
    if len(ids):
        assert np.sort(vectors[allowed] @ query)[-10:].mean() == pytest.approx(cosines.mean(), abs=0.005)


def _allows(where: VectorFilter, i: int) -> bool:
    day = 0 if i % 50 == 0 else FIRST_DAY + i % 100
    category = CATEGORIES[i % len(CATEGORIES)].casefold()
    wanted = [name.casefold() for name in where.categories]
    return (
        (not where.since or day >= where.since.toordinal())
        and (not where.until or 0 < day <= where.until.toordinal())
        and (not wanted or any(category == name or category.startswith(name + ".") for name in wanted))
        and (where.ids is None or i in where.ids)
    )


def test_candidates_are_scored_by_id(tmp_path: Path) -> None:
    """A paper that has no vector gets NaN, the others their cosine; stored vectors come back."""
    vectors = papers(50, 32)
    write(tmp_path / "m", vectors)
    found = VectorSet(tmp_path / "m")
    cosines = found.cosines_of(vectors[3], [3, 999, 4, -1])
    assert cosines[0] == pytest.approx(1.0, abs=0.01)
    assert np.isnan(cosines[[1, 3]]).all()
    assert np.allclose(found.vectors_of([4, 999]), [vectors[4], np.zeros(32)], atol=0.01)
    assert found.cosines_of(vectors[3], []).shape == (0,)


def test_an_id_that_comes_again_is_replaced(tmp_path: Path) -> None:
    """Of a paper that was changed, only the newest vector, day and categories count; twice in one call too."""
    vectors = papers(30, 32)
    write(tmp_path / "m", vectors)
    with VectorWriter(tmp_path / "m", model="m", dim=32) as writer:
        twice = np.stack([vectors[1], -vectors[5]])
        writer.append([5, 5], twice, [FIRST_DAY, FIRST_DAY], [("a",), ("b",)])
        writer.append([6], -vectors[6][None], [FIRST_DAY], [()])
        writer.append([6], -vectors[6][None], [FIRST_DAY], [()])
        writer.commit(31)
    found = VectorSet(tmp_path / "m")
    assert len(found) == 30
    assert found.cosines_of(-vectors[5], [5])[0] == pytest.approx(1.0, abs=0.01)
    assert found.search(-vectors[5], 5, where=VectorFilter(categories=("b",)))[0].tolist() == [5]
    assert not len(found.search(-vectors[5], 5, where=VectorFilter(categories=("a",)))[0])
    assert sorted(found.search(vectors[0], 99)[0]) == list(range(30))


def test_a_search_that_is_asked_again_finds_what_came_meanwhile(tmp_path: Path) -> None:
    """What it found is remembered for one commit: a nearer paper of the next is there, and one that went is not."""
    vectors = papers(40, 32)
    write(tmp_path / "m", vectors[:20])
    found = VectorSet(tmp_path / "m")
    before = [found.search(vectors[30], 3, where=where)[0].tolist() for where in (None, VectorFilter(), None)]
    with VectorWriter(tmp_path / "m", model="m", dim=32) as writer:
        writer.append([30], vectors[30][None], [FIRST_DAY], [("a",)])
        writer.delete([before[0][0]])
        writer.commit(2)

    assert before[0] == before[1] == before[2]
    assert found.search(vectors[30], 3)[0].tolist() == [30, *before[0][1:]]


def test_what_is_not_committed_does_not_count(tmp_path: Path) -> None:
    """Readers see a commit whole or not at all, and the next writer goes on from the last one."""
    vectors = papers(40, 32)
    write(tmp_path / "m", vectors[:20])
    reader = VectorSet(tmp_path / "m")
    with VectorWriter(tmp_path / "m", model="m", dim=32) as writer:
        writer.delete([0, 1])
        writer.append(range(10, 40), vectors[10:], [0] * 30, [("new",)] * 30)
        assert len(reader) == 20
        assert not np.isnan(reader.cosines_of(vectors[0], range(20))).any()
    assert len(reader) == 20
    with VectorWriter(tmp_path / "m", model="m", dim=32) as writer:
        assert writer.manifest.seq == 20
        writer.append([77], vectors[:1], [0], [("other",)])
        writer.commit(21)
    assert reader.ids().tolist() == [*range(20), 77]
    assert reader.manifest.seq == 21
    assert not len(reader.search(vectors[0], 9, where=VectorFilter(categories=("new",)))[0])


@pytest.mark.slow
def test_the_dead_are_left_behind_by_compaction(tmp_path: Path) -> None:
    """After `compact` the same papers are found, in fewer rows, by readers that were open before too."""
    vectors = papers(17_000, 16)
    write(tmp_path / "m", vectors)
    reader = VectorSet(tmp_path / "m")
    with VectorWriter(tmp_path / "m", model="m", dim=16) as writer:
        writer.delete(range(100))
        writer.append(range(100, 200), vectors[100:200], [FIRST_DAY] * 100, [("cs.XX",)] * 100)
        writer.commit(1)
        before = reader.search(vectors[500], 20), reader.ids()
        assert writer.compact().count == 16_900
        writer.append([5], vectors[5:6], [0], [("cs.XX",)])
        writer.commit(2)
    assert (reader.ids() == np.union1d(before[1], [5])).all()
    assert (reader.search(vectors[500], 20)[0] == before[0][0]).all()
    assert len(reader.search(vectors[0], 200, where=VectorFilter(categories=("cs.XX",)))[0]) == 101
    assert [path.name for path in (tmp_path / "m").glob("g*")] == ["g1"]


def test_only_one_process_writes(tmp_path: Path) -> None:
    """A second writer is refused with a sentence; after the first it may."""
    with (
        VectorWriter(tmp_path / "m", model="m", dim=8),
        pytest.raises(SearchIndexError, match="another process"),
    ):
        VectorWriter(tmp_path / "m", model="m", dim=8)
    with VectorWriter(tmp_path / "m", model="m", dim=8) as writer:
        assert writer.manifest.count == 0


def test_a_wrong_or_broken_set_is_refused(tmp_path: Path) -> None:
    """No set, another model's, a cut file, an unreadable manifest, vectors of a wrong shape: each is one sentence."""
    with pytest.raises(SearchIndexError, match="no such set"):
        VectorSet(tmp_path / "none")
    write(tmp_path / "m", papers(40, 8))
    with pytest.raises(SearchIndexError, match="not of other"):
        VectorWriter(tmp_path / "m", model="other", dim=8)
    with VectorWriter(tmp_path / "m", model="m", dim=8) as writer:
        for ids, shape in (([1], (1, 9)), ([1, 2], (1, 8)), ([-1], (1, 8)), ([2**40], (1, 8))):
            with pytest.raises(SearchIndexError):
                writer.append(ids, np.zeros(shape, np.float32), [0] * len(ids), [()] * len(ids))
    (tmp_path / "m" / "g0" / "rows.i8").write_bytes(b"short")
    with pytest.raises(SearchIndexError, match="shorter"):
        VectorSet(tmp_path / "m")
    (tmp_path / "m" / "manifest.json").write_text("[]")
    with pytest.raises(SearchIndexError, match="manifest"):
        VectorSet(tmp_path / "m")


def test_a_full_disk_leaves_what_was_committed(tmp_path: Path) -> None:
    """Where the disk takes no more, all since the last commit is dropped, and writing can go on later."""
    vectors = papers(3_000, 32)
    write(tmp_path / "m", vectors[:1_000])
    with VectorWriter(tmp_path / "m", model="m", dim=32) as writer:
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        for most in (60_000, 20_000, 9_000):
            writer.delete([1, 2])
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, limits[1]))
            try:
                with pytest.raises(OSError, match="too large"):
                    writer.append(range(500, 3_000), vectors[500:], [0] * 2_500, [(f"c{i}",) for i in range(2_500)])
            finally:
                resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        writer.append([5_000], vectors[:1], [0], [("last",)])
        writer.commit(7)
    found = VectorSet(tmp_path / "m")
    assert found.ids().tolist() == [*range(1_000), 5_000]
    assert np.isfinite(found.cosines_of(vectors[0], range(1_000))).all()
    assert found.search(vectors[9], 9, where=VectorFilter(categories=("last",)))[0].tolist() == [5_000]
    assert not len(found.search(vectors[9], 9, where=VectorFilter(categories=("c1",)))[0])


def test_an_empty_set_finds_nothing(tmp_path: Path) -> None:
    """A set without papers answers every question with nothing, and takes an empty batch."""
    with VectorWriter(tmp_path / "m", model="m", dim=8) as writer:
        writer.append([], np.empty((0, 8), np.float32), [], [])
        writer.commit(3)
        writer.compact()
    found = VectorSet(tmp_path / "m")
    assert len(found) == 0
    assert found.manifest.seq == 3
    assert found.search(np.ones(8, np.float32), 5, where=VectorFilter(categories=("a",)))[0].shape == (0,)
    assert found.exact(np.ones(8, np.float32), 5)[0].shape == (0,)
    assert np.isnan(found.cosines_of(np.ones(8, np.float32), [1])).all()


@given(rows=st.integers(1, 300), dim=st.integers(1, 700), seed=st.integers(0, 9))
def test_signs_are_counted_right(rows: int, dim: int, seed: int) -> None:
    """The counts on wide lanes are those of comparing sign by sign."""
    rng = np.random.default_rng(seed)
    width = hamming.words(dim)
    bits = rng.integers(0, 2**64, (rows, width), dtype=np.uint64)
    query = bits[0] ^ rng.integers(0, 2**64, width, dtype=np.uint64)
    wanted = np.bitwise_count(bits ^ query).sum(axis=1, dtype=np.int64)
    assert (hamming.differences(bits, query) == wanted).all()
    assert (hamming.differences(bits, ~bits[0])[0]) == width * 64


OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("append"), st.lists(st.integers(0, 12), max_size=5)),
        st.tuples(st.just("delete"), st.lists(st.integers(0, 12), max_size=5)),
        st.tuples(st.sampled_from(["commit", "compact", "crash"]), st.just([])),
    ),
    max_size=12,
)


@pytest.mark.slow
@given(operations=OPERATIONS)
def test_any_order_of_changes_is_kept(
    operations: list[tuple[str, list[int]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever is appended, deleted, committed, compacted or cut off: the set holds what a dict would."""
    folder = tmp_path_factory.mktemp("m")
    writer = VectorWriter(folder, model="m", dim=8)
    stored: dict[int, int] = {}
    pending: dict[int, int] = {}
    for step, (operation, ids) in enumerate([*operations, ("commit", [])]):
        if operation == "append":
            vectors = np.stack([_coded(number, step) for number in ids]) if ids else np.empty((0, 8), np.float32)
            writer.append(ids, vectors, [step] * len(ids), [(f"s{step}",)] * len(ids))
            pending |= dict.fromkeys(ids, step)
        elif operation == "delete":
            writer.delete(ids)
            pending = {number: made for number, made in pending.items() if number not in ids}
        elif operation == "crash":
            writer.__exit__()
            writer, pending = VectorWriter(folder, model="m", dim=8), dict(stored)
        else:
            writer.commit(step)
            stored = dict(pending)
            if operation == "compact":
                writer.compact()
    writer.__exit__()
    found = VectorSet(folder)
    assert found.ids().tolist() == sorted(stored)
    for number, made in stored.items():
        assert found.cosines_of(_coded(number, made), [number])[0] > 0.99
        assert number in found.search(_coded(number, made), 99, where=VectorFilter(categories=(f"s{made}",)))[0]


def _coded(number: int, made: int) -> "NDArray[np.float32]":
    rows = np.random.default_rng([number, made]).standard_normal((1, 8)).astype(np.float32)
    row: NDArray[np.float32] = unit(rows)[0]
    return row


WRITER = """
import sys
from pathlib import Path
import numpy as np
from broadsheet.search.vector_writer import VectorWriter

with VectorWriter(Path(sys.argv[1]), model="m", dim=16) as writer:
    seq = writer.manifest.seq
    while True:
        ids = list(range(seq, seq + 50)) + list(range(max(0, seq - 20), seq))
        vectors = np.stack([np.eye(16, dtype=np.float32)[number % 16] for number in ids])
        writer.append(ids, vectors, [1] * len(ids), [("a",)] * len(ids))
        seq += 50
        writer.commit(seq)
        if seq % 1000 == 0:
            writer.compact()
        print(seq, flush=True)
"""


def _write_until_killed(folder: Path, commits: int) -> int:
    with subprocess.Popen([sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        acknowledged = [int(process.stdout.readline()) for _ in range(commits)]
        process.kill()
        acknowledged += [int(line) for line in process.stdout if line.endswith(b"\n")]
    return acknowledged[-1]


def _check_after_kill(folder: Path, acknowledged: int) -> None:
    found = VectorSet(folder)
    seq = found.manifest.seq
    assert seq >= acknowledged
    assert found.ids().tolist() == list(range(seq))
    for axis in range(16):
        cosines = found.cosines_of(np.eye(16, dtype=np.float32)[axis], range(seq))
        assert (cosines[axis::16] > 0.99).all()
    assert len(found.search(np.eye(16, dtype=np.float32)[0], seq, where=VectorFilter(categories=("a",)))[0]) == seq


@pytest.mark.slow
@pytest.mark.parametrize("commits", [3, pytest.param(23, marks=pytest.mark.slow)])
def test_a_killed_writer_loses_nothing_that_was_committed(tmp_path: Path, commits: int) -> None:
    """Killed at any moment, over and over, the set is whole, holds every acknowledged paper once, and goes on."""
    for kills in range(2 if commits < 10 else 8):
        acknowledged = _write_until_killed(tmp_path / "m", commits + kills)
        _check_after_kill(tmp_path / "m", acknowledged)
