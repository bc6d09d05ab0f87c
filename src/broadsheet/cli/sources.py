"""The `source` commands: which sources are on, as admins see and switch them on the page."""

from typing import Annotated

import typer

from broadsheet.cli import output
from broadsheet.cli.options import AsJson, Home, open_library

app = typer.Typer(help="List the sources, and switch them on and off for this library.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="SOURCE", help="The source's name.")]


@app.command("list")
def list_(home: Home = None, as_json: AsJson = False) -> None:
    """List the sources, whether they are on, and who said so."""
    from broadsheet.library.upkeep.switches import OF_SOURCE, switches

    with open_library(home) as lib:
        there = switches(lib)
    rows = [{"source": n, "on": there[p].value, "setting": p, "from": there[p].origin} for n, p in OF_SOURCE.items()]
    if as_json:
        output.emit({"sources": rows})
        return
    shown = output.table("source", "is", "setting", "set by")
    for row in rows:
        shown.add_row(row["source"], "on" if row["on"] else "off", row["setting"], row["from"])
    output.console().print(shown)


@app.command()
def on(name: Name, home: Home = None, as_json: AsJson = False) -> None:
    """Switch a source on."""
    _switch(name, home, on=True, as_json=as_json)


@app.command()
def off(name: Name, home: Home = None, as_json: AsJson = False) -> None:
    """Switch a source off; its papers and counts stay."""
    _switch(name, home, on=False, as_json=as_json)


def _switch(name: str, home: Home, *, on: bool, as_json: bool) -> None:
    from broadsheet.errors import UsageError
    from broadsheet.library.upkeep.switches import OF_SOURCE, switch

    if name not in OF_SOURCE:
        raise UsageError(f"source {name}", "is not known", f"known are {', '.join(OF_SOURCE)}")
    with open_library(home) as lib:
        switch(lib, OF_SOURCE[name], on)
    also = [n for n, path in OF_SOURCE.items() if path == OF_SOURCE[name]]
    output.done({"sources": also, "on": on}, f"{' and '.join(also)}: {'on' if on else 'off'}", as_json=as_json)
