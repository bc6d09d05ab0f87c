"""Test collections in BEIR form, and rankings in TREC form: reading the one, writing the other, scoring both.

A collection is a folder with `corpus.jsonl` and `queries.jsonl` (either may be packed as .gz) and judgements in
`qrels/test.tsv`, or in the one .tsv file that lies there.
"""

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import IO

from broadsheet.errors import FormatError
from broadsheet.rank.metrics import Judgements, Rankings, evaluate

Scored = Mapping[str, Sequence[tuple[str, float]]]
"""For each query the documents that were found, best first, with their scores."""


@dataclass(frozen=True, slots=True)
class Document:
    """One text of a corpus."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Collection:
    """A test collection; `queries` holds the judged ones only."""

    name: str
    folder: Path
    queries: Mapping[str, str]
    judgements: Judgements

    def corpus(self) -> Iterator[Document]:
        """All documents, streamed. Raises FormatError that names the file and line."""
        for number, line in _lines(_there(self.folder, "corpus.jsonl")):
            try:
                row = json.loads(line)
                yield Document(str(row["_id"]), row.get("title") or "", row.get("text") or "")
            except (ValueError, KeyError, AttributeError) as e:
                raise _bad(self.folder / "corpus.jsonl", number, e) from e


def read_collection(folder: Path) -> Collection:
    """Open a collection. Raises FormatError where a file is missing or cannot be read."""
    judgements = _judgements(_qrels(folder))
    queries: dict[str, str] = {}
    path = _there(folder, "queries.jsonl")
    for number, line in _lines(path):
        try:
            row = json.loads(line)
            queries[str(row["_id"])] = row["text"]
        except (ValueError, KeyError, TypeError) as e:
            raise _bad(path, number, e) from e
    return Collection(
        folder.resolve().name, folder, {q: text for q, text in queries.items() if q in judgements}, judgements
    )


def score(rankings: Scored, collection: Collection, seed: int = 0) -> dict[str, dict[str, float]]:
    """Each metric as value, low and high over the judged queries."""
    plain: Rankings = {query: [doc for doc, _ in found] for query, found in rankings.items()}
    asked = {query: collection.judgements[query] for query in collection.queries}
    return {name: asdict(measure) for name, measure in evaluate(plain, asked, seed).items()}


def trec_run(rankings: Scored, tag: str) -> Iterator[str]:
    """The lines of a TREC run: query, Q0, document, rank, score, tag. Scores fall with rank: scorers sort by them."""
    for query, found in rankings.items():
        last = float("inf")
        for rank, (doc, value) in enumerate(found, 1):
            last = min(value, last - 1e-6)
            yield f"{query} Q0 {doc} {rank} {last:.6f} {tag}\n"


def _qrels(folder: Path) -> Path:
    files = sorted((folder / "qrels").glob("*.tsv"))
    chosen = [f for f in files if f.name == "test.tsv"] or files
    if len(chosen) != 1:
        cause = "has no qrels/test.tsv" if not files else f"has {len(files)} files in qrels/ and none is test.tsv"
        raise FormatError(f"collection {folder}", cause, "give a folder in BEIR form", permanent=True)
    return chosen[0]


def _judgements(path: Path) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for number, line in _lines(path):
        row = line.rstrip("\n").split("\t")
        if number == 1 and row[-1:] == ["score"]:
            continue
        try:
            query, doc, grade = row
            found.setdefault(query, {})[doc] = int(float(grade))
        except ValueError as e:
            raise _bad(path, number, e) from e
    return found


def _there(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise FormatError(f"collection {folder}", f"has no {name}", "give a folder in BEIR form", permanent=True)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with _open(path) as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, line
    except (OSError, EOFError, UnicodeDecodeError) as e:
        raise FormatError(f"{path}", f"cannot be read ({getattr(e, 'strerror', None) or e})", permanent=True) from e


def _open(path: Path) -> IO[str]:
    return TextIOWrapper(gzip.open(path), encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")


def _bad(path: Path, number: int, cause: Exception) -> FormatError:
    return FormatError(f"{path} line {number}", f"is not in BEIR form ({cause!r})", permanent=True)
