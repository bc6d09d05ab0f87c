"""The `eval` commands: how good search and identity are, by published protocols."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from broadsheet.cli import output
from broadsheet.cli.options import AsJson, Home, day_of, open_library

if TYPE_CHECKING:
    from rich.table import Table

app = typer.Typer(help="Measure how good the results are, on test collections.", no_args_is_help=True)
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the collection.")]
RunOut = Annotated[Path | None, typer.Option("--run-out", help="Write the rankings or predictions to this file.")]


@app.command()
def search(folder: Folder, run_out: RunOut = None, home: Home = None, as_json: AsJson = False) -> None:
    """Relevance of search on a BEIR-form folder: nDCG@10, Recall@100 and MRR@10 in each mode."""
    from broadsheet.library.evaluate import evaluate_search

    with open_library(home) as lib, output.progress() as progress:
        answer = evaluate_search(lib, folder, run_out=run_out, progress=progress)
    _tell(answer, answer["modes"], as_json)


@app.command()
def identity(folder: Folder, run_out: RunOut = None, as_json: AsJson = False) -> None:
    """Precision and recall of "the same work or not" on labelled pairs, beside simple rules."""
    from broadsheet.library.evaluate_identity import evaluate_identity

    answer = evaluate_identity(folder, run_out=run_out)
    _tell(answer, answer["methods"], as_json)


@app.command()
def recs(folder: Folder, run_out: RunOut = None, home: Home = None, as_json: AsJson = False) -> None:
    """How well readers' interests are learnt, by two protocols, beside other ways to recommend papers."""
    from broadsheet.library.evaluate_recs import evaluate_recs

    with open_library(home) as lib, output.progress() as progress:
        answer = evaluate_recs(lib, folder, run_out=run_out, progress=progress)
    if as_json:
        output.emit(answer)
        return
    for name, protocol in answer["protocols"].items():
        output.console().print(f"{name} ({answer['split']}, {protocol['readers']} readers)", style="bold")
        _tell(answer, protocol["methods"], as_json)
        for other, metrics in protocol["ahead"].items():
            parts = [f"{m} {d['value']:+.3f}{'' if d['real'] else ' (may be chance)'}" for m, d in metrics.items()]
            output.console().print(f"against {other}: {', '.join(parts)}")


@app.command()
def trending(
    folder: Folder,
    history: Annotated[
        Path | None,
        typer.Option("--history", help="Folder of earlier days to learn from; DIR's own earlier days without."),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", help="Forecast and measure only days from this one on.")
    ] = None,
    run_out: RunOut = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Forecasts of votes from a paper's first hours, each day learnt from earlier ones, beside simple methods."""
    from broadsheet.library.evaluate_trending import evaluate_trending

    with open_library(home) as lib, output.progress() as progress:
        answer = evaluate_trending(
            lib, folder, history=history, since=day_of(since), run_out=run_out, progress=progress
        )
    if as_json:
        output.emit(answer)
        return
    for track, tasks in answer["tracks"].items():
        for task, methods in tasks.items():
            output.console().print(_methods(f"{track}, {task}", methods))
    output.console().print(
        "Brackets: bootstrapped 95 % intervals. * differs from Broadsheet beyond chance: p < .05, paired.",
        style="dim",
    )


def _methods(title: str, methods: dict[str, dict[str, Any]]) -> "Table":
    """A method a column, a metric a row: there are more metrics than a terminal is wide."""
    shown = output.table("", *(f">{name}" for name in methods), title=title)
    for metric in methods["broadsheet"]:
        cells = [_cell(values.get(metric), values.get("p", {}).get(metric)) for values in methods.values()]
        shown.add_row(metric, *cells)
    return shown


def _cell(value: dict[str, float] | None, p: float | None) -> str:
    if value is None:
        return ""
    mark = "*" if p is not None and p < 0.05 else ""
    return f"{value['value']:.3f}{mark} ({value['low']:.3f}-{value['high']:.3f})"


def _tell(answer: dict[str, Any], rows: dict[str, dict[str, dict[str, float]]], as_json: bool) -> None:
    if as_json:
        output.emit(answer)
        return
    metrics = list(next(iter(rows.values())))
    shown = output.table("", *(f">{m}" for m in metrics))
    for name, values in rows.items():
        shown.add_row(name, *(f"{v['value']:.3f} ({v['low']:.3f}-{v['high']:.3f})" for v in values.values()))
    output.console().print(shown)
    output.console().print("Brackets: bootstrapped 95 % intervals.", style="dim")
