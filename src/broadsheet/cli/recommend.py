"""The `recommend` command: a reader's list."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from broadsheet.cli import output
from broadsheet.cli.listing import details, print_item, tell
from broadsheet.cli.options import AsJson, Home, OnlyReader, calculate_singly, number, open_library
from broadsheet.errors import UsageError

if TYPE_CHECKING:
    from broadsheet.library.interest.recommendation import Recommendation, Recommended


def recommend(
    reader: OnlyReader = None,
    interest: Annotated[str | None, typer.Option("--interest", help="Only by this interest.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", "-n", min=1, max=1000, help="The most papers.")] = None,
    day: Annotated[
        str | None, typer.Option("--day", metavar="DAY", help="Only papers of this day; with --again: shown on it.")
    ] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="DAY", help="Papers from this day on.")] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Look without being shown: what is listed stays new.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="All that was shown on the last day with a list, as it was shown.")
    ] = False,
    diversity: Annotated[
        float | None,
        typer.Option("--diversity", min=0, max=1, callback=number, help="How different the papers shall be, 0 to 1."),
    ] = None,
    explore: Annotated[
        float | None,
        typer.Option("--explore", min=0, max=0.5, callback=number, help="Share of the list that is drawn by lot."),
    ] = None,
    teach: Annotated[bool, typer.Option("--teach", help="Ask for the marks that would teach most.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List what is new for a reader, nearest to their interests first, each paper once and with the reasons."""
    calculate_singly()
    from broadsheet.library.answers import recommendation_answer
    from broadsheet.library.interest.recommend import recommend
    from broadsheet.library.interest.recommendation import Ask

    if again and (since or teach or (diversity, explore) != (None, None)):
        cause = "repeats what was shown, and --since, --diversity, --explore and --teach make a new list"
        raise UsageError("recommend --again", cause, "leave one or the other out")
    ask = Ask(
        reader=reader,
        interest=interest,
        limit=limit,
        first=_day(since),
        last=_day(day),
        preview=preview,
        again=again,
        diversity=diversity,
        explore=explore,
        teach=teach,
    )
    with open_library(home) as lib, output.progress() as progress:
        if lib.stream.is_due():
            output.say("Learning what papers have in common (some seconds, once and when the library has grown) …")
        made = recommend(lib, ask, progress)
    if as_json:
        output.emit(recommendation_answer(made))
    else:
        _print(made)


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as e:
        raise UsageError(f"day {text!r}", "is no date", "write one such as 2025-11-20") from e


def _print(made: "Recommendation") -> None:
    from broadsheet.text import plain

    days = str(made.last) if made.first == made.last else f"{made.first} to {made.last}"
    span = f" · papers of {days}, {made.candidates:,} looked at" if made.first else ""
    tell((f"{made.reader} · {made.name}", "bold"), (span, ""))
    if made.note:
        tell((made.note, ""))
    tell()
    for entry in made.entries:
        _print_entry(entry)
    if made.asked:
        tell(("A mark on one of these, up or down, would teach most:", "dim"))
        for paper in made.asked:
            tell((f"  {plain(paper.title)}  ({paper.key})", ""))


def _print_entry(entry: "Recommended") -> None:
    chance = "" if entry.probability is None else f"{entry.probability:.0%}"
    paper = entry.paper
    line = details(output.names(paper), " ".join(paper.categories[:3]), paper.key, entry.interest or "", chance)
    lines = [line, *(((f"– {reason}", ""),) for reason in entry.why)]
    if entry.alike:
        lines.append(details(f"tells the same: {', '.join(entry.alike)}"))
    print_item(entry.rank, paper, lines)


COMMANDS = {"recommend": recommend}
