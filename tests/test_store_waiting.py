"""A database server that restarts, and one that stays away: who waits for it, how long, and what comes of the work."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, text

from broadsheet.errors import StoreAway, StoreError
from broadsheet.jobs import Background
from broadsheet.store import Store, papers, waiting
from broadsheet.store.waiting import patient, until_there
from tests.processes import Commands, until
from tests.replay import Replay
from tests.stores import NOW, Server, item, paper, put


def _away() -> None:
    raise StoreAway("library x", "no connection", "look at it")


def test_who_is_not_patient_is_told_at_once() -> None:
    """A visitor's request does not wait for a server."""
    tries: list[None] = []

    def attempt() -> None:
        tries.append(None)
        _away()

    with pytest.raises(StoreAway):
        until_there(attempt)
    assert len(tries) == 1


def test_waiting_is_told_once_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is patient is told once that it waits, tries again and again, and in the end gets the error itself."""
    monkeypatch.setattr(waiting, "LONGEST", 0.05)
    monkeypatch.setattr(waiting, "_FIRST", 0.001)
    told: list[str] = []
    tries: list[None] = []

    def attempt() -> None:
        tries.append(None)
        _away()

    with patient(told.append), pytest.raises(StoreAway, match=r"^library x: no connection; look at it$"):
        until_there(attempt)
    assert told == ["library x: no connection; it is waited for, 0 seconds at most"]
    assert len(tries) > 3


def test_an_outage_of_many_rounds_is_told_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What runs behind pages says once that it waits, however often it tries, and once more in the next outage."""
    monkeypatch.setattr(waiting, "LONGEST", 0.002)
    monkeypatch.setattr(waiting, "_FIRST", 0.001)
    rounds: list[None] = []

    def work() -> None:
        rounds.append(None)
        if len(rounds) != 4:
            until_there(_away)

    job = Background("job", 0.001, work, at_once=work)
    job.start()
    until(lambda: len(rounds) > 8)
    job.close()
    told = capsys.readouterr().err.splitlines()
    assert told.count("broadsheet: library x: no connection; it is waited for, 0 seconds at most") == 2
    assert told.count("broadsheet: library x: no connection; look at it") == 1


@contextmanager
def _gone(server: Server) -> Iterator[tuple[Callable[[str], None], list[str]]]:
    """The server is stopped, and runs again once somebody was told that it is waited for: who tells, and what was."""
    told: list[str] = []

    def comes_back(sentence: str) -> None:
        told.append(sentence)
        server.start()

    server.stop()
    try:
        yield comes_back, told
    finally:
        if not told:
            server.start()


@pytest.mark.slow
def test_a_server_that_restarts_is_waited_for(postgres_server: Server, postgres_url: str) -> None:
    """To open, read and write waits for it, once told each; who is not patient fails and learns the way out."""
    with Store.open(postgres_url) as store:
        with _gone(postgres_server) as (comes_back, first):
            with pytest.raises(StoreAway, match=r"no connection .*; check that the server runs"), store.reading():
                pass
            with patient(comes_back):
                put(store, item(paper("x:1")))
        with _gone(postgres_server) as (comes_back, second), patient(comes_back), store.reading() as conn:
            assert papers.count(conn) == 1
    with _gone(postgres_server) as (comes_back, third), patient(comes_back), Store.open(postgres_url) as store:
        store.rest()
    for told in (first, second, third):
        assert len(told) == 1
        assert told[0].endswith("; it is waited for, 30 seconds at most")


@pytest.mark.slow
def test_what_a_restart_cuts_off_is_done_once_more(postgres_server: Server, postgres_url: str) -> None:
    """A transaction in which the server goes away is made again as a whole, and leaves its rows once."""
    tries: list[None] = []

    def do(conn: Connection) -> list[int]:
        tries.append(None)
        made = papers.apply(conn, [item(paper("x:1"))], NOW)
        if len(tries) == 1:
            postgres_server.stop()
            postgres_server.start()
        conn.execute(text("SELECT 1"))
        return made

    with Store.open(postgres_url) as store:
        with patient(lambda told: None):
            made = store.write(do)
        assert len(tries) == 2
        with store.reading() as conn:
            assert (papers.ids(conn, ["x:1"]), papers.count(conn)) == ({"x:1": made[0]}, 1)


@pytest.mark.slow
@pytest.mark.parametrize("wrong", ["database", "user"])
def test_a_server_that_lets_nobody_in_is_not_waited_for(postgres: str, wrong: str) -> None:
    """A database that is not there, or a user, is told at once: waiting would change nothing."""
    url = f"{postgres}nowhere" if wrong == "database" else f"{postgres}postgres".replace("app@", "nobody@")
    with patient(pytest.fail), pytest.raises(StoreError, match=f'{"role" if wrong == "user" else wrong} "no.*exist'):
        Store.open(url)


@pytest.mark.slow
def test_a_pull_outlives_a_restart(
    commands: Commands, small_replay: Replay, postgres_server: Server, postgres_url: str
) -> None:
    """A harvest says that it waits, and ends with all papers once; nothing of it stands in the problems of `status`."""
    commands.environ.update(small_replay.environ, BROADSHEET_DATABASE=postgres_url)
    small_replay.fault("/oai", "slow")
    pulling = commands.start("pull", "--json")
    until(lambda: len(small_replay.log) > 3)
    postgres_server.stop()
    try:
        until(lambda: "it is waited for, 30 seconds at most" in pulling.told)
    finally:
        postgres_server.start()
    ended = pulling.wait()

    assert ended.code == 0, ended.err
    assert {run["source"]: run["state"] for run in ended.json["runs"]} == dict.fromkeys(
        ("arxiv", "arxiv-oai", "huggingface"), "ok"
    )
    told = commands("status", "--check", "--json").json
    assert (told["papers"], told["problems"]) == (30, [])
