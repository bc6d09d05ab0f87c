"""The commands that let readers in and out, and that switch sources."""

import pytest

from broadsheet.library.access import sessions, tokens
from broadsheet.library.handle import Library
from broadsheet.library.harvest.due import known_sources
from broadsheet.library.readers import find_reader
from tests.libraries import library_at
from tests.shell import Shell


def _library(shell: Shell) -> Library:
    return library_at(shell.home)


@pytest.mark.slow
def test_readers_are_let_in_no_more_and_again(shell: Shell) -> None:
    """Disabling is shown and can be taken back; the only admin stays."""
    shell("reader", "add", "root")
    shell("reader", "add", "ada")
    assert shell("reader", "disable", "ada").code == 0
    assert shell.json("reader", "show", "ada")["disabled"]
    assert "disabled" in shell("reader", "show", "ada").out
    assert "reader, disabled" in shell("reader", "list").out
    assert shell("reader", "enable", "ada").code == 0
    assert shell.json("reader", "show", "ada")["disabled"] is None
    assert "only admin" in shell("reader", "disable", "root").err


def test_who_is_alone_is_not_locked_out(shell: Shell) -> None:
    """The only admin stays, also where there is nobody else."""
    shell("reader", "add", "root")
    assert "only admin" in shell("reader", "disable", "root").err
    assert shell.json("reader", "show", "root")["disabled"] is None


@pytest.mark.slow
def test_a_link_to_sign_in_needs_no_name_where_there_is_one_reader_or_none(shell: Shell) -> None:
    """It is the owner's, who is made on the way; where there are several they are listed; a wrong name makes none."""
    assert shell("reader", "link", "nobody").code == 1
    assert "/enter/" in shell("reader", "link").out
    assert [reader["reader"] for reader in shell.json("reader", "list")["readers"]] == ["me"]
    shell("reader", "add", "ada")
    told = shell("reader", "link")
    assert (told.code, told.out) == (2, "")
    assert "say which: me, ada" in told.err
    assert "/enter/" in shell.json("reader", "link", "ada")["link"]


def test_invitations_are_listed_and_taken_back_by_their_number(shell: Shell) -> None:
    """Without any there is nothing to take back."""
    shell("reader", "invite", "--role", "editor", "--email", "bo@example.org")
    assert shell("reader", "invite", "--email", "notanemail").code == 2
    (listed,) = shell.json("reader", "invitations")["invitations"]
    assert (listed["role"], listed["email"]) == ("editor", "bo@example.org")
    assert "1. editor, for bo@example.org" in shell("reader", "invitations").out
    assert shell.json("reader", "invitations", "--take-back", "1") == {"invitations": []}
    assert shell("reader", "invitations", "--take-back", "1").code == 1


def test_a_token_is_printed_once_and_revoked_by_its_program(shell: Shell) -> None:
    """The token alone is on stdout, so that a script can take it."""
    shell("reader", "add", "ada")
    token = shell("reader", "token", "ada", "notebook", "--write").out.strip()
    with _library(shell) as lib:
        assert tokens.bearer(lib, token).may_write
        secret, _ = sessions.sign_in(lib, find_reader(lib, "ada").id, "link", "")
    other = shell("reader", "token", "ada", "notebok", "--revoke")
    assert (other.code, "token of 'notebok': there is none of that name; choose from notebook" in other.err) == (
        1,
        True,
    )
    assert "1 revoked" in shell("reader", "token", "ada", "notebook", "--revoke").err
    assert shell("reader", "token", "ada", "notebook", "--revoke").code == 1
    assert "1 session ended" in shell("reader", "sign-out", "ada").err
    with _library(shell) as lib:
        assert tokens.bearer(lib, token) == sessions.visitor(lib, secret) == sessions.NOBODY


def test_sources_are_listed_and_switched(shell: Shell) -> None:
    """What is switched holds for every process; a source that is unknown is told with those that are."""
    assert shell("source", "off", "huggingface").code == shell("source", "on", "github").code == 0
    rows = {row["source"]: (row["on"], row["from"]) for row in shell.json("source", "list")["sources"]}
    assert rows["huggingface"] == (False, "library")
    assert rows["arxiv"] == (True, "default")
    assert "github" in shell("source", "list").out
    with _library(shell) as lib:
        lib.refresh()
        assert list(known_sources(lib)) == ["arxiv", "arxiv-oai", "github"]
    assert "known are arxiv" in shell("source", "on", "nature").err


@pytest.mark.slow
def test_what_was_done_is_told_to_programs(shell: Shell) -> None:
    """What only says a word to people answers programs with one object."""
    shell("reader", "add", "root")
    shell("reader", "add", "ada")
    assert shell.json("reader", "disable", "ada") == {"reader": "ada", "disabled": True}
    assert shell.json("reader", "enable", "ada") == {"reader": "ada", "disabled": False}
    assert shell.json("reader", "token", "ada", "bot").keys() == {"reader", "program", "token"}
    assert shell.json("reader", "token", "ada", "bot", "--revoke")["revoked"] == 1
    assert shell.json("reader", "sign-out", "ada") == {"reader": "ada", "ended": 0}
    assert shell.json("source", "off", "arxiv") == {"sources": ["arxiv", "arxiv-oai"], "on": False}


@pytest.mark.slow
def test_what_a_proxy_calls_somebody_is_listed_and_given(shell: Shell) -> None:
    """A login goes from one reader to another, and the sentence says how it goes back."""
    for name in ("ada", "grace"):
        shell("reader", "add", name)
    assert "ada has no login at a proxy" in shell("reader", "login", "ada").out
    assert shell.json("reader", "login", "ada", "ada@new.example") == {
        "reader": "ada",
        "logins": ["ada@new.example"],
        "before": None,
    }
    moved = shell("reader", "login", "grace", "ada@new.example")
    assert (moved.code, shell("reader", "login", "grace").out) == (0, "ada@new.example\n")
    assert "`broadsheet reader login ada ada@new.example` gives it back to ada" in moved.out + moved.err
    assert shell("reader", "login", "grace", " ").code == 2
