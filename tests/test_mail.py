"""Handing mails to a real server: what is taken, refused, put off, and what nobody can tell."""

import email
import email.policy
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.digest.letter import Letter, SigningKey, to_bytes
from broadsheet.digest.mail import Post, Server, server_of
from broadsheet.errors import BroadsheetError, MailError, SettingError
from tests.smtp_server import MailServer, mail_server

AT = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
LETTER = Letter(
    sender="papers@example.org",
    sender_name="Broadsheet",
    to="ada@example.org",
    subject="Three papers on sleep — 20 November",
    text="Dear Ada,\n.one line begins with a dot\nétude\n",
    html="<!doctype html><p>Dear Ada, étude</p>",
    message_id="<20261120.1@example.org>",
    list_id="<digest.example.org>",
    unsubscribe="https://papers.example.org/unsubscribe/" + "k7" * 40,
)


def _server(server: MailServer, **changed: object) -> Server:
    given: dict[str, object] = {"user": "", "password": "", "encrypted": False, "tls": "optional", "timeout": 5.0}
    return Server("localhost", server.port, **(given | changed))  # type: ignore[arg-type]


def test_a_letter_has_text_and_html_and_reads_back_as_written() -> None:
    """The mail is multipart/alternative with the text first, and its headers say what was meant."""
    read = email.message_from_bytes(to_bytes(LETTER, AT), policy=email.policy.default)

    assert [part.get_content_type() for part in read.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert read["Subject"] == LETTER.subject
    assert read.get_body(("plain",)).get_content().splitlines() == LETTER.text.splitlines()  # type: ignore[union-attr]
    assert read.get_body(("html",)).get_content().strip() == LETTER.html  # type: ignore[union-attr]
    assert read["Date"].datetime == AT


def test_the_way_out_is_a_plain_header_however_long_its_link_is() -> None:
    """Mail programs look for List-Unsubscribe in the bytes: it is one line, not an encoded word."""
    lines = to_bytes(LETTER, AT).split(b"\r\n")

    assert f"List-Unsubscribe: <{LETTER.unsubscribe}>".encode() in lines
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in lines
    assert max(map(len, lines)) <= 998


@pytest.mark.slow
@given(st.text(max_size=60))
def test_no_text_becomes_a_header_of_its_own(text: str) -> None:
    """Whatever stands in a subject or a name, the mail has only the headers that it should have."""
    plain = to_bytes(LETTER, AT)
    try:
        wire = to_bytes(Letter(**{**_fields(LETTER), "subject": text, "sender_name": text}), AT)
    except BroadsheetError:
        return

    assert email.message_from_bytes(wire).keys() == email.message_from_bytes(plain).keys()


@pytest.mark.parametrize(
    "to", ["", "ada", "ada@", "@x", "ada@example.org\r\nBcc: eve@x.org", "a b@x.org", "<a@x.org>,b"]
)
def test_what_is_no_address_gets_no_mail(to: str) -> None:
    """A recipient that is none is refused in a sentence before anything is written."""
    with pytest.raises(BroadsheetError, match="correct the address"):
        to_bytes(Letter(**{**_fields(LETTER), "to": to}), AT)


def test_a_signature_is_believed_by_who_looks_up_the_key() -> None:
    """With a key the mail carries a DKIM signature that covers the way out, and breaks when a word is changed."""
    dkim = pytest.importorskip("dkim", reason="dkimpy is an optional part")
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    record = b"v=DKIM1; k=rsa; p=" + b"".join(public.splitlines()[1:-1])
    wire = to_bytes(LETTER, AT, SigningKey("example.org", "papers", pem))

    def dns(name: bytes, timeout: int = 5) -> bytes:
        assert name == b"papers._domainkey.example.org."
        return record

    signed = wire.partition(b"h=")[2].partition(b";")[0]
    assert b"list-unsubscribe-post" in signed
    assert dkim.verify(wire, dnsfunc=dns)
    assert not dkim.verify(wire.replace(b"Dear", b"Near"), dnsfunc=dns)


def test_several_mails_go_over_one_connection_and_arrive_as_they_are() -> None:
    """The server gets the very bytes, lines that begin with a dot too."""
    wire = to_bytes(LETTER, AT)
    with mail_server() as server:
        with Post(_server(server)) as post:
            fates = [post.hand_over("papers@example.org", f"r{i}@example.org", wire).fate for i in range(3)]

        assert fates == ["sent"] * 3
        assert server.box.connections == 1
        assert [content for _, content in server.box.taken] == [wire] * 3


@pytest.mark.slow
def test_an_encrypted_connection_and_a_password_are_used() -> None:
    """STARTTLS comes before the login; a wrong password is told for good and without being shown."""
    with mail_server(tls=True, login=("ada", "geheim")) as server:
        known = _server(server, user="ada", password="geheim", tls="required")
        with Post(known, server.trust) as post:
            assert post.hand_over("a@example.org", "b@example.org", to_bytes(LETTER, AT)).fate == "sent"
        with pytest.raises(MailError, match="refuses the password") as caught:
            Post(_server(server, user="ada", password="falsch", tls="required"), server.trust).__enter__()

    assert caught.value.permanent
    assert "falsch" not in str(caught.value)


def test_without_encryption_nothing_is_sent_where_it_is_required() -> None:
    """A server that offers no TLS gets neither password nor mail."""
    with mail_server() as server, pytest.raises(MailError, match="offers no encryption"):
        Post(_server(server, tls="required")).__enter__()


def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    """A server with a certificate of unknown origin gets nothing."""
    with mail_server(tls=True) as server, pytest.raises(MailError, match="TLS failed"):
        Post(_server(server, tls="optional")).__enter__()


@pytest.mark.parametrize(
    ("answer", "fate"),
    [("550 no such user", "never"), ("451 come back later", "later"), ("452 full", "later"), ("554 spam", "never")],
)
def test_answers_are_sorted_into_later_and_never(answer: str, fate: str) -> None:
    """4xx is tried again, 5xx is not, before the data and behind it; and the next mail goes its way."""
    wire = to_bytes(LETTER, AT)
    with mail_server() as server:
        server.box.answers["x@example.org"] = answer
        server.box.after["y@example.org"] = answer
        with Post(_server(server)) as post:
            before, behind, next_one = (
                post.hand_over("p@example.org", to, wire) for to in ("x@example.org", "y@example.org", "z@example.org")
            )

    assert (before.fate, before.said) == (fate, answer)
    assert (behind.fate, behind.said) == (fate, answer)
    assert next_one.fate == "sent"


def test_a_connection_that_breaks_after_the_data_leaves_it_unknown() -> None:
    """The server may have taken the mail: that is said, and not taken for a failure."""
    with mail_server() as server:
        server.box.drops_after_data.add("x@example.org")
        with Post(_server(server)) as post:
            assert post.hand_over("p@example.org", "x@example.org", to_bytes(LETTER, AT)).fate == "unknown"
            assert post.hand_over("p@example.org", "z@example.org", to_bytes(LETTER, AT)).fate == "later"


def test_a_server_that_is_not_there_is_told_in_a_sentence() -> None:
    """No connection is no traceback, and can be tried again."""
    with mail_server() as server:
        gone = _server(server)
    with pytest.raises(MailError, match="tried again later") as caught:
        Post(gone).__enter__()

    assert not caught.value.permanent


@pytest.mark.parametrize("url", ["", "mail.example.org", "http://x", "smtp://", "smtp://h:port", "smtp://u:geheim@"])
def test_what_names_no_server_is_refused_without_showing_its_password(url: str) -> None:
    """A wrong address of the mail server is one sentence with the right form."""
    with pytest.raises(SettingError, match="smtp://user:password@host:587") as caught:
        server_of(url, "required", 5.0)

    assert "geheim" not in str(caught.value)


def _fields(letter: Letter) -> dict[str, str]:
    return {name: getattr(letter, name) for name in Letter.__slots__}
