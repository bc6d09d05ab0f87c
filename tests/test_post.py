"""The queue of mails against a real server: each goes out once, waits, or ends in a state that says why."""

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from broadsheet import config
from broadsheet.errors import SettingError
from broadsheet.library.handle import Library
from broadsheet.library.post import LEASE, WAITS, message_id, send_due
from broadsheet.store import mails
from broadsheet.types import Mail
from tests.smtp_server import MailServer, mail_server

START = datetime(2026, 11, 20, 7, tzinfo=UTC)


class Clock:
    """A time that a test moves on."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def server() -> Iterator[MailServer]:
    """A mail server without encryption."""
    with mail_server() as running:
        yield running


def _library(home: Path, server: MailServer, clock: Clock, **changed: object) -> Library:
    options = {
        "smtp.url": f"smtp://localhost:{server.port}",
        "smtp.sender": "papers@example.org",
        "smtp.tls": "off",
        "smtp.timeout": 5,
        **{f"smtp.{name}": value for name, value in changed.items()},
    }
    return Library(config.load({}, home=home, options=options), now=clock)


def _queue(lib: Library, *names: str) -> None:
    with lib.store.writing() as conn:
        for name in names:
            made = Mail(
                key=f"test:{name}",
                recipient=f"{name}@example.org",
                subject=f"For {name}",
                text="text",
                html="<p>html</p>",
                message_id=message_id(lib, name, lib.now()),
                created=lib.now(),
                due=lib.now(),
            )
            mails.put(conn, made)


def _states(lib: Library) -> dict[str, str]:
    with lib.store.reading() as conn:
        return {m.key.removeprefix("test:"): m.state for m in mails.latest(conn, 100)}


def test_what_is_queued_is_sent_once(tmp_path: Path, server: MailServer) -> None:
    """Mails of one reason are one mail, a second sending has nothing to do, and the text is not kept."""
    with _library(tmp_path, server, Clock()) as lib:
        _queue(lib, "ada", "bo", "ada")
        assert send_due(lib).sent == 2
        assert send_due(lib).sent == 0
        with lib.store.reading() as conn:
            kept = mails.by_key(conn, "test:ada")

    assert Counter(to for to, _ in server.box.taken) == {"ada@example.org": 1, "bo@example.org": 1}
    assert kept is not None
    assert (kept.state, kept.tries, kept.text, kept.html) == ("sent", 1, "", "")


def test_a_mail_waits_for_its_time(tmp_path: Path, server: MailServer) -> None:
    """What is due later is not sent now."""
    clock = Clock()
    with _library(tmp_path, server, clock) as lib:
        _queue(lib, "ada")
        clock.at -= timedelta(hours=1)
        assert send_due(lib).sent == 0
        clock.at += timedelta(hours=1)
        assert send_due(lib).sent == 1


def test_a_server_that_is_gone_delays_all_and_uses_up_no_try(tmp_path: Path, server: MailServer) -> None:
    """Mails wait with the reason, and go out once the server is back."""
    clock = Clock()
    with _library(tmp_path, server, clock, url="smtp://localhost:1") as lib:
        _queue(lib, "ada", "bo")
        report = send_due(lib)
    assert report.later == 2
    assert "mail server localhost:1" in (report.trouble or "")
    clock.at += WAITS[0]
    with _library(tmp_path, server, clock) as lib:
        assert send_due(lib).sent == 2


def test_try_later_is_tried_with_growing_waits_and_in_the_end_given_up(tmp_path: Path, server: MailServer) -> None:
    """A server that never has room gets a bounded number of tries, further and further apart."""
    clock = Clock()
    server.box.answers["ada@example.org"] = "452 full"
    with _library(tmp_path, server, clock) as lib:
        _queue(lib, "ada")
        for wait in WAITS:
            assert send_due(lib).later == 1
            clock.at += wait - timedelta(seconds=1)
            assert send_due(lib).later == 0
            clock.at += timedelta(seconds=1)
        assert send_due(lib).failed == 1
        with lib.store.reading() as conn:
            found = mails.by_key(conn, "test:ada")

    assert found is not None
    assert (found.state, found.said) == ("failed", "452 full")


def test_one_refusal_stops_no_other_mail(tmp_path: Path, server: MailServer) -> None:
    """What is refused for good, and what cannot even be written, ends as failed; the rest goes out."""
    server.box.answers["bo@example.org"] = "550 no such user"
    with _library(tmp_path, server, Clock()) as lib:
        _queue(lib, "ada", "bo", "no\naddress", "cy")
        report = send_due(lib)
        states = _states(lib)

    assert (report.sent, report.failed) == (2, 2)
    assert states == {"ada": "sent", "bo": "failed", "no\naddress": "failed", "cy": "sent"}


@pytest.mark.parametrize(("after_crash", "state", "copies"), [("uncertain", "uncertain", 1), ("again", "sent", 2)])
def test_where_nobody_can_tell_the_setting_decides(
    tmp_path: Path, server: MailServer, after_crash: str, state: str, copies: int
) -> None:
    """A connection that breaks after the data leaves one copy and a doubt, or is worth a second copy."""
    clock = Clock()
    server.box.drops_after_data.add("ada@example.org")
    with _library(tmp_path, server, clock, after_crash=after_crash) as lib:
        _queue(lib, "ada")
        send_due(lib)
        server.box.drops_after_data.clear()
        clock.at += WAITS[0]
        send_due(lib)

        assert _states(lib)["ada"] == state
    assert len(server.box.taken) == copies


def test_two_senders_never_share_a_mail(tmp_path: Path, server: MailServer) -> None:
    """What one process has taken the other does not see until the lease has run out, and then it is sent once."""
    clock = Clock()
    with _library(tmp_path, server, clock) as lib:
        _queue(lib, "ada")
        with lib.store.writing() as conn:
            assert len(mails.take(conn, "other", clock.at, clock.at + LEASE, 10)) == 1
        assert send_due(lib).sent == 0
        clock.at += LEASE
        assert send_due(lib).sent == 1
        with lib.store.writing() as conn:  # the other one wakes up
            assert not mails.begin(conn, 1, "other", clock.at + LEASE)


def test_a_pause_keeps_to_the_rate(tmp_path: Path, server: MailServer) -> None:
    """With a limit of mails a minute each is followed by its share of the minute."""
    pauses: list[float] = []
    with _library(tmp_path, server, Clock(), per_minute=30) as lib:
        _queue(lib, "ada", "bo")
        send_due(lib, wait=pauses.append)

    assert pauses == [2.0, 2.0]


@pytest.mark.parametrize(
    ("changed", "named"),
    [({"url": ""}, "smtp.url"), ({"sender": ""}, "smtp.sender"), ({"tls": "maybe"}, "smtp.tls"),
     ({"dkim_key": "/nowhere/key.pem"}, "smtp.dkim_key")],
)  # fmt: skip
def test_settings_that_cannot_be_are_named(
    tmp_path: Path, server: MailServer, changed: dict[str, str], named: str
) -> None:
    """Sending without a server, a sender or a readable key says which setting to correct."""
    with _library(tmp_path, server, Clock(), **changed) as lib, pytest.raises(SettingError, match=named):
        send_due(lib)


_SENDER = """
import sys
from datetime import datetime, timedelta
from pathlib import Path
from broadsheet import config
from broadsheet.library.handle import Library
from broadsheet.library.post import send_due
home, port, at = sys.argv[1:]
options = {"smtp.url": f"smtp://localhost:{port}", "smtp.sender": "papers@example.org", "smtp.tls": "off"}
with Library(config.load({}, home=Path(home), options=options), now=lambda: datetime.fromisoformat(at)) as lib:
    print("ready", flush=True)
    send_due(lib)
"""


@pytest.mark.slow
def test_kills_lose_no_mail_and_send_none_twice(tmp_path: Path, server: MailServer) -> None:
    """Senders killed at random moments leave each mail sent once, or uncertain where the server may have it."""
    seed = random.Random(7)
    clock = Clock()
    names = [f"r{i}" for i in range(400)]
    with _library(tmp_path, server, clock) as lib:
        _queue(lib, *names)
        for kills in range(200):
            clock.at += LEASE
            command = [sys.executable, "-c", _SENDER, str(tmp_path), str(server.port), clock.at.isoformat()]
            process = subprocess.Popen(command, stdout=subprocess.PIPE)
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(seed.uniform(0, 0.02))
            process.kill()
            process.wait()
            process.stdout.close()
            if kills > 20 and "queued" not in _states_all(lib):
                break
        clock.at += LEASE
        send_due(lib)
        states = _states_all(lib)

    copies = Counter(to for to, _ in server.box.taken)
    assert max(copies.values()) == 1
    assert states["queued"] == states["handing"] == states["failed"] == 0
    assert states["sent"] + states["uncertain"] == len(names)
    assert states["sent"] <= len(copies) <= states["sent"] + states["uncertain"]


def _states_all(lib: Library) -> Counter[str]:
    with lib.store.reading() as conn:
        return Counter(mails.counts(conn))
