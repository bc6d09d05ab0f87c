"""The queue of mails against a real server: each goes out once, waits, or ends in a state that says why."""

import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from broadsheet.digest.mail import Handover, Post
from broadsheet.errors import BroadsheetError, SettingError, StoreError
from broadsheet.library.digests.deliver import deliver
from broadsheet.library.handle import Library
from broadsheet.library.mails.journal import Journal, this_start
from broadsheet.library.mails.post import LEASE, WAITS, InHand, is_any_due, message_id, send_due
from broadsheet.library.upkeep.status import status
from broadsheet.store import mails
from broadsheet.types import Mail
from tests.libraries import library_at
from tests.processes import until
from tests.smtp_server import MailServer, mail_server

KILLS = 200
CONNECTIONS = 2
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
    return library_at(home, options, clock)


def _queue(lib: Library, *names: str) -> None:
    with lib.store.writing() as conn:
        for name in names:
            made = Mail(
                key=f"test:{name}",
                recipient=f"{name}@example.org",
                subject=f"For {name}",
                text="text",
                html="<p>html</p>",
                message_id=message_id(lib, lib.now()),
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


@pytest.mark.slow
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


@pytest.mark.parametrize(
    ("said", "way"),
    [
        ("550 5.7.1 not your address", "look at smtp.sender and smtp.url"),
        ("530 log in first", "look at smtp.sender and smtp.url"),
        ("451 not now", "it is tried again later"),
    ],
)
def test_who_refuses_the_sender_is_no_fault_of_the_readers(
    tmp_path: Path, server: MailServer, said: str, way: str
) -> None:
    """All wait, however often it is tried, and what to look at is told; once the server takes them, they go out."""
    clock = Clock()
    with _library(tmp_path, server, clock) as lib:
        _queue(lib, "ada", "bo")
        server.box.of_sender = said
        for _ in range(len(WAITS) + 1):
            report = send_due(lib)
            clock.at += WAITS[0]
            assert (report.later, report.failed) == (2, 0)
            assert f"takes no mails from papers@example.org ({said}); {way}" in str(report.trouble)
        server.box.of_sender = ""
        assert send_due(lib).sent == 2
        assert _states(lib) == {"ada": "sent", "bo": "sent"}


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


def test_what_one_process_has_taken_no_other_takes(tmp_path: Path, server: MailServer) -> None:
    """Another process leaves a batch alone while the lease lasts; who slept through its end learns that it is lost."""
    clock = Clock()
    with _library(tmp_path, server, clock) as lib:
        _queue(lib, "ada")
        with lib.store.writing() as conn:
            assert len(mails.take(conn, "other", clock.at, clock.at + LEASE, 10)) == 1
        assert send_due(lib).sent == 0
        clock.at += LEASE
        send_due(lib)
        with lib.store.writing() as conn:  # the other one wakes up
            assert not mails.renew(conn, "other", clock.at + LEASE)
            mails.end(conn, [mails.Ended(1, "sent", "250", 1)], "other", clock.at)

        assert _states(lib) == {"ada": "uncertain"}


def test_a_journal_says_which_mails_of_a_broken_batch_are_in_doubt(tmp_path: Path, server: MailServer) -> None:
    """What was answered counts as that, what was begun is uncertain, and the rest of the batch goes out."""
    clock = Clock()
    with _library(tmp_path, server, clock) as lib:
        _queue(lib, "ada", "bo", "cy", "dot")
        _left_by_the_dead(lib, clock, this_start())
        clock.at += LEASE
        report = send_due(lib)

        assert _states(lib) == {"ada": "sent", "bo": "uncertain", "cy": "sent", "dot": "sent"}
    assert report.uncertain == 1
    assert {to for to, _ in server.box.taken} == {"cy@example.org", "dot@example.org"}
    assert not list((tmp_path / "post").iterdir())


def test_a_mail_that_a_server_refused_to_begin_is_not_in_doubt(tmp_path: Path, server: MailServer) -> None:
    """A process that ends before it has stored that nothing was taken leaves it to be sent by the next."""
    clock = Clock()
    with _library(tmp_path, server, clock) as lib:
        _queue(lib, "ada", "bo", "cy", "dot")
        notes = _begun(lib, clock, this_start())
        notes.not_given(2)
        notes.close()
        send_due(lib)

        assert set(_states(lib).values()) == {"sent"}
    assert {to for to, _ in server.box.taken} == {"bo@example.org", "cy@example.org", "dot@example.org"}


def test_what_a_server_refused_to_begin_and_could_not_be_stored_is_not_in_doubt(
    tmp_path: Path, server: MailServer
) -> None:
    """The journal of a batch tells so to whoever settles it, and all of its mails go out."""
    clock = Clock()
    with _library(tmp_path, server, clock) as lib:
        _queue(lib, "ada", "bo")
        server.box.of_sender = "550 who are you"
        with closing(sqlite3.connect(lib.home / "library.db", isolation_level=None)) as conn:
            conn.execute(
                "CREATE TRIGGER full BEFORE UPDATE ON mail WHEN OLD.state = 'handing' "
                "BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
            )
            with pytest.raises(StoreError, match="the disk is full"):
                send_due(lib)
            conn.execute("DROP TRIGGER full")
        server.box.of_sender = ""
        clock.at += LEASE
        report = send_due(lib)

        assert (report.sent, report.uncertain) == (2, 0)
        assert _states(lib) == {"ada": "sent", "bo": "sent"}


def test_the_mails_of_a_process_that_was_killed_do_not_wait_for_its_lease(tmp_path: Path, server: MailServer) -> None:
    """Nobody holds its journal any more, so what it had not sent goes out at once."""
    clock = Clock()
    with _library(tmp_path, server, clock) as lib:
        _queue(lib, "ada", "bo", "cy", "dot")
        _left_by_the_dead(lib, clock, this_start())
        assert is_any_due(lib)
        send_due(lib)

        assert _states(lib) == {"ada": "sent", "bo": "uncertain", "cy": "sent", "dot": "sent"}
    assert {to for to, _ in server.box.taken} == {"cy@example.org", "dot@example.org"}


def test_what_a_process_at_work_has_in_hand_is_told_and_left_to_it(tmp_path: Path, server: MailServer) -> None:
    """Its journal is held, so that others send nothing of it, and say how much it is and until when."""
    clock = Clock()
    with _library(tmp_path, server, clock) as lib:
        _queue(lib, "ada", "bo", "cy", "dot")
        notes = _begun(lib, clock, this_start())
        delivered = deliver(lib)

        assert not is_any_due(lib)
        assert delivered.elsewhere == InHand(4, clock.at + LEASE, 0, ())
        assert status(lib)["mail"]["in_hand"] == {"mails": 4, "until": "2026-11-20T07:10:00"}
        notes.close()
        assert any("had 4 of the mails in hand has ended" in told for told in status(lib)["problems"])
    assert not server.box.taken


@pytest.mark.slow
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
@pytest.mark.parametrize("command", [("digest", "send"), ("jobs", "run", "--no-harvest")])
def test_a_command_that_is_stopped_ends_with_the_mail_in_hand(
    tmp_path: Path, server: MailServer, command: tuple[str, ...], sent: signal.Signals, code: int
) -> None:
    """It is noted as sent, what is queued stays so, and the exit says that the command was stopped."""
    with _library(tmp_path, server, Clock()) as lib:
        _queue(lib, "ada", "bo", "cy")
        given = {
            "HOME": str(tmp_path),
            "SMTP__URL": f"smtp://localhost:{server.port}",
            "SMTP__SENDER": "papers@example.org",
            "SMTP__TLS": "off",
            "SMTP__PER_MINUTE": "1",
        }
        environment = {**os.environ, **{f"BROADSHEET_{name}": value for name, value in given.items()}}
        run = [sys.executable, "-m", "broadsheet", *command]
        process = subprocess.Popen(run, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        until(lambda: server.box.taken)
        process.send_signal(sent)
        out, err = process.communicate(timeout=60)

        assert (process.returncode, err.count("\n")) == (code, 1)
        assert "stopped; what was stored is whole" in err
        assert out == "digests: 0 made, 1 sent\n"
        assert sorted(_states(lib).values()) == ["queued", "queued", "sent"]


@pytest.mark.slow
def test_a_command_that_is_asked_to_end_twice_ends_at_once_with_a_sentence(tmp_path: Path) -> None:
    """A server that says nothing holds up the mail in hand, and who asks again does not wait for it."""
    with socket.create_server(("localhost", 0)) as silent:
        given = {
            "HOME": str(tmp_path),
            "SMTP__URL": f"smtp://localhost:{silent.getsockname()[1]}",
            "SMTP__SENDER": "papers@example.org",
        }
        with library_at(tmp_path, {}, Clock()) as lib:
            _queue(lib, "ada")
        environment = {**os.environ, **{f"BROADSHEET_{name}": value for name, value in given.items()}}
        run = [sys.executable, "-m", "broadsheet", "digest", "send"]
        process = subprocess.Popen(run, env=environment, stderr=subprocess.PIPE, text=True)
        connection, _ = silent.accept()
        with connection:
            process.send_signal(signal.SIGTERM)
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(timeout=0.5)
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=10)

    assert (process.returncode, err.count("\n")) == (143, 1)
    assert "stopped; what was stored is whole" in err


def test_a_journal_from_before_a_restart_of_the_machine_is_not_believed(tmp_path: Path, server: MailServer) -> None:
    """Lines may have been lost with the power, so that all of the batch is in doubt, and nothing is sent twice."""
    clock = Clock()
    with _library(tmp_path, server, clock) as lib:
        _queue(lib, "ada", "bo", "cy", "dot")
        _left_by_the_dead(lib, clock, "an earlier start")
        clock.at += LEASE
        send_due(lib)

        assert set(_states(lib).values()) == {"uncertain"}
    assert not server.box.taken


def _left_by_the_dead(lib: Library, clock: Clock, start: str) -> None:
    """As a process leaves a batch that was killed at work."""
    _begun(lib, clock, start).close()


def _begun(lib: Library, clock: Clock, start: str) -> Journal:
    """The journal of a batch of four, of which the server answered the first and was given the second."""
    notes = Journal(lib.home / "post", "dead-1", start)
    with lib.store.writing() as conn:
        taken = mails.take(conn, "dead-1", clock.at, clock.at + LEASE, 4)
    notes.begin(taken[0].id)
    notes.end(taken[0].id, Handover("sent", "250 taken"))
    notes.begin(taken[1].id)
    return notes


def test_a_server_that_hangs_up_after_some_mails_gets_the_rest_over_another_connection(
    tmp_path: Path, server: MailServer
) -> None:
    """The mail that it hung up on has used up no try and does not wait."""
    server.box.hangs_up_after = 2
    with _library(tmp_path, server, Clock()) as lib:
        _queue(lib, "ada", "bo", "cy", "dot", "eve")
        report = send_due(lib)

    assert (report.sent, report.later) == (5, 0)
    assert server.box.connections == 3
    assert len(server.box.taken) == 5


def test_what_is_unsubscribed_while_a_batch_is_under_way_is_not_sent_later(tmp_path: Path, server: MailServer) -> None:
    """A mail that is taken back goes out with its batch or never, whatever becomes of the batch."""
    clock = Clock()
    server.box.answers["ada@example.org"] = "452 full"
    with _library(tmp_path, server, clock) as lib:
        _queue(lib, "ada", "bo")
        with lib.store.writing() as conn:
            mails.take(conn, "dead-1", clock.at, clock.at + LEASE, 2)
            assert mails.withdraw(conn, "test:ada") == 0
        Journal(lib.home / "post", "dead-1", this_start()).close()
        clock.at += LEASE
        send_due(lib)

        assert _states(lib) == {"bo": "sent"}


def test_a_key_that_signs_nothing_fails_no_mail(tmp_path: Path, server: MailServer) -> None:
    """A DKIM key that is none is told before anything is sent, and the mails wait."""
    (tmp_path / "key.pem").write_text("no key")
    with _library(tmp_path, server, Clock(), dkim_key=str(tmp_path / "key.pem")) as lib:
        _queue(lib, "ada")
        with pytest.raises(BroadsheetError, match="dkim_key"):
            send_due(lib)

        assert _states(lib) == {"ada": "queued"}


def test_without_a_journal_nothing_is_sent(tmp_path: Path, server: MailServer) -> None:
    """A journal that cannot be written stops the sending before a mail is begun, and the mails wait."""
    with _library(tmp_path, server, Clock()) as lib:
        _queue(lib, "ada")
        (tmp_path / "post").write_text("")
        with pytest.raises(StoreError, match="journal"):
            send_due(lib)

        assert _states(lib) == {"ada": "queued"}
    assert not server.box.taken


@pytest.mark.slow
def test_many_mails_go_over_several_connections_and_no_more_than_allowed(tmp_path: Path, server: MailServer) -> None:
    """Connections share the mails and the rate; each mail goes out once."""
    pauses: list[float] = []
    with _library(tmp_path, server, Clock(), connections=3, per_minute=6000) as lib:
        _queue(lib, *(f"r{i}" for i in range(100)))
        assert send_due(lib, wait=pauses.append).sent == 100

    assert server.box.connections == 3
    assert Counter(Counter(to for to, _ in server.box.taken).values()) == {1: 100}
    assert set(pauses) == {3 * 60 / 6000}


def test_a_pause_keeps_to_the_rate(tmp_path: Path, server: MailServer) -> None:
    """With a limit of mails a minute each is followed by its share of the minute."""
    pauses: list[float] = []
    with _library(tmp_path, server, Clock(), per_minute=30) as lib:
        _queue(lib, "ada", "bo")
        send_due(lib, wait=pauses.append)

    assert pauses == [2.0, 2.0]


def test_who_is_stopped_ends_with_the_mail_in_hand_and_waits_for_no_pause(tmp_path: Path, server: MailServer) -> None:
    """With one mail a minute a sender that is told to stop has ended long before the minute has."""
    stop = Event()

    class Last(Post):
        def hand_over(self, *letter: Any) -> Handover:
            stop.set()
            return super().hand_over(*letter)

    with _library(tmp_path, server, Clock(), per_minute=1) as lib:
        _queue(lib, "ada", "bo", "cy")
        sending = Thread(target=send_due, args=(lib,), kwargs={"connect": Last, "stop": stop}, daemon=True)
        sending.start()
        sending.join(30)

        assert not sending.is_alive()
        assert _states(lib) == {"ada": "sent", "bo": "queued", "cy": "queued"}


@pytest.mark.parametrize(
    ("changed", "named"),
    [({"url": ""}, "smtp.url"), ({"sender": ""}, "smtp.sender"), ({"dkim_key": "/nowhere/key.pem"}, "smtp.dkim_key")],
)  # fmt: skip
def test_settings_that_cannot_be_are_named(
    tmp_path: Path, server: MailServer, changed: dict[str, str], named: str
) -> None:
    """Sending without a server, a sender or a readable key says which setting to correct."""
    with _library(tmp_path, server, Clock(), **changed) as lib, pytest.raises(SettingError, match=named):
        send_due(lib)


def test_a_check_of_the_library_tells_of_a_key_that_cannot_sign(tmp_path: Path, server: MailServer) -> None:
    """Who looks before the first mail learns it there; other commands need no key."""
    with _library(tmp_path, server, Clock(), dkim_key="/nowhere/key.pem") as lib:
        told = "setting smtp.dkim_key: cannot be read (No such file or directory); name a file in PEM"
        assert told in status(lib, check=True)["problems"]
        assert told not in status(lib)["problems"]


_SENDER = """
import sys
from datetime import datetime, timedelta
from pathlib import Path
from broadsheet import config
from broadsheet.digest.mail import Post
from broadsheet.library.handle import Library
from broadsheet.library.mails.post import send_due
home, port, at = sys.argv[1:]
options = {"smtp.url": f"smtp://localhost:{port}", "smtp.sender": "papers@example.org", "smtp.tls": "off"}
with Library(config.load({}, home=Path(home), options=options), now=lambda: datetime.fromisoformat(at)) as lib:
    def connect(server):
        print("ready", flush=True)
        return Post(server)
    send_due(lib, connect=connect)
"""


@pytest.mark.slow
def test_kills_lose_no_mail_and_send_none_twice(tmp_path: Path, server: MailServer) -> None:
    """Of two senders at work, killed at random moments, each connection leaves one mail at the most uncertain."""
    seed = random.Random(7)
    clock = Clock()
    names, hit = [], 0
    with _library(tmp_path, server, clock) as lib:
        for number in range(KILLS // 2):
            fresh = [f"r{number}-{i}" for i in range(60)]
            _queue(lib, *fresh)
            names += fresh
            clock.at += LEASE
            _killed_at_work(tmp_path, server, clock, seed)
            hit += bool(_states_all(lib)["handing"])
        clock.at += LEASE
        send_due(lib)
        states = _states_all(lib)

    copies = Counter(to for to, _ in server.box.taken)
    assert hit > KILLS / 20, "hardly a sender had anything when it was killed"
    assert max(copies.values()) == 1
    assert states["queued"] == states["handing"] == states["failed"] == 0
    assert states["sent"] + states["uncertain"] == len(names)
    assert states["uncertain"] <= KILLS * CONNECTIONS
    assert states["sent"] <= len(copies) <= states["sent"] + states["uncertain"]


def _killed_at_work(home: Path, server: MailServer, clock: Clock, seed: random.Random) -> None:
    """Two senders, killed a moment after they have connected."""
    command = [sys.executable, "-c", _SENDER, str(home), str(server.port), clock.at.isoformat()]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    assert processes[0].stdout is not None
    processes[0].stdout.readline()
    time.sleep(seed.uniform(0, 0.1))
    for process in processes:
        process.kill()
        process.communicate()


def _states_all(lib: Library) -> Counter[str]:
    with lib.store.reading() as conn:
        return Counter(mails.counts(conn))
