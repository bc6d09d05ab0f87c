"""Damage to the files of the indexes, found byte for byte."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from broadsheet.search import integrity, sums
from broadsheet.search.vector_writer import VectorWriter
from tests.processes import BOUND


def flip(path: Path, place: int = 0) -> None:
    """Change one bit of a file."""
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


@pytest.fixture
def home(made_home: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made_home, tmp_path / "home"))


def test_whole_indexes_are_whole(home: Path) -> None:
    """Of a library as an import leaves it nothing is said."""
    assert integrity.check(home) == []


@pytest.mark.parametrize("pattern", ["*.idx", "*.pos", "*.term", "*.fast", "*.store", "*.fieldnorm"])
def test_a_changed_or_lost_file_of_the_words_is_named(home: Path, pattern: str) -> None:
    """One bit of any file of the word index, or the file itself, and the index is to be built anew."""
    path = next((home / "index").glob(f"words-*/{pattern}"))
    flip(path, path.stat().st_size // 3)
    (found,) = integrity.check(home)
    assert path.name in found.sentence
    assert "broadsheet reindex" in found.sentence
    path.write_bytes(b"short")
    assert f"{path.name} has no end" in integrity.check(home)[0].sentence
    path.unlink()
    assert f"{path.name} is missing" in integrity.check(home)[0].sentence


@pytest.mark.parametrize("name", ["rows.i8", "scales.f32", "ids.i64", "days.i32", "categories.txt", "row_of.i32"])
def test_a_changed_file_of_vectors_is_named(home: Path, name: str) -> None:
    """One bit of any file of a set of vectors, and the set is to be built anew."""
    path = next((home / "vectors").glob(f"wordllama*/g0/{name}"))
    flip(path, 4 if name == "row_of.i32" else 0)
    (found,) = integrity.check(home)
    assert name in found.sentence


@pytest.mark.parametrize("name", ["index/words-1/meta.json", "vectors/wordllama-l2-256-2/manifest.json"])
def test_damage_has_one_way_out_and_no_folder(home: Path, name: str) -> None:
    """A broken or lost record of an index is one sentence with one way out, which tells strangers no folder."""
    for harm in (lambda: (home / name).write_bytes(b"x"), (home / name).unlink):
        harm()
        said = "".join(found.sentence for found in integrity.check(home))
        assert said.count("broadsheet reindex") == 1
        assert "Errno" not in said
        assert str(home) not in said


@pytest.mark.parametrize("garbage", [b"junk", b"[]", b'{"a": 1}', b"\xff"])
def test_checksums_that_are_garbage_are_told(tmp_path: Path, garbage: bytes) -> None:
    """Where what was noted cannot be told, it is not passed over: nothing is known of the files."""
    (tmp_path / "a").write_bytes(b"content")
    sums.note(tmp_path, ["a"])
    assert list(sums.faults(tmp_path, ["a"], whole=True)) == []
    (tmp_path / "sums.json").write_bytes(garbage)
    assert list(sums.faults(tmp_path, ["a"], whole=False)) == ["sums.json is not what was written"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("index/words-1/meta.json", "index words: words-1/meta.json"),
        ("index/words-1", "index words: words-1/meta.json"),
        ("vectors/wordllama-l2-256-2/g0/ids.i64", "index meaning wordllama-l2-256: g0/ids.i64"),
        ("index/state.json", "search indexes: index/state.json"),
        ("index/interests/lexicon", "what interests are made of: interests/lexicon"),
    ],
)
def test_an_unreadable_file_is_told_once_with_its_way_out(home: Path, name: str, told: str) -> None:
    """What may not be read is one problem, whose way out is the right to read it and not to build it anew."""
    (home / "index" / "interests").mkdir()
    (home / "index" / "interests" / "lexicon").touch()
    (home / name).chmod(0)
    command = [sys.executable, "-m", "broadsheet", "status", "--check", "--json", "--home", str(home)]
    found = subprocess.run([*BOUND, *command], capture_output=True, text=True)
    (home / name).chmod(0o700)
    assert found.stderr == ""
    problems = json.loads(found.stdout)["problems"]
    way_out = "cannot be read (Permission denied); let the user that runs Broadsheet read it"
    assert (found.returncode, problems) == (1, [f"{told} {way_out}"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("folder", "denied", "changed", "index"),
    [
        ("index/words-1", "*.idx", "*.term", "words"),
        ("vectors/wordllama-l2-256-2/g0", "scales.f32", "days.i32", "meaning wordllama-l2-256"),
    ],
)
def test_a_damaged_file_is_told_beside_an_unreadable_one(
    home: Path, folder: str, denied: str, changed: str, index: str
) -> None:
    """Both are problems, each with its way out, and the row of the index does not say that it is well."""
    unread, other = (next((home / folder).glob(pattern)) for pattern in (denied, changed))
    flip(other, other.stat().st_size // 3)
    told = _checked(home)
    assert [row["state"] for row in told["indexes"] if row["name"] == index] == ["damaged"]
    unread.chmod(0)
    told = _checked(home)

    assert len(told["problems"]) == 2
    assert f"{other.name} is not what was written; `broadsheet reindex` builds it anew" in told["problems"][0]
    assert f"{unread.name} cannot be read (Permission denied)" in told["problems"][1]
    assert [row["state"] for row in told["indexes"] if row["name"] == index] == ["unreadable"]


def _checked(home: Path) -> Any:
    command = [sys.executable, "-m", "broadsheet", "status", "--check", "--json", "--home", str(home)]
    return json.loads(subprocess.run([*BOUND, *command], capture_output=True, text=True).stdout)


@pytest.mark.slow
def test_a_model_that_may_not_be_read_is_not_to_be_added_again(home: Path) -> None:
    """Its way out is the right to read it, as nothing is known to be wrong with it."""
    record = home / "models" / "mine" / "broadsheet.json"
    record.parent.mkdir(parents=True)
    record.touch(mode=0)
    command = [sys.executable, "-m", "broadsheet", "model", "use", "mine", "--home", str(home)]
    found = subprocess.run([*BOUND, *command], capture_output=True, text=True)
    way_out = "let the user that runs Broadsheet read it"
    told = f"broadsheet: model mine: its record cannot be read (Permission denied); {way_out}\n"
    assert (found.returncode, found.stderr) == (1, told)


@pytest.mark.slow
def test_the_checksums_of_a_set_grow_with_it(tmp_path: Path) -> None:
    """Appended over several commits, past the size that has a first pass, and compacted, a set agrees with its sums."""
    rng = np.random.default_rng(1)
    with VectorWriter(tmp_path / "set", model="m", dim=64) as writer:
        for start in (0, 9_000, 18_000):
            vectors = rng.normal(size=(9_000, 64)).astype(np.float32)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            writer.append(range(start, start + 9_000), vectors, [0] * 9_000, [("cs.LG",)] * 9_000)
            writer.commit(start)
        assert {"bits-18000.u64", "leans-18000.i16", "rows.i8"} <= writer.manifest.sums.keys()
        assert list(integrity.vector_faults(tmp_path / "set")) == []
        writer.delete(range(100, 300))
        writer.commit(30_000)
        assert list(integrity.vector_faults(tmp_path / "set")) == []
        writer.compact()
    assert list(integrity.vector_faults(tmp_path / "set")) == []
    for path in (tmp_path / "set" / "g1").glob("bits-*"):
        flip(path, 77)
    (said,) = integrity.vector_faults(tmp_path / "set")
    assert str(said).startswith("bits-")
