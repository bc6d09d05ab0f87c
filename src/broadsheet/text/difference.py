"""What changed between two texts, word by word, with a formula as one word."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from broadsheet.text.lines import one_line
from broadsheet.text.tex import formulas

MOST_WORDS: Final = 1_500
"""Of either text: comparing takes time that grows with the square, and what is longer is no abstract."""

_WORD = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words that both texts have (`same`), that only the earlier one has (`gone`), or only the later (`new`)."""

    kind: Literal["same", "gone", "new"]
    text: str


def difference(before: str, after: str) -> tuple[Stretch, ...]:
    """The later text with what it lost and gained, in reading order.

    Formulas are TeX between dollars. Texts beyond `MOST_WORDS` are told as gone and new as a whole.
    """
    old, new = list(_words(one_line(before))), list(_words(one_line(after)))
    if max(len(old), len(new)) > MOST_WORDS:
        return tuple(_stretches([("gone", old), ("new", new)]))
    from difflib import SequenceMatcher

    keys = [word.strip() for word in old], [word.strip() for word in new]
    pieces: list[tuple[Literal["same", "gone", "new"], Sequence[str]]] = []
    for what, a, b, c, d in SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        pieces += [("same", new[c:d])] if what == "equal" else [("gone", old[a:b]), ("new", new[c:d])]
    return tuple(_stretches(pieces))


def _stretches(pieces: Sequence[tuple[Literal["same", "gone", "new"], Sequence[str]]]) -> Iterator[Stretch]:
    return (Stretch(kind, "".join(words)) for kind, words in pieces if words)


def _words(text: str) -> Iterator[str]:
    """Words with the blanks behind them."""
    for piece, is_formula in formulas(text):
        if is_formula:
            yield f"${piece}$"
        else:
            yield from _WORD.findall(piece)
