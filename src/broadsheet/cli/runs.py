"""Runs of sources on the terminal: each on a row that is whole on 80 columns."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from broadsheet.cli import output

if TYPE_CHECKING:
    from rich.table import Table

REASONS = 3
"""Of what was dropped, so many reasons are named; `--json` has all."""


def table(title: str, columns: tuple[str, ...] = ()) -> "Table":
    """Empty, for rows of a source, its state, what else the columns say, and what became of the run."""
    made = output.table("source", "state", *columns, "what came of it", title=title)
    for column in made.columns[:-1]:
        column.no_wrap = True
    return made


def outcome(run: Mapping[str, Any]) -> str:
    """What a run brought, dropped and had to say, of its JSON in `pull` or `status`: `220 new, 1 dropped: no title`."""
    counts = [f"{run[name]:,} {name}" for name in ("new", "changed", "same", "merged") if run[name]]
    if run["dropped_total"]:
        counts.append(f"{run['dropped_total']:,} dropped{_reasons(run['drops'])}")
    said = run.get("error") or run["note"]
    if not (counts or said):
        return "nothing new" if run["state"] == "ok" else ""
    return "; ".join([*([", ".join(counts)] if counts else []), *([said] if said else [])])


def _reasons(drops: Mapping[str, int]) -> str:
    most = sorted(drops.items(), key=lambda row: -row[1])
    named = [f"{reason} ({many:,})" if len(most) > 1 else reason for reason, many in most[:REASONS]]
    return f": {', '.join(named)}{', …' if len(most) > REASONS else ''}" if named else ""


def minute(moment: str | None) -> str:
    """A moment of the JSON to the minute, as a table has it."""
    return moment[:16].replace("T", " ") if moment else "never"
