"""The `zotero` commands: papers from a Zotero library, and collections into it."""

from typing import Annotated

import typer

from broadsheet.cli import output
from broadsheet.cli.options import AsJson, Home, ReaderName, open_library

app = typer.Typer(help="Papers from a Zotero library, and collections into it.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="The collection's name here.")]
Place = Annotated[
    str,
    typer.Argument(metavar="LIBRARY", help="users/123 or groups/123; with /collections/KEY one collection of it."),
]


@app.command()
def pull(
    reader: ReaderName,
    name: Name,
    place: Place,
    interest: Annotated[bool, typer.Option("--interest", help="NAME is an interest: its seeds.")] = False,
    again: Annotated[bool, typer.Option("--again", help="All, not only what was changed since the last time.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Put the papers of a Zotero library into a collection, or let them be seeds of an interest."""
    from broadsheet.library.shelf.zotero import into_collection, into_interest

    with open_library(home) as lib, output.progress() as progress:
        if interest:
            view = into_interest(lib, reader, name, place, progress)
            seeds = len(view.interest.profile.seeds) if view else 0
            output.answer({"interest": name, "seeds": seeds}, f"{name}: {output.count(seeds, 'seed')}", as_json=as_json)
            return
        filed = into_collection(lib, reader, name, place, again=again, progress=progress)
    added, drops = (filed.added, filed.dropped) if filed else (0, ())
    output.answer(
        {"collection": name, "added": added, "dropped": [{"at": d.at, "reason": d.reason} for d in drops]},
        f"{name}: {added} added" + (f", {len(drops)} dropped" if drops else ""),
        as_json=as_json,
    )


@app.command()
def push(reader: ReaderName, name: Name, place: Place, home: Home = None, as_json: AsJson = False) -> None:
    """Write a collection to a Zotero library, into a collection of that name; what is there stays as it is."""
    from broadsheet.library.shelf.zotero import from_collection

    with open_library(home) as lib, output.progress() as progress:
        sent = from_collection(lib, reader, name, place, progress=progress)
    if as_json:
        failed = [{"title": title, "reason": why} for title, why in sent.failed]
        output.emit({"collection": name, "written": sent.written, "there": sent.there, "failed": failed})
    else:
        output.tell(f"{name}: {sent.written} written, {sent.there} there already")
        for title, why in sent.failed:
            output.say(f"broadsheet: {title}: {why}")
    if sent.failed:
        raise typer.Exit(1)
