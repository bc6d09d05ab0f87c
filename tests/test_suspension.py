"""An address that refuses is suspended, at once or by reports that come back; no report that was made up does that."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from broadsheet.digest.mail import Handover, Post
from broadsheet.library.digests.returned import Message, Returns, lying, take_back
from broadsheet.library.digests.subscription import Wanted, subscription, turn_on
from broadsheet.library.handle import Library
from broadsheet.library.mails.post import message_id, send_due
from broadsheet.library.readers import Details, add_reader
from broadsheet.library.upkeep.status import status
from broadsheet.store import mails
from broadsheet.types import Mail, Reader
from tests import reports
from tests.libraries import library_at
from tests.shell import Shell
from tests.smtp_server import MailServer, mail_server

START = datetime(2025, 11, 20, 7, tzinfo=UTC)
TO = "bo@there.example"


class Days:
    """A library with a reader, whose mails go through a server that takes them all; a day is one mail."""

    def __init__(self, lib: Library, at: list[datetime], server: MailServer) -> None:
        self.lib, self.server, self._at = lib, server, at
        self.who: Reader = add_reader(lib, "bo", Details(email=TO))
        turn_on(lib, self.who, Wanted(), confirmed=True)

    def send(self) -> Mail:
        """The mail of another day."""
        self.pass_a_day()
        now = self._at[0]
        ident = message_id(self.lib, now)
        made = Mail(f"test:{now}", TO, "Papers", ident, now, now, text="t", html="h")
        with self.lib.store.writing() as conn:
            mails.put(conn, made)
        send_due(self.lib)
        return made

    def pass_a_day(self) -> None:
        """Let time go on."""
        self._at[0] += timedelta(days=1)

    def comes_back(self, *sent: Mail, **fields: str) -> Returns:
        """Reports about mails."""
        heads = (reports.head_of(mail.message_id) for mail in sent)
        return take_back(self.lib, [Message("here", reports.postfix(head, **fields)) for head in heads])

    @property
    def stands(self) -> tuple[str, int]:
        """State and failures of the reader's digest."""
        found = subscription(self.lib, self.who)
        assert found.delivery
        return found.state, found.delivery.failures


@contextmanager
def _days(home: Path) -> Iterator[Days]:
    at = [START]
    with mail_server() as server:
        smtp = {"url": f"smtp://localhost:{server.port}", "sender": "papers@example.org", "tls": "off"}
        options = {f"smtp.{name}": value for name, value in smtp.items()}
        with library_at(home, {**options, "smtp.returns": "back@example.org"}, lambda: at[0]) as lib:
            yield Days(lib, at, server)


@pytest.fixture
def days(tmp_path: Path) -> Iterator[Days]:
    """An empty library."""
    with _days(tmp_path) as found:
        yield found


@pytest.mark.slow
def test_a_relay_that_takes_every_mail_hides_no_dead_address(days: Days) -> None:
    """Three mails in a row that came back suspend, though the server took each, and the status tells it."""
    told = [days.comes_back(days.send()) for _ in range(3)]

    assert [(one.failed, one.suspended) for one in told] == [(1, 0), (1, 0), (1, 1)]
    assert days.stands == ("suspended", 3)
    mail = status(days.lib)["mail"]
    assert (mail["failed"], mail["returned"]["failed"], mail["readers"]["suspended"]) == (3, 3, 1)
    assert mail["trouble"][0]["said"] == "came back: 550 5.1.1 <…@…>: nobody here has that name"
    assert days.server.box.senders == {"back@example.org"}


@pytest.mark.slow
def test_reports_that_come_late_and_in_any_order_count_for_their_mails(days: Days) -> None:
    """What went out meanwhile is no sign of life; what lies between and never came back is one."""
    sent = [days.send() for _ in range(7)]
    days.comes_back(sent[6], sent[0], sent[5], sent[1])
    assert days.stands == ("on", 2)
    days.comes_back(sent[4])
    assert days.stands == ("suspended", 3)


def test_the_same_report_counts_once(days: Days) -> None:
    """Read again, or sent by another server, it changes nothing."""
    sent = days.send()
    days.comes_back(sent)
    again = days.comes_back(sent, sent)

    assert (again.failed, again.known) == (0, 2)
    assert days.stands == ("on", 1)


def test_what_is_late_or_arrived_fails_nobody(days: Days) -> None:
    """A server that still tries, or that tells of success, is counted as that."""
    sent = days.send()
    late = days.comes_back(sent, action="delayed", status="4.4.1")
    arrived = days.comes_back(sent, action="relayed", status="2.0.0")

    assert (late.delayed, arrived.arrived) == (1, 1)
    assert days.stands == ("on", 0)


@pytest.mark.slow
def test_reports_that_are_made_up_are_dropped(days: Days) -> None:
    """Who knows address and day of a mail, and not the ID that was made by lot, ends nobody's digest."""
    sent = days.send()
    guessed = sent.message_id[:10] + "0" * 32 + "@example.org>"
    made_up = [reports.postfix(reports.head_of(guessed)), reports.in_words(""), reports.postfix("Subject: Papers\n")]
    told = take_back(days.lib, [Message(f"{n}", wire) for n, wire in enumerate(made_up * 3)])

    assert len(told.drops) == 9
    assert days.stands == ("on", 0)
    assert status(days.lib)["mail"]["returned"]["dropped"] == {
        "is about no mail of this library": 6, "has no part for machines": 3,
    }  # fmt: skip


def test_a_mail_that_comes_back_before_its_batch_has_ended_has_failed(days: Days) -> None:
    """A relay may answer faster than the process that sends notes what it has sent."""

    class Quick(Post):
        def hand_over(self, sender: str, to: str, wire: bytes) -> Handover:
            handed = super().hand_over(sender, to, wire)
            head = wire.decode().replace("\r\n", "\n").partition("\n\n")[0]
            told = take_back(days.lib, [Message("here", reports.postfix(head))] * 2)
            assert (told.failed, told.known) == (1, 1)
            return handed

    with days.lib.store.writing() as conn:
        now = days.lib.now()
        mails.put(conn, Mail("test:quick", TO, "Papers", message_id(days.lib, now), now, now, text="t", html="h"))
    assert send_due(days.lib, connect=Quick).failed == 1
    assert days.stands == ("on", 1)


@pytest.mark.slow
def test_an_address_that_was_confirmed_anew_begins_anew(days: Days) -> None:
    """What failed before it was vouched for again is forgotten, and so is what failed before it said yes."""
    late = days.send()
    days.comes_back(*(days.send() for _ in range(3)))
    assert days.stands == ("suspended", 3)
    days.pass_a_day()
    turn_on(days.lib, days.who, Wanted(), confirmed=True)
    assert days.comes_back(late).failed == 1
    assert days.stands == ("on", 0)
    days.comes_back(days.send())
    assert days.stands == ("on", 1)


def test_a_maildir_is_read_once_and_left_in_order(days: Days, tmp_path: Path) -> None:
    """Reports are put aside as read, the rest for a person to read, and what cannot be read stops nothing."""
    box = tmp_path / "box"
    for name in ("new", "cur", "tmp"):
        (box / name).mkdir(parents=True)
    (box / "new" / "1").write_bytes(reports.gmail(reports.head_of(days.send().message_id)))
    (box / "new" / "2").write_bytes(b"Subject: Thank you\n\nFor the papers.\n")
    (tmp_path / "mbox").write_bytes(b"From x Thu Nov 20 07:00:00 2025\n" + reports.exim(reports.head_of("<a@b>")))
    told = take_back(days.lib, lying([box, tmp_path / "mbox"]))

    assert [(drop.at, drop.reason) for drop in told.drops] == [
        (str(box / "new" / "2"), "is no report"),
        (f"{tmp_path / 'mbox'}, message 1", "is about no mail of this library"),
    ]
    assert told.failed == 1
    assert sorted(file.name for file in (box / "cur").iterdir()) == ["1:2,S", "2:2,"]
    assert not list(take_back(days.lib, lying([box])).drops)


@pytest.mark.slow
def test_the_command_is_fit_for_a_mail_servers_pipe(tmp_path: Path, shell: Shell) -> None:
    """What is no report is taken all the same, as it would bounce otherwise; a library in trouble has it kept."""
    with _days(shell.home) as days:
        wire = reports.postfix(reports.head_of(days.send().message_id))
    told = shell("digest", "returned", given=b"From x Thu Nov 20 07:00:00 2025\n" + wire)
    letter = shell("digest", "returned", given=b"Subject: Hello\n\nYou.")
    nowhere = shell("digest", "returned", str(tmp_path / "nowhere"), given=b"")
    (shell.home / "config.toml").write_text("smtp = 5")
    broken = shell("digest", "returned", given=wire)

    assert (told.code, told.out) == (0, "returned mails: 1 failed, 0 dropped\n")
    assert (letter.code, letter.err) == (0, "  1 dropped, first message 1: is no report\n")
    assert (nowhere.code, "is not there" in nowhere.err) == (1, True)
    assert (broken.code, "config.toml" in broken.err) == (75, True)
