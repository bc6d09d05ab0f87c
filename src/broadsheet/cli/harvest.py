"""Commands that bring papers in: up, pull, import, serve."""

import sys
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from broadsheet.cli import output, runs
from broadsheet.cli.options import AsJson, Home, calculate_singly, day_of, open_library
from broadsheet.store.waiting import patient

if TYPE_CHECKING:
    from threading import Event

    from broadsheet.library.handle import Library, Progress
    from broadsheet.library.harvest.pull import PullReport

Host = Annotated[str | None, typer.Option("--host", help="Address to serve on.")]
Port = Annotated[int | None, typer.Option("--port", help="Port to serve on.", min=0, max=65535)]
Categories = Annotated[
    list[str] | None, typer.Option("--category", "-c", help="Category or archive, such as cs.CL or math; repeatable.")
]

NOTHING_CAME = "broadsheet: nothing could be harvested; without a network `broadsheet up --demo` shows a sample"


def up(
    demo: Annotated[
        bool, typer.Option("--demo", help="Load the invented sample edition instead of harvesting.")
    ] = False,
    once: Annotated[bool, typer.Option("--once", help="Harvest and index, then exit without serving.")] = False,
    category: Categories = None,
    host: Host = None,
    port: Port = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Serve the day's list, and harvest and index what is due meanwhile (the main job)."""
    if not once:
        calculate_singly()
    categories = tuple(category) if category else None
    with open_library(home, serve__host=host, serve__port=port, arxiv__categories=categories) as lib:
        if once:
            with patient(output.say):
                _bring_in(lib, demo=demo, as_json=as_json)
                _learn(lib)
        else:
            if demo:
                _bring_in(lib, demo=True)
            _serve(lib, harvest=not demo)


def _bring_in(lib: "Library", *, demo: bool, as_json: bool = False) -> None:
    """Harvest what is due, or load the sample, and tell of it. Exits where nothing came."""
    from broadsheet.library.harvest import demo as demo_edition
    from broadsheet.library.harvest.pull import pull

    if not demo:
        _doubt_categories(lib)
    with output.progress() as progress:
        report = demo_edition.load(lib, progress) if demo else pull(lib, progress=progress)
    _tell_pull(report, as_json=as_json)
    if report.all_failed:
        output.say(NOTHING_CAME)
        raise typer.Exit(1)


def _doubt_categories(lib: "Library") -> None:
    from broadsheet.library.harvest.due import doubts

    for doubt in doubts(lib):
        output.say(f"note: {doubt}")


def _harvest_first(lib: "Library", display: ExitStack, report: "Progress", stop: "Event") -> None:
    """The first harvest of a process that serves, shown on pages and on the terminal, for which `display` is closed."""
    from broadsheet.library.harvest.pull import pull

    with display:
        _doubt_categories(lib)
        shown = display.enter_context(output.progress())

        def both(stage: str, done: int, total: int | None) -> None:
            report(stage, done, total)
            shown(stage, done, total)

        pulled = pull(lib, counting=False, progress=both, stop=stop)
    _tell_pull(pulled, as_json=False)
    if pulled.all_failed:
        output.say(NOTHING_CAME)


def pull_(
    source: Annotated[
        list[str] | None,
        typer.Argument(metavar="SOURCE...", help="Sources to harvest; all that are due if none is named."),
    ] = None,
    category: Categories = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="Harvest back to this day (YYYY-MM-DD).")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Ask all sources, due or not.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Harvest new papers from arXiv and Hugging Face, and count stars and citations where that is switched on."""
    from broadsheet.library.harvest.pull import pull

    with open_library(home, arxiv__categories=tuple(category) if category else None) as lib, patient(output.say):
        _doubt_categories(lib)
        with output.progress() as progress:
            report = pull(lib, source or (), since=day_of(since), force=every, progress=progress)
        _tell_pull(report, as_json=as_json)
        _learn(lib)
    if report.any_failed:
        raise typer.Exit(1)


def import_(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE|ID...",
            help="Files to read, plain, .gz or .zst (- is stdin), and ids or addresses of arXiv papers to ask for.",
        ),
    ],
    format: Annotated[
        str | None, typer.Option("--format", "-f", help="Format, where it should not be told from the content.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Take in files (arXiv snapshots, Broadsheet exports, BibTeX, RIS, CSL-JSON, listings) and arXiv papers by id."""
    from broadsheet.library.answers import import_answer
    from broadsheet.library.harvest.import_ import import_files
    from broadsheet.words.said import Listed

    with open_library(home) as lib, patient(output.say):
        with output.progress() as progress:
            report = import_files(lib, files, format=format, progress=progress)
        if as_json:
            output.emit(import_answer(report))
        else:
            _tell_counts(import_answer(report))
        sys.stdout.flush()
        _learn(lib)
    if report.admins:
        made = "was made an admin" if len(report.admins) == 1 else "were made admins"
        output.say(f"note: {Listed(report.admins)} {made}; `broadsheet reader list` shows who may do what")
    if report.readers:
        output.say("note: addresses for digests have to be confirmed anew, and shared collections get new links")
    for failure in report.failures:
        output.say(f"broadsheet: {failure}")
    if report.failures or report.nothing_came:
        raise typer.Exit(1)


def serve(host: Host = None, port: Port = None, home: Home = None) -> None:
    """Serve the web page without harvesting."""
    calculate_singly()
    with open_library(home, serve__host=host, serve__port=port) as lib:
        _serve(lib, harvest=False)


def _learn(lib: "Library") -> None:
    """What takes longest comes last, when the answer is told."""
    from broadsheet.library.index import learn

    with output.progress() as progress:
        learn(lib, progress, announce=output.say)


def _serve(lib: "Library", *, harvest: bool) -> None:
    from broadsheet import jobs
    from broadsheet.web.server import serve as serve_web

    with patient(output.say):
        _ = lib.store, lib.engine  # opened, and told if they cannot be, before threads share them
    display = ExitStack()
    running = [jobs.postman(lib), jobs.courier(lib), jobs.ranker(lib)]
    if harvest:
        running.append(jobs.harvester(lib, output.say, partial(_harvest_first, lib, display)))

    def begin() -> None:
        for job in running:
            job.start()

    try:
        serve_web(lib, announce=output.say, owner_link=sys.stderr.isatty(), then=begin)
    finally:
        for job in running:
            job.close()
        display.close()  # a harvest that is left behind in a request leaves no bar on the terminal


def _tell_pull(report: "PullReport", *, as_json: bool) -> None:
    from broadsheet.library.answers import pull_answer

    answer = pull_answer(report)
    if as_json:
        output.emit(answer)
        return
    if not report.runs:
        output.say("No source is due; `broadsheet pull --all` asks all of them again.")
        return
    shown = runs.table("", (">seconds",))
    for run in answer["runs"]:
        shown.add_row(run["source"], run["state"], f"{run['seconds']:.1f}", runs.outcome(run))
    output.console().print(shown)


def _tell_counts(answer: dict[str, Any]) -> None:
    counts = ", ".join(f"{answer[name]:,} {name}" for name in ("new", "changed", "same", "merged"))
    if many := answer["readers"]:
        counts += f", {output.count(many, 'reader')}"
    output.tell(f"import: {counts}, {answer['dropped_total']:,} dropped in {answer['seconds']:.1f} s")
    for drop in answer["dropped"][:10]:
        output.say(f"  dropped {drop['source']} {drop['at']}: {drop['reason']}")
    if answer["dropped_total"] > 10:
        output.say(f"  … and {answer['dropped_total'] - 10:,} more; --json lists them")


COMMANDS = {"up": up, "pull": pull_, "import": import_, "serve": serve}
