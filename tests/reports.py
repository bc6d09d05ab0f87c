"""Delivery reports in the forms that mail servers give them, for a mail with a given head. The words are our own."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

NO_USER: Final = "550 5.1.1 <bo@there.example>: nobody here has that name"


def postfix(head: str, *, action: str = "failed", status: str = "5.1.1", said: str = NO_USER) -> bytes:
    """Three parts, the last the mail itself or its head."""
    return _report(
        "From: MAILER-DAEMON@relay.example (Mail Delivery System)\nAuto-Submitted: auto-replied",
        _part("text/plain; charset=us-ascii", "It could not be brought to where it should go.\n"),
        _part(
            "message/delivery-status",
            "Reporting-MTA: dns; relay.example\nX-Postfix-Queue-ID: 4cGq1\nArrival-Date: Thu, 20 Nov 2025 07:00:00\n\n"
            "Final-Recipient: rfc822; bo@there.example\nOriginal-Recipient: rfc822;bo@there.example\n"
            f"Action: {action}\nStatus: {status}\nRemote-MTA: dns; mx.there.example\n"
            f"Diagnostic-Code: smtp; {said[:30]}\n    {said[30:]}\n",
        ),
        _part("text/rfc822-headers", head),
    )


def exim(head: str) -> bytes:
    """Its own fields in the head, and no words of the server where it saw by itself that nobody is there."""
    return _report(
        "From: Mail Delivery System <Mailer-Daemon@relay.example>\nX-Failed-Recipients: bo@there.example",
        _part("text/plain; charset=us-ascii", "Nobody of that name: bo@there.example\n"),
        _part(
            "message/delivery-status",
            "Reporting-MTA: dns; relay.example\n\nAction: failed\nFinal-Recipient: rfc822;bo@there.example\n"
            "Status: 5.0.0\n",
        ),
        _part("message/rfc822", f"Return-path: <papers@example.org>\n{head}\nThe papers of the day.\n"),
    )


def exchange(head: str) -> bytes:
    """The first part is written twice, and the mail's ID stands in the report's own head as well."""
    named = next(line for line in head.splitlines() if line.startswith("Message-ID"))
    inner = _part("text/plain", "Undeliverable\n") + _part("text/html", "<p>Undeliverable</p>\n")
    return _report(
        f"From: postmaster@there.example\nX-MS-Exchange-Message-Is-Ndr:\nIn-Reply-To:{named.partition(':')[2]}",
        "--B\nContent-Type: multipart/alternative; differences=Content-Type;\n\tboundary=\"C\"\n\n"
        + inner.replace("--B", "--C") + "--C--\n\n",
        _part(
            "message/delivery-status",
            "Reporting-MTA: dns;there.example\nReceived-From-MTA: dns;relay.example\n\n"
            "Final-Recipient: rfc822;bo@there.example\nAction: failed\nStatus: 5.1.10\n"
            "Diagnostic-Code: smtp;550 5.1.10 RESOLVER: nobody was found\n"
            "Remote-MTA: dns;mx.there.example\nX-Display-Name: bo\n",
        ),
        _part("message/rfc822", f"Received: from relay.example\n{head}\n"),
    )  # fmt: skip


def gmail(head: str) -> bytes:
    """A picture beside the first part, and a status after the fields with a sentence on several lines."""
    return _report(
        "From: Mail Delivery Subsystem <mailer-daemon@mail.example>\nX-Failed-Recipients: bo@there.example",
        '--B\nContent-Type: multipart/related; boundary="D"\n\n--D\nContent-Type: text/html\n\n<p>Not there</p>\n'
        "--D\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--D--\n\n",
        _part(
            "message/delivery-status",
            "Reporting-MTA: dns; mail.example\nX-Original-Message-ID: <other@mail.example>\n\n"
            "Final-Recipient: rfc822; bo@there.example\nAction: failed\nStatus: 5.2.1\n"
            "Diagnostic-Code: smtp; 550-5.2.1 This account\n 550-5.2.1 takes no more.\n 550 5.2.1 Ask its owner.\n"
            "Last-Attempt-Date: Thu, 20 Nov 2025 07:00:01 -0800 (PST)\n",
        ),
        _part("message/rfc822", f"{head}\nThe papers of the day.\n"),
    )


def global_mail(head: str) -> bytes:
    """As RFC 6533 has it, for addresses beyond ASCII; coded, as a server may."""
    return _report(
        "From: postmaster@there.example",
        _part("text/plain; charset=utf-8", "Niemand heißt so.\n"),
        _part(
            "message/global-delivery-status",
            "Reporting-MTA: dns; there.example\n\nFinal-Recipient: utf-8; b\u00f6@there.example\nAction: failed\n"
            "Status: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 hei\u00dft niemand\n",
        ),
        _part("message/global-headers", head),
    )


FORMS: Final[Mapping[str, Callable[[str], bytes]]] = MappingProxyType(
    {"postfix": postfix, "exim": exim, "exchange": exchange, "gmail": gmail, "global": global_mail}
)


def in_words(_head: str) -> bytes:
    """What a server writes that knows nothing of reports."""
    return (
        b"Return-Path: <>\nFrom: MAILER-DAEMON@old.example\nTo: papers@example.org\nSubject: failure notice\n\n"
        b"I tried to bring your mail to <bo@there.example>. 550 5.1.1 nobody has that name.\n"
    )


def head_of(message_id: str) -> str:
    """The head of a mail as a report gives it back."""
    return (
        f"From: Broadsheet <papers@example.org>\nTo: bo@there.example\nSubject: Papers\nMessage-ID: {message_id}\n"
        "Date: Thu, 20 Nov 2025 07:00:00 +0000\n"
    )


def _report(head: str, *parts: str) -> bytes:
    top = f"{head}\nTo: papers@example.org\nSubject: Undeliverable\nMIME-Version: 1.0\n"
    kind = 'Content-Type: multipart/report; report-type=delivery-status;\n\tboundary="B"\n\n'
    return (top + kind + "A report.\n\n" + "".join(parts) + "--B--\n").encode()


def _part(kind: str, text: str) -> str:
    return f"--B\nContent-Type: {kind}\n\n{text}\n"
