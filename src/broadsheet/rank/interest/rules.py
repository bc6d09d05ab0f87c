"""What a reader lays down about an interest: keywords in and out, categories, authors followed.

Keywords and categories are obeyed, not weighed: a paper that breaks a rule is not of the interest, whatever the
model thinks of it. Authors followed are a strong reason for a paper, and exempt it from the categories.
"""

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING

import numpy as np

from broadsheet.rank.interest.features import Features, Name, folded
from broadsheet.rank.interest.lexicon import singular
from broadsheet.rank.interest.sparse import SparseRows
from broadsheet.text import words
from broadsheet.types import Paper, Profile

if TYPE_CHECKING:
    from numpy.typing import NDArray


_AND_ES = ("ses", "xes", "zes", "ches", "shes")
"""How plurals end that have a syllable more."""


@dataclass(frozen=True)
class Rules:
    """`include`: a paper has one of these; `exclude`: none of these. Both are words or phrases in title or abstract, in
    the singular or plural; `*` at the end stands for any ending. `categories`: a paper is in one of these or below it
    (`cs` for `cs.CL`), or has a followed author. `authors` are names as written by the reader.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()

    @classmethod
    def of(cls, profile: Profile) -> "Rules":
        """What a reader's profile lays down."""
        return cls(profile.include, profile.exclude, profile.categories, profile.authors)

    def allows(self, papers: Features) -> "NDArray[np.bool_]":
        """Which papers break no rule."""
        allowed = np.ones(len(papers), np.bool_)
        if self.include:
            allowed &= self.included(papers)
        if self.exclude:
            allowed &= ~_any_in(papers, self.exclude)
        if self.categories:
            allowed &= np.array([self._in_categories(found) for found in papers.categories], np.bool_) | self.followed(
                papers
            )
        return allowed

    def allow(self, paper: Paper) -> bool:
        """Whether a paper breaks no rule."""
        if not (self.include or self.exclude or self.categories):
            return True
        names = tuple(Name.of(author.name) for author in paper.authors)
        text = folded(f"{paper.title}\n{paper.abstract}")
        one = Features((paper.key,), {}, SparseRows.empty(1), (paper.categories,), (names,), (text,))
        return bool(self.allows(one)[0])

    def included(self, papers: Features) -> "NDArray[np.bool_]":
        """Which papers have a keyword that was asked for."""
        return _any_in(papers, self.include)

    def followed(self, papers: Features) -> "NDArray[np.bool_]":
        """Which papers have a followed author."""
        if not self.authors:
            return np.zeros(len(papers), np.bool_)
        return np.array([bool(self.followed_of(names)) for names in papers.authors], np.bool_)

    def followed_of(self, names: tuple[Name, ...]) -> tuple[str, ...]:
        """The followed authors, as the reader wrote them, among these names."""
        if not self.authors:
            return ()
        keys = {name.key for name in names}
        return tuple(
            written
            for written, followed in self._names
            if followed.key in keys and any(followed.agrees(name) for name in names)
        )

    def keywords_of(self, text: str) -> tuple[str, ...]:
        """The keywords asked for that are in a folded text."""
        return tuple(keyword for keyword in self.include if any(needle in text for needle in _needles(keyword)))

    @cached_property
    def _names(self) -> tuple[tuple[str, Name], ...]:
        return tuple((written, Name.of(written)) for written in self.authors)

    def _in_categories(self, found: tuple[str, ...]) -> bool:
        wanted = {category.casefold() for category in self.categories}
        below = tuple(f"{category}." for category in wanted)
        return any(name in wanted or name.startswith(below) for name in map(str.casefold, found))


NO_RULES = Rules()


def _any_in(papers: Features, keywords: tuple[str, ...]) -> "NDArray[np.bool_]":
    needles = [needle for keyword in keywords for needle in _needles(keyword)]
    return np.array([any(needle in text for needle in needles) for text in papers.texts], np.bool_)


@cache
def _needles(keyword: str) -> tuple[str, ...]:
    """What to look for in a folded text; nothing for a keyword without a letter or digit."""
    found = words(keyword)
    if not found:
        return ()
    if keyword.rstrip().endswith("*"):
        return (" " + " ".join(found),)
    *before, last = found
    return tuple(" " + " ".join([*before, form]) + " " for form in sorted(_numbers(last)))


def _numbers(word: str) -> set[str]:
    """A word in the singular and in the plural, whichever it is in; some forms may be no words, and are in no text."""
    singulars = {word, singular(word)}
    if word.endswith(_AND_ES):
        singulars.add(word[:-2])
    plurals = {f"{one}s" for one in singulars}
    plurals |= {f"{one}es" for one in singulars if f"{one}es".endswith(_AND_ES)}
    plurals |= {f"{one[:-1]}ies" for one in singulars if len(one) > 2 and one.endswith("y") and one[-2] not in "aeiou"}
    return singulars | plurals
