"""What pages cost in a library of 100,000 papers, with twenty readers, beside a bare page of the same size.

Two questions, each in the same run and the same process of the server:

- How long does a reader wait? Twenty readers at once look at pages of all kinds, each for one to two seconds, as people
  who turn pages quickly do: some thirteen pages a second. Waits are told by kind, on the clock, from the first byte of
  the question to the last of the answer.
- How many pages can it make? Twenty readers ask again at once, without looking, and the CPU that the server used is
  told by page, with how many of these pages the CPU of one bare FastAPI and Jinja page of as many bytes makes, asked in
  the same way. CPU, as other load on the machine spoils a rate on the clock. There are two bare pages: of bytes, some
  rows of a thousand times the same letter, which formats nothing and is the least that a page of that size can cost;
  and of papers, as many of the same papers from dictionaries in memory with a card each as an ordinary template
  writes it, and one text that fills the rest.

A page of a reader who has signed in is made each time. One for nobody is remembered while the library does not change,
so such rows say what the first and what all later ones cost. Searches are nearly all different, as what they find is
remembered too. Nothing is packed for the
wire, here or there. The clock of the library stands at the evening of its newest day.
"""

import http.client
import os
import random
import re
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import orjson

from bench import corpus
from bench.bare import row_of
from bench.isolate import ROOT
from bench.report import Table, ms, percentile
from broadsheet import config
from broadsheet.library.access import sessions
from broadsheet.library.editions.edition import edition
from broadsheet.library.handle import Library
from broadsheet.library.harvest.import_ import import_files
from broadsheet.library.readers import Details, add_reader
from broadsheet.library.shelf.collections import make
from broadsheet.library.shelf.mark import mark
from broadsheet.store import editions, papers, signals, visits
from broadsheet.types import Signal, Visit
from broadsheet.web.access import COOKIE

MADE, ROWS_QUICK = 60_000, 2_000
"""Made papers beside the 40,717 of the listings; or some of the listings alone."""
READERS, LOOKS, TURNS = 20, 20, 4
"""Readers; pages of each that look at them; pages of each that do not, of each kind."""
LOOK = 1.0, 2.0  # seconds
NOW = datetime(2025, 12, 31, 22, tzinfo=UTC)
_ADDRESS = re.compile(r"is at http://127\.0\.0\.1:(\d+)/")
_BARE = ("bytes", "papers")
_PAPER = b'<li class="paper'
_COOKIE = "cookie"
"""The file with the secret of the reader's browser."""
VOTED = 0.06
"""Papers of which votes are counted, as in a month of a daily list's."""

OURS = """
import gc, sys
from bench.pages import opened
from broadsheet.web.server import serve
gc.set_threshold(20_000)  # as `broadsheet` sets it
with opened(sys.argv[1]) as lib:
    serve(lib, announce=lambda said: print(said, file=sys.stderr, flush=True))
"""
BARE = """
import sys, orjson, uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from bench.bare import OF_BYTES, Rows
from broadsheet.web.server import listen
app = FastAPI(openapi_url=None)
papers = Rows(orjson.loads(open(sys.argv[1], "rb").read()))
text = "x" * 1000
@app.get("/bytes/{size}", response_class=HTMLResponse)
def of_bytes(size: int): return OF_BYTES.render(rows=range(size // 1030), text=text)
@app.get("/papers/{size}", response_class=HTMLResponse)
def of_papers(size: int, most: int): return papers.page(size, most)
with listen("127.0.0.1", 0) as listening:
    print(f"is at http://127.0.0.1:{listening.getsockname()[1]}/", file=sys.stderr, flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run(sockets=[listening])
"""
"""Pages of as many bytes as ours from FastAPI and Jinja, and nothing behind them."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of page: the addresses that are asked for in turn, by somebody who has signed in or by nobody."""

    name: str
    paths: Sequence[str]
    signed_in: bool = True


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of the server's CPU for a page, its bytes and listed papers, and pages in a second on the clock."""

    cpu: float
    size: int
    papers: int
    rate: float


def run(*, quick: bool) -> Table:
    """Each kind of page, waited for and counted."""
    home = stocked(quick=quick)
    cookie, kinds = (home / _COOKIE).read_text(), _kinds(home)
    looks, turns = (3, 2) if quick else (LOOKS, TURNS)
    with serving("-c", OURS, str(home)) as (pid, port):
        for kind in kinds:  # what a process does once an hour, such as to rank an edition, which may take seconds
            for path in kind.paths[:3]:
                _Reader(port, cookie if kind.signed_in else "").get(path)
        waits = _looked_at(port, cookie, kinds, looks)
        made = {kind.name: _counted(pid, port, cookie, kind, turns) for kind in kinds}
    with serving("-c", BARE, str(_plain(home))) as (pid, port):
        bare = {
            (name, what): _counted(pid, port, "", Kind(name, [f"/{what}/{one.size}?most={one.papers}"]), turns)
            for name, one in made.items()
            for what in _BARE
        }
    rows = tuple(_row(k.name, waits[k.name], made[k.name], [bare[k.name, what] for what in _BARE]) for k in kinds)
    everything = [wait for waited in waits.values() for wait in waited]
    note = (
        f"{_papers(home):,} papers, words and meaning; {READERS} readers, one process. Waits: {len(everything):,} "
        "pages of all kinds mixed, each looked at for one to two seconds; p95 of all "
        f"{ms(percentile(everything, 0.95))} ms. "
        "CPU and pages a second: asked again at once. The last columns are how many of these pages the CPU of one bare "
        "FastAPI and Jinja page of the same size makes: one of as many bytes that formats nothing, and one of the same "
        "papers from dictionaries in memory, filled to as many bytes."
    )
    per_page = ("CPU ms of bare bytes", "of bare papers", "pages per page of bytes", "per page of papers")
    columns = ("page", "kB", "p50 ms", "p95 ms", "CPU ms", "pages/s", *per_page)
    return Table("Pages", columns, rows, note)


def _row(name: str, waited: Sequence[float], ours: Measured, bare: Sequence[Measured]) -> tuple[str, ...]:
    waits = (ms(percentile(waited, share)) if waited else "-" for share in (0.5, 0.95))
    shares = (f"{one.cpu / ours.cpu:.2f}" for one in bare)
    costs = (ms(ours.cpu), f"{ours.rate:.0f}", *(ms(one.cpu) for one in bare), *shares)
    return (name, f"{ours.size / 1e3:.0f}", *waits, *costs)


def _plain(home: Path) -> Path:
    """A file with the papers of the day that has most, as plain rows in its order."""
    with opened(home) as lib:
        entries = edition(lib, _fullest(lib)).entries
    made = home / "plain.json"
    made.write_bytes(orjson.dumps([row_of(entry) for entry in entries]))
    return made


def _fullest(lib: Library) -> str:
    with lib.store.reading() as conn:
        days = editions.days(conn, NOW.date() - timedelta(days=300), NOW.date())
    return max(days, key=lambda one: one.papers).day.isoformat()


def opened(home: str | Path) -> Library:
    """The library, in the evening of its newest day."""
    return Library(config.load({}, home=Path(home), options={"encoder": "wordllama"}), now=lambda: NOW)


def stocked(*, quick: bool) -> Path:
    """The library with a reader and votes, built if it is not there (some minutes)."""
    home = corpus.SCRATCH / f"pages-{ROWS_QUICK if quick else 100_000}"
    if not (home / "complete").exists():
        home.mkdir(parents=True, exist_ok=True)
        listing = home / "listing.jsonl"
        rows = corpus.listing_rows(ROWS_QUICK if quick else None)
        listing.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
        with opened(home) as lib:
            import_files(lib, [str(listing), *([] if quick else [str(corpus.made_file(MADE))])])
        (home / "complete").touch()
    if not (home / _COOKIE).exists():
        with opened(home) as lib:
            _vote(lib)
            (home / _COOKIE).write_text(_read(lib))
    return home


def _vote(lib: Library) -> None:
    """Counts that grow, on some papers of each day."""
    chance = random.Random(corpus.SEED)
    with lib.store.reading() as conn:
        listed = editions.listed(conn, NOW.date() - timedelta(days=300), NOW.date())
    with lib.store.writing() as conn:
        for paper_id, announced in listed.items():
            if chance.random() < VOTED:
                began, most = datetime.combine(announced.day, datetime.min.time(), UTC), chance.lognormvariate(2.0, 1.0)
                hours = ((9, 0.3), (20, 0.6), (44, 0.8), (150, 1.0))
                at = [(began + timedelta(hours=h), round(most * share)) for h, share in hours]
                told = [Signal("huggingface", "upvotes", when, many) for when, many in at if when < NOW]
                signals.append(conn, paper_id, told)


def _read(lib: Library) -> str:
    """A reader who was here two days ago and marked what has to do with graphs; returns the cookie of their browser."""
    who = add_reader(lib, "ada", Details(role="reader"))
    found = lib.engine.search("graph neural networks", limit=24).hits
    for number, hit in enumerate(found):
        mark(lib, who.name, hit.paper.key, ("up", "save", "read")[number % 3])
    make(lib, who.name, "Seminar", papers=[hit.paper.key for hit in found[:5]])
    with lib.store.writing() as conn:
        visits.put(conn, who.id, Visit(NOW - timedelta(days=2), NOW))
    return sessions.sign_in(lib, who.id, "link", "benchmark")[0]


def _kinds(home: Path) -> tuple[Kind, ...]:
    """The kinds of pages, with addresses of what is in the library."""
    some = ("graph", "language", "diffusion", "robot", "causal", "protein", "video", "planning", "speech", "privacy")
    more = ("vision", "memory", "quantum", "agents", "theory", "retrieval", "sampling", "security", "music", "speed")
    queries = [f"/search?q={one}+{other}" for one, other in product(some + more, some)]
    with opened(home) as lib:
        day = _fullest(lib)
        keys = [hit.paper.key for hit in lib.engine.search("learning", mode="keyword", limit=100).hits]
    return (
        Kind("newest edition", ["/"]),
        Kind(f"edition of {day}", [f"/{day}", f"/{day}?page=2", f"/{day}?page=3"]),
        Kind("its category", [f"/{day}?cat=cs.CV", f"/{day}?cat=cs.CL"]),
        Kind("its votes", [f"/{day}?sort=votes"]),
        Kind("in the reader's order", [f"/{day}?sort=mine"]),
        Kind("titles alone", [f"/{day}?view=titles"]),
        Kind("edition of the month", [f"/{day[:7]}", f"/{day[:7]}?page=40"]),
        Kind("trending", ["/trending", "/trending?window=month"]),
        Kind("search, two words", queries),
        Kind("a search, looked at again", queries[:1]),
        Kind("a paper", [f"/paper/{key}" for key in keys]),
        Kind("a collection", ["/collection/saved"]),
        Kind("for you", ["/mine"]),
        Kind("for nobody: edition", [f"/{day}"], signed_in=False),
        Kind("for nobody: search", queries[:3], signed_in=False),
        Kind("for nobody: a paper", [f"/paper/{key}" for key in keys], signed_in=False),
    )


def _papers(home: Path) -> int:
    with opened(home) as lib, lib.store.reading() as conn:
        return papers.count(conn)


class _Reader:
    """A browser that keeps its connection."""

    def __init__(self, port: int, cookie: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        self._headers = {"Cookie": f"{COOKIE}={cookie}"} if cookie else {}

    def get(self, path: str) -> tuple[float, bytes]:
        """Ask for a page; seconds until it is there, and what it is."""
        began = time.perf_counter()
        try:
            answer = self._asked(path)
        except ConnectionError:  # the server closes what was not used for five seconds
            self._connection.close()
            answer = self._asked(path)
        body = answer.read()
        assert answer.status == 200, f"{path}: {answer.status}"
        return time.perf_counter() - began, body

    def _asked(self, path: str) -> http.client.HTTPResponse:
        self._connection.request("GET", path, headers=self._headers)
        return self._connection.getresponse()


@contextmanager
def serving(*command: str) -> Iterator[tuple[int, int]]:
    """A server's process and port."""
    as_served = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}  # as `broadsheet serve` sets it
    whole = [sys.executable, *command]
    with subprocess.Popen(whole, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=as_served) as process:
        assert process.stderr is not None
        try:
            told = iter(process.stderr.readline, "")
            yield process.pid, next(int(found[1]) for line in told if (found := _ADDRESS.search(line)))
        finally:
            process.terminate()


def _looked_at(port: int, cookie: str, kinds: Sequence[Kind], looks: int) -> Mapping[str, list[float]]:
    """The waits of twenty readers who each look at so many pages of all kinds."""
    waits: dict[str, list[float]] = defaultdict(list)

    def read(number: int) -> None:
        chance = random.Random(number)
        known, nobody = _Reader(port, cookie), _Reader(port, "")
        for _ in range(looks):
            time.sleep(chance.uniform(*LOOK))
            kind = chance.choice(kinds)
            waits[kind.name].append((known if kind.signed_in else nobody).get(chance.choice(kind.paths))[0])

    _at_once(read)
    return waits


def _counted(pid: int, port: int, cookie: str, kind: Kind, turns: int) -> Measured:
    """What a page costs the server where twenty readers ask again at once."""
    sizes: list[int] = []
    papers: list[int] = []

    def read(number: int) -> None:
        reader = _Reader(port, cookie if kind.signed_in else "")
        paths = (kind.paths[(number * turns + turn) % len(kind.paths)] for turn in range(turns))
        for body in (reader.get(path)[1] for path in paths):
            sizes.append(len(body))
            papers.append(max(1, body.count(_PAPER)))

    before, began = _cpu(pid), time.perf_counter()
    _at_once(read)
    seconds, cpu = time.perf_counter() - began, _cpu(pid) - before
    return Measured(cpu / len(sizes), sum(sizes) // len(sizes), sum(papers) // len(papers), len(sizes) / seconds)


def _at_once(read: Callable[[int], None]) -> None:
    with ThreadPoolExecutor(READERS) as readers:
        for done in [readers.submit(read, number) for number in range(READERS)]:
            done.result()


def _cpu(pid: int) -> float:
    """Seconds of CPU that a process has used (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
