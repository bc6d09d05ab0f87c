"""Blocking keys: two records of one work share one, and two works hardly ever do.

Measured on the pairs of `eval identity` and on 40,717 papers of 2025: every pair of one work shares a key, and a paper
shares one with 0.2 others. Each key covers what breaks the rest:

* `t` the title: same title, anything else;
* `w` two windows of 64 letters of the abstract, those whose hashes are least: other title, other first author;
* `a` two windows of 16 letters, bound to the first author (alone, phrases of a field would meet): rewritten abstract;
* `p` first and last author, bound to a word of the title where there are only one or two: no abstract, or another one.

A key is a signed number of 32 bits, the CRC-32 of its text: an accidental match, one in 700 look-ups among a million
papers, only costs a comparison. Keys are stored, so another way to make them needs the stored ones made anew.
"""

from collections.abc import Sequence
from hashlib import blake2b
from zlib import crc32

from broadsheet.identity.sketch import least_two
from broadsheet.text import name_key, plain, title_key, words
from broadsheet.types import Work

_OWN_TITLE = 12  # a title of so few letters or less ("Editorial") is bound to the first author
_SMALL_TEAM = 2
_LEAST_WORD = 4  # letters of a title's word that may stand for it

_MIDDLE = 1 << 31  # unsigned to signed, four bytes in any database

_AT_ONCE = 32  # works whose abstracts are hashed together: 40,000 letters, which a core's cache holds


def fingerprint(work: Work) -> tuple[int, ...]:
    """The blocking keys of a work, at most six. Two works that may be one share at least one of them."""
    return fingerprints([work])[0]


def fingerprints(works: Sequence[Work]) -> list[tuple[int, ...]]:
    """The blocking keys of each of many works, at a third of the time."""
    found: list[tuple[int, ...]] = []
    for start in range(0, len(works), _AT_ONCE):
        some = works[start : start + _AT_ONCE]
        windows = least_two([work.abstract for work in some])
        found += [_keys(work, *least) for work, least in zip(some, windows, strict=True)]
    return found


def _keys(work: Work, shingles: list[int], windows: list[int]) -> tuple[int, ...]:
    first = name_key(work.authors[0].name) if work.authors else ""
    keys = _title_keys(work.title, first)
    bound = crc32(first.encode())
    keys += [f"a{value ^ bound:08x}" for value in shingles] if first else []
    keys += [f"w{value:08x}" for value in windows]
    if first:
        keys.append(_team_key(work, first))
    return tuple([crc32(key.encode()) - _MIDDLE for key in keys])


def _title_keys(title: str, first: str) -> list[str]:
    key = title_key(title)
    if not key:
        return []
    if len(key) <= _OWN_TITLE:
        key += f"|{first}"
    return ["t" + _digest(key)]


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()


def _team_key(work: Work, first: str) -> str:
    team = f"{first}|{name_key(work.authors[-1].name)}"
    if len(work.authors) <= _SMALL_TEAM:
        team += "|" + min((word for word in words(plain(work.title)) if len(word) >= _LEAST_WORD), key=_crc, default="")
    return "p" + _digest(team)


def _crc(word: str) -> int:
    return crc32(word.encode("utf-8", "replace"))
