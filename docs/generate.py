"""Write the generated parts of docs/ from the code: settings from the table, commands from the command line.

A generated part stands between `<!-- generated: NAME -->` and `<!-- end -->`; what is around it is written by hand.
`--check` writes nothing and exits with 1 where a page is not what would be written.
"""

import argparse
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from broadsheet import config

DOCS = Path(__file__).resolve().parent
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
    import typer

    from broadsheet.cli import app

    root = typer.main.get_command(app).make_context("broadsheet", [], resilient_parsing=True)
    return "\n".join(_command(context) for context in _below(root))


def _below(context: Any) -> Iterator[Any]:
    for name, command in sorted(context.command.commands.items()):
        inner = command.make_context(name, [], parent=context, resilient_parsing=True)
        if hasattr(command, "commands"):
            yield from _below(inner)
        elif not command.hidden:
            yield inner


def _command(context: Any) -> str:
    usage = " ".join([context.command_path, *context.command.collect_usage_pieces(context)])
    lines = [f"### `{context.command_path}`\n", f"    {usage}\n", inspect.cleandoc(context.command.help or "") + "\n"]
    records = [p.get_help_record(context) for p in context.command.params if p.name != "help"]
    lines += [f"- `{name}`: {_sentence(text)}" for name, text in filter(None, records)]
    return "\n".join(lines).rstrip() + "\n"


def _sentence(text: str) -> str:
    return " ".join(text.split())


GENERATED: dict[str, Callable[[], str]] = {"settings": settings, "commands": commands}


def renewed(page: str) -> str:
    """The page with its generated parts written anew."""
    return PART.sub(lambda part: f"{part[1]}\n{GENERATED[part[2]]()}\n{part[3]}", page)


def main() -> int:
    parser = argparse.ArgumentParser(description="Write the generated parts of docs/ anew.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 where a page is stale")
    check = parser.parse_args().check
    stale = 0
    for path in sorted(DOCS.rglob("*.md")):
        page = path.read_text(encoding="utf-8")
        if (new := renewed(page)) != page:
            stale += 1
            sys.stderr.write(f"docs/{path.relative_to(DOCS)}: {'stale' if check else 'written anew'}\n")
            if not check:
                path.write_text(new, encoding="utf-8")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
