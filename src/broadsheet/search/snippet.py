"""The passage of an abstract that shows best why a paper was found, its words marked."""

import re
from collections.abc import Mapping

from broadsheet.search.lexical_schema import splitter, stem

LONGEST = 280
"""Characters of a snippet without its marks."""

_FIELD = re.compile(r"^[a-z]+:")  # as in `title:graph`; it is not sought itself
_WORD = re.compile(r"[^\W_]+")
_Span = tuple[int, int, str]


def snippet(text: str, sought: Mapping[str, float]) -> str:
    """A window of plain text with the sought words in `<mark>`; the beginning of the text where it has none of them.

    `sought` maps words, phrases and prefixes (`transf*`) to what each is worth: the window is the one with most.
    """
    stems, prefixes = _wanted(sought)
    found = [span for match in _WORD.finditer(text) if (span := _found(match, stems, prefixes))]
    start, end = _window(text, found, stems)
    pieces, at = [], start
    for left, right, _ in found:
        if start <= left and right <= end:
            pieces += [text[at:left], "<mark>", text[left:right], "</mark>"]
            at = right
    pieces.append(text[at:end])
    return ("… " if start else "") + "".join(pieces).strip() + (" …" if end < len(text) else "")


def _wanted(sought: Mapping[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    """Weights of stems, and of beginnings."""
    stems: dict[str, float] = {}
    prefixes: dict[str, float] = {}
    for term, weight in sought.items():
        words = splitter().analyze(_FIELD.sub("", term))
        if term.endswith("*") and words:
            prefixes[words[-1]] = weight
        else:
            stems |= {stem(word): weight / len(words) for word in words}
    return stems, prefixes


def _found(match: re.Match[str], stems: Mapping[str, float], prefixes: Mapping[str, float]) -> _Span | None:
    root = stem(match.group())
    if root in stems:
        return match.start(), match.end(), root
    word = match.group().casefold()
    return next(((match.start(), match.end(), p) for p in prefixes if word.startswith(p)), None)


def _window(text: str, found: list[_Span], weights: Mapping[str, float]) -> tuple[int, int]:
    """The stretch of text with the most weight of different terms; of equals the first."""
    if len(text) <= LONGEST:
        return 0, len(text)
    best, start = -1.0, 0
    for i, (left, _, _) in enumerate(found):
        inside = [term for a, b, term in found[i:] if b <= left + LONGEST * 3 // 4]
        value = sum(weights.get(term, 1.0) for term in set(inside)) + 0.01 * len(inside)
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
