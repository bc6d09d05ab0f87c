"""The `eval` commands: how good search and identity are, by published protocols."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from broadsheet.cli import output
from broadsheet.cli.options import AsJson, Home, day_of, open_library
from broadsheet.errors import UsageError

if TYPE_CHECKING:
    from rich.table import Table

WIDE = 140
"""Columns of a table of metrics with their intervals."""

app = typer.Typer(help="Measure how good the results are, on test collections.", no_args_is_help=True)
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the collection.")]
RunOut = Annotated[Path | None, typer.Option("--run-out", help="Write the rankings or predictions to this file.")]


@app.command()
def search(folder: Folder, run_out: RunOut = None, home: Home = None, as_json: AsJson = False) -> None:
    """Relevance of search on a BEIR-form folder: nDCG@10, Recall@100 and MRR@10 in each mode."""
    from broadsheet.library.evaluation.search import evaluate_search

    with open_library(home) as lib, output.progress() as progress:
        answer = evaluate_search(lib, folder, run_out=run_out, progress=progress)
    _tell(answer, answer["modes"], as_json=as_json)


@app.command()
def identity(folder: Folder, run_out: RunOut = None, as_json: AsJson = False) -> None:
    """Precision and recall of "the same work or not" on labelled pairs, beside simple rules."""
    from broadsheet.library.evaluation.identity import evaluate_identity

    answer = evaluate_identity(folder, run_out=run_out)
    _tell(answer, answer["methods"], as_json=as_json)


@app.command()
def recs(
    folder: Annotated[Path | None, typer.Argument(metavar="[DIR]", help="Folder of the collection.")] = None,
    own: Annotated[
        bool, typer.Option("--own", help="Replay past days on the marks of this library's readers; nothing leaves it.")
    ] = False,
    reader: Annotated[str | None, typer.Option("--reader", help="With --own: only this reader.")] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=36500, help="With --own: how far back.")] = 90,
    run_out: RunOut = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """How well readers' interests are learnt, by two protocols or on your own marks, beside simpler methods."""
    from broadsheet.library.evaluation.own import evaluate_own
    from broadsheet.library.evaluation.recs import evaluate_recs
    from broadsheet.rank.order import many

    if own == (folder is not None):
        raise UsageError("eval recs", "needs a folder or --own, one of them", "see docs/interests.md")
    with open_library(home) as lib, output.progress() as progress:
        if folder is None:
            answer = evaluate_own(lib, reader=reader, days=days, progress=progress)
        else:
            answer = evaluate_recs(lib, folder, run_out=run_out, progress=progress)
    if as_json:
        output.emit(answer)
        return
    for name, protocol in answer["protocols"].items():
        what = f"{many(answer['cases'], 'day')} of" if own else f"{answer['split']},"
        _tell_protocol(f"{name} ({what} {many(protocol['readers'], 'reader')})", protocol)
    if note := answer.get("note"):
        output.console(WIDE).print(note)


def _tell_protocol(title: str, protocol: dict[str, Any]) -> None:
    output.console(WIDE).print(title, style="bold")
    _tell({}, protocol["methods"], as_json=False)
    if "median_pct" in protocol["methods"]["broadsheet"]:
        output.console(WIDE).print("median_pct: where liked papers stand, from 0 (first) to 100 (last).", style="dim")
    _tell_differences("against", protocol["ahead"])
    if "reliability" in protocol:
        _tell_reliability(protocol["reliability"])
    if "questions" in protocol:
        output.console(WIDE).print("Do answers teach an interest of one liked paper?", style="bold")
        _tell({}, protocol["questions"]["methods"], as_json=False)
        _tell_differences("gained by", protocol["questions"]["gained"])


def _tell_differences(word: str, told: dict[str, dict[str, Any]]) -> None:
    for other, metrics in told.items():
        parts = [f"{m} {d['value']:+.3f}{'' if d['real'] else ' (may be chance)'}" for m, d in metrics.items()]
        output.console(WIDE).print(f"{word} {other}: {', '.join(parts)}")


def _tell_reliability(told: dict[str, dict[str, Any]]) -> None:
    """What was said of papers and what share of them was liked, a row for each number of papers learnt from."""
    shown = output.table(
        "liked papers", ">lists", ">calibration error", "said: held", title="Does a probability keep its word?"
    )
    for liked, row in told.items():
        error = row["error"]
        bins = "  ".join(f"{b['said']:.2f}: {b['held']:.2f}" for b in row["bins"])
        shown.add_row(liked, str(row["lists"]), f"{error['value']:.4f} ({error['low']:.4f}-{error['high']:.4f})", bins)
    output.console(WIDE).print(shown)


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
    from broadsheet.library.evaluation.trending import evaluate_trending

    with open_library(home) as lib, output.progress() as progress:
        answer = evaluate_trending(
            lib, folder, history=history, since=day_of(since), run_out=run_out, progress=progress
        )
    if as_json:
        output.emit(answer)
        return
    for track, tasks in answer["tracks"].items():
        for task, methods in tasks.items():
            output.console(WIDE).print(_methods(f"{track}, {task}", methods))
    output.console(WIDE).print(
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


def _tell(answer: dict[str, Any], rows: dict[str, dict[str, dict[str, float]]], *, as_json: bool) -> None:
    if as_json:
        output.emit(answer)
        return
    metrics = list(next(iter(rows.values())))
    shown = output.table("", *(f">{m}" for m in metrics))
    for name, values in rows.items():
        shown.add_row(name, *(f"{v['value']:.3f} ({v['low']:.3f}-{v['high']:.3f})" for v in values.values()))
    output.console(WIDE).print(shown)
    output.console(WIDE).print("Brackets: bootstrapped 95 % intervals.", style="dim")
