"""Papers as an interest sees them: vectors of one or more encoders, terms, categories, authors, and their words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from broadsheet.rank.interest.lexicon import TITLE, Lexicon
from broadsheet.rank.interest.sparse import SparseRows
from broadsheet.text import name_key, plain, words
from broadsheet.types import Paper

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Indices = Sequence[int] | NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class Name:
    """An author's name: `key` is `surname f`, `words` its words but the initials."""

    key: str
    words: frozenset[str]

    @classmethod
    def of(cls, name: str) -> "Name":
        """A name as someone wrote it."""
        return cls(name_key(name), frozenset(word for word in words(plain(name)) if len(word) > 1))

    def agrees(self, other: "Name") -> bool:
        """Whether both may be one person: `J. Doe` agrees with `Jane Doe` and `Doe, Jane M.`, not with `John Doe`."""
        fits = self.words <= other.words or other.words <= self.words
        return bool(self.key) and self.key == other.key and fits


@dataclass(frozen=True, slots=True)
class Features:
    """n papers. `dense` has for each encoder, by its name, float32 rows (n, d) of length one or zero (unknown).

    `terms` are rows of one lexicon; `texts` are all words of title and abstract, folded, with a space at each side.
    """

    keys: tuple[str, ...]
    dense: "Mapping[str, NDArray[np.float32]]"
    terms: SparseRows
    categories: tuple[tuple[str, ...], ...]
    authors: tuple[tuple[Name, ...], ...]
    texts: tuple[str, ...]

    @classmethod
    def of(cls, papers: Iterable[Paper], dense: "Mapping[str, NDArray[np.float32]]", lexicon: Lexicon) -> "Features":
        """Of papers, with their vectors in the same order."""
        papers = list(papers)
        texts = [text_of(paper) for paper in papers]
        return cls(
            tuple(paper.key for paper in papers),
            dense,
            lexicon.rows(texts),
            tuple(paper.categories for paper in papers),
            tuple(tuple(Name.of(author.name) for author in paper.authors) for paper in papers),
            tuple(folded(f"{paper.title}\n{paper.abstract}") for paper in papers),
        )

    @classmethod
    def of_words(cls, text: str, dense: "Mapping[str, NDArray[np.float32]]", lexicon: Lexicon) -> "Features":
        """A few words as if they were a paper, with their vectors of shape (1, d): an example to start from."""
        return cls(("",), dense, lexicon.rows([text]), ((),), ((),), (folded(text),))

    @classmethod
    def joined(cls, parts: "Sequence[Features]") -> "Features":
        """All papers of parts that have the same encoders and lexicon. Raises ValueError for no part."""
        if not parts:
            raise ValueError("no features to join")
        return cls(
            sum((part.keys for part in parts), ()),
            {name: np.concatenate([part.dense[name] for part in parts]) for name in parts[0].dense},
            SparseRows.joined([part.terms for part in parts]),
            sum((part.categories for part in parts), ()),
            sum((part.authors for part in parts), ()),
            sum((part.texts for part in parts), ()),
        )

    def take(self, indices: "Indices") -> "Features":
        """These papers in this order."""
        at = np.asarray(indices, np.int64)
        return Features(
            tuple(self.keys[i] for i in at),
            {name: rows[at] for name, rows in self.dense.items()},
            self.terms.take(at),
            tuple(self.categories[i] for i in at),
            tuple(self.authors[i] for i in at),
            tuple(self.texts[i] for i in at),
        )

    def __len__(self) -> int:
        """How many papers."""
        return len(self.keys)


def text_of(paper: Paper) -> str:
    """Readable title, several times, and abstract, each on a line: what a lexicon is fitted on and makes rows of."""
    lines = [" ".join(plain(part).split()) for part in (paper.title, paper.abstract)]
    return "\n".join([lines[0]] * TITLE + lines[1:])


def folded(text: str) -> str:
    """The words of a text as rules look for them."""
    return f" {' '.join(words(plain(text)))} "
