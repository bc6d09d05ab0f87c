"""What the shell waits for: whole processes from start to end, files in the system's cache."""

import subprocess
import sys
import time
from pathlib import Path

from bench import made_library
from bench.report import Table, ms, percentile
from bench.searches import PAPERS, PAPERS_QUICK

TIMES = 20
QUERY = "attention for long documents"


_LIBRARIES = "import typer, sqlite3, tantivy"
"""What a search by words cannot do without; NumPy comes to it for one by meaning."""


def run(*, quick: bool) -> Table:
    """`--help` and searches from the shell, beside Python that does nothing but import what they stand on."""
    count = PAPERS_QUICK if quick else PAPERS
    home = str(made_library.home_of(count))
    command = str(Path(sys.executable).with_name("broadsheet"))
    search = [command, "search", "--home", home]
    kinds: dict[str, tuple[list[str], str]] = {
        "python -c pass": ([sys.executable, "-c", "pass"], ""),
        "import typer": ([sys.executable, "-c", "import typer"], ""),
        "broadsheet --help": ([command, "--help"], "import typer"),
        _LIBRARIES: ([sys.executable, "-c", _LIBRARIES], ""),
        "broadsheet search --mode keyword": ([*search, "--mode", "keyword", QUERY], _LIBRARIES),
        f"{_LIBRARIES}, numpy": ([sys.executable, "-c", f"{_LIBRARIES}, numpy"], ""),
        "broadsheet search --mode semantic": ([*search, "--mode", "semantic", QUERY], f"{_LIBRARIES}, numpy"),
        "broadsheet search --mode hybrid": ([*search, "--mode", "hybrid", QUERY], f"{_LIBRARIES}, numpy"),
    }
    measured = _times({name: line for name, (line, _) in kinds.items()})
    rows = tuple(_row(name, measured[name], measured.get(bare)) for name, (_, bare) in kinds.items())
    note = (
        f"{TIMES} runs of each in turn, each beside Python that only imports the libraries it stands on; "
        f"{count:,} papers, encoder {made_library.ENCODER}, compiled bytecode."
    )
    return Table("From the shell", ("command", "median ms", "p95 ms", "least ms", "to its libraries"), rows, note)


def _row(name: str, values: list[float], bare: list[float] | None) -> tuple[str, ...]:
    median = percentile(values, 0.5)
    ratio = f"{median / percentile(bare, 0.5):.2f}" if bare else ""
    return f"`{name}`", ms(median), ms(percentile(values, 0.95)), ms(min(values)), ratio


def _times(lines: dict[str, list[str]]) -> dict[str, list[float]]:
    """Seconds of whole processes. In turn, so that a machine that slows down slows all of them."""
    measured: dict[str, list[float]] = {name: [] for name in lines}
    environ = {"BROADSHEET_ENCODER": made_library.ENCODER}
    for _ in range(TIMES + 1):
        for name, line in lines.items():
            began = time.perf_counter()
            subprocess.run(line, stdout=subprocess.DEVNULL, check=True, env=environ)
            measured[name].append(time.perf_counter() - began)
    return {name: values[1:] for name, values in measured.items()}  # the first round fills the system's cache
