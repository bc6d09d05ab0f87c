"""The `reader` commands: who reads in this library."""

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from broadsheet.cli import access, output
from broadsheet.cli.options import AsJson, Home, ReaderName, open_library

if TYPE_CHECKING:
    from broadsheet.library.readers import ReaderView

app = typer.Typer(help="Add, list and change readers, and hand out or forget what is theirs.", no_args_is_help=True)

Display = Annotated[str | None, typer.Option("--display", help="The name that people see.")]
Email = Annotated[str | None, typer.Option("--email", help="Where digests go.")]
Zone = Annotated[str | None, typer.Option("--zone", help="The reader's time zone, such as Europe/Berlin.")]
Role = Annotated[str | None, typer.Option("--role", help="reader, editor or admin.")]


@app.command()
def add(
    name: ReaderName,
    display: Display = None,
    email: Email = None,
    zone: Zone = None,
    role: Role = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Add a reader; the first one of a library is its admin."""
    from broadsheet.library.answers import reader_fields
    from broadsheet.library.readers import Details, add_reader

    with open_library(home) as lib:
        made = add_reader(lib, name, Details(display, email, zone, role))
    output.answer(
        reader_fields(made),
        f"{made.name} added ({made.role}); `broadsheet interest add {made.name} NAME` says what they like",
        as_json=as_json,
    )


@app.command("list")
def list_(home: Home = None, as_json: AsJson = False) -> None:
    """List the readers."""
    from broadsheet.library.answers import reader_view_fields
    from broadsheet.library.readers import list_readers

    with open_library(home) as lib:
        views = list_readers(lib)
    if as_json:
        output.emit({"readers": [reader_view_fields(view) for view in views]})
        return
    if not views:
        output.tell("No readers yet: `broadsheet reader add NAME`, or mark a paper, and the first one is made.")
        return
    shown = output.table("reader", "role", ">interests", ">marks", ">seen", "e-mail", "since")
    for v in views:
        counts = [str(len(v.interests)), str(sum(v.marks.values())), str(v.shown)]
        role = f"{v.reader.role}, disabled" if v.reader.disabled else v.reader.role
        shown.add_row(v.reader.name, role, *counts, v.reader.email or "", f"{v.reader.created:%Y-%m-%d}")
    output.console().print(shown)


@app.command()
def show(name: ReaderName, home: Home = None, as_json: AsJson = False) -> None:
    """Show what is known of a reader."""
    from broadsheet.library.answers import reader_view_fields
    from broadsheet.library.readers import show_reader

    with open_library(home) as lib:
        view = show_reader(lib, name)
    if as_json:
        output.emit(reader_view_fields(view))
        return
    for label, value in _facts(view):
        output.tell(f"{label:<10} {value}")


@app.command()
def rename(
    name: ReaderName,
    new_name: Annotated[str | None, typer.Argument(metavar="[NEW]", help="The new name.")] = None,
    display: Display = None,
    email: Email = None,
    zone: Zone = None,
    role: Role = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Give a reader another name, address, zone or role; marks and interests stay."""
    from broadsheet.library.answers import reader_fields
    from broadsheet.library.readers import Details, change_reader

    with open_library(home) as lib:
        changed = change_reader(lib, name, Details(display, email, zone, role), new_name)
    output.answer(
        reader_fields(changed),
        f"{changed.name}: changed" if new_name is None else f"{name} is {changed.name} now",
        as_json=as_json,
    )


@app.command()
def remove(
    name: ReaderName,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Forget a reader with all marks and interests, for good; `reader export` keeps a copy."""
    from broadsheet.library.answers import reader_view_fields
    from broadsheet.library.readers import remove_reader, show_reader

    with open_library(home) as lib:
        view = show_reader(lib, name)
        theirs = " and ".join(_theirs(view))
        if not yes:
            _confirm(f"Forget {view.reader.name}, {theirs}?")
        remove_reader(lib, name)
    output.answer(reader_view_fields(view), f"{view.reader.name} is forgotten, with {theirs}", as_json=as_json)


@app.command()
def export(
    name: ReaderName,
    file: Annotated[str, typer.Argument(metavar="FILE", help="Where to write, such as me.jsonl; - is stdout.")],
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Write all that is a reader's to a file; `broadsheet import` takes it back, here or elsewhere."""
    from broadsheet.library.export import export_reader
    from broadsheet.library.readers import show_reader

    with open_library(home) as lib:
        view = show_reader(lib, name)
        export_reader(lib, view.reader, file)
    if file == "-":
        return
    output.answer(
        {"reader": view.reader.name, "file": file},
        f"{view.reader.name}: {', '.join(_theirs(view))}: {file}",
        as_json=as_json,
    )


def _theirs(view: "ReaderView") -> tuple[str, str]:
    return output.count(sum(view.marks.values()), "mark"), output.count(len(view.interests), "interest")


def _confirm(question: str) -> None:
    from broadsheet.errors import UsageError

    if not sys.stdin.isatty():
        raise UsageError("reader remove", "forgets for good and nobody can be asked", "say --yes")
    typer.confirm(question, abort=True)


def _facts(view: "ReaderView") -> list[tuple[str, Any]]:
    r = view.reader
    facts = [
        ("name", r.name),
        ("display", r.display),
        ("role", r.role),
        ("e-mail", r.email),
        ("zone", r.zone),
        ("since", f"{r.created:%Y-%m-%d}"),
        ("disabled", f"since {r.disabled:%Y-%m-%d}" if r.disabled else ""),
        ("last seen", f"{view.seen:%Y-%m-%d %H:%M} UTC" if view.seen else ""),
        ("interests", ", ".join(i.name for i in view.interests)),
        ("marks", ", ".join(f"{kind} {many}" for kind, many in view.marks.items())),
        ("seen", f"{output.count(view.shown, 'paper')} shown as new" if view.shown else ""),
    ]
    return [(label, value) for label, value in facts if value]


for _name, _command in access.COMMANDS.items():
    app.command(_name)(_command)
