"""Files read for an import: a second process reads as this one would, and goes when it is not needed any more."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from broadsheet.errors import FormatError
from broadsheet.library.harvest import reading
from broadsheet.library.harvest.ingest import Prepared
from broadsheet.types import Drop
from broadsheet.words.kept import kept
from tests.shell import write_listing

NOW = datetime(2025, 11, 20, 8, tzinfo=UTC)
ABSTRACT = "Bees keep time by the tide of scents that a meadow has, and we keep time by the bees. " * 20


@pytest.fixture
def long_file(tmp_path: Path) -> Path:
    """Long enough to share, with a paper that is listed twice, one that comes again, and two lines that are none."""
    many = reading.LEAST_SHARED // len(ABSTRACT) + 1
    rows = [{"id": f"2511.{n:05d}", "title": f"On bees {n}", "abstract": f"{n} {ABSTRACT}"} for n in range(1, many)]
    path = write_listing(
        tmp_path / "long.jsonl", [{**rows[0], "day": "2025-11-19"}, *rows, {**rows[0], "day": "2025-11-21"}]
    )
    with path.open("ab") as file:
        file.write(b"{}\n{not JSON\n")
    return path


@pytest.fixture
def _two_cores() -> None:
    if len(os.sched_getaffinity(0)) < 2:
        pytest.skip("needs a second core")


@pytest.fixture
def _one_core() -> Iterator[None]:
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    yield
    os.sched_setaffinity(0, cores)


def _told(item: reading.Item | Drop) -> object:
    if isinstance(item, Prepared):
        return item.news, item.signals
    return (item.source, kept(item.at), kept(item.reason)) if isinstance(item, Drop) else item


def children() -> list[int]:
    """The processes that this one has started and not buried."""
    return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


@pytest.mark.slow
@pytest.mark.usefixtures("_two_cores")
def test_a_second_process_reads_what_this_one_would(long_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Papers and drops, in every language, are the same in the same order, only with keys made."""
    before = children()
    with reading.opened(long_file, None, NOW) as items:
        there = list(items)
    monkeypatch.setattr(reading, "LEAST_SHARED", 1 << 40)
    with reading.opened(long_file, None, NOW) as items:
        here = list(items)

    assert list(map(_told, there)) == list(map(_told, here))
    assert [i.reason.split()[0] for i in there if isinstance(i, Drop)] == ["it", "not"]
    assert all(item.blocks for item in there if isinstance(item, Prepared))
    assert [item.again for item in there if isinstance(item, Prepared)][:2] == [1, 0]
    assert children() == before


@pytest.mark.slow
@pytest.mark.usefixtures("_two_cores")
def test_leaving_early_ends_the_second_process(long_file: Path) -> None:
    """It runs in a group of its own, so that Ctrl-C does not reach it, and none is left when its reader leaves."""
    before = children()
    with reading.opened(long_file, "arxiv-listing", NOW) as items:
        (pid,) = set(children()) - set(before)
        next(items)
        assert os.getpgid(pid) == pid != os.getpgid(0)

    assert children() == before


_PRINTS = """
import sys
from broadsheet import cli
cli._ready_output()
sys.stdout.buffer.write(b"".join(b"%07d " % n for n in range(2**18)))
"""
_READS = """
from queue import SimpleQueue
from broadsheet.library.harvest import reading
read = SimpleQueue()
read.put(b"".join(b"%07d " % n for n in range(2**18)))
read.put(b"")
reading._write(read)
"""


@pytest.mark.slow
@pytest.mark.parametrize("code", [_PRINTS, _READS], ids=["a command", "the second process"])
def test_a_process_that_is_halted_writes_all(code: str) -> None:
    """What a pipe had no room for is written when it goes on, also without Python's own buffer, as in containers."""
    with subprocess.Popen([sys.executable, "-u", "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout
        told = process.stdout.read(1)  # by now the pipe is full, and the process waits in the middle of a write
        time.sleep(0.02)
        os.kill(process.pid, signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
        os.kill(process.pid, signal.SIGCONT)
        told += process.stdout.read()
    assert told == b"".join(b"%07d " % n for n in range(2**18))


@pytest.mark.usefixtures("_one_core")
def test_one_core_reads_by_itself(long_file: Path) -> None:
    """Where there is one core, or little to read, no second process is started."""
    before = children()
    with reading.opened(long_file, None, NOW) as items:
        assert isinstance(next(items), Prepared)
        assert children() == before


@pytest.mark.slow
@pytest.mark.usefixtures("_two_cores")
def test_a_file_of_no_known_format_starts_nothing(tmp_path: Path) -> None:
    """What can be refused at once is refused by this process."""
    path = tmp_path / "long.txt"
    path.write_bytes(b"nothing of ours\n" * (reading.LEAST_SHARED // 10))
    before = children()
    with reading.opened(path, None, NOW) as items:
        assert children() == before
        with pytest.raises(FormatError, match="not a format that Broadsheet knows"):
            next(items)
