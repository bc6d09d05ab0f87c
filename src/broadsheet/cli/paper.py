"""One paper on the terminal."""

from typing import TYPE_CHECKING

from broadsheet.cli import series
from broadsheet.text import plain

if TYPE_CHECKING:
    from rich.console import Console

    from broadsheet.library.show import PaperView


def print_paper(console: "Console", view: "PaperView") -> None:
    """Every field that says something, then related papers."""
    from rich.padding import Padding
    from rich.text import Text

    paper = view.paper
    console.print(Text(plain(paper.title), style="bold"))
    console.print(Text(", ".join(plain(a.name) for a in paper.authors), style="dim"))
    if paper.withdrawn:
        console.print(Text("withdrawn by its authors", style="bold red"))
    console.print(Padding(Text(plain(paper.abstract)), (1, 0)))
    for name, value in _facts(view):
        console.print(Text.assemble((f"{name:<12} ", "dim"), value))
    if view.related:
        console.print(Text("\nrelated", style="dim"))
        for hit in view.related:
            console.print(Text(f"  {hit.score:.2f}  {plain(hit.paper.title)}  ({hit.paper.key})"))


def _facts(view: "PaperView") -> list[tuple[str, str]]:
    paper = view.paper
    facts = [
        ("key", paper.key),
        ("also", ", ".join(a for a in paper.aliases if a != paper.key)),
        ("categories", " ".join(paper.categories)),
        ("first public", f"{paper.published:%Y-%m-%d}" if paper.published else ""),
        ("updated", f"{paper.updated:%Y-%m-%d}" if paper.updated else ""),
        ("versions", ", ".join(f"v{v.number}" + (f" {v.date:%Y-%m-%d}" if v.date else "") for v in paper.versions)),
        ("announced", ", ".join(f"{a.day} {a.kind} ({a.source})" for a in paper.announcements)),
        ("venue", plain(paper.venue or "")),
        ("comment", plain(paper.comment or "")),
        ("licence", paper.licence or ""),
        *((link.kind, link.url) for link in paper.links),
        *series.lines(view.signals),
        *((f"{e.kind}", f"{e.value} ({e.source})") for e in paper.enrichments),
        ("told by", ", ".join(paper.sources)),
        ("parts", ", ".join(p.key for p in view.parts) if len(view.parts) > 1 else ""),
    ]
    return [(name, value) for name, value in facts if value]
