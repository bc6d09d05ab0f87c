"""What pages cost with many papers and twenty readers at once, beside a bare page of the same size in the same run."""

import http.client
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import corpus
from bench.feeds import YEAR, filled
from bench.report import Table, ms, percentile

ROWS, ROWS_QUICK = 56_714, 2_000
"""All listings of the year, or some."""
READERS, EACH = 20, 5
BARE = """
import sys, uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from jinja2 import Environment
from broadsheet.web.server import listen
text = "<ol>{% for n in rows %}<li class='paper'>{{ n }} {{ text }}</li>{% endfor %}</ol>"
page = Environment(autoescape=True).from_string(text)
app = FastAPI(openapi_url=None)
text = "x" * 1000
@app.get("/", response_class=HTMLResponse)
def front(): return page.render(rows=range(int(sys.argv[1]) // 1030), text=text)
with listen("127.0.0.1", 0) as listening:
    print(f"is at http://127.0.0.1:{listening.getsockname()[1]}/", file=sys.stderr, flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run(sockets=[listening])
"""
"""A page of as many bytes as ours from FastAPI and Jinja, and nothing behind it."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds on the clock of each answer, seconds of the server's CPU for one, and its bytes."""

    waits: list[float]
    cpu: float
    size: int


def run(*, quick: bool) -> Table:
    """Each page asked for by twenty readers at once, over sockets."""
    rows = ROWS_QUICK if quick else ROWS
    home = filled(corpus.SCRATCH / f"feeds-{rows}", rows)
    day = _fullest(str(home))
    pages = {
        f"edition of a day, {day}": f"/{day}",
        "its titles": f"/{day}?view=titles",
        "edition of a month": f"/{day[:7]}",
        "search, three words": "/search?q=graph+neural+networks",
        "trending": "/trending",
        "a paper": f"/paper/{_a_paper(str(home))}",
    }
    with serving("-m", "broadsheet", "serve", "--port", "0", "--home", str(home)) as (pid, port):
        done = {name: measured(pid, port, path) for name, path in pages.items()}
    table = []
    for name, found in done.items():
        with serving("-c", BARE, str(found.size)) as (pid, port):
            bare = measured(pid, port, "/")
        p50, p95 = percentile(found.waits, 0.5), percentile(found.waits, 0.95)
        table.append((name, f"{found.size / 1e3:.0f}", ms(p50), ms(p95), ms(found.cpu), f"{bare.cpu / found.cpu:.2f}"))
    note = (
        f"{rows:,} papers of the listings, words only; {READERS} readers at once, {EACH} pages each, one process. "
        "The last column is how many of these pages the CPU of one bare FastAPI and Jinja page of the same size makes."
    )
    return Table("Pages", ("page", "kB", "p50 ms", "p95 ms", "CPU ms", "pages per bare page"), tuple(table), note)


@contextmanager
def serving(*command: str) -> Iterator[tuple[int, int]]:
    """A server's process and port."""
    environ = {**os.environ, "BROADSHEET_ENCODER": "none"}
    with subprocess.Popen([sys.executable, *command], stderr=subprocess.PIPE, text=True, env=environ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if found := re.search(r"is at http://127.0.0.1:(\d+)/", line):
                yield process.pid, int(found[1])
                break
        process.terminate()


def measured(pid: int, port: int, path: str) -> Measured:
    """Ask for a page by all readers, after one that warms up."""
    _, size = _get(http.client.HTTPConnection("127.0.0.1", port), path)
    waits: list[float] = []

    def read() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        waits.extend(_get(connection, path)[0] for _ in range(EACH))

    before = _cpu(pid)
    readers = [threading.Thread(target=read) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    return Measured(waits, (_cpu(pid) - before) / (READERS * EACH), size)


def _get(connection: http.client.HTTPConnection, path: str) -> tuple[float, int]:
    began = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, f"{path}: {answer.status}"
    return time.perf_counter() - began, len(body)


def _cpu(pid: int) -> float:
    """Seconds of CPU that a process has used (Linux)."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:  # noqa: PTH123 - a file of the kernel
        fields = file.read().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _fullest(home: str) -> str:
    from bench.made_library import library
    from broadsheet.store import editions

    with library(Path(home), "none") as lib, lib.store.reading() as conn:
        return max(editions.days(conn, *YEAR), key=lambda one: one.papers).day.isoformat()


def _a_paper(home: str) -> str:
    from bench.made_library import library
    from broadsheet.library.find import SearchAsk, search

    with library(Path(home), "none") as lib:
        return search(lib, SearchAsk("graph", "keyword", 1, 0, None, "relevance", False)).hits[0].paper.key
