"""What a benchmark prints: a table in Markdown, with the machine under it."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from math import ceil


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` hold texts ready to print; `note` says what was measured, in a sentence or two."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def markdown(table: Table) -> str:
    """The table as docs/benchmarks.md has it."""
    lines = [f"## {table.title}", ""]
    lines += [table.note, ""] if table.note else []
    lines += ["| " + " | ".join(table.columns) + " |", "|---" + "|--:" * (len(table.columns) - 1) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in table.rows]
    return "\n".join([*lines, "", f"{machine()}.", ""])


def machine() -> str:
    """Cores, memory and the versions that matter, in one line; other load is told, as it spoils absolute times."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    parts = [f"{os.cpu_count()} cores, {memory:.0f} GiB", f"Python {platform.python_version()}"]
    parts += [f"{name} {_version(name)}" for name in ("tantivy", "numpy", "sqlalchemy", "onnxruntime")]
    return ", ".join([*parts, f"load {os.getloadavg()[0]:.1f} when done"])


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def percentile(values: Sequence[float], share: float) -> float:
    """The nearest-rank percentile, `share` between 0 and 1; of times in seconds, say."""
    ranked = sorted(values)
    return ranked[max(0, ceil(round(share * len(ranked), 9)) - 1)]


def ms(seconds: float) -> str:
    """Seconds as milliseconds."""
    return f"{seconds * 1000:.2f}" if seconds < 0.01 else f"{seconds * 1000:.0f}"


def mb(size: float) -> str:
    """Bytes as megabytes of a million."""
    return f"{size / 1e6:,.0f}"


def ratio(value: float, base: float) -> str:
    """How many times the base."""
    return f"{value / base:.2f}x" if base else "-"
