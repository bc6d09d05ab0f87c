"""Pairs of records labelled as one work or two: how well a way to tell them apart does, with intervals.

A folder holds `pairs.jsonl.gz` (pair, a, b; each record has title, authors, abstract, year) and `truth.tsv` (pair,
label, hard). A way to tell is a function of two works to a score; .5 and more means one work. The simple ways that
others use are here as baselines.
"""

import csv
import gzip
import html
import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np

from broadsheet.errors import FormatError
from broadsheet.rank.metrics import RESAMPLES, Measure
from broadsheet.types import Author, Work

if TYPE_CHECKING:
    from numpy.typing import NDArray

Score = Callable[[Work, Work], float]

Measures = dict[str, dict[str, float]]
"""For each metric `value`, `low` and `high`."""

THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class Pair:
    """Two works, whether they are one, and whether that is hard to see (their titles differ, or they are two)."""

    id: str
    a: Work
    b: Work
    same: bool
    hard: bool


def read_pairs(folder: Path) -> list[Pair]:
    """The labelled pairs of a folder, in the order of its pairs. Raises FormatError that names the file."""
    truth = {row["pair"]: row for row in _truth(folder / "truth.tsv")}
    pairs = []
    for number, row in enumerate(_rows(folder / "pairs.jsonl.gz"), 1):
        try:
            label = truth[row["pair"]]
            works = _work(row["a"]), _work(row["b"])
            pairs.append(Pair(row["pair"], *works, label["label"] == "1", label["hard"] == "1"))
        except (KeyError, TypeError, AttributeError, ValueError) as e:
            raise FormatError(f"{folder / 'pairs.jsonl.gz'} line {number}", f"is no labelled pair ({e!r})") from e
    return pairs


def _truth(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    except (OSError, UnicodeDecodeError, csv.Error) as e:
        raise FormatError(
            str(path),
            f"cannot be read ({getattr(e, 'strerror', None) or e})",
            "give a folder with pairs.jsonl.gz and truth.tsv",
        ) from e
    if not rows or not {"pair", "label", "hard"} <= rows[0].keys():
        raise FormatError(str(path), "has no columns pair, label and hard")
    return rows


def _rows(path: Path) -> Iterator[Any]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)
    except (OSError, EOFError, ValueError) as e:
        raise FormatError(
            str(path),
            f"cannot be read ({getattr(e, 'strerror', None) or e})",
            "give a folder with pairs.jsonl.gz and truth.tsv",
        ) from e


def _work(row: Mapping[str, Any]) -> Work:
    year = row.get("year")
    return Work(
        title=row["title"],
        abstract=row.get("abstract") or "",
        authors=tuple(Author(name) for name in row.get("authors") or ()),
        published=datetime(int(year), 1, 1, tzinfo=UTC) if year else None,
    )


def predict(pairs: Sequence[Pair], score: Score) -> "NDArray[np.float64]":
    """The score of each pair."""
    return np.array([score(pair.a, pair.b) for pair in pairs], dtype=np.float64)


def measure(pairs: Sequence[Pair], scores: "NDArray[np.float64]", seed: int = 0) -> Measures:
    """Precision, recall, F1 and recall of the hard positives, with 95 % intervals of resampled pairs (Efron 1979)."""
    same = np.array([pair.same for pair in pairs], dtype=bool)
    hard = np.array([pair.hard for pair in pairs], dtype=bool)
    said = scores >= THRESHOLD
    positives = [hard & said, hard & ~said, ~hard & said, ~hard & ~said]
    kinds = [*(same & kind for kind in positives), ~same & said, ~same & ~said]
    counts = np.array([int(kind.sum()) for kind in kinds])
    drawn = np.random.default_rng(seed).multinomial(len(pairs), counts / max(1, len(pairs)), RESAMPLES)
    values, resampled = _rates(counts[None, :]), _rates(drawn)
    return {name: asdict(_interval(float(values[name][0]), resampled[name])) for name in values}


def _interval(value: float, resampled: "NDArray[np.float64]") -> Measure:
    low, high = np.percentile(resampled, [2.5, 97.5])
    return Measure(value, float(low), float(high))


def _rates(counts: "NDArray[np.int64]") -> dict[str, "NDArray[np.float64]"]:
    """The metrics of rows of counts; nothing said to be one work has precision 1, nothing to find recall 0."""
    hard_hit, hard_miss, hit, miss, wrong, _ = counts.T
    true, positive = hard_hit + hit, hard_hit + hard_miss + hit + miss
    precision = np.where(true + wrong > 0, true / np.maximum(1, true + wrong), 1.0)
    recall = true / np.maximum(1, positive)
    return {
        "precision": precision,
        "recall": recall,
        "f1": 2 * true / np.maximum(1, true + wrong + positive),
        "hard_recall": hard_hit / np.maximum(1, hard_hit + hard_miss),
    }


def evaluate(
    pairs: Sequence[Pair], methods: Mapping[str, Score], seed: int = 0
) -> dict[str, dict[str, dict[str, float]]]:
    """The measures of each method; the same pairs are drawn for all."""
    return {name: measure(pairs, predict(pairs, score), seed) for name, score in methods.items()}


def predictions(pairs: Sequence[Pair], scores: Sequence[float]) -> list[str]:
    """Lines of a table of pairs and scores, header first, as the protocol's scorer reads them."""
    return ["pair\tscore\n", *(f"{pair.id}\t{score:.6g}\n" for pair, score in zip(pairs, scores, strict=True))]


def _words(text: str) -> list[str]:
    folded = unicodedata.normalize("NFKD", html.unescape(text)).encode("ascii", "ignore").decode().lower()
    return re.findall(r"[a-z0-9]+", folded)


def _person(name: str) -> tuple[str, str]:
    """Surname and initial as the protocol's baseline takes them."""
    folded = unicodedata.normalize("NFKD", html.unescape(name)).encode("ascii", "ignore").decode().lower()
    folded = re.sub(r"\([^)]*\)?", "", folded).strip(" ,")
    last, comma, given = folded.partition(",")
    found = re.findall(r"[a-z]+", f"{given} {last}" if comma else folded)
    return (found[-1], found[0][0]) if found else ("", "")


def title(a: Work, b: Work) -> float:
    """One work if the words of the titles are the same."""
    return float(_words(a.title) == _words(b.title))


def title_author(a: Work, b: Work) -> float:
    """One work if the words of the titles and the first authors are the same."""
    if not (a.authors and b.authors):
        return 0.0
    return title(a, b) * float(_person(a.authors[0].name) == _person(b.authors[0].name))


FUZZY = 0.7  # title Jaccard from which the protocol's fuzzy baseline says one work


def fuzzy_title(a: Work, b: Work) -> float:
    """The Jaccard index of the titles' words, scaled so that .7 of it is .5."""
    one, other = set(_words(a.title)), set(_words(b.title))
    alike = len(one & other) / max(1, len(one | other))
    return THRESHOLD * alike / FUZZY if alike < FUZZY else THRESHOLD + (1 - THRESHOLD) * (alike - FUZZY) / (1 - FUZZY)


ALIKE = 0.25  # MinHash similarity of abstracts from which this baseline says one work


def title_author_minhash(a: Work, b: Work) -> float:
    """One work if an author is the same and the titles without spaces are, or a quarter of the abstracts."""
    if not {_person(author.name) for author in a.authors} & {_person(author.name) for author in b.authors}:
        return 0.0
    same_title = "".join(_words(a.title)) == "".join(_words(b.title))
    return float(same_title or _minhash_similarity(a.abstract, b.abstract) >= ALIKE)


def _minhash_similarity(a: str, b: str) -> float:
    one, other = _minhash(a), _minhash(b)
    return float((one == other).mean()) if one is not None and other is not None else 0.0


_PRIME = (1 << 31) - 1
_PERMUTATIONS = np.random.default_rng(0).integers(1, _PRIME, (2, 128)).astype(np.uint64)


def _minhash(text: str) -> "NDArray[np.uint64] | None":
    """The least hashes of a text's runs of three words under 128 permutations (Broder 1997); None without any."""
    found = _words(text)
    runs = {crc32(" ".join(found[i : i + 3]).encode()) % _PRIME for i in range(len(found) - 2)}
    if not runs:
        return None
    values = np.array(sorted(runs), dtype=np.uint64)[:, None]
    least: NDArray[np.uint64] = ((values * _PERMUTATIONS[0] + _PERMUTATIONS[1]) % np.uint64(_PRIME)).min(axis=0)
    return least


BASELINES: dict[str, Score] = {
    "title": title,
    "title_author": title_author,
    "fuzzy_title": fuzzy_title,
    "title_author_minhash": title_author_minhash,
}
