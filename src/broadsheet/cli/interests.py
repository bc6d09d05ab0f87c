"""The `interest` commands: what a reader wants to read about."""

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer

from broadsheet.cli import output
from broadsheet.cli.options import AsJson, Home, OnlyReader, calculate_singly, open_library

if TYPE_CHECKING:
    from rich.console import Console

    from broadsheet.library.interest.profiles import InterestView

app = typer.Typer(
    help="Begin interests from papers, files, authors or words; see what they learnt, and correct it.",
    no_args_is_help=True,
)

Who = Annotated[str, typer.Argument(metavar="READER", help="Whose interest it is.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The interest's name.")]
Papers = Annotated[
    list[str] | None, typer.Option("--seed", "-s", help="A paper it is about: key, id or address; repeatable.")
]
Files = Annotated[
    list[str] | None, typer.Option("--file", "-f", help="A file of references: BibTeX, RIS, CSL-JSON; repeatable.")
]
About = Annotated[list[str] | None, typer.Option("--about", "-a", help="What it is about, in a few words; repeatable.")]
Author = Annotated[
    list[str] | None,
    typer.Option("--author", help="An author to follow, whose papers in the library are seeds; repeatable."),
]
Include = Annotated[
    list[str] | None,
    typer.Option("--include", help="List only papers with this word or phrase (or another --include)."),
]
Exclude = Annotated[
    list[str] | None, typer.Option("--exclude", help="List no paper with this word or phrase; a last * is any ending.")
]
Category = Annotated[
    list[str] | None, typer.Option("--category", "-c", help="List only papers of this category or archive.")
]
Share = Annotated[float | None, typer.Option("--share", help="Its part of a list beside other interests; 1 without.")]
Most = Annotated[int | None, typer.Option("--most", min=1, max=1000, help="The most papers of one list.")]
Least = Annotated[float | None, typer.Option("--least", help="The least probability of a listed paper, from 0 to 1.")]


@app.command()
def add(
    reader: Who,
    name: Name,
    seed: Papers = None,
    file: Files = None,
    about: About = None,
    author: Author = None,
    include: Include = None,
    exclude: Exclude = None,
    category: Category = None,
    share: Share = None,
    most: Most = None,
    least: Least = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Begin an interest; whatever is said of it, marks teach it more."""
    from broadsheet.library.interest.profiles import add_interest
    from broadsheet.rank.profile import Said

    said = Said(
        papers=tuple(seed or ()),
        files=tuple(file or ()),
        about=tuple(about or ()),
        authors=tuple(author or ()),
        include=tuple(include or ()),
        exclude=tuple(exclude or ()),
        categories=tuple(category or ()),
        share=share,
        most=most,
        least=least,
    )
    with open_library(home) as lib, output.progress() as progress:
        view = add_interest(lib, reader, name, said, progress)
    _tell(view, _begun(view), as_json)
    _fail_if_all_dropped(view)


@app.command("list")
def list_(reader: OnlyReader = None, home: Home = None, as_json: AsJson = False) -> None:
    """List a reader's interests."""
    calculate_singly()
    from broadsheet.library.answers import interest_fields
    from broadsheet.library.interest.profiles import list_interests
    from broadsheet.library.readers import find_reader

    with open_library(home) as lib, output.progress() as progress:
        name = find_reader(lib, reader).name
        views = list_interests(lib, name, progress)
    if as_json:
        output.emit({"reader": name, "interests": [interest_fields(view) for view in views]})
        return
    if not views:
        output.tell(f"No interests yet: `broadsheet interest add {name} NAME --about WORDS` begins one.")
        return
    shown = output.table("interest", ">share", ">seeds", ">liked", ">disliked", "most for")
    for v in views:
        report = v.report or {}
        counts = [str(report.get(name, 0)) for name in ("liked", "disliked")]
        words = ", ".join(term for term, _ in report.get("for", [])[:6])
        shown.add_row(v.interest.name, f"{v.interest.share:g}", str(len(v.interest.profile.seeds)), *counts, words)
    output.console().print(shown)


@app.command()
def show(reader: Who, name: Name, home: Home = None, as_json: AsJson = False) -> None:
    """Show what was said of an interest, what teaches it, and what it learnt, in words."""
    calculate_singly()
    from broadsheet.library.answers import interest_fields
    from broadsheet.library.interest.profiles import show_interest

    with open_library(home) as lib, output.progress() as progress:
        view = show_interest(lib, reader, name, progress)
    if as_json:
        output.emit(interest_fields(view))
    else:
        _print(output.console(), view)


@app.command()
def edit(
    reader: Who,
    name: Name,
    rename: Annotated[str | None, typer.Option("--name", help="A new name.")] = None,
    about: About = None,
    author: Author = None,
    include: Include = None,
    exclude: Exclude = None,
    category: Category = None,
    more: Annotated[list[str] | None, typer.Option("--more", help="A term that shall count for a paper.")] = None,
    less: Annotated[list[str] | None, typer.Option("--less", help="A term that shall count against a paper.")] = None,
    ignore: Annotated[list[str] | None, typer.Option("--ignore", help="A term that shall not count at all.")] = None,
    drop: Annotated[
        list[str] | None, typer.Option("--drop", help="Take back a seed, keyword, author, category or term.")
    ] = None,
    share: Share = None,
    position: Annotated[
        int | None, typer.Option("--position", min=1, max=1000, help="Its place among the interests, from 1.")
    ] = None,
    most: Most = None,
    least: Least = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Say more of an interest, take something back, or put right what it learnt."""
    from broadsheet.library.interest.profiles import edit_interest
    from broadsheet.rank.profile import Said

    terms = [(term, weight) for some, weight in ((more, 1.0), (less, -1.0), (ignore, 0.0)) for term in some or ()]
    said = Said(
        about=tuple(about or ()),
        authors=tuple(author or ()),
        include=tuple(include or ()),
        exclude=tuple(exclude or ()),
        categories=tuple(category or ()),
        terms=tuple(terms),
        drop=tuple(drop or ()),
        share=share,
        most=most,
        least=least,
        position=position,
        name=rename,
    )
    with open_library(home) as lib, output.progress() as progress:
        view = edit_interest(lib, reader, name, said, progress)
    _tell(view, f"{view.interest.name}: changed", as_json)


@app.command()
def seed(
    reader: Who,
    name: Name,
    papers: Annotated[
        list[str] | None, typer.Argument(metavar="PAPERS...", help="Papers by key, id or address.")
    ] = None,
    file: Files = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Name more papers that an interest is about; those that the library lacks come into it."""
    from broadsheet.errors import UsageError
    from broadsheet.library.interest.profiles import edit_interest
    from broadsheet.rank.profile import Said

    if not papers and not file:
        raise UsageError(
            "interest seed", "no paper and no file is named", "name papers by id or address, or a file with --file"
        )
    with open_library(home) as lib, output.progress() as progress:
        view = edit_interest(lib, reader, name, Said(papers=tuple(papers or ()), files=tuple(file or ())), progress)
    _tell(view, f"{view.interest.name}: {output.count(len(view.interest.profile.seeds), 'seed')}", as_json)
    _fail_if_all_dropped(view)


@app.command()
def reset(
    reader: Who,
    name: Name,
    everything: Annotated[bool, typer.Option("--all", help="Also forget seeds, words and keywords.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Let an interest begin again: marks given until now teach it nothing (they stay marks)."""
    from broadsheet.library.interest.profiles import reset_interest

    with open_library(home) as lib:
        view = reset_interest(lib, reader, name, everything=everything)
    _tell(view, f"{view.interest.name}: begins again", as_json)


@app.command()
def remove(reader: Who, name: Name, home: Home = None, as_json: AsJson = False) -> None:
    """Forget an interest; the reader's marks stay. `interest export` keeps a copy."""
    from broadsheet.library.interest.profiles import remove_interest

    with open_library(home) as lib:
        gone = remove_interest(lib, reader, name)
    output.answer(
        {"reader": reader, "interest": gone.name}, f"{gone.name} is forgotten; the marks stay", as_json=as_json
    )


@app.command()
def feed(
    reader: Who,
    name: Name,
    off: Annotated[bool, typer.Option("--off", help="Take the address back instead.")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Give an interest a feed at a secret address and print it; an address that it had before ends."""
    from broadsheet.library.interest.feed import set_feed

    with open_library(home) as lib:
        link = set_feed(lib, reader, name, on=not off)
    output.answer(
        {"reader": reader, "interest": name, "feed": link}, link or f"{name} has no feed any more", as_json=as_json
    )


@app.command()
def export(
    reader: Who,
    name: Name,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="Where to write it, such as bees.json; - is stdout.")
    ] = "-",
    home: Home = None,
) -> None:
    """Write an interest to a JSON file: what was said, and the marks that teach it."""
    from broadsheet.library.interest.file import export_interest

    with open_library(home) as lib:
        doc = export_interest(lib, reader, name)
    if file == "-":
        output.emit(doc)
        return
    output.write_json(Path(file), doc)
    output.tell(f"{doc['name']} written to {file}")


@app.command("import")
def import_(
    reader: Who,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `interest export` wrote.")],
    name: Annotated[str | None, typer.Option("--name", help="Call it otherwise.")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Take in an interest from a file."""
    from broadsheet.library.interest.file import import_interest

    with open_library(home) as lib, output.progress() as progress:
        view = import_interest(lib, reader, file, name=name, progress=progress)
    _tell(view, f"{view.interest.name} begun with {output.count(len(view.interest.profile.seeds), 'seed')}", as_json)


def _begun(view: "InterestView") -> str:
    name, profile = view.interest.name, view.interest.profile
    if profile == type(profile)():
        way = f"`broadsheet mark {view.reader} PAPER up --interest {quote(name)}` or `broadsheet interest edit`"
        return f"{name} begun; it lists nothing before it knows something: {way} tells it"
    seeds = f", with {output.count(len(profile.seeds), 'paper')} to learn from" if profile.seeds else ""
    return f"{name} begun{seeds}; `broadsheet recommend {view.reader}` lists what it finds"


def _tell(view: "InterestView", sentence: str, as_json: bool) -> None:
    from broadsheet.library.answers import interest_fields

    output.left_out(view.dropped)
    output.answer(interest_fields(view), sentence, as_json=as_json)
    if view.unheard and not as_json:
        texts = ", ".join(f"“{text}”" for text in view.unheard)
        output.tell(f"papers here have hardly any word of {texts}: that teaches it nothing before some come that do")
    if view.fetched and not as_json:
        output.tell(f"{output.count(view.fetched, 'paper')} came into the library for it")
    output.end_of_files(view.dropped)


def _fail_if_all_dropped(view: "InterestView") -> None:
    if view.dropped and not view.taken:
        raise typer.Exit(1)


def _print(console: "Console", view: "InterestView") -> None:
    from rich.text import Text

    from broadsheet.text import plain

    console.print(Text(f"{view.interest.name} · {view.reader}", style="bold"))
    for label, value in _facts(view):
        console.print(Text.assemble((f"{label:<12} ", "dim"), value))
    for paper, sign, is_seed in view.examples[:20]:
        mark = "seed" if is_seed else "liked" if sign > 0 else "disliked"
        console.print(Text.assemble((f"{mark:<12} ", "dim"), f"{plain(paper.title)}  ({paper.key})"))
    if len(view.examples) > 20:
        console.print(Text(f"and {output.count(len(view.examples) - 20, 'paper')} more", style="dim"))


def _facts(view: "InterestView") -> list[tuple[str, str]]:
    profile, report = view.interest.profile, view.report or {}
    facts: list[tuple[str, Any]] = [
        ("about", "; ".join(profile.about)),
        ("not known", view.unheard and f"{'; '.join(view.unheard)}  (papers here have hardly any word of it)"),
        ("only with", ", ".join(profile.include)),
        ("never with", ", ".join(profile.exclude)),
        ("only in", " ".join(profile.categories)),
        ("follows", ", ".join(profile.authors)),
        ("put right", ", ".join(f"{term} {weight:+g}" for term, weight in profile.terms)),
        ("since", f"{profile.since:%Y-%m-%d %H:%M} UTC" if profile.since else ""),
        ("share", f"{view.interest.share:g}"),
        ("learnt for", ", ".join(f"{term} {weight:+.3f}" for term, weight in report.get("for", []))),
        ("against", ", ".join(f"{term} {weight:+.3f}" for term, weight in report.get("against", []))),
        ("categories", ", ".join(f"{name} {weight:+.3f}" for name, weight in report.get("categories", [])[:6])),
        ("taught by", _taught_by(report)),
        ("last change", f"{report['churn']:.0%} of its first 20 papers" if report.get("churn") is not None else ""),
    ]
    return [(label, value) for label, value in facts if value]


def _taught_by(report: Any) -> str:
    seeds = [output.count(report["seeds"], "seed")] if report.get("seeds") else []
    return ", ".join([*seeds, *(f"{report[name]} {name}" for name in ("liked", "disliked") if report.get(name))])
