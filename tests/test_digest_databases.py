"""Digests, mails and outlets in both databases, by the library's own calls and a real mail server."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from broadsheet.library.digests import archive
from broadsheet.library.digests.deliver import Delivered, deliver
from broadsheet.library.digests.subscription import Wanted, subscription, turn_off, turn_on
from broadsheet.library.handle import Library
from broadsheet.library.harvest.import_ import import_files
from broadsheet.library.interest.profiles import add_interest
from broadsheet.library.mails.post import LEASE, SUSPENDED_AFTER, send_due
from broadsheet.library.outlets.keep import add_outlet, try_outlet
from broadsheet.library.outlets.send import Dispatched, send_dispatches
from broadsheet.library.readers import Details, add_reader, remove_reader
from broadsheet.library.upkeep.status import status
from broadsheet.rank.profile import Said
from broadsheet.store import mails, outlets
from broadsheet.types import Mail, Reader
from tests.libraries import library_at
from tests.receiver import receiver
from tests.shell import write_listing
from tests.smtp_server import MailServer, mail_server
from tests.topics import rows

pytestmark = pytest.mark.slow

EVENING = datetime(2025, 11, 19, 18, tzinfo=UTC)
MORNING = datetime(2025, 11, 20, 7, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass
class Instance:
    """A library, its mail server, its settings and its clock."""

    lib: Library
    server: MailServer
    options: dict[str, object]
    at: datetime = EVENING

    def reader(self, name: str) -> Reader:
        """Somebody who gets a digest each day at seven."""
        who = add_reader(self.lib, name, Details(email=f"{name}@example.org", zone="UTC"))
        add_interest(self.lib, name, "birds", Said(about=("songbird migration",)))
        turn_on(self.lib, who, Wanted(cadence="daily", at=time(7), most=4), confirmed=True)
        return who

    def came(self) -> Counter[str]:
        """How many mails came for whom."""
        return Counter(to.partition("@")[0] for to, _ in self.server.box.taken)


@pytest.fixture
def instance(url: str, tmp_path: Path) -> Iterator[Instance]:
    """Papers of three subjects."""
    with mail_server() as server:
        options: dict[str, object] = {
            "database": url,
            "smtp.url": f"smtp://localhost:{server.port}",
            "smtp.sender": "papers@example.org",
            "smtp.tls": "off",
            "outlets.private": True,
        }
        with library_at(tmp_path / "home", options, lambda: made.at) as lib:
            made = Instance(lib, server, options)
            import_files(lib, [str(write_listing(tmp_path / "papers.jsonl", rows()))])
            yield made


def test_days_of_digests(instance: Instance) -> None:
    """Made and mailed once a day; nothing twice; a refusing address is suspended; who leaves gets none, and is gone."""
    lib = instance.lib
    add_reader(lib, "admin", Details())
    ada, bo = instance.reader("ada"), instance.reader("bo")
    instance.server.box.answers["bo@example.org"] = "550 no such user"
    for day in range(SUSPENDED_AFTER):
        instance.at = MORNING + day * DAY
        done, again = deliver(lib), deliver(lib)
        assert (done.post.sent, done.post.failed, again) == (1, 1, Delivered())
    assert subscription(lib, bo).state == "suspended"
    kept = archive.digests_of(lib, ada)
    keys = [item.key for one in kept for item in one.content.items]
    assert [one.state for one in kept] == ["sent"] * SUSPENDED_AFTER
    assert len(keys) == len(set(keys)) > 0

    turn_off(lib, ada)
    instance.at += DAY
    assert deliver(lib) == Delivered()
    told = status(lib)["mail"]
    assert (told["sent"], told["failed"], told["readers"]["suspended"]) == (SUSPENDED_AFTER, SUSPENDED_AFTER, 1)
    remove_reader(lib, "ada")
    with lib.store.reading() as conn:
        assert {m.recipient for m in mails.latest(conn, 100)} == {"bo@example.org"}


def test_a_batch_of_the_dead_is_settled(instance: Instance) -> None:
    """Without its journal all of it is uncertain; what others have while the lease lasts is left alone."""
    lib = instance.lib
    _queue(lib, "ada", "bo", "cy")
    with lib.store.writing() as conn:
        assert len(mails.take(conn, "dead", lib.now(), lib.now() + LEASE, 2)) == 2
    assert send_due(lib).sent == 1
    assert send_due(lib).uncertain == 0
    instance.at += LEASE
    assert send_due(lib).uncertain == 2
    assert instance.came() == {"cy": 1}
    with lib.store.reading() as conn:
        assert mails.counts(conn) == {"sent": 1, "uncertain": 2}
        assert mails.by_key(conn, "test:ada").text == ""  # type: ignore[union-attr]


def test_outlets_get_digests(instance: Instance) -> None:
    """A webhook takes each once, gets again what a dead process had, is told of when it fails, goes with its reader."""
    lib = instance.lib
    add_reader(lib, "admin", Details())
    ada = instance.reader("ada")
    turn_off(lib, ada)
    with receiver() as taker:
        hook = add_outlet(lib, ada, f"{taker.url}/hook")
        instance.at = MORNING
        assert (deliver(lib).made, send_dispatches(lib), send_dispatches(lib)) == (1, Dispatched(sent=1), Dispatched())
        assert try_outlet(lib, ada, hook.name).fate == "sent"

        instance.at += DAY
        deliver(lib)
        with lib.store.writing() as conn:
            assert outlets.take(conn, lib.now(), lib.now() + LEASE) is not None
        assert send_dispatches(lib) == Dispatched()
        instance.at += LEASE
        assert send_dispatches(lib).sent == 1

        instance.at += DAY
        taker.answers = [503]
        deliver(lib)
        assert send_dispatches(lib).later == 1
        assert status(lib)["outlets"]["queued"] == 1
    assert [one.state for one in archive.digests_of(lib, ada)] == ["sent elsewhere"] * 3
    assert instance.came() == Counter()
    remove_reader(lib, "ada")
    with lib.store.reading() as conn:
        assert outlets.every(conn) == []


def test_services_get_digests(instance: Instance) -> None:
    """Through Apprise a digest is a message of titles and reasons; what a service does not take comes again."""
    pytest.importorskip("apprise")
    lib, ada = instance.lib, instance.reader("ada")
    with receiver() as taker:
        add_outlet(lib, ada, f"{taker.url.replace('http', 'ntfy')}/topic", "phone", ("interests",))
        instance.at, taker.answers = MORNING, [503]
        deliver(lib)
        assert send_dispatches(lib).later == 1
        instance.at += DAY / 24
        assert send_dispatches(lib).sent == 1
        refused, taken = (json.loads(got.body)["message"] for got in taker.got)
    assert refused == taken
    assert taken.startswith("**For your interests**")
    assert re.search(r"\) · \S.* · near your words", taken)


_SENDER = """
import json, sys
from datetime import datetime
from pathlib import Path
from broadsheet import config
from broadsheet.library.handle import Library
from broadsheet.library.mails.post import send_due
home, options, at = sys.argv[1:]
with Library(config.load({}, home=Path(home), options=json.loads(options)), lambda: datetime.fromisoformat(at)) as lib:
    send_due(lib)
"""


def test_processes_that_send_at_the_same_time_send_each_mail_once(instance: Instance) -> None:
    """Three of them, each over two connections, share the queue."""
    names = [f"r{i}" for i in range(300)]
    _queue(instance.lib, *names)
    options = json.dumps(instance.options)
    command = [sys.executable, "-c", _SENDER, str(instance.lib.home), options, instance.at.isoformat()]
    running = [subprocess.Popen(command) for _ in range(3)]
    assert [process.wait(120) for process in running] == [0, 0, 0]

    assert instance.came() == dict.fromkeys(names, 1)
    with instance.lib.store.reading() as conn:
        assert mails.counts(conn) == {"sent": 300}


def _queue(lib: Library, *names: str) -> None:
    with lib.store.writing() as conn:
        for name in names:
            ident, to, now = f"<{name}@example.org>", f"{name}@example.org", lib.now()
            mails.put(conn, Mail(f"test:{name}", to, f"For {name}", ident, now, now, text="text", html="<p>html</p>"))
