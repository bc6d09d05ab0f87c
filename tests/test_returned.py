"""Reports of mails that came back: what they say for certain is read, whoever wrote them, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.digest.letter import OWN_ID
from broadsheet.digest.mailbox import LONGEST, messages
from broadsheet.digest.returned import Report, read
from broadsheet.errors import NotUnderstood
from tests import reports

ID = "<20251120.0123456789abcdef@example.org>"
HEAD = reports.head_of(ID)

WORDS = {
    "postfix": reports.NO_USER,
    "exim": "5.0.0",
    "exchange": "550 5.1.10 RESOLVER: nobody was found",
    "gmail": "550-5.2.1 This account 550-5.2.1 takes no more. 550 5.2.1 Ask its owner.",
    "global": "550 5.1.1 hei\ufffd\ufffdt niemand",
}


@pytest.mark.parametrize("name", reports.FORMS)
def test_the_reports_of_many_servers_are_read(name: str) -> None:
    """Each form says that the mail failed, why, and first of all which mail it was."""
    found = read(reports.FORMS[name](HEAD))

    assert (found.outcome, found.mails[0]) == ("failed", ID)
    assert found.said in {WORDS[name], WORDS[name].replace("\ufffd\ufffd", "ß")}


@pytest.mark.parametrize(
    ("action", "status", "outcome"),
    [
        ("failed", "5.2.2", "failed"),
        ("Failed", "5.1.1 (no such user)", "failed"),
        ("failed", "4.4.7", "failed"),  # tried for days and given up
        ("delayed", "4.4.1", "delayed"),
        ("delivered", "2.0.0", "arrived"),
        ("relayed", "2.0.0", "arrived"),
    ],
)
def test_failed_is_told_from_delayed_and_arrived(action: str, status: str, outcome: str) -> None:
    """The action counts: a server that gave up did so whatever made it, and one that still tries did not."""
    assert read(reports.postfix(HEAD, action=action, status=status)).outcome == outcome


@pytest.mark.parametrize(
    ("wire", "cause"),
    [
        (reports.in_words(HEAD), "has no part for machines"),
        (b"Content-Type: multipart/report\n\nnothing", "has no part for machines"),
        (b"From: ada@example.org\nSubject: Thank you\n\nFor the papers.", "is no report"),
        (b"Content-Type: multipart/report; report-type=feedback-report; boundary=B\n\n--B\n\n--B--", "something else"),
        (reports.postfix(HEAD, status="2.0.0"), "does not say what became"),
        (reports.postfix(HEAD, status="now"), "does not say what became"),
        (reports.postfix(HEAD, action="lost"), "does not say what became"),
        (b"", "is no report"),
    ],
)
def test_what_is_not_said_for_certain_is_not_guessed(wire: bytes, cause: str) -> None:
    """Words without a part for machines, contradictions, complaints and letters count for nothing."""
    with pytest.raises(NotUnderstood, match=cause):
        read(wire)


def test_a_report_within_a_mail_is_none() -> None:
    """Who forwards a report has written a letter, and the report that a mail within holds is about another one."""
    inner = reports.postfix(HEAD).decode()
    wire = f'Content-Type: multipart/mixed; boundary="Z"\n\n--Z\nContent-Type: message/rfc822\n\n{inner}\n--Z--\n'
    with pytest.raises(NotUnderstood, match="is no report"):
        read(wire.encode())


def test_of_several_recipients_the_worst_counts() -> None:
    """One that failed is not hidden by another that was reached."""
    fields = b"Final-Recipient: rfc822; cy@there.example\nAction: delivered\nStatus: 2.0.0\n\nFinal-Recipient:"
    assert read(reports.postfix(HEAD).replace(b"Final-Recipient:", fields, 1)).outcome == "failed"


def test_our_own_header_outlasts_a_relay_that_writes_message_ids_anew() -> None:
    """The ID that the mail was sent with comes before the one that a relay gave it."""
    assert read(reports.exim(f"{OWN_ID}: {ID}\nMessage-ID: <new@relay.example>\n")).mails[0] == ID


def test_what_a_server_says_becomes_one_plain_line() -> None:
    """Nothing that moves a terminal's cursor is kept, nor more than a line of it."""
    said = read(reports.postfix(HEAD, said="550 5.1.1 \x1b[2Jgone\x07" + "!" * 5000)).said

    assert said.isprintable()
    assert said.startswith("550 5.1.1 [2Jgone !")
    assert len(said) == 300


@given(st.binary(max_size=300), st.sampled_from(sorted(reports.FORMS)), st.integers(0, 1500))
def test_whatever_comes_is_read_or_told(garbage: bytes, name: str, at: int) -> None:
    """Reports that are cut, overwritten or mere noise raise nothing but that they are not understood."""
    whole = reports.FORMS[name](HEAD)
    for wire in (garbage, whole[:at], whole[:at] + garbage + whole[at + len(garbage) :]):
        try:
            assert isinstance(read(wire), Report)
        except NotUnderstood:
            continue


@pytest.mark.slow
def test_parts_within_parts_without_end_are_told() -> None:
    """A message made to make its reader give up is one that cannot be read."""
    deep = "".join(f"Content-Type: multipart/report; boundary=b{n}\n\n--b{n}\n" for n in range(1100))
    with pytest.raises(NotUnderstood):
        read(deep.encode())


def test_an_mbox_is_its_messages_and_a_pipe_one() -> None:
    """Lines `From …` with a time part messages and are no part of one; a sentence that begins so parts nothing."""
    line = b"From MAILER-DAEMON  Thu Nov 20 07:00:00 2025\n"
    one, other = b"Subject: 1\n\nFrom now on.\n\nFrom here to there at 07:00.\n\n", b"Subject: 2\n\nBody\n"

    assert list(messages((line + one + line + other).splitlines(keepends=True))) == [one, other]
    assert list(messages(one.splitlines(keepends=True))) == [one]
    assert list(messages([])) == []


def test_of_a_message_no_more_is_kept_than_a_report_needs() -> None:
    """What is longer is cut, so that memory does not grow with what somebody sends."""
    (kept,) = messages([b"Subject: 1\n", b"\n", *([b"x" * 999 + b"\n"] * (LONGEST // 500))])
    assert len(kept) == LONGEST
