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


def run(*, quick: bool) -> Table:
    """`--help` and searches from the shell, beside Python that does nothing."""
    count = PAPERS_QUICK if quick else PAPERS
    home = str(made_library.home_of(count))
    command = str(Path(sys.executable).with_name("broadsheet"))
    kinds = {"python -c pass": [sys.executable, "-c", "pass"], "broadsheet --help": [command, "--help"]}
    for mode in ("keyword", "semantic", "hybrid"):
        kinds[f"broadsheet search --mode {mode}"] = [command, "search", "--home", home, "--mode", mode, QUERY]
    measured = {name: _times(line) for name, line in kinds.items()}
    rows = tuple(
        (f"`{name}`", ms(percentile(values, 0.5)), ms(percentile(values, 0.95)), ms(min(values)))
        for name, values in measured.items()
    )
    note = (
        f"{TIMES} runs each, one after the other; {count:,} papers, encoder {made_library.ENCODER}, compiled bytecode."
    )
    return Table("From the shell", ("command", "median ms", "p95 ms", "least ms"), rows, note)


def _times(line: list[str]) -> list[float]:
    measured = []
    for _ in range(TIMES + 2):
        began = time.perf_counter()
        subprocess.run(line, stdout=subprocess.DEVNULL, check=True, env={"BROADSHEET_ENCODER": made_library.ENCODER})
        measured.append(time.perf_counter() - began)
    return measured[2:]
