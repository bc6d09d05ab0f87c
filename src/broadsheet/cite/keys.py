"""Citation keys: what a text calls a paper by, such as `curie1911radium`."""

import re
from collections.abc import Iterable, Iterator

from broadsheet.cite.fields import date_of, split_name
from broadsheet.text import fold, plain
from broadsheet.types import Paper


def keyed(papers: Iterable[Paper]) -> Iterator[tuple[str, Paper]]:
    """Each paper with its citation key; those that would share one get `a`, `b`, … from the second on."""
    used: set[str] = set()
    for paper in papers:
        stem = citation_key(paper)
        key = stem
        count = 1
        while key in used:
            key, count = stem + _letters(count), count + 1
        used.add(key)
        yield key, paper


def _letters(number: int) -> str:
    """a, b, … z, aa, ab … for 1, 2, …"""
    text = ""
    while number:
        number, digit = divmod(number - 1, 26)
        text = chr(ord("a") + digit) + text
    return text


def citation_key(paper: Paper) -> str:
    """First surname, year and first telling word of the title, in ASCII: `curie1911radium`."""
    family = split_name(plain(paper.authors[0].name))[0] if paper.authors else ""
    year = "".join(map(str, date_of(paper)[:1])) or "nd"
    words = (_ascii(word) for word in re.split(r"[\s\-–—/:]+", plain(paper.title)))
    telling = next((word for word in words if len(word) > 1 and word not in _SMALL_WORDS), "")
    return f"{_ascii(family) or 'anon'}{year}{telling}"


def _ascii(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(text))


_SMALL_WORDS = frozenset(
    re.findall(r"\w+", "a an the on of in for to and or by with from at as is are we do does can how what why when via")
)
