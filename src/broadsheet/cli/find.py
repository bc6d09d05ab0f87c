"""Commands that show papers: search, show, edition."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from broadsheet.cli import output
from broadsheet.cli.options import AsJson, Home, open_library

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from broadsheet.rank.order import Entry
    from broadsheet.types import Hit, Paper

# Characters of an abstract in a list: three lines of a terminal.
SUMMARY = 280
_MARGIN = 6  # of a listed paper, where its rank stands


class Mode(StrEnum):
    """How a search finds: words and meaning together, or one of them."""

    HYBRID = "hybrid"
    KEYWORD = "keyword"
    SEMANTIC = "semantic"


class SearchSort(StrEnum):
    """The order of hits."""

    RELEVANCE = "relevance"
    NEW = "new"
    VOTES = "votes"


class EditionSort(StrEnum):
    """The order of an edition."""

    TRENDING = "trending"
    VOTES = "votes"
    NEW = "new"
    MINE = "mine"


def search(
    query: Annotated[
        list[str], typer.Argument(help='Words, "a phrase", -not, author:, cat:, title:, since:2026-01, prefix*.')
    ],
    mode: Annotated[Mode, typer.Option("--mode", help="By words, by meaning, or both.")] = Mode.HYBRID,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many hits.")] = 10,
    offset: Annotated[int, typer.Option("--offset", min=0, help="Skip this many hits.")] = 0,
    after: Annotated[str | None, typer.Option("--next", help="The `next` token of the page before.")] = None,
    sort: Annotated[SearchSort, typer.Option("--sort", help="Order of the hits.")] = SearchSort.RELEVANCE,
    facets: Annotated[bool, typer.Option("--facets", help="Count the hits by category, year and source.")] = False,
    why: Annotated[bool, typer.Option("--why", help="Say for each hit why it was found.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Find papers by words and by meaning."""
    from broadsheet.library.answers import search_answer
    from broadsheet.library.find import SearchAsk, search

    _refuse_short_options(query)
    ask = SearchAsk(" ".join(query), mode.value, limit, offset, after, sort.value, facets or as_json)
    with open_library(home) as lib:
        result = search(lib, ask)
        if as_json:
            output.emit(search_answer(result))
            return
        console, skipped = output.console(), offset
        for note in result.notes:
            output.say(f"note: {note}")
        if not result.hits:
            console.print(f"Nothing found for {result.parsed or ask.query}.", markup=False)
            if result.suggestion:
                console.print(f"Did you mean: {result.suggestion}", markup=False)
            return
        for rank, hit in enumerate(result.hits, start=skipped + 1):
            _print_hit(console, rank, hit, why=why)
        if facets:
            _print_facets(console, result.facets)
        last = skipped + len(result.hits)
        console.print(
            f"{skipped + 1}-{last} of {result.total:,} · {result.mode} · {result.seconds * 1000:.0f} ms",
            style="dim",
        )


def _refuse_short_options(words: list[str]) -> None:
    """`-survey` means "without survey", so `search` has no short options; one letter alone was meant as one."""
    for word in words:
        if len(word) == 2 and word[0] == "-":
            raise typer.BadParameter(f"there is no option {word}, write it in full, such as --limit")


def show(
    key: Annotated[str, typer.Argument(help="A paper's key or any of its ids, such as arxiv:2405.15738 or a DOI.")],
    related: Annotated[int, typer.Option("--related", min=0, max=50, help="How many related papers to list.")] = 5,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Show one paper: every field, its signals over time, and what is like it."""
    from broadsheet.cli.paper import print_paper
    from broadsheet.library.answers import show_answer
    from broadsheet.library.show import show

    with open_library(home) as lib:
        view = show(lib, key, related=related)
    if as_json:
        output.emit(show_answer(view))
    else:
        print_paper(output.console(), view)


def edition(
    when: Annotated[
        str | None,
        typer.Argument(metavar="[DAY|WEEK|MONTH]", help="2025-11-20, 2025-W47 or 2025-11; the newest without."),
    ] = None,
    sort: Annotated[EditionSort, typer.Option("--sort", help="Order of the papers.")] = EditionSort.TRENDING,
    category: Annotated[
        list[str] | None, typer.Option("--category", "-c", help="Only these categories or archives.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, help="How many papers; 0 is all.")] = 20,
    reader: Annotated[str | None, typer.Option("--reader", help="Whose order --sort mine is.")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List the papers of a day, week or month in ranked order."""
    from broadsheet.library.answers import edition_answer
    from broadsheet.library.editions.edition import edition
    from broadsheet.library.readers import find_reader

    with open_library(home) as lib:
        if sort is EditionSort.MINE:
            reader = find_reader(lib, reader).name
        found = edition(
            lib,
            when,
            sort=sort.value,
            categories=tuple(category or ()),
            limit=None if limit == 0 else limit,
            reader=reader,
        )
    if as_json:
        output.emit(edition_answer(found))
        return
    console = output.console()
    console.print(f"[bold]{found.name}[/bold] · {found.total:,} papers · sorted by {found.sort}")
    if found.note:
        console.print(found.note, markup=False)
    for entry in found.entries:
        print_entry(console, entry)
    if len(found.entries) < found.total:
        console.print(f"{len(found.entries)} of {found.total:,}; --limit 0 lists all.", style="dim")


def print_item(console: "Console", rank: int, paper: "Paper", lines: "list[Text]") -> None:
    """A listed paper: its rank, and beside it title, then what else there is to say.

    Wrapped here, as rich's tables take a tenth of a search from the shell to import and to draw.
    """
    from rich.text import Text

    from broadsheet.text import plain

    url = output.page_url(paper)
    title = Text(plain(paper.title), style=f"bold link {url}" if url else "bold")
    width = max(1, console.width - _MARGIN)
    rows = [row for line in (title, *lines) if line.plain for row in line.wrap(console, width)]
    for row in rows:
        row.rstrip()
    left = [Text(f"{rank}. ".rjust(_MARGIN), style="dim"), *[Text(" " * _MARGIN)] * (len(rows) - 1)]
    shown = Text("\n").join(Text.assemble(*pair) for pair in zip(left, rows, strict=True))
    console.print(shown, end="\n\n", no_wrap=True, overflow="ignore", crop=False)


def details(*parts: str) -> "Text":
    """What else there is to say of a paper, on one line."""
    from rich.text import Text

    return Text(" · ".join(part for part in parts if part), style="dim")


def _print_hit(console: Any, rank: int, hit: "Hit", *, why: bool) -> None:
    paper = hit.paper
    line = details(output.names(paper), " ".join(paper.categories[:4]), paper.key, f"{hit.score:.3f}")
    lines = [line, _marked(hit.snippet)]
    print_item(console, rank, paper, [*lines, details(_why(hit))] if why else lines)


def _marked(snippet: str) -> "Text":
    from rich.text import Text

    text = Text()
    for i, piece in enumerate(snippet.replace("</mark>", "<mark>").split("<mark>")):
        text.append(piece, style="bold yellow" if i % 2 else "")
    return text


def _why(hit: "Hit") -> str:
    words: Any = hit.why.get("words") or ()
    parts = [f"{w['word']} {w['weight']:.2f}" for w in words]
    cosine = hit.why.get("cosine")
    if isinstance(cosine, float):
        parts.append(f"meaning {cosine:.2f}")
    return "why: " + (", ".join(parts) or "filters only")


def _print_facets(console: Any, facets: Any) -> None:
    for name, counts in facets.items():
        shown = ", ".join(f"{value} {count:,}" for value, count in list(counts.items())[:10])
        console.print(f"{name}: {shown}", markup=False, style="dim")


def print_entry(console: Any, entry: "Entry") -> None:
    """A paper of a ranked list on the terminal."""
    from rich.text import Text

    from broadsheet.text import plain

    paper, summary = entry.paper, plain(entry.paper.abstract)
    line = details(output.names(paper), " ".join(paper.categories[:4]), paper.key, entry.why)
    short = summary if len(summary) <= SUMMARY else summary[:SUMMARY].rsplit(" ", 1)[0] + " …"
    print_item(console, entry.rank, paper, [line, Text(short)])


COMMANDS = {"search": search, "show": show, "edition": edition}
