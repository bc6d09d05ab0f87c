"""The commands that let readers in: links, invitations, passwords, tokens; and that let them in no more."""

import shlex
import sys
from collections.abc import Callable
from typing import Annotated

import typer

from broadsheet.cli import output
from broadsheet.cli.options import AsJson, Home, ReaderName, open_library


def link(
    name: Annotated[
        str | None, typer.Argument(metavar="[READER]", help="The reader's name; not needed where there is one or none.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Make a link that signs a reader in once, within half an hour."""
    from broadsheet.library.access import tickets
    from broadsheet.library.address import address
    from broadsheet.library.readers import find_reader

    with open_library(home) as lib:
        secret = tickets.sign_in_link(lib, find_reader(lib, name, make=name is None))
        entry = address(lib, f"enter/{secret}")
    output.answer({"link": entry}, entry, as_json=as_json)


def invite(
    role: Annotated[str, typer.Option("--role", help="What they may do: reader, editor or admin.")] = "reader",
    email: Annotated[str | None, typer.Option("--email", help="Address that the form begins with.")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Make a link by which somebody becomes a reader, within two weeks."""
    from broadsheet.library.access import tickets
    from broadsheet.library.address import address
    from broadsheet.library.readers import check_email, role_of

    with open_library(home) as lib:
        if email:
            check_email(email)
        secret = tickets.invite(lib, role_of(role), email)
        entry = address(lib, f"join/{secret}")
    output.answer({"link": entry}, entry, as_json=as_json)


def password(name: ReaderName, home: Home = None) -> None:
    """Set a reader's password: asked for on a terminal, else the first line of the input."""
    from broadsheet.library.access import passwords
    from broadsheet.library.readers import find_reader

    with open_library(home) as lib:
        reader = find_reader(lib, name, make=False)
        asked = sys.stdin.isatty()
        text = typer.prompt("Password", hide_input=True, confirmation_prompt=True) if asked else sys.stdin.readline()
        passwords.set_password(lib, reader, text.rstrip("\n"))
    output.say(f"{reader.name} has a new password")


def invitations(
    take_back: Annotated[
        int | None, typer.Option("--take-back", metavar="N", help="Take the one of this number back.", min=1)
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List the invitations that nobody has accepted yet."""
    from broadsheet.errors import NotFound
    from broadsheet.library.access import tickets

    with open_library(home) as lib:
        there = tickets.invitations(lib)
        if take_back is not None:
            if take_back > len(there):
                raise NotFound(
                    f"invitation {take_back}", f"there are {len(there)}", "without --take-back they are listed"
                )
            tickets.take_back(lib, there.pop(take_back - 1).id)
    if as_json:
        found = [{"role": t.role, "email": t.email, "expires": t.expires.isoformat()} for t in there]
        output.emit({"invitations": found})
        return
    if not there:
        output.tell("Nobody is invited: `broadsheet reader invite` makes an invitation.")
    for number, t in enumerate(there, 1):
        output.tell(f"{number}. {t.role}, for {t.email or 'whoever has the link'}, until {t.expires:%Y-%m-%d}")


def login(
    name: ReaderName,
    word: Annotated[
        str | None, typer.Argument(metavar="[LOGIN]", help="What the proxy calls them, from now on; whomever it meant.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List what a proxy that signs people in calls a reader, or let what it calls somebody mean this reader."""
    from broadsheet.library.access import proxy_login
    from broadsheet.library.readers import find_reader

    with open_library(home) as lib:
        given = proxy_login.give(lib, name, word) if word is not None else None
        reader = find_reader(lib, name, make=False)
        words = proxy_login.words_of(lib, reader)
    told = {"reader": reader.name, "logins": list(words)}
    if given is None:
        none = f"{reader.name} has no login at a proxy: `broadsheet reader login {reader.name} LOGIN` gives one"
        output.answer(told, "\n".join(words) or none, as_json=as_json)
        return
    sentence = f"the proxy means {reader.name} by {given.word} from now on"
    if given.before:
        sentence += (
            f"; `broadsheet reader login {given.before} {shlex.quote(given.word)}` gives it back to {given.before}"
        )
    output.done({**told, "before": given.before}, sentence, as_json=as_json)


def disable(name: ReaderName, home: Home = None, as_json: AsJson = False) -> None:
    """Let a reader in no more, and send no mail to them; what is theirs stays."""
    _set_disabled(name, home, disabled=True, as_json=as_json)


def enable(name: ReaderName, home: Home = None, as_json: AsJson = False) -> None:
    """Let a reader in again."""
    _set_disabled(name, home, disabled=False, as_json=as_json)


def token(
    name: ReaderName,
    program: Annotated[str, typer.Argument(metavar="PROGRAM", help="The program that it is for.")],
    write: Annotated[bool, typer.Option("--write", help="It may mark and change what is theirs, too.")] = False,
    days: Annotated[int | None, typer.Option("--days", help="Days that it is good for.", min=1, max=36500)] = None,
    revoke: Annotated[bool, typer.Option("--revoke", help="Revoke the tokens of this program instead.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Make a token with which a program uses the API in a reader's name, and print it, this once."""
    from broadsheet.library.access import tokens
    from broadsheet.library.names import not_there
    from broadsheet.library.readers import find_reader

    with open_library(home) as lib:
        reader = find_reader(lib, name, make=False)
        if not revoke:
            made = tokens.make_token(lib, reader, program, "write" if write else "read", days)
            output.answer({"reader": reader.name, "program": program, "token": made}, made, as_json=as_json)
            return
        known = tokens.tokens_of(lib, reader)
        gone = [t.id for t in known if t.name == program]
        if not gone:
            raise not_there(f"token of {program!r}", sorted({t.name for t in known}))
        for token_id in gone:
            tokens.revoke(lib, reader, token_id)
    told = {"reader": reader.name, "program": program, "revoked": len(gone)}
    output.done(told, f"{reader.name}: {len(gone)} revoked", as_json=as_json)


def sign_out(name: ReaderName, home: Home = None, as_json: AsJson = False) -> None:
    """End all sessions of a reader."""
    from broadsheet.library.access import sessions
    from broadsheet.library.readers import find_reader

    with open_library(home) as lib:
        ended = sessions.sign_out_elsewhere(lib, find_reader(lib, name, make=False).id)
    output.done({"reader": name, "ended": ended}, f"{name}: {output.count(ended, 'session')} ended", as_json=as_json)


def _set_disabled(name: str, home: Home, *, disabled: bool, as_json: bool) -> None:
    from broadsheet.library.readers import set_disabled

    with open_library(home) as lib:
        changed = set_disabled(lib, name, disabled=disabled)
    said = f"{changed.name} is {'let in no more' if disabled else 'let in'}"
    output.done({"reader": changed.name, "disabled": disabled}, said, as_json=as_json)


COMMANDS: dict[str, Callable[..., None]] = {
    "link": link,
    "invite": invite,
    "invitations": invitations,
    "password": password,
    "token": token,
    "sign-out": sign_out,
    "login": login,
    "disable": disable,
    "enable": enable,
}
