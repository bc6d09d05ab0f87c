"""The words that tell a library's papers apart: its terms, how rare each is, and texts as rows of them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import cache, lru_cache
from hashlib import blake2b
from itertools import pairwise
from typing import TYPE_CHECKING, Self

import numpy as np
import orjson

from broadsheet.rank.interest.sparse import SparseRows
from broadsheet.text import fold, words, written_words
from broadsheet.text.function_words import FUNCTION_WORDS

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST_PAIR = 2  # pairs of one paper are too many; words of one paper are names of methods, which authors use again
MOST_SHARE, ALWAYS_KEPT = 0.2, 50  # a term of more papers than this share, and this number, tells nothing of a topic
MOST_TOLD = 0.125  # such as `study`: it counts a little, and is no reason that a person would give
MOST_TERMS = 200_000
_HEARD_OF = 0.1  # a singular that is rarer beside its plural is a slip, such as `synthesi`
PAIR = 0.7
"""Weight of a pair beside a word: it repeats what its words say. At 1 recall@20 fell by .01 (citeulike, terms only)."""

TITLE = 3
"""How often a title counts: it is what the authors hold to be the topic. 1, 2, 3 times: recall@20 .311, .316, .319."""


class Lexicon:
    """Terms (words, and pairs of neighbouring words) with the papers each is in; `id` names what rows mean."""

    def __init__(
        self, terms: Sequence[str], papers: "NDArray[np.int64]", seen: int, written: Mapping[str, Sequence[str]]
    ) -> None:
        """`papers[i]` of the `seen` texts have term i; `written`: how they write a word by itself, and before another,
        where that is not as it is in terms.
        """
        self.terms, self._written = tuple(terms), written
        self.papers = np.asarray(papers, np.int64)
        self.seen = seen
        self._columns = {term: i for i, term in enumerate(self.terms)}
        rarity = np.log((seen + 1) / (self.papers + 1)) + 1
        self._rarity = (rarity * np.where([" " in term for term in terms], PAIR, 1.0)).astype(np.float32)
        self.id = blake2b(self.to_bytes(), digest_size=8).hexdigest()

    def __len__(self) -> int:
        """How many terms."""
        return len(self.terms)

    @classmethod
    def fit(cls, texts: Iterable[str]) -> Self:
        """Learn from texts (readable title and abstract each); the order of texts does not matter."""
        found: Counter[str] = Counter()
        written: Counter[str] = Counter()
        seen = 0
        for text in texts:
            found.update(set(_terms(text)))
            written.update({word.casefold(): word for word in written_words(text)}.values())
            seen += 1
        most = max(MOST_SHARE * seen, ALWAYS_KEPT)
        kept = [
            (count, term) for term, count in found.items() if (1 if " " not in term else LEAST_PAIR) <= count <= most
        ]
        kept.sort(key=lambda item: (" " in item[1], -item[0], item[1]))
        del kept[MOST_TERMS:]
        terms, papers = [term for _, term in kept], np.array([count for count, _ in kept], np.int64)
        return cls(terms, papers, seen, _spellings(written, {word for term in terms for word in term.split()}))

    def column(self, term: str) -> int | None:
        """Where a term is, however it is spelt; None for one that is none."""
        return self._columns.get(" ".join(map(singular, words(term))))

    def tells(self, column: int) -> bool:
        """Whether a term says something by itself, as a reason: neither idle words nor what too many papers have."""
        often = self.papers[column] > max(MOST_TOLD * self.seen, ALWAYS_KEPT)
        return not often and is_telling(self.terms[column])

    def spelt(self, column: int) -> str:
        """A term in words that papers have: `synthesis`, which is `synthesi` among terms."""
        *before, last = self.terms[column].split()
        own = [self._written.get(word, (word, word))[1] for word in before]
        return " ".join((*own, self._written.get(last, (last,))[0]))

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
        head = orjson.dumps([self.seen, self.terms, sorted((word, *how) for word, how in self._written.items())])
        return head + b"\n" + self.papers.astype("<i8").tobytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """What `to_bytes` gave. Raises ValueError for anything else."""
        head, _, rest = data.partition(b"\n")
        try:
            seen, terms, written = orjson.loads(head)
            if len(rest) != 8 * len(terms):
                raise ValueError("not a lexicon")
            return cls(terms, np.frombuffer(rest, "<i8"), seen, {word: how for word, *how in written})
        except TypeError as e:
            raise ValueError("not a lexicon") from e


def _terms(text: str) -> Iterator[str]:
    """Words of two letters or more in the singular, and neighbours in a line as pairs."""
    for line in text.splitlines():
        found = [singular(word) for word in words(line) if len(word) > 1]
        yield from found
        yield from (f"{one} {two}" for one, two in pairwise(found))


def _spellings(written: Mapping[str, int], known: Set[str]) -> dict[str, tuple[str, str]]:
    """How most texts write each of the known words of terms, and its singular if texts have it; those that are as in
    terms are left out. `written`: how many texts have a word as it is spelt here.
    """
    ways: dict[str, list[str]] = {}
    for way in sorted(written, key=lambda way: (-written[way], way)):
        if (word := singular(fold(way))) in known:
            ways.setdefault(word, []).append(way)
    found = {}
    for word, (usual, *rarer) in ways.items():
        one = next((way for way in (usual, *rarer) if fold(way) == word), usual)
        found[word] = usual, one if written[one] >= _HEARD_OF * written[usual] else usual
    return {word: how for word, how in found.items() if how != (word, word)}


_ALSO_SILENT = (
    *("about", "across", "after", "against", "all", "also", "although", "among", "another", "any", "because", "been"),
    *("before", "being", "between", "beyond", "both", "could", "demonstrate", "despite", "due", "during", "each"),
    *("either", "end", "especially", "even", "every", "few", "had", "he", "hence", "her", "here", "his", "however"),
    *("i", "if", "introduce", "just", "less", "many", "may", "me", "might", "more", "moreover", "most", "much"),
    *("must", "my", "no", "nor", "novel", "often", "only", "other", "out", "over", "own", "paper", "per", "propose"),
    *("proposed", "rather", "same", "several", "she", "should", "show", "shown", "since", "so", "some", "still"),
    *("than", "them", "therefore", "those", "through", "thus", "too", "toward", "under", "up", "upon", "us", "use"),
    *("used", "using", "various", "very", "via", "well", "whether", "whose", "within", "without", "would", "yet"),
    *("you", "your"),
    *("arxiv", "com", "github", "http", "https", "url", "www"),
)


@lru_cache(100_000)
def is_telling(term: str) -> bool:
    """Whether words say something: not `of`, `propose` or a number, nor pairs with one, such as `that use`."""
    words_of_it = term.split()
    return _silent().isdisjoint(words_of_it) and not any(map(str.isdecimal, words_of_it))


@cache
def _silent() -> frozenset[str]:
    return frozenset(singular(word) for word in (*FUNCTION_WORDS, *_ALSO_SILENT))


@lru_cache(100_000)
def singular(word: str) -> str:
    """An English word without the ending of a plural (the S stemmer of Harman 1991); it stays readable, unlike a stem.

    Recall@20 rose by .014 (citeulike, terms only); a full stemmer gave .012.
    """
    if len(word) <= 3 or not word.endswith("s"):
        return word
    if word.endswith("ies") and word[-4] not in "ae":
        return f"{word[:-3]}y"
    if word.endswith("es") and word[-3] not in "aeo":
        return word[:-1]
    return word[:-1] if word[-2] not in "us" else word
