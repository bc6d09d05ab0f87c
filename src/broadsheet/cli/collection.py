"""The `collection` commands: a reader's lists of papers."""

from typing import TYPE_CHECKING, Annotated

import typer

from broadsheet.cli import output
from broadsheet.cli.options import AsJson, Home, OnlyReader, open_library

if TYPE_CHECKING:
    from broadsheet.library.shelf.collections import CollectionView, Filed

app = typer.Typer(
    help="Make lists of papers, put them in order, share them, and carry them to and from other programs.",
    no_args_is_help=True,
)

Who = Annotated[str, typer.Argument(metavar="READER", help="Whose collection it is.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The collection's name; `Saved` is what is marked save.")]
Papers = Annotated[list[str], typer.Argument(metavar="PAPERS...", help="Papers of the library: keys or other ids.")]
Note = Annotated[str | None, typer.Option("--note", help="What it is for, in Markdown or plain words.")]
_WAYS = "private, link (whoever has its address) or lab (every reader of the library)."


@app.command("list")
def list_(reader: OnlyReader = None, home: Home = None, as_json: AsJson = False) -> None:
    """List a reader's collections, and those that other readers share with all."""
    from broadsheet.library.answers import collection_fields
    from broadsheet.library.readers import find_reader
    from broadsheet.library.shelf.collections import collections_of, shared_with

    with open_library(home) as lib:
        who = find_reader(lib, reader)
        own, others = collections_of(lib, who.name), shared_with(lib, who)
    if as_json:
        listed = {"collections": own, "shared": others}
        output.emit({"reader": who.name, **{k: [collection_fields(v) for v in views] for k, views in listed.items()}})
        return
    table = output.table("collection", ">papers", "seen by", "of")
    for view in (*own, *others):
        table.add_row(view.collection.name, f"{view.total:,}", view.collection.sharing, view.reader)
    output.console().print(table)


@app.command()
def show(
    reader: Who,
    name: Name,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, help="How many papers to list; 0 is all.")] = 50,
    offset: Annotated[int, typer.Option("--offset", min=0, help="Skip so many.")] = 0,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Show what is in a collection, in its order."""
    from broadsheet.library.answers import collection_fields
    from broadsheet.library.shelf.collections import papers

    with open_library(home) as lib:
        view = papers(lib, reader, name, limit=limit or None, offset=offset)
    output.emit(collection_fields(view)) if as_json else _print(view)


@app.command()
def make(
    reader: Who,
    name: Name,
    papers: Annotated[list[str] | None, typer.Argument(metavar="PAPERS...", help="Papers that it begins with.")] = None,
    note: Note = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Make a collection."""
    from broadsheet.library.shelf import collections

    with open_library(home) as lib:
        filed = collections.make(lib, reader, name, note or "", papers or ())
    _tell_filed(filed, as_json)


@app.command()
def add(reader: Who, name: Name, papers: Papers, home: Home = None, as_json: AsJson = False) -> None:
    """Put papers into a collection, at its end."""
    from broadsheet.library.shelf import collections

    with open_library(home) as lib:
        filed = collections.add(lib, reader, name, papers)
    _tell_filed(filed, as_json)


@app.command()
def remove(reader: Who, name: Name, papers: Papers, home: Home = None, as_json: AsJson = False) -> None:
    """Take papers out of a collection; they stay in the library."""
    from broadsheet.library.shelf import collections

    with open_library(home) as lib:
        many = collections.remove(lib, reader, name, papers)
    output.answer(
        {"collection": name, "removed": many}, f"{name}: {output.count(many, 'paper')} taken out", as_json=as_json
    )


@app.command()
def move(
    reader: Who,
    name: Name,
    paper: Annotated[str, typer.Argument(metavar="PAPER", help="A paper that is in it.")],
    place: Annotated[int, typer.Argument(metavar="PLACE", min=1, help="Where it shall stand; 1 is first.")],
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Put a paper at another place in a collection."""
    from broadsheet.library.shelf import collections

    with open_library(home) as lib:
        moved = collections.move(lib, reader, name, paper, place)
    output.answer(
        {"collection": name, "key": paper, "moved": moved},
        f"{name}: {'moved' if moved else 'it stands there already'}",
        as_json=as_json,
    )


@app.command()
def edit(
    reader: Who,
    name: Name,
    rename: Annotated[str | None, typer.Option("--name", help="A new name.")] = None,
    note: Note = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Give a collection another name or note."""
    from broadsheet.library.shelf import collections

    with open_library(home) as lib:
        changed = collections.describe(lib, reader, name, called=rename, note=note)
    output.answer({"collection": changed.name, "note": changed.note}, f"{changed.name}: changed", as_json=as_json)


@app.command()
def delete(reader: Who, name: Name, home: Home = None, as_json: AsJson = False) -> None:
    """Delete a collection and end its link; `collection undo` brings it back for 30 days."""
    from broadsheet.library.shelf import collections

    with open_library(home) as lib:
        gone = collections.delete(lib, reader, name)
    output.answer(
        {"collection": gone.name, "deleted": True},
        f"{gone.name} is deleted; `broadsheet collection undo {reader}` brings it back",
        as_json=as_json,
    )


@app.command()
def undo(reader: Who, home: Home = None, as_json: AsJson = False) -> None:
    """Take back the reader's last action, the same as `mark --undo`."""
    from broadsheet.cli.mark import tell_undone
    from broadsheet.library.shelf.undo import undo as take_back

    with open_library(home) as lib:
        tell_undone(take_back(lib, reader), as_json)


@app.command()
def share(
    reader: Who,
    name: Name,
    way: Annotated[str, typer.Argument(metavar="WAY", help=_WAYS)],
    renew: Annotated[bool, typer.Option("--renew", help="A new address; the old one ends.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Say who may see a collection; `private` takes its address back."""
    from broadsheet.library.answers import collection_fields
    from broadsheet.library.shelf import collections

    with open_library(home) as lib:
        view = collections.share(lib, reader, name, way)
        if renew and view.link:
            view = collections.renew(lib, reader, name)
    output.answer(
        collection_fields(view), view.link or f"{view.collection.name}: only {view.reader} sees it", as_json=as_json
    )


@app.command("import")
def import_(
    reader: Who,
    name: Name,
    files: Annotated[
        list[str], typer.Argument(metavar="FILES...", help="Files of references, or of an id a line; - is stdin.")
    ],
    format: Annotated[str | None, typer.Option("--format", "-f", help="As of `import`, or ids.")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Put the papers of files into a collection, which is made if need be; unknown papers come into the library."""
    from broadsheet.library.shelf.files import import_into

    with open_library(home) as lib, output.progress() as progress:
        filed = import_into(lib, reader, name, files, format=format, progress=progress)
    _tell_filed(filed, as_json)


@app.command()
def export(
    reader: Who,
    name: Name,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="Where to write it: .bib, .ris, .json, .md, .jsonl; - is stdout.")
    ] = "-",
    format: Annotated[
        str | None, typer.Option("--format", "-f", help="bibtex, ris, csl-json, markdown or broadsheet.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Write a collection to a file; Markdown where nothing says another format."""
    from broadsheet.library.shelf.collections import papers
    from broadsheet.library.shelf.files import kind_of, write_file, written

    kind = kind_of(file, format)
    with open_library(home) as lib:
        view = papers(lib, reader, name)
        data = written(lib, view, kind)
    write_file(file, data)
    if file == "-":
        return
    output.answer(
        {"collection": view.collection.name, "papers": view.total, "file": file, "format": kind},
        f"{output.count(view.total, 'paper')} written to {file}",
        as_json=as_json,
    )


def _tell_filed(filed: "Filed", as_json: bool) -> None:
    from broadsheet.library.answers import filed_answer

    if as_json:
        output.emit(filed_answer(filed))
    else:
        output.left_out(filed.dropped)
        there = f", {filed.there} were there" if filed.there else ""
        new = f"; {output.count(filed.fetched, 'paper')} came into the library for it" if filed.fetched else ""
        output.tell(f"{filed.collection.name}: {output.count(filed.added, 'paper')} added{there}{new}")
    output.end_of_files(filed.dropped)
    if filed.dropped and not filed.added and not filed.there:
        raise typer.Exit(1)


def _print(view: "CollectionView") -> None:
    from rich.text import Text

    from broadsheet.text import plain

    console, there = output.console(), view.collection
    console.print(Text(f"{there.name} · {output.count(view.total, 'paper')} · {there.sharing}", style="bold"))
    if there.note:
        console.print(Text(there.note))
    if view.link:
        console.print(Text(view.link, style="dim"))
    for one in view.papers or ():
        console.print(Text.assemble((f"{one.place:>4} ", "dim"), plain(one.paper.title), (f"  {one.paper.key}", "dim")))
    if not view.papers:
        console.print("Nothing is in it yet: `broadsheet collection add READER NAME KEY`.")
