"""The status page on the terminal."""

from typing import TYPE_CHECKING, Any

from broadsheet.cli import output, runs

if TYPE_CHECKING:
    from rich.console import Console


def print_status(console: "Console", answer: dict[str, Any], place: str) -> None:
    """Papers and where they are, problems, sources, indexes, recent runs, settings."""
    console.print(f"[bold]{output.count(answer['papers'], 'paper')}[/bold] in {place}", soft_wrap=True)
    for problem in answer["problems"]:
        console.print(f"problem: {problem}", style="bold red", markup=False)
    for print_part in (_print_sources, _print_indexes, _print_mail, _print_outlets, _print_runs, _print_settings):
        print_part(console, answer)


def _print_sources(console: "Console", answer: dict[str, Any]) -> None:
    shown = runs.table("Sources", ("last asked", "due"))
    for s in answer["sources"]:
        asked = runs.minute(s["ended"] or s["started"])
        shown.add_row(s["source"], s["state"], asked, "now" if s["due"] else "", runs.outcome(s))
    console.print(shown)


def _print_indexes(console: "Console", answer: dict[str, Any]) -> None:
    shown = output.table("index", "state", ">papers", ">behind", title="Indexes")
    for i in answer["indexes"]:
        unknown = i["state"] in ("damaged", "unreadable")
        counts = ("", "") if unknown else (f"{i['count']:,}", f"{i['behind']:,}")
        shown.add_row(i["name"], i["state"], *counts)
    console.print(shown)


def _print_mail(console: "Console", answer: dict[str, Any]) -> None:
    mail = answer["mail"]
    if not any(mail["readers"].values()) and not mail["sent"] and not mail["queued"]:
        return
    readers = ", ".join(f"{many:,} {state}" for state, many in mail["readers"].items() if many)
    counts = ", ".join(f"{mail[n]:,} {n.replace('_', ' ')}" for n in ("queued", "sent_today", "uncertain", "failed"))
    console.print(f"[bold]Mail[/bold]: digests of readers: {readers or 'none'}; mails: {counts}")
    if mail["in_hand"]["mails"]:
        until = mail["in_hand"]["until"][11:16]
        console.print(
            f"{mail['in_hand']['mails']:,} of the queued are in the hands of a process, until {until} at most"
        )
    back = mail["returned"]
    if back["last"]:
        dropped = ", ".join(f"{many:,} that {reason}" for reason, many in back["dropped"].items())
        console.print(
            f"what came back, last read {back['last'].replace('T', ' ')}: {back['failed']:,} undeliverable, "
            f"{back['delayed']:,} delayed; dropped: {dropped or 'none'}",
            markup=False,
        )
    if mail["trouble"]:
        shown = output.table(">mail", "state", "when", ">tries", "said")
        for t in mail["trouble"]:
            shown.add_row(str(t["id"]), t["state"], runs.minute(t["at"]), str(t["tries"]), t["said"])
        console.print(shown)


def _print_outlets(console: "Console", answer: dict[str, Any]) -> None:
    there = answer["outlets"]
    if not there["outlets"]:
        return
    names = ("suspended", "queued", "sent_today", "uncertain", "failed")
    counts = ", ".join(f"{there[n]:,} {n.replace('_', ' ')}" for n in names)
    console.print(f"[bold]Outlets[/bold]: {there['outlets']:,}; {counts}")
    if there["trouble"]:
        shown = output.table(">no.", "kind", "state", "when", ">tries", "said")
        for t in there["trouble"]:
            shown.add_row(str(t["id"]), t["kind"], t["state"], runs.minute(t["at"]), str(t["tries"]), t["said"])
        console.print(shown)


def _print_runs(console: "Console", answer: dict[str, Any]) -> None:
    shown = runs.table("Last runs", ("started",))
    for r in answer["runs"]:
        shown.add_row(r["source"], r["state"], runs.minute(r["started"]), runs.outcome(r))
    console.print(shown)


def _print_settings(console: "Console", answer: dict[str, Any]) -> None:
    shown = output.table("setting", "value", "from", title="Settings")
    for name, s in answer["settings"].items():
        value = " ".join(s["value"]) if isinstance(s["value"], list) else str(s["value"])
        shown.add_row(name, value, s["from"])
    console.print(shown)
