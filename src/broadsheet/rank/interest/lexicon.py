"""The words that tell a library's papers apart: its terms, how rare each is, and texts as rows of them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import pairwise
from typing import TYPE_CHECKING, Self

import numpy as np

from broadsheet.rank.interest.sparse import SparseRows
from broadsheet.text import words

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST_PAPERS = 2  # a term of one paper relates it to none
MOST_SHARE = 0.5  # a term of more papers than this tells nothing of a topic
MOST_TERMS = 200_000


class Lexicon:
    """Terms (words, and pairs of neighbouring words) with the papers each is in; `id` names what rows mean."""

    def __init__(self, terms: Sequence[str], papers: "NDArray[np.int64]", seen: int) -> None:
        """`papers[i]` of the `seen` texts have term i."""
        self.terms = tuple(terms)
        self.papers = np.asarray(papers, np.int64)
        self.seen = seen
        self._columns = {term: i for i, term in enumerate(self.terms)}
        self._rarity = np.log((seen + 1) / (self.papers + 1)).astype(np.float32) + 1
        self.id = blake2b(self.to_bytes(), digest_size=8).hexdigest()

    def __len__(self) -> int:
        """How many terms."""
        return len(self.terms)

    @classmethod
    def fit(cls, texts: Iterable[str]) -> Self:
        """Learn from texts (readable title and abstract each); the order of texts does not matter."""
        found: Counter[str] = Counter()
        seen = 0
        for text in texts:
            found.update(set(_terms(text)))
            seen += 1
        most = max(MOST_SHARE * seen, LEAST_PAPERS)
        kept = [(count, term) for term, count in found.items() if LEAST_PAPERS <= count <= most]
        kept.sort(key=lambda item: (-item[0], item[1]))
        kept = kept[:MOST_TERMS]
        return cls([term for _, term in kept], np.array([count for count, _ in kept], np.int64), seen)

    def rows(self, texts: Sequence[str]) -> SparseRows:
        """A row of length one for each text; one without a known term is empty."""
        columns, values, starts = [], [], [0]
        for text in texts:
            counts = Counter(self._columns[term] for term in _terms(text) if term in self._columns)
            found = sorted(counts)
            columns += found
            values += [counts[column] for column in found]
            starts.append(len(columns))
        return self._weighed(np.array(columns, np.int32), np.array(values, np.float32), np.array(starts, np.int64))

    def _weighed(
        self, columns: "NDArray[np.int32]", counts: "NDArray[np.float32]", starts: "NDArray[np.int64]"
    ) -> SparseRows:
        values = (1 + np.log(counts)) * self._rarity[columns]
        row = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        lengths = np.sqrt(np.bincount(row, np.square(values), len(starts) - 1))
        return SparseRows(columns, (values / lengths[row]).astype(np.float32), starts, len(self))

    def to_bytes(self) -> bytes:
        """As a file holds it."""
        head = f"{self.seen} {len(self.terms)}\n"
        return (head + "\n".join(self.terms)).encode() + b"\n" + self.papers.astype("<i8").tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """What `to_bytes` gave. Raises ValueError for anything else."""
        head, _, rest = data.partition(b"\n")
        seen, count = map(int, head.split())
        end = len(rest) - 8 * count
        terms = rest[: end - 1].decode().split("\n") if count else []
        if len(terms) != count:
            raise ValueError("not a lexicon")
        return cls(terms, np.frombuffer(rest[end:], "<i8"), seen)


def _terms(text: str) -> Iterator[str]:
    """Words of two letters or more, and neighbours as pairs."""
    found = [word for word in words(text) if len(word) > 1]
    yield from found
    yield from (f"{one} {two}" for one, two in pairwise(found))
