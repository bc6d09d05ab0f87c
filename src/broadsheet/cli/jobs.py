"""The `jobs` command: what is due, done once, for timers and cron."""

from typing import Annotated

import typer

from broadsheet.cli import output
from broadsheet.cli.options import AsJson, Home, calculate_singly, open_library
from broadsheet.cli.stopping import stoppable
from broadsheet.store.waiting import patient

app = typer.Typer(help="What runs when nobody looks, for systemd timers and cron.", no_args_is_help=True)


@app.command()
def run(
    harvest: Annotated[bool, typer.Option(help="Whether sources that are due are harvested, too.")] = True,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Do once what is due: harvest, index, make digests, send mails; any number of these may run at a time."""
    calculate_singly()
    from broadsheet.cli.digest import tell_delivered
    from broadsheet.jobs import run_once

    with open_library(home) as lib, output.progress() as progress, stoppable() as stop, patient(output.say):
        done, harvested = run_once(lib, stop, harvest=harvest, progress=progress, announce=output.say)
    tell_delivered(done, stop, as_json=as_json)
    if not harvested:
        raise typer.Exit(1)
