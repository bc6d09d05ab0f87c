"""Kill -9 of real `broadsheet` processes at any moment: nothing lost, nothing doubled, and the next run goes on.

After each kill `status --check` finds a whole library and names at most what was interrupted; the same command run
again to its end leaves what an undisturbed one does: the same papers, each once, found by the same words, in the
same edition, and no piece of a file beside them.
"""

import contextlib
import json
import os
import random
import re
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from broadsheet import config
from broadsheet.library.editions.edition import edition
from broadsheet.library.export import export
from broadsheet.library.find import SearchAsk, search
from broadsheet.library.handle import Library
from broadsheet.library.harvest.reading import LEAST_SHARED
from broadsheet.sources.formats import open_file
from tests.processes import Commands, Ended, Running, until
from tests.replay import Replay
from tests.shell import write_listing

pytestmark = pytest.mark.slow

HONEST = re.compile(
    r"(import|arxiv|arxiv-oai|huggingface): interrupted: .+"
    r"|index \w[\w -]*: [\d,]+ changes behind; `broadsheet pull` .+"
    r"|index words: missing; `broadsheet reindex` builds it"
)
SUBJECTS = ("bees", "tides", "clocks", "moths")
WORDS = ("bees", "abstract", "learning")
PARTS = re.compile(r"\.part|\.restoring|\.new|-journal|\.state\.json|\.manifest")

moments = pytest.mark.parametrize(
    "seed", [0, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 8))], ids=lambda n: f"kill{n}"
)


@dataclass(frozen=True)
class Picture:
    """What a reader could tell one library from another by; times of harvesting are not part of it."""

    papers: dict[str, Any]
    found: dict[str, frozenset[str]]
    edition: tuple[str, ...]


def picture(home: Path) -> Picture:
    """Look at a whole library; each paper is in it once."""
    out = home.with_name(f"{home.name}.jsonl")
    with Library(config.load({"BROADSHEET_ENCODER": "none"}, home=home)) as lib:
        export(lib, str(out))
        answers = {word: search(lib, SearchAsk(word, "keyword", 1000)) for word in WORDS}
        listed = edition(lib, "2025-11", sort="new")
    papers = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()[1:]]
    assert max(Counter(alias for p in papers for alias in {p["key"], *p["aliases"]}).values(), default=1) == 1
    for paper in papers:
        del paper["added"]
        paper["signals"] = sorted({(source, kind, value) for source, kind, _, value in paper.get("signals", ())})
    return Picture(
        {paper["key"]: paper for paper in papers},
        {word: frozenset(hit.paper.key for hit in answer.hits) for word, answer in answers.items()},
        tuple(entry.paper.key for entry in listed.entries),
    )


def check_killed(commands: Commands, home: Path) -> None:
    """Right after a kill: the store is whole, and what is amiss is what was interrupted."""
    if (home / "library.db").exists():
        told = commands("status", "--check", "--json", home=home)
        assert told.err == ""
        assert all(HONEST.fullmatch(problem) for problem in told.json["problems"]), told.json["problems"]
        assert not [run for run in told.json["runs"] if run["state"] == "running"]


def check_ended(commands: Commands, home: Path, ended: Ended) -> None:
    """After the next run: it went through, all is well, and no piece of a file is left."""
    assert (ended.code, ended.err) == (0, "")
    assert commands("status", "--check", "--json", home=home).json["problems"] == []
    assert [p.name for p in home.parent.rglob("*") if PARTS.search(p.name)] == []


def kill_at_random(commands: Commands, seed: int, args: tuple[object, ...], home: Path, whole: float) -> Ended:
    """Start a command and kill it at a moment of what it needs undisturbed, in seconds."""
    return commands.start(*args, home=home).kill_after(random.Random(seed).uniform(0.02, 1.1) * whole)


def timed(run: Callable[[], Ended]) -> float:
    """Seconds that a command takes, undisturbed."""
    began = time.monotonic()
    ended = run()
    assert ended.code == 0, ended.err
    return time.monotonic() - began


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """A file of more papers than are stored in one transaction, and long enough for a second process to read it."""
    rng = random.Random(5)
    rows = [
        {"id": f"2511.{n:05d}", "title": f"On {rng.choice(SUBJECTS)} and {n}", "abstract": f"Abstract {n}", "day": day}
        for n, day in enumerate(rng.choices(("2025-11-19", "2025-11-20"), k=2200), start=1)
    ]
    for row in rows:
        row["comment"] = "long " * (LEAST_SHARED // len(rows) // 5 + 1)
    return write_listing(tmp_path / "papers.jsonl", rows)


def test_an_import_killed_while_it_waits(commands: Commands, papers: Path, tmp_path: Path) -> None:
    """Killed with one chunk stored and the rest waiting for more, an import keeps the chunk; the same adds the rest."""
    home = tmp_path / "killed"
    os.mkfifo(tmp_path / "pipe")
    importing = commands.start("import", tmp_path / "pipe", home=home)
    with (tmp_path / "pipe").open("wb") as pipe:
        pipe.write(papers.read_bytes())
        pipe.flush()
        until(lambda: _stored(home) == 1000)
        importing.kill()
    check_killed(commands, home)

    again = commands("import", papers, "--json", home=home)

    assert (again.json["new"], again.json["same"]) == (1200, 1000)
    check_ended(commands, home, again)
    seen = picture(home)
    assert len(seen.papers) == len(seen.edition) == 2200
    assert len(seen.found["abstract"]) == 1000  # as many as a page holds


def test_an_import_killed_takes_its_reader_along(commands: Commands, papers: Path, tmp_path: Path) -> None:
    """Killed while a second process reads for it, an import leaves none behind, and the next run goes on."""
    home = tmp_path / "killed"
    importing = commands.start("import", papers, home=home)
    until(lambda: _stored(home) or not _shared())
    importing.kill()
    until(lambda: not _readers(papers))
    check_killed(commands, home)

    check_ended(commands, home, commands("import", papers, home=home))

    assert len(picture(home).papers) == 2200


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="finds processes in /proc")
def test_a_reader_killed_is_told(commands: Commands, papers: Path, tmp_path: Path) -> None:
    """Where the second process dies, the import says so in one sentence, keeps what is stored, and the next goes on."""
    if not _shared():
        pytest.skip("needs a second core")
    home, many = tmp_path / "killed", tmp_path / "many.jsonl"
    many.write_bytes(papers.read_bytes() * 4)
    importing = commands.start("import", many, home=home)
    until(lambda: bool(_stored(home)))
    for pid in _readers(many):
        os.kill(pid, signal.SIGKILL)
    ended = importing.wait()
    assert ended.code == 1
    assert re.fullmatch(r"broadsheet: file .*many\.jsonl: .* ended too early \(exit code -9\); .*\n", ended.err)

    check_ended(commands, home, commands("import", many, home=home))

    assert len(picture(home).papers) == 2200


def _shared() -> bool:
    return len(os.sched_getaffinity(0)) > 1


def _readers(path: Path) -> list[int]:
    """The processes that read this file for another one."""
    found = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            words = process.read_bytes().split(b"\0")
            if b"broadsheet.library.harvest.reading" in words and str(path).encode() in words:
                found.append(int(process.parent.name))
    return found


def _stored(home: Path) -> int:
    from broadsheet.store import quick

    library = quick.open(home / "library.db")
    if library is None:
        return 0
    with library:
        return library.count()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_an_import_killed_at_random(commands: Commands, papers: Path, tmp_path: Path, seed: int) -> None:
    """Killed at any moment, even again and again, an import that is run to its end leaves the library whole."""
    whole = timed(lambda: commands("import", papers, home=tmp_path / "whole"))
    home = tmp_path / "killed"
    for kill in range(3):
        kill_at_random(commands, 100 * seed + kill, ("import", papers), home, whole)
        check_killed(commands, home)

    check_ended(commands, home, commands("import", papers, home=home))

    assert picture(home) == picture(tmp_path / "whole")


class _Trap(list[Any]):
    """The server's log of requests, which kills a process when a certain one comes in."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number, self.running = number, None

    running: Running | None

    def append(self, entry: Any) -> None:
        super().append(entry)
        if len(self) == self.number and self.running:
            self.running.send(9)  # type: ignore[arg-type]


@pytest.mark.parametrize("request_number", [9, *(pytest.param(n, marks=pytest.mark.slow) for n in range(1, 9))])
def test_a_pull_killed_while_it_asks(
    commands: Commands, small_replay: Replay, tmp_path: Path, request_number: int
) -> None:
    """Killed at its nth request, a pull goes on from the last stored page."""
    commands.environ.update(small_replay.environ)
    home, trap = tmp_path / "killed", _Trap(request_number)
    small_replay.world.log = trap
    commands("status", home=home)  # the trap is armed before the first request
    trap.running = commands.start("pull", home=home)
    assert trap.running.wait().code in (-9, 0)  # two sources ask side by side: the last may be done before
    small_replay.world.log = []
    check_killed(commands, home)

    check_ended(commands, home, commands("pull", "--json", home=home))
    commands("pull", home=tmp_path / "whole")

    assert picture(home) == picture(tmp_path / "whole")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_a_pull_killed_at_random(commands: Commands, small_replay: Replay, tmp_path: Path, seed: int) -> None:
    """Killed at any moment, even again and again, a pull that is run to its end has every paper once."""
    commands.environ.update(small_replay.environ)
    whole = timed(lambda: commands("pull", home=tmp_path / "whole"))
    home = tmp_path / "killed"
    for kill in range(3):
        kill_at_random(commands, 100 * seed + kill, ("pull",), home, whole)
        check_killed(commands, home)

    check_ended(commands, home, commands("pull", "--json", home=home))

    assert picture(home) == picture(tmp_path / "whole")


@pytest.fixture
def stocked(commands: Commands, papers: Path) -> Picture:
    """The picture of a library of a hundred papers, in the commands' own home; `more.jsonl` has a hundred others."""
    rows = papers.read_bytes().splitlines(keepends=True)
    for name, part in (("some.jsonl", rows[:100]), ("more.jsonl", rows[100:200])):
        papers.with_name(name).write_bytes(b"".join(part))
    assert commands("import", papers.with_name("some.jsonl")).code == 0
    return picture(commands.home)


@moments
def test_a_reindex_killed_at_random(commands: Commands, stocked: Picture, seed: int) -> None:
    """A killed reindex leaves the indexes that serve; the next one builds them anew and leaves no other folder."""
    whole = timed(lambda: commands("reindex"))

    kill_at_random(commands, seed, ("reindex",), commands.home, whole)

    check_killed(commands, commands.home)
    assert picture(commands.home) == stocked
    check_ended(commands, commands.home, commands("reindex"))
    assert picture(commands.home) == stocked
    assert len([*commands.home.glob("index/*-*")]) == 1


@moments
def test_a_backup_killed_at_random(commands: Commands, stocked: Picture, tmp_path: Path, seed: int) -> None:
    """A killed backup leaves no copy or a whole one and the library as it was; the next one is whole."""
    copy = tmp_path / "copies" / "copy.db"
    copy.parent.mkdir()
    whole = timed(lambda: commands("backup", tmp_path / "first.db"))

    kill_at_random(commands, seed, ("backup", copy), commands.home, whole)

    check_killed(commands, commands.home)
    if copy.exists():
        _check_copy(commands, stocked, copy, tmp_path / "early")
    check_ended(commands, commands.home, commands("backup", copy, "--json"))
    _check_copy(commands, stocked, copy, tmp_path / "late")
    assert [p.name for p in copy.parent.iterdir()] == ["copy.db"]


def _check_copy(commands: Commands, stocked: Picture, copy: Path, home: Path) -> None:
    assert commands("restore", copy, home=home).code == 0
    assert picture(home) == stocked


@moments
def test_a_restore_killed_at_random(commands: Commands, stocked: Picture, tmp_path: Path, seed: int) -> None:
    """A killed restore leaves the library before it or the restored one, whole; the next one restores."""
    commands("backup", tmp_path / "copy.db")
    commands("import", tmp_path / "more.jsonl")
    whole = timed(lambda: commands("restore", tmp_path / "copy.db", home=tmp_path / "other"))

    kill_at_random(commands, seed, ("restore", tmp_path / "copy.db"), commands.home, whole)

    check_killed(commands, commands.home)
    held = commands("status", "--json").json["papers"]
    assert held in (100, 200)
    check_ended(commands, commands.home, commands("restore", tmp_path / "copy.db", "--json"))
    assert picture(commands.home) == stocked


def lines(path: Path) -> int:
    """How many lines a file has, unpacked: two exports differ by the time in their first one."""
    with open_file(path) as file:
        return file.read().count(b"\n")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["all.jsonl", "all.bib", "all.jsonl.zst"])
def test_an_export_killed_at_random(commands: Commands, stocked: Picture, tmp_path: Path, name: str) -> None:
    """A killed export leaves no file under its name, or a whole one; the next one sweeps its pieces away."""
    out = tmp_path / "out" / name
    out.parent.mkdir()
    whole = timed(lambda: commands("export", tmp_path / name))
    for seed in range(5):
        kill_at_random(commands, seed, ("export", out), commands.home, whole)
        assert not out.exists() or lines(out) == lines(tmp_path / name)
        out.unlink(missing_ok=True)

    check_ended(commands, commands.home, commands("export", out, "--json"))

    assert [p.name for p in out.parent.iterdir()] == [name]
