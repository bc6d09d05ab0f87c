"""What people and programs see: JSON on stdout, tables, progress on stderr (on a terminal only)."""

import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console
    from rich.table import Table

    from broadsheet.types import Drop, Paper

NARROWEST = 20


def emit(answer: Mapping[str, Any]) -> None:
    """One JSON object on stdout."""
    import json

    sys.stdout.write(json.dumps(answer, ensure_ascii=False, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def tell(text: str) -> None:
    """Lines of an answer on stdout, without what a terminal would obey: names and titles come from anybody."""
    from broadsheet.text import visible

    sys.stdout.write(visible(text) + "\n")


def answer(fields: Mapping[str, Any], text: str, *, as_json: bool) -> None:
    """An answer of one line on stdout: for people, or as JSON."""
    if as_json:
        emit(fields)
    else:
        tell(text)


def done(fields: Mapping[str, Any], sentence: str, *, as_json: bool) -> None:
    """What was done: a word on stderr, or JSON on stdout."""
    if as_json:
        emit(fields)
    else:
        say(sentence)


def write_json(path: "Path", answer: Mapping[str, Any]) -> None:
    """A JSON file for people to read and keep. Raises BroadsheetError in one sentence."""
    import json

    from broadsheet.errors import BroadsheetError

    text = json.dumps(answer, ensure_ascii=False, indent=1) + "\n"
    try:
        path.expanduser().write_text(text, encoding="utf-8")
    except OSError as e:
        raise BroadsheetError(f"file {path}", f"cannot be written ({e.strerror or e})", "choose another place") from e


def console(piped: int = NARROWEST) -> "Console":
    """The terminal for people; in a pipe without colour, and as wide as $COLUMNS says or 100 columns.

    `piped`: columns there at the least, for tables whose numbers would else be broken over lines.
    """
    from rich.console import Console

    from broadsheet.cli.shown import Shown

    width = max(NARROWEST if sys.stdout.isatty() else piped, shutil.get_terminal_size((100, 24)).columns)
    made = Console(highlight=False, emoji=False, width=width)
    made.push_render_hook(Shown())
    return made


def say(sentence: str) -> None:
    """A word beside the answer, on stderr; as `tell`."""
    from broadsheet.text import visible

    sys.stderr.write(visible(sentence) + "\n")


def left_out(dropped: Iterable["Drop"]) -> None:
    """What was left out of files and why; that a file ended early is told by `end_of_files`."""
    for drop in dropped:
        if not drop.ends:
            say(f"left out: {drop.at}: {drop.reason}")


def end_of_files(dropped: Iterable["Drop"]) -> None:
    """Once the answer is told: a file that ended early is a failure. Exits with 1 where there is one."""
    import typer

    cut = [drop for drop in dropped if drop.ends]
    for drop in cut:
        say(
            f"broadsheet: file {drop.source}: {drop.reason}; what came before is stored; get it whole and name it again"
        )
    if cut:
        raise typer.Exit(1)


def table(*columns: str, title: str | None = None) -> "Table":
    """A plain table in the house's style; a column that starts with `>` is aligned right."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    made = Table(title=title, box=SIMPLE_HEAD, title_justify="left", title_style="bold", pad_edge=False)
    for name in columns:
        made.add_column(name.removeprefix(">"), justify="right" if name.startswith(">") else "left", overflow="fold")
    return made


@contextmanager
def progress() -> Iterator[Callable[[str, int, int | None], None]]:
    """A progress display on a terminal; nothing in a pipe."""
    from broadsheet.library.handle import no_progress

    if not sys.stderr.isatty():
        yield no_progress
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as display:
        tasks: dict[str, Any] = {}

        def show(stage: str, done: int, total: int | None) -> None:
            if stage not in tasks:
                tasks[stage] = display.add_task(stage, total=total)
            display.update(tasks[stage], completed=done, total=total)

        yield show


def count(many: int, noun: str) -> str:
    """`1 paper`, `1,200 papers`."""
    return f"{many:,} {noun}" + ("" if many == 1 else "s")


def names(paper: "Paper", most: int = 4) -> str:
    """The first authors, readable."""
    from broadsheet.text import plain

    shown = ", ".join(plain(a.name) for a in paper.authors[:most])
    return shown + (f" and {len(paper.authors) - most} more" if len(paper.authors) > most else "")


def page_url(paper: "Paper") -> str | None:
    """The page a reader wants first: the abstract page, else whatever link there is."""
    return next(
        (link.url for link in paper.links if link.kind == "abstract"), paper.links[0].url if paper.links else None
    )
