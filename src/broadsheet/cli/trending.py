"""The command that says what trends and what is rising."""

from enum import StrEnum
from typing import Annotated

import typer

from broadsheet.cli import output
from broadsheet.cli.listing import print_entry, tell
from broadsheet.cli.options import AsJson, Home, open_library


class Window(StrEnum):
    """How far back a list reaches."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def trending(
    window: Annotated[Window, typer.Option("--window", "-w", help="How far back to look.")] = Window.WEEK,
    field: Annotated[str, typer.Option("--field", "-f", help="Only this category or archive, such as cs.CL.")] = "",
    rising: Annotated[
        bool, typer.Option("--rising", help="Young papers by the votes that are still expected.")
    ] = False,
    explain: Annotated[bool, typer.Option("--explain", help="Show the parts that each score adds up from.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, help="How many papers; 0 is all.")] = 20,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List the papers with most attention for their age and field, or those that are rising."""
    from broadsheet.library.answers import trend_answer
    from broadsheet.library.editions.trending import trending

    with open_library(home) as lib:
        found = trending(lib, window=window.value, field=field, rising=rising, limit=limit or None)
    if as_json:
        output.emit(trend_answer(found))
        return
    what = "rising" if found.rising else "trending"
    where = f" in {found.field}" if found.field else ""
    tell((what.capitalize(), "bold"), (f" over the {found.window}{where} · {output.count(found.total, 'paper')}", ""))
    if found.note:
        tell((found.note, ""))
    for entry in found.entries:
        print_entry(entry)
        if explain:
            for part in entry.parts:
                tell((f"      {part.value:+.2f}  {part.name}: {part.told}", "dim"))
    if len(found.entries) < found.total:
        tell((f"{len(found.entries)} of {found.total:,}; --limit 0 lists all.", "dim"))


COMMANDS = {"trending": trending}
