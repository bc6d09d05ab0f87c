"""The first sentences of a text."""

import re
from itertools import islice
from typing import Final

# Patterns are text, compiled by `re` when first used: the shell loads this module for every command.
_END: Final = r"(?<=[.!?])[\"”’)\]]?\s+(?=[\"“‘(\[]?[^\W_a-z])"
_NO_END: Final = (
    r"(?:\b(?:e\.g|i\.e|cf|vs|resp|approx|al|Figs?|Eqs?|Secs?|Refs?|Tabs?|Nos?|Dr|Prof|Mr|Ms|St|etc)"
    r"|(?<![^\W\d_])[A-Z])\.$"
)
_ABBREVIATED: Final = 10
"""Characters in which the longest of these and what stands before it can be seen."""


def first_sentences(text: str, many: int, longest: int) -> str:
    """The first sentences of a readable text, as many as are wanted and fit; a first one that is too long is cut.

    A dot after an abbreviation or an initial ends none.
    """
    text = " ".join(text.split())
    end = 0
    for stop in _ends(text, many):
        if stop > longest:
            break
        end = stop
    return text[:end] if end else _cut(text, longest)


def _ends(text: str, many: int) -> list[int]:
    ends = (m for m in re.finditer(_END, text) if not _abbreviated(text, m.start()))
    found = [m.start() + len(m[0].rstrip()) for m in islice(ends, many)]
    return [*found, len(text)][:many]


def _abbreviated(text: str, end: int) -> bool:
    return re.search(_NO_END, text[max(0, end - _ABBREVIATED) : end]) is not None


def _cut(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    return text[: text.rfind(" ", 0, longest - 1) if " " in text[: longest - 1] else longest - 1].rstrip(" ,;:") + " …"
