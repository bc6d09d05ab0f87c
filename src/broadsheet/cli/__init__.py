"""The command line: each command is one library call, printed for people or, with --json, for programs.

Nothing heavy is imported here: `broadsheet --help` answers at once, a command imports what it needs when it runs, and
the modules of the others are left unread.
"""

import atexit
import gc
import io
import os
import sys
from collections.abc import Mapping, Sequence
from copy import copy
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import NoReturn

import typer
from typer.exceptions import TyperException
from typer.models import TyperInfo

from broadsheet.errors import BroadsheetError, UsageError

_COMMANDS = {
    "harvest": ("up", "pull", "import", "serve"),
    "find": ("search", "show", "edition"),
    "trending": ("trending",),
    "recommend": ("recommend",),
    "mark": ("mark",),
    "keep": ("status", "export", "backup", "restore", "reindex", "split", "merge"),
}
"""The commands by the module that has them, in the order of the list."""

_GROUPS = {
    "reader": "readers",
    "interest": "interests",
    "collection": "collection",
    "saved": "saved",
    "digest": "digest",
    "source": "sources",
    "jobs": "jobs",
    "outlet": "outlets",
    "zotero": "zotero",
    "model": "models",
    "eval": "evaluate",
}
"""The modules of groups of commands, by the name of the group."""


def _version(wanted: bool) -> None:
    if wanted:
        from broadsheet import __version__

        typer.echo(f"broadsheet {__version__}")
        raise typer.Exit


def _root(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Print the version."),
) -> None:
    pass


# `broadsheet search graphs -survey`: what looks like an unknown option is a word that must not be there.
_WORDS_MAY_BE_NEGATED = {"ignore_unknown_options": True, "help_option_names": ["--help"]}


def app_of(name: str | None = None) -> typer.Typer:
    """The command or group of that name alone; without one, or where there is none of it, all of them.

    Importing and building all that there is takes longer than to search.
    """
    app = typer.Typer(
        name="broadsheet",
        help="Daily papers, self-hosted: harvest, list, search and keep new research.",
        no_args_is_help=True,
        add_completion=True,
        rich_markup_mode=None,  # rich help costs 0.2 s at each start
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    app.callback()(_root)
    wanted = {name} if name in _names() else _names()
    for module, commands in _COMMANDS.items():
        for each in commands:
            if each in wanted:
                has = _module(module)
                if each == "search":
                    app.command(each, cls=has.Search, context_settings=_WORDS_MAY_BE_NEGATED)(has.COMMANDS[each])
                else:
                    app.command(each)(has.COMMANDS[each])
    for each, module in _GROUPS.items():
        if each in wanted:
            app.add_typer(_module(module).app, name=each)
    _whole_sentences(app)
    return app


def _names() -> set[str]:
    return {*_GROUPS, *(each for commands in _COMMANDS.values() for each in commands)}


def _module(name: str) -> ModuleType:
    return import_module(f"broadsheet.cli.{name}")


def _whole_sentences(group: typer.Typer) -> None:
    """Given apart, a sentence is wrapped in the list of commands; else it would be cut off."""
    for command in group.registered_commands:
        command.short_help = command.callback.__doc__ if command.callback else None
    for below in group.registered_groups:
        if below.typer_instance:
            below.short_help = below.typer_instance.info.help
            _whole_sentences(below.typer_instance)


_STOPPED = (130, 143)


def _app_for(names: list[str]) -> typer.Typer:
    app = app_of(*names)
    if names in (["--help"], ["-h"]):
        app.registered_groups = [_closed(group) for group in app.registered_groups]
    return app


def _closed(group: TyperInfo) -> TyperInfo:
    """The group as a list of commands shows it: its own are not in it."""
    closed, closed.typer_instance = copy(group), copy(group.typer_instance)
    if closed.typer_instance:
        closed.typer_instance.registered_commands = []
    return closed


def main() -> None:
    """Run the command; every failure is one sentence on stderr and an exit code (1 failed, 2 wrong use)."""
    # Imports make a hundred thousand objects that live on; looking through them each 700 costs a search 10 ms.
    gc.set_threshold(20_000)
    atexit.register(gc.freeze)  # Python's last look through all of them takes a fifth of `--help`
    _ready_output()
    if _completes_nothing(os.environ):
        sys.exit(0)
    try:
        _read_as_text(sys.argv[1:])
        code = _app_for(sys.argv[1:2])(prog_name="broadsheet", standalone_mode=False)
        if code in _STOPPED:  # what Typer makes of Ctrl-C, too
            _fail("stopped; what was stored is whole, and the next run goes on from there", code)
        sys.stdout.flush()
        sys.exit(code)
    except BroadsheetError as e:
        sys.exit(_fail(str(e), e.exit_code))
    except TyperException as e:
        from broadsheet.cli import output
        from broadsheet.cli.wrong_use import explain

        output.say(explain(e, _command_of(sys.argv[1:])))
        sys.exit(2)
    except SystemExit as e:
        if isinstance(e.__context__, BrokenPipeError):  # Typer makes a failure of it
            _unread()
        raise
    except BrokenPipeError:
        _unread()
    except OSError as e:
        _drop_output()
        sys.exit(_fail(f"{e.filename or 'output'}: {e.strerror or e}; what was stored is whole", 1))


def _completes_nothing(environment: Mapping[str, str]) -> bool:
    """Whether bash's completion is asked for without bash, which tells the line: Typer looks for it in vain."""
    asked = environment.get("_BROADSHEET_COMPLETE") == "complete_bash"
    return asked and not ("COMP_WORDS" in environment and environment.get("COMP_CWORD", "").isdecimal())


def _command_of(arguments: Sequence[str]) -> Sequence[str]:
    """The words of a command line that name its command."""
    if not arguments or arguments[0] not in _names():
        return ()
    words = arguments[: 2 if arguments[0] in _GROUPS else 1]
    return [word for word in words if not word.startswith("-")]


def _read_as_text(arguments: Sequence[str]) -> None:
    """Refuse what no field of the library can hold: Python passes bytes that are no UTF-8 on as half characters."""
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError:
            told = os.fsencode(argument).decode(errors="backslashreplace")
            raise UsageError(f"argument '{told}'", "is not UTF-8", "write it anew, or rename the file") from None


def _ready_output() -> None:
    """Standard output that takes every character, is there, and has its buffer where PYTHONUNBUFFERED took it.

    A bare file forgets the rest of what a pipe had no room for when the process is halted meanwhile (Ctrl-Z).
    """
    if sys.stdout is None or sys.stderr is None:  # closed by who started it; a database must not get their number
        nothing = Path(os.devnull).open("w")  # noqa: SIM115
        sys.stdout, sys.stderr = sys.stdout or nothing, sys.stderr or nothing
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    if isinstance(getattr(sys.stdout, "buffer", None), io.RawIOBase):
        out = sys.stdout
        sys.stdout = open(out.fileno(), "w", buffering=1, encoding=out.encoding, errors=out.errors, closefd=False)  # noqa: SIM115


def _unread() -> NoReturn:
    """Who reads the output (head, less) has enough of it, which is no failure."""
    _drop_output()
    sys.exit(0)


def _drop_output() -> None:
    """Python would complain once more when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _fail(sentence: str, code: int) -> int:
    from broadsheet.cli import output

    output.say(f"broadsheet: {sentence}")
    return code
