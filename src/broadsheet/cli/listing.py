"""Lists of papers as the shell shows them: styled and wrapped on a terminal, whole lines in a pipe.

A line in a pipe is what `grep` and `awk` work on, so it is not wrapped there unless $COLUMNS asks for a width; and rich
takes a fifth of a search from the shell to import and to draw.
"""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from broadsheet.cli import output

if TYPE_CHECKING:
    from broadsheet.rank.order import Entry
    from broadsheet.types import Hit, Paper

Line = Sequence[tuple[str, str]]
"""Stretches of text, each with its style as rich names it: `bold`, `dim`, or none."""

SUMMARY = 280  # characters of an abstract in a list: three lines of a terminal
_MARGIN = 6  # of a listed paper, where its rank stands
_NAME = 12  # characters of what a fact is


def tell(*line: tuple[str, str]) -> None:
    """One line of an answer."""
    if not _drawn():
        output.tell(_bare(line))
        return
    from rich.text import Text

    output.console().print(Text.assemble(*line))


def details(*parts: str) -> Line:
    """What else there is to say of a paper, on one line."""
    return ((" · ".join(part for part in parts if part), "dim"),)


def print_item(rank: int, paper: "Paper", lines: Sequence[Line]) -> None:
    """A listed paper: its rank, and beside it title, then what else there is to say."""
    from broadsheet.text import plain

    url = output.page_url(paper)
    title = ((plain(paper.title), f"bold link {url}" if url else "bold"),)
    _print_beside(f"{rank}. ".rjust(_MARGIN), [line for line in (title, *lines) if _bare(line)])
    tell()


def print_fact(name: str, value: str) -> None:
    """Something that is known of a paper, beside what it is; the name of one that is told before is empty."""
    _print_beside(f"{name:<{_NAME}} ", [((value, ""),)])


def print_entry(entry: "Entry") -> None:
    """A paper of a ranked list."""
    from broadsheet.text import plain

    paper, summary = entry.paper, plain(entry.paper.abstract)
    line = details(output.names(paper), " ".join(paper.categories[:4]), paper.key, entry.why)
    short = summary if len(summary) <= SUMMARY else summary[:SUMMARY].rsplit(" ", 1)[0] + " …"
    print_item(entry.rank, paper, [line, ((short, ""),)])


def print_hit(rank: int, hit: "Hit", *, why: bool) -> None:
    """A paper that a search found."""
    paper = hit.paper
    line = details(output.names(paper), " ".join(paper.categories[:4]), paper.key, f"{hit.score:.3f}")
    lines = [line, _marked(hit.snippet)]
    print_item(rank, paper, [*lines, details(_why(hit))] if why else lines)


def _marked(snippet: str) -> Line:
    pieces = snippet.replace("</mark>", "<mark>").split("<mark>")
    return [(piece, "bold yellow" if i % 2 else "") for i, piece in enumerate(pieces)]


def _why(hit: "Hit") -> str:
    words: Any = hit.why.get("words") or ()
    parts = [f"{w['word']} {w['weight']:.2f}" for w in words]
    cosine = hit.why.get("cosine")
    if isinstance(cosine, float):
        parts.append(f"meaning {cosine:.2f}")
    return "why: " + (", ".join(parts) or "filters only")


def _bare(line: Line) -> str:
    return "".join(text for text, _ in line)


def _drawn() -> bool:
    return sys.stdout.isatty() or "COLUMNS" in os.environ or "FORCE_COLOR" in os.environ


def _print_beside(left: str, lines: Sequence[Line]) -> None:
    """Lines that all begin right of `left`."""
    if not _drawn():
        output.tell(left + f"\n{' ' * len(left)}".join(map(_bare, lines)))
        return
    from rich.text import Text

    console = output.console()
    width = max(1, console.width - len(left))
    rows = [row for line in lines for row in Text.assemble(*line).wrap(console, width)]
    for row in rows:
        row.rstrip()
    before = [Text(left, style="dim"), *[Text(" " * len(left))] * (len(rows) - 1)]
    shown = Text("\n").join(Text.assemble(*pair) for pair in zip(before, rows, strict=True))
    console.print(shown, no_wrap=True, overflow="ignore", crop=False)
