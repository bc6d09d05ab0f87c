"""What a reader lays down about an interest: keywords in and out, categories, authors followed.

Keywords and categories are obeyed, not weighed: a paper that breaks a rule is not of the interest, whatever the
model thinks of it. Authors followed are a strong reason for a paper, and exempt it from the categories.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from broadsheet.rank.interest.features import Features, Name
from broadsheet.text import words
from broadsheet.types import Profile

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Rules:
    """`include`: a paper has one of these; `exclude`: none of these. Both are words or phrases in title or abstract;
    `*` at the end stands for any ending. `categories`: a paper is in one of these or below it (`cs` for `cs.CL`), or
    has a followed author. `authors` are names as written by the reader.
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
        return tuple(keyword for keyword in self.include if _needle(keyword) and _needle(keyword) in text)

    @cached_property
    def _names(self) -> tuple[tuple[str, Name], ...]:
        return tuple((written, Name.of(written)) for written in self.authors)

    def _in_categories(self, found: tuple[str, ...]) -> bool:
        wanted = {category.casefold() for category in self.categories}
        below = tuple(f"{category}." for category in wanted)
        return any(name in wanted or name.startswith(below) for name in map(str.casefold, found))


NO_RULES = Rules()


def _any_in(papers: Features, keywords: tuple[str, ...]) -> "NDArray[np.bool_]":
    needles = [needle for needle in map(_needle, keywords) if needle]
    return np.array([any(needle in text for needle in needles) for text in papers.texts], np.bool_)


def _needle(keyword: str) -> str:
    """What to look for in a folded text; empty for a keyword without a letter or digit."""
    found = " ".join(words(keyword))
    if not found:
        return ""
    return f" {found}" if keyword.rstrip().endswith("*") else f" {found} "
