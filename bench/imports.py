"""How fast papers come in, and in how much memory: beside bare tantivy over the same rows, and over a long file."""

import tempfile
from pathlib import Path

from bench import corpus, plain
from bench.isolate import Measured, isolated
from bench.report import Table, mb, ratio

QUICK_ROWS = 5_000
ASKED = "Asked of store + words: 4,000 rows/s and 0.33 of bare tantivy's rate."
MEMORY = "Peak memory is that of all processes together, pages of mapped files included; asked is less than 400 MB."
LONG, LONG_QUICK = 1_000_000, 50_000


def bare(most: int | None, folder: str) -> int:
    """Bare tantivy over the listing's rows."""
    return plain.build(corpus.listing_rows(most), Path(folder))


def through_the_library(file: str, home: str, encoder: str) -> dict[str, int]:
    """Import the file into a new library, indexes and all."""
    from broadsheet import config
    from broadsheet.library.handle import Library
    from broadsheet.library.harvest.import_ import import_files

    with Library(config.load({}, home=Path(home), options={"encoder": encoder})) as lib:
        report = import_files(lib, [file])
        counts = report.counts
        return {"new": counts.new, "changed": counts.changed, "same": counts.same, "merged": counts.merged}


def run(*, quick: bool) -> Table:
    """The whole 2025 listing, three ways."""
    most = QUICK_ROWS if quick else None
    with tempfile.TemporaryDirectory(dir=_scratch()) as scratch:
        file = _listing_file(most, Path(scratch))
        baseline = isolated("bench.imports", "bare", most=most, folder=f"{scratch}/bare")
        rows = [_row("bare tantivy", baseline.value, baseline, baseline)]
        for encoder, name in (("none", "store + words"), ("wordllama", "store + words + meaning (wordllama)")):
            done = isolated(
                "bench.imports", "through_the_library", file=str(file), home=f"{scratch}/{encoder}", encoder=encoder
            )
            rows.append(_row(name, baseline.value, done, baseline))
            told = done.value
    note = (
        f"{baseline.value:,} rows of arXiv's listings of 2025, each way in its own process; at the end: {_told(told)}."
    )
    columns = ("what", "rows/s", "rate of bare tantivy", "seconds", "CPU seconds", "peak MB", "without files MB")
    return Table("Import", columns, tuple(rows), f"{note} {ASKED} {MEMORY}")


def run_long(*, quick: bool) -> Table:
    """A file of a million rows: memory must not grow with the length."""
    rows = []
    told: dict[str, int] = {}
    for count in (LONG_QUICK // 10, LONG_QUICK) if quick else (LONG // 10, LONG):
        file = corpus.made_file(count)
        with tempfile.TemporaryDirectory(dir=_scratch()) as scratch:
            done = isolated("bench.imports", "through_the_library", file=str(file), home=scratch, encoder="none")
            size = sum(f.stat().st_size for f in Path(scratch).rglob("*") if f.is_file())
        rate = (f"{count / done.seconds:,.0f}", f"{done.seconds:,.0f}", f"{done.cpu:,.0f}")
        rows.append((f"{count:,}", *rate, mb(done.peak), mb(done.own), mb(size)))
        told = done.value
    note = f"Rows like arXiv's snapshot, made by recombining sentences; store + words. At the end: {_told(told)}."
    columns = ("rows", "rows/s", "seconds", "CPU seconds", "peak MB", "without files MB", "home MB")
    return Table("Import of a long file", columns, tuple(rows), f"{note} {MEMORY}")


def _row(name: str, count: int, done: Measured, baseline: Measured) -> tuple[str, ...]:
    rate, base = count / done.seconds, count / baseline.seconds
    spent = (f"{done.seconds:.1f}", f"{done.cpu:.1f}")
    return (name, f"{rate:,.0f}", ratio(rate, base), *spent, mb(done.peak), mb(done.own))


def _told(counts: dict[str, int]) -> str:
    return ", ".join(f"{number:,} {name}" for name, number in counts.items())


def _scratch() -> Path:
    corpus.SCRATCH.mkdir(exist_ok=True)
    return corpus.SCRATCH


def _listing_file(most: int | None, scratch: Path) -> Path:
    if most is None:
        return corpus.LISTING
    import orjson

    path = scratch / "listing.jsonl"
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in corpus.listing_rows(most)))
    return path
