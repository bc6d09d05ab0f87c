"""The `model` commands: which encoder finds by meaning."""

from typing import Annotated

import typer

from broadsheet.cli import output
from broadsheet.cli.options import AsJson, Home, open_library

app = typer.Typer(help="List, add and choose the model that finds by meaning.", no_args_is_help=True)


@app.command("list")
def list_(home: Home = None, as_json: AsJson = False) -> None:
    """List the models and say which one is in use."""
    from broadsheet.library.upkeep.models import list_models

    with open_library(home) as lib:
        models = list_models(lib)
    if as_json:
        output.emit({"models": models})
        return
    shown = output.table("", "model", ">dimensions", "source", "state")
    for m in models:
        shown.add_row("*" if m["used"] else "", m["name"], str(m["dimensions"] or ""), m["source"], m["state"])
    output.console().print(shown)


@app.command()
def add(
    source: Annotated[
        str,
        typer.Argument(metavar="SOURCE", help="A local sentence-transformers folder, or a model's name on the hub."),
    ],
    name: Annotated[str | None, typer.Option("--name", help="Name to keep it under.")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Take in a model: it is turned into ONNX int8 and checked."""
    from broadsheet.library.upkeep.models import add_model

    with open_library(home) as lib, output.progress() as progress:
        model = add_model(lib, source, name=name, progress=progress)
    if as_json:
        output.emit(model)
    else:
        name = model["name"]
        output.tell(f"{name} added ({model['dimensions']} dimensions); `broadsheet model use {name}` chooses it")


@app.command()
def use(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A model's name, `wordllama`, or `auto` for the best one there is.")
    ],
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Choose the model; its vectors are built beside the old ones, and search works meanwhile."""
    from broadsheet.library.upkeep.models import use_model

    with open_library(home) as lib, output.progress() as progress:
        answer = use_model(lib, name, progress)
    output.answer(
        answer,
        f"{answer['model']} finds by meaning now ({output.count(answer['papers'], 'paper')} encoded)",
        as_json=as_json,
    )
