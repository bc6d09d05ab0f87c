"""Papers to measure on: the real listings, and any number of rows made by recombining their sentences.

A made row has half the title of one paper and half of another, and an abstract of eight sentences of eight papers, so
its words and lengths are those of real papers and no two rows are the same work. The seed is fixed: a file of the same
length is the same on every machine.
"""

import gzip
import io
import os
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import orjson
import zstandard

from bench.isolate import ROOT

SCRATCH = Path(os.environ.get("BROADSHEET_BENCH", ROOT / ".bench"))
SHARED = Path(os.environ.get("BROADSHEET_SHARED", ROOT.parent / "shared"))
LISTING = SHARED / "data" / "arxiv_listings" / "2025.jsonl.gz"
SEED = 20251120
SENTENCES = 8
IDS_A_MONTH = 10_000  # arXiv's ids have five digits in a month; so many months from 2015-01 on

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Material:
    """What rows are made of, taken from the real papers."""

    titles: list[list[str]]
    sentences: list[str]
    people: list[str]
    categories: list[list[str]]


def listing_rows(most: int | None = None) -> Iterator[Json]:
    """The rows of the real listing, in the file's order."""
    if not LISTING.is_file():
        raise SystemExit(f"bench: {LISTING} is missing; it needs the folder `shared` beside the checkout")
    with gzip.open(LISTING, "rb") as lines:
        for number, line in enumerate(lines):
            if number == most:
                return
            yield orjson.loads(line)


def made_rows(count: int) -> Iterator[Json]:
    """Rows in the format of arXiv's metadata snapshot."""
    chance = random.Random(SEED)
    material = _material()
    for number in range(count):
        yield _row(number, material, chance)


def made_file(count: int) -> Path:
    """The file of so many made rows, written if it is not there."""
    path = SCRATCH / f"made-{count}.jsonl.zst"
    if not path.exists():
        SCRATCH.mkdir(exist_ok=True)
        partial = path.with_suffix(".partial")
        with partial.open("wb") as raw, zstandard.ZstdCompressor(level=1).stream_writer(raw) as packed:
            lines = io.BufferedWriter(cast(io.RawIOBase, packed), 1 << 20)
            for row in made_rows(count):
                lines.write(orjson.dumps(row) + b"\n")
            lines.flush()
        partial.rename(path)
    return path


def made_rows_of(path: Path) -> Iterator[Json]:
    """The rows of a made file again."""
    with path.open("rb") as raw, zstandard.ZstdDecompressor().stream_reader(raw) as packed:
        for line in io.BufferedReader(cast(io.RawIOBase, packed), 1 << 20):
            yield orjson.loads(line)


@cache
def _material() -> Material:
    papers = {row["id"]: row for row in listing_rows()}
    rows = [papers[key] for key in sorted(papers)]
    sentences = [s for row in rows for s in re.split(r"(?<=[.!?])\s+", row["abstract"]) if 40 < len(s) < 400]
    return Material(
        titles=[words for row in rows if len(words := row["title"].split()) >= 4],
        sentences=sentences,
        people=sorted({name for row in rows for name in row["authors"]}),
        categories=[row["categories"] for row in rows if row["categories"]],
    )


def _row(number: int, material: Material, chance: random.Random) -> Json:
    month, position = divmod(number, IDS_A_MONTH)
    year, month = 2015 + month // 12, month % 12 + 1
    first, second = chance.choice(material.titles), chance.choice(material.titles)
    people = chance.sample(material.people, chance.randint(1, 6))
    day = f"{position * 28 // IDS_A_MONTH + 1:02}"
    moment = f"{day} {_MONTHS[month - 1]} {year} 12:00:00 GMT"
    return {
        "id": f"{year % 100:02}{month:02}.{position + 1:05}",
        "authors": ", ".join(people),
        "title": " ".join(first[: len(first) // 2] + second[len(second) // 2 :]),
        "comments": None,
        "journal-ref": None,
        "doi": None,
        "categories": " ".join(chance.choice(material.categories)),
        "license": "http://creativecommons.org/licenses/by/4.0/",
        "abstract": " ".join(chance.choices(material.sentences, k=SENTENCES)),
        "versions": [{"version": "v1", "created": moment}],
        "update_date": f"{year}-{month:02}-{day}",
        "authors_parsed": [[family, given, ""] for given, _, family in (name.rpartition(" ") for name in people)],
    }


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
