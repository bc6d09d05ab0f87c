"""What digests cost: composing and freezing them, and handing their mails over beside smtplib with the same bytes.

Both hand over to aiosmtpd in a process of its own, encrypted and after a login.
"""

import multiprocessing
import os
import smtplib
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
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

READERS, READERS_QUICK = 10_000, 300
TAUGHT, TAUGHT_QUICK = 2_000, 100
ALONE, ALONE_QUICK = 1_000, 100
"""Digests that are composed first and handed over then, to see what each takes."""
ROWS = 2_000
USER, PASSWORD = "papers", "secret"
Stage = tuple[float, float, int]
"""Seconds of wall, seconds of CPU, and how many digests."""
FIRST = "the first of a run, with what all share"
WITH, WITHOUT, HANDED = "composed, with an interest", "composed, without", "handed over"
BOTH_WITH, BOTH_WITHOUT = "composed, with an interest, and handed over", "composed, without, and handed over"
BARE_NAME = "bare smtplib, one connection"
PAPERS = 10
TAUGHT_AT = 19
"""The hour of digests with an interest."""
SUBJECTS = ("reasoning of language models", "robot manipulation", "medical images", "graphs of molecules")


def costs(home: str, readers: int, taught: int, alone: int) -> dict[str, Any]:
    """Seconds of wall and CPU by stage, and how many each did; bytes of a mail."""
    from broadsheet import config
    from broadsheet.digest.letter import to_bytes
    from broadsheet.library.digests.deliver import deliver, waiting
    from broadsheet.library.digests.offers import Newsstand
    from broadsheet.library.handle import Library
    from broadsheet.library.mails.post import letter_of, send_due
    from broadsheet.store import mails

    with _server(Path(home)) as port:
        options = {
            "smtp.url": f"smtp://{USER}:{PASSWORD}@localhost:{port}",
            "smtp.sender": "papers@example.org",
            "smtp.connections": 1,  # as bare smtplib has
        }
        clock = [datetime.combine(_filled(Path(home)), datetime.min.time(), UTC)]
        with Library(config.load({}, home=Path(home), options=options), now=lambda: clock[0]) as lib:
            lib.stream.space()
            _with_readers(lib, readers, taught)
            clock[0] += timedelta(hours=TAUGHT_AT)
            ready, some = waiting(lib), taught // 2
            stages = {"an interest learnt": _timed(lambda: _learn(lib, ready), taught)}
            stand = Newsstand(lib)
            stages[FIRST] = _timed(lambda: _make(stand, ready[:1]), 1)
            stages[WITH] = _timed(lambda: _make(stand, ready[1:some]), some - 1)
            send_due(lib)
            lib.stream.models.clear()
            stages[BOTH_WITH] = _timed(lambda: deliver(lib, apart=True), taught - some)
            clock[0] += timedelta(hours=1)
            ready = waiting(lib)
            stages[WITHOUT] = _timed(lambda: _make(stand, ready[:alone]), alone)
            with lib.store.reading() as conn:
                queued = [mails.by_key(conn, mail.key) for mail in mails.latest(conn, alone)]
            wires = [
                (m.recipient, to_bytes(letter_of(m, "papers@example.org", "Broadsheet"), clock[0])) for m in queued if m
            ]
            del queued
            before = _timed(lambda: _bare(port, wires), len(wires))
            stages[HANDED] = _timed(lambda: send_due(lib), alone)
            stages[BARE_NAME] = _sum(before, _timed(lambda: _bare(port, wires), len(wires)))
            size = sum(len(wire) for _, wire in wires) / len(wires)
            wires.clear()
            memory = [_resident()]

            def note(_stage: str, done: int, _of: int | None) -> None:
                if done % 1_000 == 0:
                    memory.append(_resident())

            stages[BOTH_WITHOUT] = _timed(lambda: deliver(lib, progress=note, apart=True), readers - alone)
            memory.append(_resident())
            with lib.store.reading() as conn:
                states = mails.counts(conn)
    return {"stages": stages, "bytes": size, "states": states, "memory": memory}


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _sum(one: Stage, other: Stage) -> Stage:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def _timed(work: Any, many: int) -> Stage:
    wall, cpu = time.perf_counter(), _cpu()
    work()
    return time.perf_counter() - wall, _cpu() - cpu, many


def _cpu() -> float:
    """Seconds of this process, and of those that it has started and that have ended."""
    return sum(os.times()[:4])


def _learn(lib: "Library", ready: "Sequence[Waiting]") -> None:
    """As pages do, or the first digest; what is in memory is forgotten then, as by a process that was started since."""
    from broadsheet.library.interest.profiles import learnt_of

    for one in ready:
        learnt_of(lib, lib.stream.space(), one.who)
    lib.stream.models.clear()


def _make(stand: "Newsstand", ready: "Sequence[Waiting]") -> None:
    from broadsheet.library.digests.deliver import AT_ONCE, made_together

    for at in range(0, len(ready), AT_ONCE):
        some = ready[at : at + AT_ONCE]
        assert len(made_together(stand, some)) == len(some)
        stand.lib.store.rest()


def _bare(port: int, wires: list[tuple[str, bytes]]) -> None:
    with smtplib.SMTP("localhost", port) as smtp:
        assert smtp.sock is not None
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as we do; else it waits 40 ms a mail
        smtp.starttls(context=ssl.create_default_context())
        smtp.login(USER, PASSWORD)
        for to, wire in wires:
            smtp.sendmail("papers@example.org", to, wire)


def _filled(home: Path) -> date:
    """The day of the newest of the papers that a fresh library is filled with."""
    import orjson

    from broadsheet import config
    from broadsheet.library.handle import Library
    from broadsheet.library.harvest.import_ import import_files
    from broadsheet.store import editions

    file = home / "listing.jsonl"
    file.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in corpus.listing_rows(ROWS)))
    with Library(config.load({}, home=home)) as lib:
        import_files(lib, [str(file)])
        with lib.store.reading() as conn:
            last = editions.latest_day(conn)
    assert last is not None
    return last


def _with_readers(lib: "Library", readers: int, taught: int) -> None:
    """Those with an interest get theirs an hour earlier."""
    from broadsheet.library.digests.subscription import default_delivery
    from broadsheet.store import deliveries, interests
    from broadsheet.store import readers as stored
    from broadsheet.types import Profile

    now = lib.now()
    with lib.store.writing() as conn:
        for n in range(taught + readers):
            mail, at = f"r{n}@example.org", clock_time(TAUGHT_AT + (n >= taught))
            who = stored.add(conn, f"r{n}", now, display="", email=mail, zone="UTC", role="reader")
            deliveries.put(conn, replace(default_delivery(who, now, mail), on=True, confirmed=now, most=PAPERS, at=at))
            if n < taught:
                interests.add(conn, who.id, "main", Profile(about=(SUBJECTS[n % len(SUBJECTS)],)), now)


@contextmanager
def _server(home: Path) -> Iterator[int]:
    """A mail server in a process of its own that keeps nothing, and that this process trusts; its port."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    try:
        port, authority = ours.recv()
        home.mkdir(parents=True)
        (home / "authority.pem").write_text(authority)
        os.environ["SSL_CERT_FILE"] = str(home / "authority.pem")
        yield port
    finally:
        process.terminate()
        process.join()


def _serve(told: "Connection") -> None:
    import asyncio
    import warnings

    import trustme
    from aiosmtpd.smtp import SMTP, AuthResult

    warnings.simplefilter("ignore")  # the server's own, about itself
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)

    def allowed(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()))

    async def serve() -> None:
        def smtp() -> SMTP:
            return SMTP(_Taker(), hostname="localhost", tls_context=context, authenticator=allowed, auth_required=True)

        there = socket.create_server(("127.0.0.1", 0))
        server = await asyncio.get_running_loop().create_server(smtp, sock=there)
        told.send((there.getsockname()[1], authority.cert_pem.bytes().decode()))
        await server.serve_forever()

    asyncio.run(serve())


class _Taker:
    async def handle_DATA(self, _server: Any, _session: Any, _envelope: Any) -> str:  # noqa: N802 - the server's name
        return "250 taken"


def run(*, quick: bool) -> Table:
    """Digests of ten papers, from the library to a server on this machine."""
    import shutil

    from broadsheet.cli.options import calculate_singly

    calculate_singly()  # as `broadsheet digest send` does; what is measured in the process below inherits it
    many = (READERS_QUICK, TAUGHT_QUICK, ALONE_QUICK) if quick else (READERS, TAUGHT, ALONE)
    home = corpus.SCRATCH / "digests"
    shutil.rmtree(home, ignore_errors=True)
    measured = isolated(
        "bench.digests", "costs", home=str(home), **dict(zip(("readers", "taught", "alone"), many, strict=True))
    )
    done = measured.value
    assert set(done["states"]) == {"sent"}, done["states"]
    stages: dict[str, Stage] = {name: tuple(stage) for name, stage in done["stages"].items()}
    bare = stages[BARE_NAME]
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
        "mail in its journal. Memory of the process before the "
        f"last of these, after each thousand and at the end: {', '.join(mb(each) for each in done['memory'])} MB."
    )
    head = ("what", "digests", "per second", "CPU ms each", "of bare smtplib", "by CPU")
    return Table("Digests", head, rows, note)


def _of(bare: Stage, stage: Stage, clock: int) -> str:
    """How much of what bare smtplib does in a second of the wall (0) or of the processor (1)."""
    return ratio(bare[clock] / bare[2], stage[clock] / stage[2])


def _rate(stage: Stage) -> float:
    return stage[2] / stage[0]
