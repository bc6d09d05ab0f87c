"""What digests cost: composing and freezing them, and handing their mails over beside smtplib with the same bytes."""

import asyncio
import multiprocessing
import os
import smtplib
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from bench import corpus
from bench.isolate import isolated
from bench.report import Table, mb, ratio

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from broadsheet.library.digests.make import Waiting
    from broadsheet.library.digests.offers import Newsstand
    from broadsheet.library.handle import Library

READERS, READERS_QUICK = 10_000, 200
TAUGHT, TAUGHT_QUICK = 200, 100
ROWS = 2_000
BARE = 1_000
Stage = tuple[float, float, int]
"""Seconds of wall, seconds of CPU, and how many digests."""
FIRST = "the first of a run, with what all share"
WITH, WITHOUT, HANDED = "composed, with an interest", "composed, without", "handed over"
BARE_NAME = "bare smtplib, one connection"
PAPERS = 10
SUBJECTS = ("reasoning of language models", "robot manipulation", "medical images", "graphs of molecules")


def costs(home: str, readers: int, taught: int) -> dict[str, Any]:
    """Seconds of wall and CPU by stage, and how many each did; bytes of a mail."""
    from broadsheet import config
    from broadsheet.digest.letter import to_bytes
    from broadsheet.library.digests.deliver import waiting
    from broadsheet.library.digests.offers import Newsstand
    from broadsheet.library.handle import Library
    from broadsheet.library.post import letter_of, send_due
    from broadsheet.store import mails

    with _server() as port:
        options = {
            "smtp.url": f"smtp://127.0.0.1:{port}",
            "smtp.sender": "papers@example.org",
            "smtp.tls": "off",
            "smtp.connections": 1,  # as bare smtplib has
        }
        clock = [datetime.combine(_filled(Path(home)), datetime.min.time(), UTC)]
        with Library(config.load({}, home=Path(home), options=options), now=lambda: clock[0]) as lib:
            lib.stream.space()
            _with_readers(lib, readers, taught)
            clock[0] += timedelta(hours=20)
            ready = waiting(lib)
            stages = {"an interest learnt": _timed(lambda: _learn(lib, ready[:taught]), taught)}
            stand = Newsstand(lib)
            stages[FIRST] = _timed(lambda: _make(stand, ready[:1]), 1)
            stages[WITH] = _timed(lambda: _make(stand, ready[1:taught]), taught - 1)
            memory = [_resident()]
            stages[WITHOUT] = _timed(lambda: _make(stand, ready[taught:]), readers)
            memory.append(_resident())
            with lib.store.reading() as conn:
                queued = [mails.by_key(conn, mail.key) for mail in mails.latest(conn, BARE)]
            wires = [
                (m.recipient, to_bytes(letter_of(m, "papers@example.org", "Broadsheet"), clock[0])) for m in queued if m
            ]
            del queued
            before = _timed(lambda: _bare(port, wires), len(wires))
            memory.append(_resident())
            stages[HANDED] = _timed(lambda: send_due(lib, connect=_told(memory)), readers + taught)
            memory.append(_resident())
            stages[BARE_NAME] = _sum(before, _timed(lambda: _bare(port, wires), len(wires)))
            with lib.store.reading() as conn:
                states = mails.counts(conn)
    return {
        "stages": stages,
        "bytes": sum(len(wire) for _, wire in wires) / len(wires),
        "states": states,
        "memory": memory,
    }


def _told(memory: list[int]) -> Any:
    """Connections that note the memory of this process after each thousand mails."""
    from broadsheet.digest.mail import Post

    class Noting(Post):
        mails = 0

        def hand_over(self, sender: str, to: str, wire: bytes) -> Any:
            self.mails += 1
            if self.mails % 1_000 == 0:
                memory.append(_resident())
            return super().hand_over(sender, to, wire)

    return Noting


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _sum(one: Stage, other: Stage) -> Stage:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def _both(one: Stage, other: Stage) -> Stage:
    """A digest of the one kind, and then of the other."""
    return one[0] / one[2] + other[0] / other[2], one[1] / one[2] + other[1] / other[2], 1


def _timed(work: Any, many: int) -> Stage:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - cpu, many


def _learn(lib: "Library", ready: "Sequence[Waiting]") -> None:
    """As pages do, or the first digest; what is in memory is forgotten then, as by a process that was started since."""
    from broadsheet.library.interest.profiles import learnt_of

    for one in ready:
        learnt_of(lib, one.who)
    lib.stream.models.clear()


def _make(stand: "Newsstand", ready: "Sequence[Waiting]") -> None:
    from broadsheet.library.digests.deliver import AT_ONCE, made_together

    for at in range(0, len(ready), AT_ONCE):
        some = ready[at : at + AT_ONCE]
        assert len(made_together(stand, some)) == len(some)
        stand.lib.store.rest()


def _bare(port: int, wires: list[tuple[str, bytes]]) -> None:
    with smtplib.SMTP("127.0.0.1", port) as smtp:
        for to, wire in wires:
            smtp.sendmail("papers@example.org", to, wire)


def _filled(home: Path) -> date:
    """The day of the newest of the papers that a fresh library is filled with."""
    import orjson

    from broadsheet import config
    from broadsheet.library.handle import Library
    from broadsheet.library.harvest.import_ import import_files
    from broadsheet.store import editions

    home.mkdir(parents=True)
    file = home / "listing.jsonl"
    file.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in corpus.listing_rows(ROWS)))
    with Library(config.load({}, home=home)) as lib:
        import_files(lib, [str(file)])
        with lib.store.reading() as conn:
            last = editions.latest_day(conn)
    assert last is not None
    return last


def _with_readers(lib: "Library", readers: int, taught: int) -> None:
    """Those with an interest first."""
    from broadsheet.library.digests.subscription import default_delivery
    from broadsheet.store import deliveries, interests
    from broadsheet.store import readers as stored
    from broadsheet.types import Profile

    now = lib.now()
    with lib.store.writing() as conn:
        for n in range(taught + readers):
            mail = f"r{n}@example.org"
            who = stored.add(conn, f"r{n}", now, display="", email=mail, zone="UTC", role="reader")
            deliveries.put(conn, replace(default_delivery(who, now, mail), on=True, confirmed=now, most=PAPERS))
            if n < taught:
                interests.add(conn, who.id, "main", Profile(about=(SUBJECTS[n % len(SUBJECTS)],)), now)


@contextmanager
def _server() -> Iterator[int]:
    """A mail server in a process of its own that takes everything and keeps nothing; its port."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def _serve(told: "Connection") -> None:
    async def serve() -> None:
        server = await asyncio.start_server(_take, "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


_ANSWERS = {b"EHLO": b"250-here\r\n250 PIPELINING\r\n", b"QUIT": b"221 bye\r\n"}


async def _take(lines: asyncio.StreamReader, out: asyncio.StreamWriter) -> None:
    out.write(b"220 here\r\n")
    while line := await lines.readline():
        if line[:4].upper() == b"DATA":
            out.write(b"354 go on\r\n")
            await lines.readuntil(b"\r\n.\r\n")
        out.write(_ANSWERS.get(line[:4].upper(), b"250 ok\r\n"))
        await out.drain()
    out.close()


def run(*, quick: bool) -> Table:
    """Digests of ten papers, from the library to a server on this machine."""
    import shutil

    readers, taught = (READERS_QUICK, TAUGHT_QUICK) if quick else (READERS, TAUGHT)
    home = corpus.SCRATCH / "digests"
    shutil.rmtree(home, ignore_errors=True)
    measured = isolated("bench.digests", "costs", home=str(home), readers=readers, taught=taught)
    done = measured.value
    assert set(done["states"]) == {"sent"}, done["states"]
    stages: dict[str, Stage] = {name: tuple(stage) for name, stage in done["stages"].items()}
    bare = stages[BARE_NAME]
    stages |= {f"{name}, and handed over": _both(stages[name], stages[HANDED]) for name in (WITH, WITHOUT)}
    rows = tuple(
        (
            name,
            f"{s[2]:,}" if s[2] > 1 else "",
            f"{_rate(s):,.0f}",
            f"{s[1] / s[2] * 1000:.2f}",
            _of(bare, s, 0),
            _of(bare, s, 1),
        )
        for name, s in stages.items()
    )
    note = (
        f"Mails of {PAPERS} papers, {done['bytes'] / 1000:.0f} kB each; {ROWS:,} papers in the library; peak "
        f"{mb(measured.peak)} MB. Handed over: each batch noted in the store before and after, on the disk, and each "
        "mail in its journal. Memory of the process before and after those without an interest were composed, "
        "then with the bytes for bare smtplib, after each thousand mails that were handed over, and at the end: "
        f"{', '.join(mb(each) for each in done['memory'])} MB."
    )
    head = ("what", "digests", "per second", "CPU ms each", "of bare smtplib", "by CPU")
    return Table("Digests", head, rows, note)


def _of(bare: Stage, stage: Stage, clock: int) -> str:
    """How much of what bare smtplib does in a second of the wall (0) or of the processor (1)."""
    return ratio(bare[clock] / bare[2], stage[clock] / stage[2])


def _rate(stage: Stage) -> float:
    return stage[2] / stage[0]
