"""The passage of an abstract that shows best why a paper was found, its words marked."""

import re
from collections.abc import Collection, Iterable, Mapping
from itertools import chain

from msgspec import Struct

from broadsheet.search.lexical_schema import splitter, stem

LONGEST = 280
"""Characters of a snippet without its marks."""

_NEAR = LONGEST * 3 // 4  # of a window's beginning: what counts for it
_FIELD = re.compile(r"^[a-z]+:")  # as in `title:graph`; it is not sought itself
_Span = tuple[int, int, str]


class Sought(Struct, frozen=True):
    """What is marked, made once for all hits of a query: the stems and the beginnings that each of its terms has.

    `near` matches the words that may be meant, by their first letter: some of a text, where to look at each word of it
    takes five times as long.
    """

    stems: Mapping[str, tuple[str, ...]]
    beginnings: Mapping[str, str]
    near: re.Pattern[str]

    def worth(self, weights: Mapping[str, float]) -> dict[str, float]:
        """What each stem and beginning counts, where the terms count `weights` (1 where there is none)."""
        shares = {s: weights.get(term, 1.0) / len(stems) for term, stems in self.stems.items() for s in stems}
        return shares | {start: weights.get(term, 1.0) for term, start in self.beginnings.items()}

    def found_in(self, text: str) -> list[_Span]:
        """Where words that are marked stand in a text, each with its stem or beginning."""
        stems = {stem for found in self.stems.values() for stem in found}
        return [
            (word.start(), word.end(), root)
            for word in self.near.finditer(text)
            if (root := self._root(word[0], stems)) is not None
        ]

    def _root(self, word: str, stems: Collection[str]) -> str | None:
        root, folded = stem(word), word.casefold()
        if root in stems:
            return root
        return next((start for start in self.beginnings.values() if folded.startswith(start)), None)


def sought(terms: Iterable[str]) -> Sought:
    """What words, phrases and prefixes (`transf*`) ask to be marked; a field's name before them counts for nothing."""
    stems: dict[str, tuple[str, ...]] = {}
    beginnings: dict[str, str] = {}
    for term in terms:
        words = splitter().analyze(_FIELD.sub("", term))
        if term.endswith("*") and words:
            beginnings[term] = words[-1]
        elif words:
            stems[term] = tuple(map(stem, words))
    return Sought(stems, beginnings, _near([*chain(*stems.values()), *beginnings.values()]))


def _near(roots: Iterable[str]) -> re.Pattern[str]:
    """Whole words with the first letter of one of these, as it is or capital, or with one that an accent may be on.

    What a letter stands behind is looked at last: a search for one of some letters is quick. They are told
    by what they are not, as a set that reaches to the last character takes milliseconds to make.
    """
    letters = {case for root in roots if root for case in (root[0], root[0].upper())}
    others = "".join(char for char in map(chr, range(128)) if char not in letters)
    first = rf"[^{re.escape(others)}](?<=[^\W_])(?<![^\W_].)"
    return re.compile(rf"{first}[^\W_]*", re.DOTALL)


def snippet(text: str, wanted: Sought, weights: Mapping[str, float]) -> str:
    """A window of plain text with the sought words in `<mark>`; the beginning of the text where it has none of them.

    `weights` says what a term is worth, if not 1: the window is the one with most.
    """
    found = wanted.found_in(text)
    start, end = _window(text, found, wanted.worth(weights))
    pieces, at = [], start
    for left, right, _ in found:
        if start <= left and right <= end:
            pieces += [text[at:left], "<mark>", text[left:right], "</mark>"]
            at = right
    pieces.append(text[at:end])
    return ("… " if start else "") + "".join(pieces).strip() + (" …" if end < len(text) else "")


def _window(text: str, found: list[_Span], worth: Mapping[str, float]) -> tuple[int, int]:
    """The stretch of text with the most worth of different terms; of equals the first."""
    if len(text) <= LONGEST:
        return 0, len(text)
    best, start = -1.0, 0
    for i, (left, _, _) in enumerate(found):
        inside = [term for a, b, term in found[i:] if b <= left + _NEAR]
        value = sum([worth[term] for term in set(inside)]) + 0.01 * len(inside)
        if value > best + 1e-9:
            best, start = value, left
    return _fit(text, start)


def _fit(text: str, left: int) -> tuple[int, int]:
    """Begin at the sentence of `left` where that is near, else some words before it; end with a whole word."""
    from_here = max(0, left - LONGEST // 4)
    sentence = text.rfind(". ", from_here, left)
    start = 0 if from_here == 0 else sentence + 2 if sentence >= 0 else text.find(" ", from_here, left + 1) + 1
    end = min(len(text), start + LONGEST)
    if end < len(text):
        end = text.rfind(" ", start, end) if " " in text[start:end] else end
    return start, end
