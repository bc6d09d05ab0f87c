"""Commands that show papers: search, show, edition."""

import re
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from broadsheet.cli import output
from broadsheet.cli.listing import print_entry, print_hit, tell
from broadsheet.cli.options import AsJson, Home, open_library
from broadsheet.types import SearchMode, SearchSort, Sort

MOST_HITS = 1_000
_NUMBER = re.compile(r"-n(-?\d+)?")


class Search(TyperCommand):
    """`-survey` means "without survey", so Typer may know no short options here: it would take `-nature` for one.

    `-n 3` and `-n3` are spelt out before it sees them; another letter alone was meant as an option. Behind `--` all are
    words, whatever they look like.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        end = args.index("--") if "--" in args else len(args)
        return super().parse_args(ctx, [part for word in args[:end] for part in _spelt_out(word)] + args[end:])


def search(
    query: Annotated[
        list[str],
        typer.Argument(
            metavar="QUERY...", help='Words, "a phrase", -not, author:, cat:, title:, since:2026-01, prefix*.'
        ),
    ],
    mode: Annotated[SearchMode, typer.Option("--mode", help="By words, by meaning, or both.")] = "hybrid",
    limit: Annotated[int, typer.Option("--limit", min=1, max=MOST_HITS, help="How many hits; or `-n NUMBER`.")] = 10,
    offset: Annotated[int, typer.Option("--offset", min=0, help="Skip this many hits.")] = 0,
    after: Annotated[str | None, typer.Option("--next", help="The `next` token of the page before.")] = None,
    sort: Annotated[SearchSort, typer.Option("--sort", help="Order of the hits.")] = "relevance",
    facets: Annotated[bool, typer.Option("--facets", help="Count the hits by category, year and source.")] = False,
    why: Annotated[bool, typer.Option("--why", help="Say for each hit why it was found.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Find papers by words and by meaning."""
    from broadsheet.library.find import SearchAsk, lacking, search

    ask = SearchAsk(" ".join(query), mode, limit, offset, after, sort, facets or as_json)
    with open_library(home) as lib:
        result = search(lib, ask)
        if as_json:
            from broadsheet.library.answers import search_answer

            output.emit(search_answer(result))
            return
        for note in result.notes:
            output.say(f"note: {note}")
        if not result.hits:
            tell((f"Nothing found for {result.parsed or ask.query}.", ""))
            if id := lacking(result):
                tell((f"`broadsheet import {id}` asks arXiv for it.", ""))
        if result.suggestion:
            tell((f"Did you mean: {result.suggestion}", ""))
        if not result.hits:
            return
        for rank, hit in enumerate(result.hits, start=offset + 1):
            print_hit(rank, hit, why=why)
        if facets:
            _print_facets(result.facets)
        shown = f"{offset + 1}-{offset + len(result.hits)} of {result.total:,}"
        tell((f"{shown} · {result.mode} · {result.seconds * 1000:.0f} ms", "dim"))


def _spelt_out(word: str) -> list[str]:
    if number := _NUMBER.fullmatch(word):
        return ["--limit", number[1]] if number[1] else ["--limit"]
    if len(word) == 2 and word[0] == "-" and word[1].isalpha():
        raise typer.BadParameter(f"there is no option {word}, write it in full, such as --limit")
    return [word]


def show(
    key: Annotated[
        str, typer.Argument(metavar="KEY", help="A paper's key or any of its ids, such as arxiv:2405.15738 or a DOI.")
    ],
    related: Annotated[int, typer.Option("--related", min=0, max=50, help="How many related papers to list.")] = 5,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Show one paper: every field, its signals over time, and what is like it."""
    from broadsheet.cli.paper import print_paper
    from broadsheet.library.answers import show_answer
    from broadsheet.library.papers.show import show

    with open_library(home) as lib:
        view = show(lib, key, related=related)
    if as_json:
        output.emit(show_answer(view))
    else:
        print_paper(view)


def edition(
    when: Annotated[
        str | None,
        typer.Argument(metavar="[DAY|WEEK|MONTH]", help="2025-11-20, 2025-W47 or 2025-11; the newest without."),
    ] = None,
    sort: Annotated[Sort, typer.Option("--sort", help="Order of the papers.")] = "trending",
    category: Annotated[
        list[str] | None, typer.Option("--category", "-c", help="Only these categories or archives.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=0, help="How many papers; 0 is all.")] = 20,
    reader: Annotated[
        str | None, typer.Option("--reader", help="Whose order --sort mine is; what they hid is not in it.")
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List the papers of a day, week or month in ranked order."""
    from broadsheet.library.answers import edition_answer
    from broadsheet.library.editions.edition import edition
    from broadsheet.library.readers import find_reader

    with open_library(home) as lib:
        if sort == "mine":
            reader = find_reader(lib, reader).name
        found = edition(
            lib,
            when,
            sort=sort,
            categories=tuple(category or ()),
            limit=None if limit == 0 else limit,
            reader=reader,
        )
    if as_json:
        output.emit(edition_answer(found))
        return
    tell((found.name, "bold"), (f" · {output.count(found.total, 'paper')} · sorted by {found.sort}", ""))
    if found.note:
        tell((found.note, ""))
    for entry in found.entries:
        print_entry(entry)
    if len(found.entries) < found.total:
        tell((f"{len(found.entries)} of {found.total:,}; --limit 0 lists all.", "dim"))


def _print_facets(facets: Any) -> None:
    for name, counts in facets.items():
        shown = ", ".join(f"{value} {count:,}" for value, count in list(counts.items())[:10])
        tell((f"{name}: {shown}", "dim"))


COMMANDS = {"search": search, "show": show, "edition": edition}
