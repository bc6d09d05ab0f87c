"""One paper on the terminal."""

from typing import TYPE_CHECKING

from broadsheet.cli import series
from broadsheet.cli.listing import print_fact, tell
from broadsheet.text import plain

if TYPE_CHECKING:
    from broadsheet.library.papers.show import PaperView


def print_paper(view: "PaperView") -> None:
    """Every field that says something, then related papers."""
    paper = view.paper
    tell((plain(paper.title), "bold"))
    tell((", ".join(plain(a.name) for a in paper.authors), "dim"))
    if paper.withdrawn:
        tell(("withdrawn by its authors", "bold red"))
    if paper.abstract:
        tell()
        tell((plain(paper.abstract), ""))
    tell()
    for name, value in _facts(view):
        print_fact(name, value)
    if view.related:
        tell()
    for number, hit in enumerate(view.related):
        print_fact("" if number else "related", f"{hit.score:.2f}  {plain(hit.paper.title)} ({hit.paper.key})")


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
