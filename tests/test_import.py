"""What an import tells of files that are not what they should be."""

import gzip
import random
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from broadsheet.library.harvest import reading
from tests.shell import Shell, write_listing
from tests.stocked import BEES

PACKERS = pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])


def _cut_off(tmp_path: Path, pack: Callable[[bytes], bytes]) -> Path:
    """The first half of a packed file of forty papers."""
    noise = random.Random(1)
    rows = [
        {"id": f"2511.1{n:04d}", "title": f"On hail {n}", "abstract": noise.randbytes(9000).hex()} for n in range(40)
    ]
    packed = pack(write_listing(tmp_path / "whole", rows).read_bytes())
    cut = tmp_path / "cut"
    cut.write_bytes(packed[: len(packed) // 2])
    return cut


@pytest.mark.slow
@pytest.mark.parametrize("least_shared", [0, 1 << 40], ids=["two processes", "one process"])
@PACKERS
def test_a_file_that_ends_early_is_a_failure(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Callable[[bytes], bytes], least_shared: int
) -> None:
    """What came before its end is stored, the other files come in, and the run on record is partial."""
    monkeypatch.setattr(reading, "LEAST_SHARED", least_shared)
    cut = _cut_off(tmp_path, pack)

    outcome = shell("import", cut, write_listing(tmp_path / "other", [BEES]), "--json")

    assert outcome.code == 1
    assert 10 < outcome.json["new"] < 30
    assert shell("show", "arxiv:2511.10000").code == shell("show", f"arxiv:{BEES['id']}").code == 0
    kind = "gzip" if pack is gzip.compress else "Zstandard"
    fault = f"the file ends early: its {kind} data are cut off"
    (told,) = (line for line in outcome.err.splitlines() if fault in line)
    assert told == (f"broadsheet: file {cut}: {fault}; what came before is stored; get it whole and import it again")
    assert not any("ends early" in drop["reason"] for drop in outcome.json["dropped"])
    (run,) = shell("status", "--json").json["runs"]
    assert run["state"] == "partial"
    assert run["error"].startswith("file cut: the file ends early")


@pytest.mark.slow
@PACKERS
def test_a_collection_tells_first_that_its_file_ended_early(
    shell: Shell, tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    """Pages tell of a few drops alone, and the half line at the cut is one as well."""
    shell("reader", "add", "ada")

    filed = shell.json("collection", "import", "ada", "Weather", _cut_off(tmp_path, pack))

    assert 10 < filed["added"] < 30
    assert [drop["reason"].split()[0] for drop in filed["dropped"]] == ["the", "not"]
