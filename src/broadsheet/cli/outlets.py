"""The `outlet` commands: where a reader's digests go besides the mail."""

from typing import Annotated

import typer

from broadsheet.cli import output
from broadsheet.cli.options import AsJson, Home, ReaderName, open_library

app = typer.Typer(
    help="Digests to webhooks, chats and telephones: where to, what became of them.", no_args_is_help=True
)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The outlet's name.")]


@app.command()
def add(
    reader: ReaderName,
    address: Annotated[
        str,
        typer.Argument(
            metavar="ADDRESS", help="https://… for a webhook, or a service's, such as slack://… or ntfy://…."
        ),
    ],
    name: Annotated[str, typer.Option("--name", help="What to call it; by default as the host or the service.")] = "",
    section: Annotated[
        list[str] | None,
        typer.Option(
            "--section", help="Only this section: interests, searches, trending, authors or rising; may be repeated."
        ),
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Let a reader's digests go there, too; a webhook's secret is printed this once."""
    from broadsheet.library.answers import outlet_fields
    from broadsheet.library.outlets.keep import add_outlet, place_of
    from broadsheet.library.readers import find_reader

    with open_library(home) as lib:
        who = find_reader(lib, reader)
        made = add_outlet(lib, who, address, name, tuple(section or ()))
    if as_json:
        output.emit({**outlet_fields(who.name, made, place_of(made.url)), "secret": made.secret or None})
        return
    output.tell(f"{who.name}: digests go to {made.name}; `broadsheet outlet test {who.name} {made.name}` tries it")
    if made.secret:
        output.tell(f"Requests are signed with {made.secret}")


@app.command("list")
def list_(
    reader: Annotated[str | None, typer.Argument(metavar="[READER]", help="Only of this reader.")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List where digests go, and what the last answer was."""
    from broadsheet.library.answers import outlet_fields
    from broadsheet.library.outlets.keep import every_outlet, place_of
    from broadsheet.library.readers import find_reader

    with open_library(home) as lib:
        only = find_reader(lib, reader, make=False).id if reader else None
        rows = [(who, one) for who, one in every_outlet(lib) if only in (None, who.id)]
        found = [outlet_fields(who.name, one, place_of(one.url)) for who, one in rows]
    if as_json:
        output.emit({"outlets": found})
        return
    if not found:
        output.tell("Digests go by mail only: `broadsheet outlet add READER ADDRESS` lets them go elsewhere, too.")
        return
    shown = output.table("reader", "outlet", "to", "sections", "state", "last reached", "note")
    for one in found:
        reached = (one["reached"] or "")[:16].replace("T", " ")
        sections = " ".join(one["sections"]) or "all"
        shown.add_row(one["reader"], one["name"], one["place"], sections, one["state"], reached, one["said"])
    output.console().print(shown)


@app.command("test")
def try_(reader: ReaderName, name: Name, home: Home = None, as_json: AsJson = False) -> None:
    """Send a short message there now, and tell what the answer was; one that is taken ends a suspension."""
    from broadsheet.library.outlets.keep import try_outlet
    from broadsheet.library.readers import find_reader

    with open_library(home) as lib:
        handed = try_outlet(lib, find_reader(lib, reader, make=False), name)
    output.answer(
        {"outlet": name, "taken": handed.fate == "sent", "said": handed.said},
        f"{name}: {handed.said if handed.fate == 'sent' else f'not taken ({handed.said})'}",
        as_json=as_json,
    )
    if handed.fate != "sent":
        raise typer.Exit(1)


@app.command()
def remove(reader: ReaderName, name: Name, home: Home = None, as_json: AsJson = False) -> None:
    """Take an outlet away; what is queued for it is not sent."""
    from broadsheet.library.outlets.keep import remove_outlet
    from broadsheet.library.readers import find_reader

    with open_library(home) as lib:
        remove_outlet(lib, find_reader(lib, reader, make=False), name)
    output.done({"outlet": name, "removed": True}, f"nothing goes to {name} any more", as_json=as_json)
