"""Write the generated parts of docs/ from the code: settings from the table, commands, and routes with answers.

A generated part stands between `<!-- generated: NAME -->` and `<!-- end -->`; what is around it is written by hand.
`--check` writes nothing and exits with 1 where a page is not what would be written.
"""

import argparse
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import EnumType
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from typer import Typer
from typer.models import ArgumentInfo

from broadsheet import config

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
EVERYWHERE = ("home", "as_json", "return")  # options of every command, explained once
VALUES = {int: "N", float: "X", Path: "PATH"}
PART = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def settings() -> str:
    """A table for each section of `config.toml`."""
    rows = config.table()
    sections = dict.fromkeys(row.path.rpartition(".")[0] for row in rows)
    return "\n".join(_section(name, [r for r in rows if r.path.rpartition(".")[0] == name]) for name in sections)


def _section(name: str, rows: list[config.Setting]) -> str:
    lines = [f"### `[{name}]`\n" if name else "### At the top\n"]
    lines += ["| setting | default | what it is | variable |", "|---|---|---|---|"]
    lines += [f"| `{r.path}` | {_default(r.default)} | {r.help} | `{r.variable}` |" for r in rows]
    return "\n".join(lines) + "\n"


def _default(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(f"`{item}`" for item in value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"`{value}`" if value != "" else "empty"


def commands() -> str:
    """A heading for each command: its usage, its sentence, its arguments and options."""
    from broadsheet.cli import app_of

    return "\n".join(_command(*row) for row in sorted(_below(app_of(), "broadsheet")))


def _below(app: Typer, path: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    for command in app.registered_commands:
        assert command.callback
        name = command.name or command.callback.__name__.strip("_").replace("_", "-")
        yield f"{path} {name}", command.callback
    for group in app.registered_groups:
        assert group.typer_instance
        yield from _below(group.typer_instance, f"{path} {group.name}")


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of a command. `spelling` is what a person types, `default` empty where it goes without saying."""

    spelling: str
    help: str
    default: str
    is_argument: bool


def _command(path: str, callback: Callable[..., Any]) -> str:
    hints = get_type_hints(callback, include_extras=True)
    signature = inspect.signature(callback).parameters
    params = [_param(signature[name], hint) for name, hint in hints.items() if name not in EVERYWHERE]
    usage = " ".join([path, *(p.spelling for p in params if p.is_argument)])
    lines = [f"### `{path}`\n", f"    {usage}\n", inspect.cleandoc(callback.__doc__ or "") + "\n"]
    lines += [f"- `{p.spelling.strip('[]')}`: {p.help}{p.default}" for p in params]
    return "\n".join(lines).rstrip() + "\n"


def _param(param: inspect.Parameter, hint: Any) -> Param:
    kind, info = get_args(hint)
    kinds = [k for k in get_args(kind) if k is not type(None)] if isinstance(kind, UnionType) else [kind]
    default = "" if param.default in (None, False, inspect.Parameter.empty) else f" Default: {param.default}."
    if isinstance(info, ArgumentInfo):
        many = "..." if get_origin(kinds[0]) is list and "..." not in (info.metavar or "") else ""
        name = (info.metavar or param.name.upper()) + many
        spelling = name if param.default is param.empty or name.startswith("[") else f"[{name}]"
    else:
        # In `Annotated`, typer keeps the first spelling in the place of the default.
        spellings = [n for n in (info.default, *(info.param_decls or ())) if isinstance(n, str)]
        name = ", ".join(spellings or [f"--{param.name.replace('_', '-')}"])
        spelling = name + ("" if kinds[0] is bool else f" {info.metavar or _value(kinds[0])}")
    return Param(spelling, info.help or "", default, isinstance(info, ArgumentInfo))


def _value(kind: Any) -> str:
    if isinstance(kind, EnumType):
        return "|".join(kind._value2member_map_)
    if get_origin(kind) is Literal:
        return "|".join(get_args(kind))
    return VALUES.get(kind, "TEXT")


def routes() -> str:
    """A heading for each route of the API: its sentence, its parameters and an example."""
    import api

    return api.page()


GENERATED: dict[str, Callable[[], str]] = {"settings": settings, "commands": commands, "routes": routes}


def renewed(page: str) -> str:
    """The page with its generated parts written anew."""
    return PART.sub(lambda part: f"{part[1]}\n{GENERATED[part[2]]()}\n{part[3]}", page)


def written() -> Iterator[tuple[Path, str]]:
    """Every file with a generated part, as it should be."""
    import api

    from broadsheet.web.documented import EXAMPLES

    yield EXAMPLES, api.examples()
    for path in sorted(DOCS.rglob("*.md")):
        yield path, renewed(path.read_text(encoding="utf-8"))


def main() -> int:
    parser = argparse.ArgumentParser(description="Write the generated parts of docs/ anew.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 where a page is stale")
    check = parser.parse_args().check
    stale = 0
    for path, new in written():
        if not path.exists() or path.read_text(encoding="utf-8") != new:
            stale += 1
            sys.stderr.write(f"{path.relative_to(ROOT)}: {'stale' if check else 'written anew'}\n")
            if not check:
                path.write_text(new, encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
