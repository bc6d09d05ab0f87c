"""The passage of an abstract that shows best why a paper was found, its words marked."""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from itertools import chain
from string import ascii_lowercase, ascii_uppercase

from msgspec import Struct

from broadsheet.search.lexical_schema import splitter, stem

LONGEST = 280
"""Characters of a snippet without its marks."""

_NEAR = LONGEST * 3 // 4  # of a window's beginning: what counts for it
_FIELD = re.compile(r"^[a-z]+:")  # as in `title:graph`; it is not sought itself
_WORD = re.compile(r"[^\W_]+")
_ODD = re.compile(r"[^\x00-\x7f](?<=[^\W_])[^\W_]*")  # from a letter that an accent may be on to the end of its word
_PLAIN_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)
_Span = tuple[int, int, str]


class Sought(Struct, frozen=True):
    """What is marked, made once for all hits of a query: the stems and the beginnings that each of its terms has.

    `starts`: what a plain word in lower case begins with that may be meant. A text is skimmed for them, as to look at
    each of its words takes many times as long.
    """

    stems: Mapping[str, tuple[str, ...]]
    beginnings: Mapping[str, str]
    starts: tuple[str, ...]

    def worth(self, weights: Mapping[str, float]) -> dict[str, float]:
        """What each stem and beginning counts, where the terms count `weights` (1 where there is none)."""
        shares = {s: weights.get(term, 1.0) / len(stems) for term, stems in self.stems.items() for s in stems}
        return shares | {start: weights.get(term, 1.0) for term, start in self.beginnings.items()}

    def found_in(self, text: str) -> list[_Span]:
        """Where words that are marked stand in a text, each with its stem or beginning."""
        stems = {stem for found in self.stems.values() for stem in found}
        spans = ((at, end, self._root(text[at:end], stems)) for at, end in self._candidates(text))
        return [(at, end, root) for at, end, root in spans if root is not None]

    def _candidates(self, text: str) -> Iterable[tuple[int, int]]:
        """Where the words stand that may be meant, in order; all with an accent are among them."""
        lower = _lower(text)
        found: dict[int, int] = {}
        for start in self.starts:
            at = lower.find(start)
            while at >= 0:
                end = at + len(start)
                if not at or not text[at - 1].isalnum():
                    end = found[at] = _end(text, at)
                at = lower.find(start, end)
        if not text.isascii():
            for odd in _ODD.finditer(text):
                at = odd.start()
                while at and text[at - 1].isalnum():
                    at -= 1
                found[at] = odd.end()
        return sorted(found.items())

    def _root(self, word: str, stems: Collection[str]) -> str | None:
        root = stem(word)
        if root in stems:
            return root
        if not self.beginnings:
            return None
        folded = word.casefold()
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
    starts = {*map(_start, chain(*stems.values())), *beginnings.values()} - {""}
    return Sought(stems, beginnings, tuple(sorted(starts)))


def _start(stem: str) -> str:
    """What a plain word of this stem begins with: `y` becomes `i` in one, and `ying` becomes `ie` (of `dying`)."""
    return stem[: -2 if stem.endswith("ie") else -1] or stem


def _lower(text: str) -> str:
    """The text in lower case, each letter in its place."""
    lower = text.lower()
    return lower if len(lower) == len(text) else text.translate(_PLAIN_LOWER)


def _end(text: str, at: int) -> int:
    """Where the word that begins there ends."""
    word = _WORD.match(text, at)
    return word.end() if word else at


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
    best, start, ends = -1.0, 0, [end for _, end, _ in found]
    for i, (left, _, _) in enumerate(found):
        inside = [term for _, _, term in found[i : bisect_right(ends, left + _NEAR)]]
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
