"""A library of N made papers with all its indexes, and bare tantivy over the same rows: built once and kept."""

import shutil
from pathlib import Path

from bench import corpus, plain
from bench.isolate import isolated
from broadsheet import config
from broadsheet.library.handle import Library

ENCODER = "wordllama"


def home_of(count: int) -> Path:
    """The home of a library of so many made papers, built if it is not there (a million take a quarter of an hour)."""
    home = corpus.SCRATCH / f"library-{count}"
    done = home / "complete"
    if not done.exists():
        shutil.rmtree(home, ignore_errors=True)
        file = str(corpus.made_file(count))
        isolated("bench.imports", "through_the_library", file=file, home=str(home), encoder=ENCODER)
        done.touch()
    return home


def bare_of(count: int) -> Path:
    """The folder of bare tantivy over the same rows, built if it is not there."""
    folder = corpus.SCRATCH / f"bare-{count}"
    done = folder / "complete"
    if not done.exists():
        plain.build(corpus.made_rows_of(corpus.made_file(count)), folder)
        done.touch()
    return folder


def library(home: Path, encoder: str = ENCODER) -> Library:
    """The library of a home, under default settings but the encoder."""
    return Library(config.load({}, home=home, options={"encoder": encoder}))
