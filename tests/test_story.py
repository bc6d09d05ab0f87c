"""The whole way of a digest, on a running instance with a harvest, a mail server and a clock that is moved on."""

import email
import email.policy
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from tests.replay import Replay
from tests.smtp_server import MailServer, mail_server

pytestmark = pytest.mark.slow

EVENING = datetime(2025, 11, 18, 18, tzinfo=UTC)
SEVEN_IN_BERLIN = datetime(2025, 11, 19, 6, tzinfo=UTC)
ADDRESS = "ada@example.org"
PATIENCE = 300.0
"""Seconds for what the instance does by itself. It takes some thirty, and more on a busy machine."""


@dataclass(frozen=True)
class Instance:
    """`broadsheet up` in a process of its own, under a clock that libfaketime keeps apart from the machine's."""

    address: str
    environ: dict[str, str]
    clock: Path
    server: MailServer

    def at(self, moment: datetime) -> None:
        """Set the clock; it goes on from there."""
        ahead = moment.timestamp() - time.time()
        self.clock.write_text(f"{ahead:+.0f}\n")

    def command(self, *args: str) -> Any:
        """What a command answers, under the same clock."""
        command = [sys.executable, "-m", "broadsheet", *args, "--json"]
        told = subprocess.run(command, env=self.environ, capture_output=True, text=True, check=True)
        return json.loads(told.stdout)

    def ask(self, path: str, form: dict[str, str] | None = None, **headers: str) -> str:
        """A page, or what comes after a form was sent."""
        given = {"Origin": self.address, **headers} if form is not None else headers
        asked = Request(self.address + path, urlencode(form).encode() if form is not None else None, given)
        with urlopen(asked, timeout=30) as answer:
            assert 200 <= answer.status < 300
            text: str = answer.read().decode()
            return text

    def has_papers_of(self, day: datetime) -> bool:
        """Whether it has harvested a day."""
        return bool(self.command("edition", f"{day:%Y-%m-%d}")["total"])

    def mails(self, many: int) -> list[EmailMessage]:
        """What came by mail, once there is so much."""
        _until(lambda: len(self.server.box.taken) >= many, f"{many} mails")
        read = [email.message_from_bytes(wire, policy=email.policy.default) for _, wire in self.server.box.taken]
        assert all(isinstance(message, EmailMessage) for message in read)
        return read

    def link(self, message: EmailMessage, pattern: str) -> str:
        """The path of a link in a mail's HTML."""
        part = message.get_body(("html",))
        assert part is not None
        found = re.search(rf'href="{re.escape(self.address)}({pattern})"', part.get_content())
        assert found, pattern
        return found[1]


def _until(done: Callable[[], bool], what: str) -> None:
    ends = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < ends, f"{what} did not come"
        time.sleep(0.1)


@pytest.fixture
def instance(replay: Replay, tmp_path: Path) -> Iterator[Instance]:
    """Running, and fed by the replay server with what arXiv and Hugging Face had on the eighteenth."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    if library is None:
        pytest.skip("libfaketime is not installed")
    replay.today(f"{EVENING:%Y-%m-%d}")
    clock, port = tmp_path / "clock", _free_port()
    with mail_server() as server:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("BROADSHEET_")}
        environ |= replay.environ | {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(clock),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "BROADSHEET_HOME": str(tmp_path / "home"),
            "BROADSHEET_ENCODER": "none",
            "BROADSHEET_BASE_URL": f"http://127.0.0.1:{port}",
            "BROADSHEET_SERVE__PORT": str(port),
            "BROADSHEET_ACCESS__SIGN_UP": "true",
            "BROADSHEET_SMTP__URL": f"smtp://localhost:{server.port}",
            "BROADSHEET_SMTP__SENDER": "papers@example.org",
            "BROADSHEET_SMTP__TLS": "off",
        }
        running = Instance(f"http://127.0.0.1:{port}", environ, clock, server)
        running.at(EVENING)
        with _up(running):
            _until(lambda: running.has_papers_of(EVENING), "the first papers")
            yield running


@contextmanager
def _up(running: Instance) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", "broadsheet", "up"], env=running.environ)
    try:
        _until(lambda: _answers(running), "the page")
        yield
    finally:
        process.terminate()
        assert process.wait(30) is not None


def _answers(running: Instance) -> bool:
    try:
        return bool(running.ask("/health"))
    except (URLError, ConnectionError):
        return False


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    return port


def test_from_signing_up_by_mail_to_leaving_by_one_click(instance: Instance, replay: Replay) -> None:
    """A newcomer confirms, gets tomorrow's papers at their minute, acts from the mail, leaves; the status tells it."""
    form = {"email": ADDRESS, "about": "language models that reason", "fields": "cs.CL", "zone": "Europe/Berlin"}
    instance.ask("/subscribe", {**form, "at": "07:00"})
    asking = instance.mails(1)[0]
    confirm = instance.link(asking, r"/confirm/[^\"]+")
    assert "19 November 2025 at 07:00" not in instance.ask(confirm)  # looking confirms nothing
    assert instance.command("status")["mail"]["readers"] == {"on": 0, "unconfirmed": 1, "suspended": 0}
    assert "19 November 2025 at 07:00" in instance.ask(confirm, {})

    replay.today(f"{SEVEN_IN_BERLIN:%Y-%m-%d}")
    instance.at(SEVEN_IN_BERLIN - timedelta(minutes=20))
    instance.command("pull", "--all")
    instance.at(SEVEN_IN_BERLIN - timedelta(seconds=25))
    digest = instance.mails(2)[1]
    assert SEVEN_IN_BERLIN <= digest["Date"].datetime < SEVEN_IN_BERLIN + timedelta(minutes=1)
    assert digest["To"] == ADDRESS
    _acts(instance, digest)
    _leaves(instance, digest)

    instance.at(SEVEN_IN_BERLIN + timedelta(days=1, seconds=-5))
    time.sleep(20)  # two looks of the instance at what is due
    assert len(instance.server.box.taken) == 2
    _told(instance)


def _acts(instance: Instance, digest: EmailMessage) -> None:
    """Up, save and hide: the link asks, the button does it."""
    (name,) = {view["reader"] for view in instance.command("reader", "list")["readers"]}
    for kind, number in (("up", 1), ("save", 2), ("hide", 3)):
        path = instance.link(digest, rf"/d/[^/\"]+/{kind}/{number}")
        instance.ask(path)
        assert kind not in _marks(instance, name)
        instance.ask(path, {})
        assert kind in _marks(instance, name)


def _marks(instance: Instance, name: str) -> set[str]:
    return {kind for view in instance.command("mark", name)["marks"] for kind in view["marks"]}


def _leaves(instance: Instance, digest: EmailMessage) -> None:
    """As mail programs do it (RFC 8058): a POST to the header's address, without cookies and from anywhere."""
    assert digest["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = re.fullmatch(rf"<{re.escape(instance.address)}(/unsubscribe/[^>]+)>", str(digest["List-Unsubscribe"]))
    assert found
    instance.ask(found[1])  # looking ends nothing
    assert instance.command("status")["mail"]["readers"]["on"] == 1
    instance.ask(found[1], {"List-Unsubscribe": "One-Click"}, Origin="https://mail.example")
    assert instance.command("status")["mail"]["readers"]["on"] == 0
    with pytest.raises(HTTPError, match="404") as refused:
        instance.ask(found[1][:-2], {"List-Unsubscribe": "One-Click"})
    refused.value.close()


def _told(instance: Instance) -> None:
    """Page and command agree on what was harvested and mailed, and name no address."""
    told = instance.command("status")
    assert (told["mail"]["sent"], told["mail"]["failed"], told["mail"]["queued"]) == (2, 0, 0)
    page = instance.ask("/status")
    assert "0 get digests" in page
    assert "0 sent today, 2 in all" in page
    assert any(run["new"] for run in told["runs"])  # the last run of each may be the next morning's, with nothing new
    assert ADDRESS not in page + json.dumps(told)
