"""The `saved` commands: searches that a reader keeps."""

from typing import Annotated

import typer

from broadsheet.cli import output
from broadsheet.cli.options import AsJson, Home, OnlyReader, open_library
from broadsheet.types import SearchMode

app = typer.Typer(help="Keep searches, see what is new in them, and subscribe to them.", no_args_is_help=True)

Who = Annotated[str, typer.Argument(metavar="READER", help="Whose search it is.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The search's name.")]


@app.command("list")
def list_(reader: OnlyReader = None, home: Home = None, as_json: AsJson = False) -> None:
    """List a reader's saved searches, and how many papers are new in each since they looked."""
    from broadsheet.library.answers import saved_search_fields
    from broadsheet.library.readers import find_reader
    from broadsheet.library.shelf.saved import searches_of

    with open_library(home) as lib:
        name = find_reader(lib, reader).name
        views = searches_of(lib, name)
    if as_json:
        output.emit({"reader": name, "searches": [saved_search_fields(view) for view in views]})
        return
    if not views:
        output.tell(f"No searches yet: `broadsheet saved add {name} QUERY` keeps one.")
        return
    table = output.table("search", ">new", "query", "mode")
    for v in views:
        table.add_row(v.search.name, "muted" if v.search.muted else f"{v.new:,}", v.search.query, v.search.mode)
    output.console().print(table)


@app.command()
def add(
    reader: Who,
    query: Annotated[str, typer.Argument(metavar="QUERY", help="What to look for, in the language of the search box.")],
    name: Annotated[str, typer.Option("--name", help="How to call it; the query itself without.")] = "",
    mode: Annotated[SearchMode, typer.Option("--mode", help="By words, by meaning, or both.")] = "hybrid",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Keep a search; papers that come from now on are new in it."""
    from broadsheet.library.answers import saved_search_fields
    from broadsheet.library.shelf import saved

    with open_library(home) as lib:
        view = saved.save(lib, reader, name, query, mode)
    output.answer(
        saved_search_fields(view),
        f"{view.search.name} is saved; `broadsheet saved run {reader} NAME` tells what is new",
        as_json=as_json,
    )


@app.command()
def run(
    reader: Who,
    name: Name,
    keep: Annotated[bool, typer.Option("--keep", help="Let what is new stay new.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List what came into a saved search since the reader last looked; it is not new any more then."""
    from broadsheet.library.answers import paper_fields, saved_search_fields
    from broadsheet.library.shelf import saved
    from broadsheet.text import plain

    with open_library(home) as lib:
        view = saved.look(lib, reader, name, keep=keep)
    if as_json:
        output.emit({**saved_search_fields(view), "papers": [paper_fields(paper) for paper in view.papers]})
        return
    output.tell(f"{view.search.name}: {view.new:,} new since {view.search.looked:%Y-%m-%d %H:%M} UTC")
    for paper in view.papers:
        output.tell(f"{paper.key}  {plain(paper.title)}")


@app.command()
def edit(
    reader: Who,
    name: Name,
    rename: Annotated[str | None, typer.Option("--name", help="A new name.")] = None,
    muted: Annotated[bool | None, typer.Option("--mute/--unmute", help="Neither counted as new nor mailed.")] = None,
    feed: Annotated[
        bool | None, typer.Option("--feed/--no-feed", help="A new secret address for its feeds, or none.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Rename a saved search, let it be silent, or give its feeds an address."""
    from broadsheet.library.answers import saved_search_fields
    from broadsheet.library.shelf import saved

    with open_library(home) as lib:
        there = saved.change(lib, reader, name, called=rename, muted=muted)
        if feed is not None:
            there = saved.feed(lib, reader, there.name, on=feed)
        view = next(v for v in saved.searches_of(lib, reader) if v.search.id == there.id)
    output.answer(saved_search_fields(view), view.feed or f"{there.name}: changed", as_json=as_json)


@app.command()
def delete(reader: Who, name: Name, home: Home = None, as_json: AsJson = False) -> None:
    """Delete a saved search; `collection undo` brings it back."""
    from broadsheet.library.shelf import saved

    with open_library(home) as lib:
        gone = saved.delete(lib, reader, name)
    output.answer(
        {"search": gone.name, "deleted": True},
        f"{gone.name} is deleted; `broadsheet collection undo {reader}` brings it back",
        as_json=as_json,
    )
