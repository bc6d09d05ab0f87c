"""Two processes, one that makes digests and one that sends: whichever ends, and when, each mail goes out once."""

import email
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from threading import Event, Thread

import pytest
from msgspec.structs import replace

from broadsheet.errors import SettingError
from broadsheet.library import second_process
from broadsheet.library.digests import deliver as delivering
from broadsheet.library.digests.deliver import Delivered, deliver
from broadsheet.library.digests.subscription import default_delivery
from broadsheet.library.handle import Library
from broadsheet.store import deliveries, mails, readers
from tests.libraries import library_at
from tests.processes import until
from tests.smtp_server import MailServer, mail_server

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds processes in /proc"),
    pytest.mark.skipif(not second_process.has_core(), reason="needs a second core"),
]

START = datetime(2025, 1, 6, 8, tzinfo=UTC)
READERS, AT_ONCE, KILLS = 120, 20, 60


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server without encryption."""
    with mail_server() as running:
        yield running


@pytest.fixture
def lib(tmp_path: Path, url: str, server: MailServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    """A library without papers, of which many readers get a digest each day that says so."""
    monkeypatch.setattr(delivering, "AT_ONCE", AT_ONCE)
    with library_at(tmp_path, {**_options(server), "database": url}, lambda: START) as made:
        _fill(made)
        yield made


def _options(server: MailServer) -> dict[str, object]:
    return {"smtp.url": f"smtp://localhost:{server.port}", "smtp.sender": "papers@example.org", "smtp.tls": "off"}


def _fill(lib: Library) -> None:
    before = START - timedelta(days=1)
    with lib.store.writing() as conn:
        for n in range(READERS):
            mail = f"r{n}@example.org"
            who = readers.add(conn, f"r{n}", before, display="", email=mail, zone="UTC", role="reader")
            wanted = replace(default_delivery(who, before, mail), on=True, confirmed=before, cadence="daily")
            deliveries.put(conn, replace(wanted, at=clock_time(7)))


def _seconds(pid: int | None = None) -> list[int]:
    """The second processes that a process, by default this one, has now."""
    try:
        children = [(task / "children").read_text() for task in Path(f"/proc/{pid or os.getpid()}/task").iterdir()]
        found = " ".join(children).split()
        return [int(one) for one in found if b"library.mails.sending" in Path(f"/proc/{one}/cmdline").read_bytes()]
    except OSError:
        return []  # it has just ended


def _is_there(pid: int) -> bool:
    """Whether a process runs, which one that nobody has waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def _counts(lib: Library) -> Counter[str]:
    with lib.store.reading() as conn:
        return Counter(mails.counts(conn))


def test_a_second_process_sends_what_this_one_makes(lib: Library, server: MailServer) -> None:
    """Its report is part of the whole, and it is gone with the last mail; few digests are sent without it."""
    seen = set[int]()
    done = deliver(lib, progress=lambda *_: seen.update(_seconds()), apart=True)

    assert len(seen) == 1
    assert not _seconds()
    assert (done.made, done.post.sent, done.post.trouble, done.elsewhere) == (READERS, READERS, None, None)
    assert Counter(to for to, _ in server.box.taken) == {f"r{n}@example.org": 1 for n in range(READERS)}
    assert deliver(lib, apart=True) == Delivered()


def test_where_the_second_process_dies_this_one_sends(lib: Library, server: MailServer) -> None:
    """What it had in hand is settled and the rest sent, and it is told, as nobody ended it in order."""

    def kill(_stage: str, made: int, _of: int | None) -> None:
        if made == READERS // 2:
            until(lambda: server.box.taken)
            for pid in _seconds():
                os.kill(pid, signal.SIGKILL)

    done = deliver(lib, progress=kill, apart=True)

    told = _counts(lib)
    assert done.post.trouble == "the process that hands over mails ended too early (exit code -9); this one went on"
    assert set(told) <= {"sent", "uncertain"}
    assert told["uncertain"] <= lib.settings.smtp.connections
    assert max(Counter(to for to, _ in server.box.taken).values()) == 1
    assert not _seconds()


def test_a_second_process_that_is_asked_to_end_is_no_trouble(lib: Library, server: MailServer) -> None:
    """SIGTERM has it end with the mail in hand; this one sends the rest."""

    def ask(_stage: str, made: int, _of: int | None) -> None:
        if made == READERS // 2:
            until(lambda: server.box.taken)
            for pid in _seconds():
                os.kill(pid, signal.SIGTERM)

    done = deliver(lib, progress=ask, apart=True)

    assert (done.post.trouble, _counts(lib)) == (None, {"sent": READERS})
    assert done.post.sent == len(server.box.taken) == READERS


def test_a_second_process_that_is_asked_to_end_last_leaves_nothing_queued(lib: Library, server: MailServer) -> None:
    """Asked while this one only waits for it, it does not answer for mails that it has not sent."""

    def ask() -> None:
        until(lambda: len(server.box.taken) > READERS // 2)
        for pid in _seconds():
            os.kill(pid, signal.SIGTERM)

    asking = Thread(target=ask)
    asking.start()
    done = deliver(lib, apart=True)
    asking.join()

    assert (done.post.sent, done.post.trouble) == (READERS, None)
    assert _counts(lib) == {"sent": READERS}


def test_who_is_stopped_stops_the_second_process(lib: Library, server: MailServer) -> None:
    """Both end with the mail in hand, what was queued stays so, and the next run sends it."""
    stop = Event()

    def ask(_stage: str, made: int, _of: int | None) -> None:
        if made == READERS // 2:
            until(lambda: server.box.taken)
            stop.set()

    done = deliver(lib, progress=ask, stop=stop, apart=True)

    told = _counts(lib)
    assert not _seconds()
    assert done.made == READERS // 2 == sum(told.values())
    assert done.post.sent == told["sent"] == len(server.box.taken)
    assert set(told) <= {"sent", "queued"}
    deliver(lib)
    assert _counts(lib) == {"sent": READERS}


def test_what_the_second_process_cannot_do_is_told_by_this_one(lib: Library) -> None:
    """A setting that cannot be is told in one sentence, as without it."""
    lib.settings = replace(lib.settings, smtp=replace(lib.settings.smtp, returns="nobody"))
    with pytest.raises(SettingError, match=r"smtp\.returns: is no address"):
        deliver(lib, apart=True)
    assert not _seconds()


def test_why_the_second_process_could_not_go_on_is_told(lib: Library, server: MailServer) -> None:
    """Its own sentence, where this one can do what it could not."""
    post = lib.home / "post"

    def harm(_stage: str, made: int, _of: int | None) -> None:
        if made == AT_ONCE:
            post.touch()
        if made == READERS:
            until(lambda: not _seconds())
            post.unlink()

    done = deliver(lib, progress=harm, apart=True)

    assert done.post.trouble is not None
    assert f"journal {post}" in done.post.trouble
    assert "cannot be written" in done.post.trouble
    assert (done.post.sent, _counts(lib)) == (READERS, {"sent": READERS})


def test_where_no_second_process_can_be_started_this_one_sends(
    lib: Library, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Python that is gone after an upgrade, or a system that is full of processes, costs time and no mail."""
    monkeypatch.setattr(sys, "executable", str(lib.home / "no-python"))
    done = deliver(lib, apart=True)
    assert (done.post.sent, done.post.trouble) == (READERS, None)


_MAKER = """
import sys
from datetime import datetime
from pathlib import Path
from broadsheet import config
from broadsheet.cli.stopping import stoppable
from broadsheet.library.digests import deliver
from broadsheet.library.handle import Library
home, port, at, deliver.AT_ONCE = sys.argv[1], sys.argv[2], datetime.fromisoformat(sys.argv[3]), int(sys.argv[4])
options = {"smtp.url": f"smtp://localhost:{port}", "smtp.sender": "papers@example.org", "smtp.tls": "off"}
with Library(config.load({}, home=Path(home), options=options), now=lambda: at) as lib, stoppable() as stop:
    deliver.deliver(lib, progress=lambda *_: print(".", flush=True), stop=stop, apart=True)
"""


def test_kills_of_either_lose_no_mail_and_send_none_twice(tmp_path: Path, server: MailServer) -> None:
    """Killed at random, maker or sender or both, or asked to end: no process stays, and nothing is doubled or lost."""
    seed, now, hit = random.Random(11), [START], 0
    with library_at(tmp_path, _options(server), lambda: now[0]) as lib:
        _fill(lib)
        for _ in range(KILLS):
            now[0] += timedelta(days=1)
            _killed_at_work(tmp_path, server, now[0], seed)
            hit += bool(_counts(lib)["handing"])
        deliver(lib)
        states = _counts(lib)

    copies = Counter(email.message_from_bytes(wire)["Message-ID"] for _, wire in server.box.taken)
    assert hit > KILLS / 20, "hardly a sender had anything when it was killed"
    assert max(copies.values()) == 1
    assert set(states) <= {"sent", "uncertain"}
    assert states["uncertain"] <= KILLS * lib.settings.smtp.connections
    assert states["sent"] <= len(copies) <= states["sent"] + states["uncertain"]


def _killed_at_work(home: Path, server: MailServer, at: datetime, seed: random.Random) -> None:
    """One who makes digests and one who sends them; one or both are killed, and both end."""
    command = [sys.executable, "-c", _MAKER, str(home), str(server.port), at.isoformat(), str(AT_ONCE)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as maker:
        assert maker.stdout is not None
        maker.stdout.readline()
        before = len(server.box.taken)
        second = _seconds(maker.pid)
        if seed.random() < 0.8:
            until(lambda: len(server.box.taken) > before or maker.poll() is not None)
        time.sleep(seed.uniform(0, 0.3))
        for pid, number in seed.choice((
            [(maker.pid, signal.SIGKILL)],
            [(pid, signal.SIGKILL) for pid in second],
            [(maker.pid, signal.SIGTERM)],
            [(pid, signal.SIGKILL) for pid in (maker.pid, *second)],
        )):  # fmt: skip
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        maker.stdout.read()
    until(lambda: not any(map(_is_there, second)))
