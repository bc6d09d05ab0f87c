"""The commands that let readers in: a link, an invitation, a password."""

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from broadsheet.cli import output
from broadsheet.cli.options import AsJson, Home, open_library

Name = Annotated[str, typer.Argument(metavar="READER", help="The reader's name.")]


def link(name: Name, home: Home = None, as_json: AsJson = False) -> None:
    """Make a link that signs a reader in once, within half an hour."""
    from broadsheet.library.access import tickets
    from broadsheet.library.address import address
    from broadsheet.library.readers import find_reader

    with open_library(home) as lib:
        secret = tickets.sign_in_link(lib, find_reader(lib, name, make=False))
        _tell(address(lib, f"enter/{secret}"), as_json=as_json)


def invite(
    role: Annotated[str, typer.Option("--role", help="What they may do: reader, editor or admin.")] = "reader",
    email: Annotated[str | None, typer.Option("--email", help="Address that the form begins with.")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Make a link by which somebody becomes a reader, within two weeks."""
    from broadsheet.library.access import tickets
    from broadsheet.library.address import address
    from broadsheet.library.readers import role_of

    with open_library(home) as lib:
        secret = tickets.invite(lib, role_of(role), email)
        _tell(address(lib, f"join/{secret}"), as_json=as_json)


def password(name: Name, home: Home = None) -> None:
    """Set a reader's password: asked for on a terminal, else the first line of the input."""
    from broadsheet.library.access import passwords
    from broadsheet.library.readers import find_reader

    with open_library(home) as lib:
        reader = find_reader(lib, name, make=False)
        asked = sys.stdin.isatty()
        text = typer.prompt("Password", hide_input=True, confirmation_prompt=True) if asked else sys.stdin.readline()
        passwords.set_password(lib, reader, text.rstrip("\n"))
    output.say(f"{reader.name} has a new password")


def _tell(address: str, *, as_json: bool) -> None:
    if as_json:
        output.emit({"link": address})
    else:
        typer.echo(address)


COMMANDS: dict[str, Callable[..., None]] = {"link": link, "invite": invite, "password": password}
