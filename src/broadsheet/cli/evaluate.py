"""The `eval` commands: how good search and identity are, by published protocols."""

from pathlib import Path
from typing import Annotated, Any

import typer

from broadsheet.cli import output
from broadsheet.cli.options import AsJson, Home, open_library

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
