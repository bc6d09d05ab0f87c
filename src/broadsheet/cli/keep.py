"""Commands that keep the library: status, export, backup, restore, reindex, split, merge."""

from pathlib import Path
from typing import Annotated

import typer

from broadsheet.cli import output
from broadsheet.cli.options import AsJson, Home, open_library


def status(
    check: Annotated[
        bool, typer.Option("--check", help="Also check the integrity of store and indexes (reads all of them).")
    ] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Tell what is there, what ran, what failed and why, and where each setting came from."""
    from broadsheet.cli.status import print_status
    from broadsheet.library.upkeep.status import status

    with open_library(home) as lib:
        answer = status(lib, check=check)
        place = str(lib.store.path.parent if lib.store.path else lib.store.subject.removeprefix("library "))
    if as_json:
        output.emit(answer)
    else:
        print_status(output.console(), answer, place)
        if check and not answer["problems"]:
            output.tell("Checked: store and indexes are whole, and agree.")
    if answer["problems"]:
        raise typer.Exit(1)


def export(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="Where to write: .jsonl, .bib, .ris or .json, plain, .gz or .zst; - is stdout."
        ),
    ],
    format: Annotated[
        str | None,
        typer.Option("--format", "-f", help="broadsheet, bibtex, ris or csl-json; told from the name without."),
    ] = None,
    query: Annotated[str | None, typer.Option("--query", "-q", help="Only papers that a search finds.")] = None,
    personal: Annotated[
        bool, typer.Option("--personal", help="Also readers with their marks and interests (own format only).")
    ] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Write the papers to a file; Broadsheet's own format keeps everything, of readers only with --personal."""
    from broadsheet.library.export import export
    from broadsheet.search.query import parse

    for note in parse(query or "").notes:
        output.say(f"note: {note}")
    with open_library(home) as lib, output.progress() as progress:
        count = export(lib, file, format=format, query=query, personal=personal, progress=progress)
    told = f"{output.count(count, 'paper')} written to {file}"
    if file == "-":
        output.say(told)
    else:
        output.answer({"file": file, "papers": count}, told, as_json=as_json)


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write the copy of the library's database.")],
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Copy the library to a file while it is in use; the copy is checked."""
    from broadsheet.library.upkeep.keep import backup

    with open_library(home) as lib:
        size = backup(lib, file)
    output.answer({"file": str(file), "bytes": size}, f"{file}: {size / 1e6:,.1f} MB, checked", as_json=as_json)


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A copy made by `broadsheet backup`.")],
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Put a backup in the library's place; what was there is kept beside it."""
    from broadsheet.library.upkeep.keep import restore

    with open_library(home) as lib, output.progress() as progress:
        answer = restore(lib, file, progress)
    kept = f"; the library before it is kept as {answer['kept']}" if answer["kept"] else ""
    output.answer(answer, f"{output.count(answer['papers'], 'paper')} restored from {file}{kept}", as_json=as_json)


def reindex(home: Home = None, as_json: AsJson = False) -> None:
    """Build the search indexes anew from the store; search works meanwhile."""
    from broadsheet.library.index import reindex

    with open_library(home) as lib, output.progress() as progress:
        answer = reindex(lib, progress, output.say)
    output.answer(
        answer, f"{output.count(answer['papers'], 'paper')} indexed in {answer['seconds']:.1f} s", as_json=as_json
    )


def split(
    key: Annotated[str, typer.Argument(metavar="KEY", help="The paper that holds two works.")],
    part: Annotated[
        str | None,
        typer.Argument(metavar="PART", help="The id of the work to take out; without, the parts are listed."),
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Undo a wrong merge: take one work out of a paper, for good."""
    from broadsheet.library.papers.joining import parts_of, split

    with open_library(home) as lib:
        if part is None:
            parts = parts_of(lib, key)
            listed = "\n".join(f"  {p.key}  {p.title}" for p in parts)
            output.answer(
                {"key": key, "parts": [p.key for p in parts]}, f"{key} is made of:\n{listed}", as_json=as_json
            )
            return
        kept, taken = split(lib, key, part)
    output.answer(
        {"kept": kept, "taken": taken}, f"{taken} is a paper of its own again, beside {kept}", as_json=as_json
    )


def merge(
    key: Annotated[str, typer.Argument(metavar="KEY", help="A paper.")],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The paper that is the same work.")],
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Join two papers that are one work; `broadsheet split` undoes it."""
    from broadsheet.library.papers.joining import merge

    with open_library(home) as lib:
        survivor = merge(lib, key, other)
    output.answer({"key": survivor}, f"{key} and {other} are one paper now: {survivor}", as_json=as_json)


COMMANDS = {
    "status": status,
    "export": export,
    "backup": backup,
    "restore": restore,
    "reindex": reindex,
    "split": split,
    "merge": merge,
}
