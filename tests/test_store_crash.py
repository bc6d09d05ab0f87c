"""Killed at any moment of a write: the library opens, is whole, and has each transaction wholly or not at all."""

import os
import random
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from broadsheet.store import Store, backup, cursors, outbox, papers

pytestmark = pytest.mark.slow

NEW, RENAMED = 40, 10

# One process forks a writer for each line it reads, so that a hundred kills do not take a hundred starts of Python.
WRITER = """
import os, sys
from msgspec.structs import replace
from broadsheet.store import Store, cursors, papers
from tests.stores import NOW, item, paper

def tell(word, number):
    os.write(1, f"{word} {number}\\n".encode())  # in one piece, whenever the kill comes

def write(store, n):
    new = [paper(f"x:{n}-{i}", f"doi:{n}/{i}", abstract="word " * 50) for i in range(NEW)]
    old = [paper(f"x:{n - 1}-{i}", f"doi:{n - 1}/{i}", abstract="word " * 50) for i in range(NEW)]
    with store.writing() as conn:
        papers.apply(conn, [item(p) for p in new], NOW)
        if n:
            papers.apply(conn, [item(replace(p, title=f"Again {p.key}"), "changed") for p in old[2 : 2 + RENAMED]], NOW)
            both = replace(old[0], aliases=(*old[0].aliases, *old[1].aliases))
            papers.apply(conn, [item(both, "merged", (old[1].key,), (old[0], old[1]))], NOW)
        cursors.put(conn, "crash", {"n": str(n + 1)})

def run(path):
    with Store.open(path) as store:
        with store.reading() as conn:
            n = int(cursors.get(conn, "crash").get("n", "0"))
        while True:
            tell("begin", n)
            write(store, n)
            n += 1

for _ in sys.stdin:
    pid = os.fork()
    if not pid:
        run("sqlite:///" + sys.argv[1])
    tell("pid", pid)
    os.waitpid(pid, 0)
    tell("dead", 0)
"""


@pytest.fixture
def writers(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    code = f"NEW, RENAMED = {NEW}, {RENAMED}\n{WRITER}"
    command = [sys.executable, "-c", code, str(tmp_path / "library.db")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "bufsize": 0}
    with subprocess.Popen(command, cwd=Path(__file__).resolve().parents[1], **pipes) as child:  # type: ignore[call-overload]
        yield child
        child.stdin.close()


@pytest.mark.parametrize("kills", [10, pytest.param(100, marks=pytest.mark.slow)])
def test_killed_in_the_middle_of_a_write(writers: subprocess.Popen[bytes], tmp_path: Path, kills: int) -> None:
    """Kill -9 at random moments: every transaction is whole or absent, and one that was reported is there."""
    rng, done = random.Random(7), 0
    for _ in range(kills):
        reported = _kill_after(writers, rng.randint(1, 3), rng.uniform(0, 0.02))
        with Store.open(tmp_path / "library.db") as store:
            found = _transactions(store)
            assert done <= reported <= found
            assert backup.check(store) == []
        done = found
    assert done > 0


def _kill_after(writers: subprocess.Popen[bytes], begun: int, moment: float) -> int:
    """Have a writer begin some transactions, kill it a moment after; returns how many it had finished for sure."""
    assert writers.stdin
    assert writers.stdout
    writers.stdin.write(b"\n")
    told: dict[bytes, list[int]] = {b"pid": [], b"begin": [], b"dead": []}
    killed = False
    while not told[b"dead"]:
        word, number = writers.stdout.readline().split()
        told[word].append(int(number))
        if told[b"pid"] and len(told[b"begin"]) >= begun and not killed:
            select.select([writers.stdout], [], [], moment)
            os.kill(told[b"pid"][0], signal.SIGKILL)
            killed = True
    assert killed
    return told[b"begin"][-1]


def _transactions(store: Store) -> int:
    """How many transactions are in the library; fails where one is there in part."""
    with store.reading() as conn:
        n = int(cursors.get(conn, "crash").get("n", "0"))
        merges = max(0, n - 1)
        assert papers.count(conn) == NEW * n - merges
        changes = outbox.since(conn, 0, 10**6)
        assert [c.seq for c in changes] == list(range(1, outbox.head(conn) + 1))
        assert len(changes) == NEW * n + (RENAMED + 2) * merges
        live: set[int] = set()
        for change in changes:
            (live.add if change.op == "put" else live.discard)(change.paper_id)
        assert live == {i for i, _ in papers.iterate_docs(conn)}
    return n
