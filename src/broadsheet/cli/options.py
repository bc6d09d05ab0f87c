"""Options that several commands share, and how a command opens the library."""

import os
from datetime import date
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from broadsheet.library.handle import Library


def _folder(named: str) -> Path:
    # As a path it would be the folder that one stands in, where a variable was empty.
    if not named:
        raise typer.BadParameter("has no name")
    return Path(named)


Home = Annotated[
    Path | None,
    typer.Option(
        "--home", parser=_folder, metavar="<path>", help="Folder that holds the library; $BROADSHEET_HOME without."
    ),
]
ReaderName = Annotated[str, typer.Argument(metavar="READER", help="The reader's name.")]
OnlyReader = Annotated[
    str | None, typer.Argument(metavar="[READER]", help="The reader's name; the only one there is without.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object for programs.")]


def open_library(home: Path | None, **options: Any) -> "Library":
    """The library in `home` under the settings of file, environment and these options (None: not given)."""
    from broadsheet import config
    from broadsheet.library.handle import Library

    given = {name.replace("__", "."): value for name, value in options.items() if value is not None}
    return Library(config.load(os.environ, home=home.expanduser() if home else None, options=given))


def calculate_singly() -> None:
    """Let numpy do each calculation in one thread, unless the environment says in how many; before numpy is imported.

    Many requests at once are parallel enough, and OpenBLAS' threads wait for each other by spinning: on a busy machine
    what learning begins with took 19 s of CPU in two threads, and 4 in one. Digests with interests took twice as long,
    an interest of 500 marks two to four times as long.
    """
    if not {"OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"}.intersection(os.environ):
        os.environ["OPENBLAS_NUM_THREADS"] = "1"


def number(value: float | None) -> float | None:
    """Of an option with a range, which lets `nan` through."""
    if value is not None and isnan(value):
        raise typer.BadParameter("nan is no number")
    return value


def day_of(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day such as 2025-11-20", param_hint="--from") from None
