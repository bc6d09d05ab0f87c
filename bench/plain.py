"""The baseline for words: tantivy with nothing around it, over the same rows."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import tantivy

from bench.corpus import Json


def schema() -> tantivy.Schema:
    """Title and abstract stemmed, authors and categories, no text stored: what the issue compares with."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("title", stored=False, tokenizer_name="en_stem")
    builder.add_text_field("abstract", stored=False, tokenizer_name="en_stem")
    builder.add_text_field("authors", stored=False)
    builder.add_text_field("categories", stored=False, tokenizer_name="raw")
    builder.add_integer_field("number", stored=False, indexed=False, fast=True)
    return builder.build()


def build(rows: Iterable[Json], folder: Path) -> int:
    """Index the rows in one go; returns how many."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    index = tantivy.Index(schema(), str(folder))
    writer = index.writer()
    count = 0
    for count, row in enumerate(rows, start=1):
        writer.add_document(document(row, count))
    writer.commit()
    writer.wait_merging_threads()
    return count


def document(row: Json, number: int) -> tantivy.Document:
    """A row of a listing or of the snapshot."""
    categories: Any = row["categories"]
    authors: Any = row["authors"]
    return tantivy.Document(
        title=row["title"],
        abstract=row["abstract"],
        authors=authors if isinstance(authors, str) else ", ".join(authors),
        categories=categories.split() if isinstance(categories, str) else categories,
        number=number,
    )
