"""Who is let in, and for how long: sessions, one-time links, passwords, tokens, and what a proxy says."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from broadsheet.errors import NotFound, NotLetIn, SettingError, TooManyTries, UsageError
from broadsheet.library.access import oidc, passwords, proxy, proxy_login, sessions, tickets, tokens, tries
from broadsheet.library.access.secret import digest
from broadsheet.library.digests.subscription import may_mail
from broadsheet.library.handle import Library
from broadsheet.library.readers import Details, add_reader, change_reader, list_readers, remove_reader
from broadsheet.store import attempts
from broadsheet.store import tickets as stored
from broadsheet.types import Reader
from tests.libraries import library_at

GOOD = "correct horse battery"


class Clock:
    """A time that a test moves on."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 20, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, **much: float) -> None:
        """Let time pass."""
        self.at += timedelta(**much)


@pytest.fixture
def clock() -> Clock:
    """Nine in the morning."""
    return Clock()


@pytest.fixture
def lib(tmp_path: Path, clock: Clock) -> Iterator[Library]:
    """An empty library that believes a proxy on 10.0.0.0/8."""
    options = {"access.proxy_header": "x-remote-user", "access.proxy_from": ["10.0.0.0/8"], "encoder": "none"}
    with library_at(tmp_path, options, clock) as made:
        yield made


@pytest.fixture
def ada(lib: Library) -> Reader:
    """A reader."""
    return add_reader(lib, "ada", Details(email="Ada@example.org"))


def test_a_session_is_known_by_its_secret_until_it_is_ended(lib: Library, ada: Reader) -> None:
    """The cookie's secret finds the reader; nothing else does, and signing out ends it."""
    secret, made = sessions.sign_in(lib, ada.id, "password", "Firefox")

    assert sessions.visitor(lib, secret).reader == ada
    assert sessions.visitor(lib, made.id) == sessions.NOBODY
    assert sessions.visitor(lib, "") == sessions.NOBODY
    sessions.sign_out(lib, ada.id, made.id)
    assert sessions.visitor(lib, secret) == sessions.NOBODY


def test_a_session_ends_when_it_is_not_used(lib: Library, ada: Reader, clock: Clock) -> None:
    """Use moves the end of a session on; thirty days without any are its end."""
    secret, _ = sessions.sign_in(lib, ada.id, "password", "")
    clock.pass_(days=29)
    assert sessions.visitor(lib, secret).reader == ada
    clock.pass_(days=29)
    assert sessions.visitor(lib, secret).reader == ada
    clock.pass_(days=31)

    assert sessions.visitor(lib, secret) == sessions.NOBODY


def test_nobody_ends_the_session_of_another(lib: Library, ada: Reader) -> None:
    """A session can be ended by its own reader only."""
    eve = add_reader(lib, "eve")
    secret, made = sessions.sign_in(lib, ada.id, "password", "")

    with pytest.raises(NotFound):
        sessions.sign_out(lib, eve.id, made.id)
    assert sessions.visitor(lib, secret).reader == ada


def test_all_other_browsers_can_be_signed_out_at_once(lib: Library, ada: Reader) -> None:
    """What is left is the session that one acts from."""
    here, kept = sessions.sign_in(lib, ada.id, "password", "here")
    there, _ = sessions.sign_in(lib, ada.id, "link", "there")

    assert sessions.sign_out_elsewhere(lib, ada.id, keep=kept.id) == 1
    assert sessions.visitor(lib, here).reader == ada
    assert sessions.visitor(lib, there) == sessions.NOBODY


def test_a_link_works_once_and_not_for_ever(lib: Library, ada: Reader, clock: Clock) -> None:
    """The first use counts; a used, an old and an invented link say the same."""
    used, old = tickets.sign_in_link(lib, ada), tickets.sign_in_link(lib, ada)
    assert tickets.use(lib, used).reader_id == ada.id
    clock.pass_(minutes=31)

    for link in (used, old, "invented"):
        with pytest.raises(NotFound, match="ask for a new one"):
            tickets.use(lib, link)


def test_of_used_links_those_that_confirmed_an_address_are_remembered(lib: Library, ada: Reader) -> None:
    """Opened again they say so, until they are old; nothing is kept of others, which may have a stranger's address."""
    confirmed, invited = tickets.confirm_address(lib, ada, "ada@example.net"), tickets.invite(lib, "reader", "bo@x.org")
    for link in (confirmed, invited):
        tickets.use(lib, link)
    tickets.invite(lib, "reader")

    with lib.store.reading() as conn:
        kept = [stored.used(conn, digest(link), lib.now()) for link in (confirmed, invited)]
    assert [found and found.email for found in kept] == ["ada@example.net", None]


def test_an_invitation_can_be_taken_back(lib: Library) -> None:
    """Open invitations are listed, and one that was taken back lets nobody in."""
    link = tickets.invite(lib, "editor", "bo@example.org")
    (listed,) = tickets.invitations(lib)
    tickets.take_back(lib, listed.id)

    assert (listed.role, listed.email) == ("editor", "bo@example.org")
    with pytest.raises(NotFound):
        tickets.use(lib, link)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ada", "ADA", "ada@example.org"])
def test_a_password_lets_its_reader_in_by_name_or_address(lib: Library, ada: Reader, name: str) -> None:
    """Name and address are taken in any case, the password only as it is."""
    passwords.set_password(lib, ada, GOOD)

    assert passwords.check(lib, name, GOOD, "192.0.2.1") == ada
    assert passwords.check(lib, name, GOOD.upper(), "192.0.2.1") is None


@pytest.mark.parametrize("text", ["", "short", "x" * 1001, "Ada@Example.org"])
def test_what_is_easy_to_guess_is_no_password(lib: Library, ada: Reader, text: str) -> None:
    """Too short, too long, or one's own address is refused."""
    with pytest.raises(UsageError, match="password"):
        passwords.set_password(lib, ada, text)


@pytest.mark.slow
def test_guessing_shuts_the_door_for_a_while(
    lib: Library, ada: Reader, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After too many failures neither that name nor that address is asked again for a quarter of an hour."""
    monkeypatch.setattr(tries, "FAILURES", replace(tries.FAILURES, most=2))
    passwords.set_password(lib, ada, GOOD)
    for _ in range(2):
        assert passwords.check(lib, "ada", "a wrong guess", "192.0.2.1") is None

    for name, place in (("ada", "192.0.2.7"), ("somebody", "192.0.2.1")):
        with pytest.raises(TooManyTries):
            passwords.check(lib, name, GOOD, place)
    clock.pass_(minutes=16)
    assert passwords.check(lib, "ada", GOOD, "192.0.2.1") == ada


@pytest.mark.slow
def test_only_hashes_of_secrets_are_stored(lib: Library, ada: Reader) -> None:
    """Neither a cookie's secret, a link, a token nor a password is anywhere in the database's files."""
    passwords.set_password(lib, ada, GOOD)
    secrets = [
        sessions.sign_in(lib, ada.id, "password", "")[0],
        tickets.sign_in_link(lib, ada),
        tokens.make_token(lib, ada, "script", "read", None),
        GOOD,
    ]
    lib.store.close()

    stored = b"".join(path.read_bytes() for path in lib.home.glob("library.db*"))
    assert stored
    assert [s for s in secrets if s.encode() in stored] == []


def test_a_token_may_do_what_it_was_made_for_until_it_is_revoked(lib: Library, ada: Reader, clock: Clock) -> None:
    """A token is its reader with its scope; an old or revoked one is nobody."""
    reading = tokens.make_token(lib, ada, "reader", "read", 7)
    writing = tokens.make_token(lib, ada, "writer", "write", None)

    assert (tokens.bearer(lib, reading).reader, tokens.bearer(lib, reading).may_write) == (ada, False)
    assert tokens.bearer(lib, writing).may_write
    clock.pass_(days=8)
    assert tokens.bearer(lib, reading) == sessions.NOBODY
    tokens.revoke(lib, ada, next(t.id for t in tokens.tokens_of(lib, ada) if t.name == "writer"))
    assert tokens.bearer(lib, writing) == sessions.NOBODY


@pytest.mark.slow
def test_what_a_reader_came_in_with_goes_with_the_reader(lib: Library, ada: Reader) -> None:
    """Once a reader is forgotten, no session, token or link of theirs works."""
    secret, _ = sessions.sign_in(lib, ada.id, "password", "")
    token, link = tokens.make_token(lib, ada, "script", "write", None), tickets.sign_in_link(lib, ada)
    passwords.set_password(lib, ada, GOOD)
    remove_reader(lib, "ada")

    assert sessions.visitor(lib, secret) == tokens.bearer(lib, token) == sessions.NOBODY
    with pytest.raises(NotFound):
        tickets.use(lib, link)


def test_an_address_goes_with_its_reader(lib: Library, ada: Reader) -> None:
    """That mails were asked for to it is forgotten, too."""
    change_reader(lib, ada.name, Details(email="Ada@example.org"))
    assert may_mail(lib, "ada@example.org")

    remove_reader(lib, ada.name)

    with lib.store.reading() as conn:
        assert attempts.most(conn, [attempts.of_mail("ada@example.org")], datetime.min.replace(tzinfo=UTC)) == 0


def test_only_the_proxy_that_is_listed_names_readers(lib: Library, ada: Reader) -> None:
    """The header of a listed address is believed; from anywhere else, or for a stranger, it says nothing."""
    said = {"x-remote-user": "ada"}

    found = proxy.reader_said(lib, "10.1.2.3", said)
    assert found is not None
    assert found.reader == ada
    assert proxy.reader_said(lib, "192.0.2.1", said) is None
    assert proxy.reader_said(lib, "", said) is None
    assert proxy.reader_said(lib, "10.1.2.3", {"x-remote-user": "stranger"}) is None
    assert proxy.reader_said(lib, "10.1.2.3", {}) is None


def test_a_stranger_whom_the_proxy_names_can_become_a_reader(tmp_path: Path) -> None:
    """With the setting, a new name is a new reader, once."""
    options = {"access.proxy_header": "x-remote-user", "access.proxy_creates": True}
    with library_at(tmp_path, options) as lib:
        add_reader(lib, "owner")
        first = proxy.reader_said(lib, "127.0.0.1", {"x-remote-user": "Grace.H@example.org"})
        second = proxy.reader_said(lib, "127.0.0.1", {"x-remote-user": "grace.h@example.org"})

    assert first is not None
    assert first.reader is not None
    assert (first.reader.name, first.reader.email, first.reader.role) == ("grace.h", "Grace.H@example.org", "reader")
    assert first == second


def test_whom_the_proxy_names_is_known_again_or_told_why_not(tmp_path: Path) -> None:
    """Two addresses that begin alike are two readers, each the same again; what can be no reader's name makes none."""
    options = {"access.proxy_header": "x-remote-user", "access.proxy_creates": True}
    with library_at(tmp_path, options) as lib:
        add_reader(lib, "owner")
        ids = []
        for said in ("grace@a.example", "grace@b.example", "grace@a.example", "grace@b.example", "Lin", "lin"):
            found = proxy.reader_said(lib, "127.0.0.1", {"x-remote-user": said})
            assert found is not None
            assert found.reader is not None
            ids.append(found.reader.id)
        for said in ("Grace Hopper", "LAB\\grace"):
            with pytest.raises(NotLetIn, match="let the proxy send"):
                proxy.reader_said(lib, "127.0.0.1", {"x-remote-user": said})
        many = len(list_readers(lib))

    one, other, again, too, lin, same = ids
    assert (again, too, same) == (one, other, lin)
    assert many == len({one, other, lin}) + 1


def _named(lib: Library, said: str) -> Reader:
    found = proxy.reader_said(lib, "127.0.0.1", {"x-remote-user": said})
    assert found is not None
    assert found.reader is not None
    return found.reader


def test_whom_the_proxy_named_once_stays_who_they_are(tmp_path: Path) -> None:
    """Whoever changes name or address here is known by the proxy's word, which is another's name or address by then."""
    options = {"access.proxy_header": "x-remote-user", "access.proxy_creates": True}
    with library_at(tmp_path, options) as lib:
        add_reader(lib, "lin")
        ids = {said: _named(lib, said).id for said in ("grace@a.example", "lin")}
        change_reader(lib, "grace", Details(email="hopper@a.example"), "hopper")
        change_reader(lib, "lin", Details(), "ada")
        add_reader(lib, "lin", Details(email="grace@a.example"))

        assert {said: _named(lib, said).id for said in ("Grace@A.example", "LIN")} == {
            "Grace@A.example": ids["grace@a.example"],
            "LIN": ids["lin"],
        }
        assert len(list_readers(lib)) == 3
        assert oidc.logins_of(lib, _named(lib, "lin")) == []  # a provider's account is another thing


def test_a_login_is_given_to_another_reader_and_back(tmp_path: Path) -> None:
    """Who seems somebody new, since the proxy calls them otherwise, is the first one again; nothing else moves."""
    options = {"access.proxy_header": "x-remote-user", "access.proxy_creates": True}
    with library_at(tmp_path, options) as lib:
        first, second = _named(lib, "grace@a.example"), _named(lib, "hopper@a.example")
        given = proxy_login.give(lib, "grace", " Hopper@a.example ")
        assert (given.reader, given.before) == (first, "hopper")
        assert _named(lib, "hopper@a.example") == _named(lib, "grace@a.example") == first
        with pytest.raises(UsageError, match="means grace already"):
            proxy_login.give(lib, "grace", "hopper@a.example")

        assert proxy_login.give(lib, "hopper", "hopper@a.example").before == "grace"
        assert _named(lib, "hopper@a.example") == second
        assert proxy_login.words_of(lib, first) == ("grace@a.example",)
        for word in ("", " ", "a\nb", "x" * 400):
            with pytest.raises(UsageError, match="is no name or address"):
                proxy_login.give(lib, "grace", word)


def test_an_address_of_the_proxy_that_is_none_is_told(tmp_path: Path) -> None:
    """A setting that cannot be is a sentence, not a proxy that is never believed."""
    options = {"access.proxy_header": "x-remote-user", "access.proxy_from": ["proxy.example.org"]}
    with pytest.raises(SettingError, match=r"'proxy\.example\.org' from option is not an address or a network"):
        library_at(tmp_path, options)
